"""Rule files: every mistake in one is named with its file and line, and a good line works at once."""

import pytest

import matcalc
from matcalc.errors import RuleProblem
from matcalc.operations import load, standard


def rules(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_operation_has_a_rule_for_every_operand():
    for operation in standard().by_name.values():
        missing = set(operation.operands) - set(operation.deltas)
        third_order = {"frechet_exptwo": {"A"}, "frechet_logtwo": {"A"}}  # a stated limit
        assert missing <= ({operation.whole} | third_order.get(operation.name, set())), operation.name
        assert operation.source.endswith(".toml")


def test_a_user_adds_an_operation_with_one_line(tmp_path):
    path = rules(
        tmp_path,
        'swish = { takes = "X", gives = "X", value = "X .* sigmoid(X)", X = "D .* (Y + sigmoid(X) .* (1 - Y))" }',
    )
    derivation = matcalc.derive("Σ swish(Wx)", "x", rules=[path])
    assert derivation.check()
    assert "swish(Wx)" in derivation.unicode()
    assert matcalc.evaluate("swish(α)", rules=[path], α=0.0) == 0
    with pytest.raises(matcalc.MatcalcError):
        matcalc.derive("Σ swish(Wx)", "x")


def test_an_abbreviation_with_a_word_sizes_and_a_note(tmp_path):
    path = rules(
        tmp_path,
        """
        spread_rows = { takes = "X: m×n", gives = "m", X = "n*D*vector(1)'", value = "n*X*vector(1)", reads = ["spread rows"], opens = true, matrices = true }
        twice = { takes = "X: m×n", gives = "m×n", X = "m*D/m + D", value = "2*X", note = "twice was used" }
        """,
    )
    derivation = matcalc.derive(
        "tᵀ spread(twice(X), rows)", "X", {"X": ("m", "n"), "t": ("m",)}, rules=[path]
    )
    assert derivation.check()
    assert derivation.function("numpy")(X=[[1, 2, 3]], t=[5]).tolist() == [[30, 30, 30]]
    assert derivation.notes == ("twice was used",)
    with pytest.raises(matcalc.MatcalcError, match="takes a matrix"):
        matcalc.derive("Σ spread(x, rows)", "x", rules=[path])


def test_a_wrong_rule_fails_the_check(tmp_path):
    path = rules(tmp_path, 'cube = { takes = "X", gives = "X", value = "X.^3", X = "2*D .* X.^2" }')
    report = matcalc.derive("Σ cube(x)", "x", rules=[path]).check()
    assert report.ok is False


def test_an_operation_of_two_matrices(tmp_path):
    path = rules(
        tmp_path,
        'sandwich = { takes = "A: m×n, B: n×n", gives = "m×m", value = "A*B*A\'", '
        'A = "D*A*B\' + D\'*A*B", B = "A\'*D*A" }',
    )
    derivations = matcalc.derive("tr(S sandwich(A, B))", "all", rules=[path])
    assert all(each.check() for each in derivations.values())


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("swish = {", "not a TOML file"),
        ("swish = 3", "`swish`: an operation is a table"),
        ('swish = { gives = "X" }', "`takes` is missing"),
        ('swish = { takes = "X" }', "`gives` is missing"),
        ('swish = { takes = "D", gives = "D" }', "capital letter"),
        ('swish = { takes = "X: m×n×k", gives = "X" }', "a shape is"),
        ('swish = { takes = "X", gives = "X", Z = "D" }', "`Z` is neither"),
        ('swish = { takes = "X", gives = "X", value = 3 }', "must be a text"),
        ('swish = { takes = "X", gives = "X", reads = "swish" }', "list of names"),
        ('swish = { takes = "X", gives = "X", latex = "\\\\input{/etc/passwd}" }', "latex"),
        ('swish = { takes = "X", gives = "X", unicode = "a+b" }', "letters"),
        ('identity = "exp(X)"', "left -> right"),
        ('rep = { takes = "A: scalar", gives = "n", value = "vector(A)", A = "sum(D)" }', "no operand has"),
        ('swish = { takes = "X", gives = "X", opens = true }', "needs a `value`"),
        ('swish = { takes = "X", gives = "X", matrices = "yes" }', "true or left out"),
        ('swish = { takes = "X", gives = "X", whole = "P" }', "none of the operands"),
        ('swish = { takes = "X", gives = "X", reads = ["swish of rows"] }', "list of names"),
        ('"a b" = { takes = "X", gives = "X" }', "letters, digits"),
    ],
)
def test_mistakes_are_named(tmp_path, text, part):
    with pytest.raises(RuleProblem, match="mine.toml") as caught:
        load([rules(tmp_path, text)])
    assert part in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RuleProblem, match="can't read"):
        load([tmp_path / "none.toml"])


