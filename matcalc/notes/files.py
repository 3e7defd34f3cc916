"""Documents as files: bytes to text and back, without a change to what is not ours."""

from __future__ import annotations

import codecs
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from matcalc.errors import MatcalcError

LONGEST = 32_000_000  # bytes
_KINDS = {
    "markdown": (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"),
    "latex": (".tex", ".latex", ".ltx"),
}
_MARKS = (  # byte order marks, which name the encoding
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Document:
    """The text of a file: ``kind`` is ``markdown`` or ``latex``, ``mark`` its byte order mark.

    Bytes that are not UTF-8 are read as Latin-1, byte for byte; what is put into such a text is ASCII, which is the
    same in any encoding that it may have been in.
    """

    path: str
    kind: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def is_ascii(self) -> bool:
        """Whether only ASCII may be put into it."""
        return self.encoding == "latin-1"

    def encoded(self, text: str) -> bytes:
        """Another text as a file of this one's encoding."""
        return self.mark + text.encode(self.encoding)


def read_document(path: str) -> Document:
    """The document in a file.

    Raises ``MatcalcError`` where it can't be read or is neither Markdown nor LaTeX by its name.
    """
    ending = Path(path).suffix.lower()
    kind = next((kind for kind, endings in _KINDS.items() if ending in endings), None)
    if kind is None:
        endings = ", ".join(ending for endings in _KINDS.values() for ending in endings)
        raise MatcalcError(
            f"`{path}` is neither Markdown nor LaTeX by its name; names of documents end in {endings}"
        )
    try:
        with Path(path).open("rb") as file:
            data = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MatcalcError(f"can't read the file `{path}`: {reason}") from None
    if len(data) > LONGEST:
        raise MatcalcError(f"`{path}` is too long: at most {LONGEST // 1_000_000} MB are read")
    return decoded(data, path, kind)


def decoded(data: bytes, path: str, kind: str) -> Document:
    """The document that these bytes are; raises ``MatcalcError`` for bytes that are no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Document(path, kind, data[len(mark) :].decode(encoding), encoding, mark)
            except UnicodeDecodeError as error:
                raise MatcalcError(
                    f"`{path}` starts as {encoding.upper()}, but its byte {error.start + len(mark) + 1} can't be read so"
                ) from None
    if b"\0" in data:
        raise MatcalcError(f"`{path}` is no text: byte {data.index(0) + 1} is 0")
    try:
        return Document(path, kind, data.decode("utf-8"))
    except UnicodeDecodeError:
        return Document(path, kind, data.decode("latin-1"), "latin-1")


def write_document(path: str, data: bytes) -> bool:
    """Put the bytes into a file, all or none of them; whether it changed.

    Raises ``MatcalcError`` where it can't be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    try:
        if target.exists():
            if not target.is_file():  # a pipe or a device
                target.write_bytes(data)
                return True
            if target.read_bytes() == data:
                return False
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, _permissions(target))
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MatcalcError(f"can't write the file `{path}`: {reason}") from None
    return True


def _permissions(target: Path) -> int:
    """Those of the file, or those that a new one gets."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
