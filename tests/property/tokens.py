"""A text before it has spaces: its tokens, and the level at which they bind.

``JUXTAPOSED`` between two tokens is a product without a sign.
"""

ADD, SIGN, STAR, OVER, JUX, ROOT, POST, ATOM = range(1, 9)
JUXTAPOSED = "\0"
Tokens = list[str]
Text = tuple[Tokens, int]