def test_a_rule_that_can_not_be_read_is_named(tmp_path):
    path = rules(tmp_path, 'odd = { takes = "X", gives = "X", value = "X", X = "D .* (" }')
    with pytest.raises(RuleProblem, match="in the rule"):
        matcalc.derive("Σ odd(x)", "x", rules=[path])


def test_users_may_add_identities(tmp_path):
    path = rules(tmp_path, 'pythagoras = "sin(X).^2 + cos(X).^2 -> 1 + 0*X"')
    derivation = matcalc.derive("yᵀ((sin(x).^2 + cos(x).^2) ⊙ x)", "y", rules=[path])
    assert derivation.unicode() == "x"
    assert derivation.check()


def test_identities_that_undo_each_other_are_an_error(tmp_path):
    path = rules(tmp_path, 'l = "sin(X) -> cos(-X)"\nk = "cos(X) -> sin(-X)"')
    with pytest.raises(RuleProblem, match="circle"):
        matcalc.derive("Σ sin(Ax)", "x", rules=[path])


def test_an_operation_tells_rows_from_columns(tmp_path):
    path = rules(
        tmp_path,
        'foo = { takes = "A: m×k, B: k×n", gives = "scalar", value = "sin(sum(A*B))", '
        'A = "D*cos(sum(A*B))*matrix(1)*B\'", B = "D*cos(sum(A*B))*A\'*matrix(1)" }',
    )
    derivation = matcalc.derive("α foo(xᵀ, y) − α foo(x, yᵀ)", "α", rules=[path])
    assert derivation.unicode() == "foo(xᵀ, y) − foo(x, yᵀ)"
    assert derivation.check()


LOOPS = """
own = { takes = "X", gives = "X", value = "2*own(X)", X = "2*D", opens = true }
ping = { takes = "X: m×n", gives = "m×n", value = "pong(X)", X = "D", opens = true }
pong = { takes = "X", gives = "X", value = "2*ping(X)", X = "D", opens = true }
runs = { takes = "X: m×n", gives = "m×n", value = "runs(matrix(1), rows)*X", X = "D", reads = ["runs rows"], opens = true }
"""


@pytest.mark.parametrize(
    ("formula", "line"), [("Σ own(x)", "own"), ("Σ ping(x)", "ping"), ("Σ runs(X, rows)", "runs")]
)
def test_a_line_that_opens_itself_is_named(tmp_path, formula, line):
    with pytest.raises(RuleProblem, match=f"`{line}` is defined by itself: its value is"):
        matcalc.derive(formula, formula[-2] if "x)" in formula else "X", rules=[rules(tmp_path, LOOPS)])


def test_a_long_chain_of_lines_that_open_each_other_is_refused(tmp_path):
    lines = [
        f'f{i} = {{ takes = "X", gives = "X", value = "f{i + 1}(X)", X = "D", opens = true }}'
        for i in range(2000)
    ]
    last = 'f2000 = { takes = "X", gives = "X", value = "2*X", X = "2*D" }'
    path = rules(tmp_path, "\n".join([*lines, last]))
    with pytest.raises(RuleProblem, match="`f0` opens more than 32 lines"):
        matcalc.derive("Σ f0(x)", "x", rules=[path])
    assert matcalc.derive("Σ f1980(x)", "x", rules=[path]).check()
