"""What formulas are read as: the three spellings, precedence, notes."""

import json
from pathlib import Path

import pytest

from matcalc.language.parser import parse
from matcalc.language.syntax import Call, Number, postorder

from .dump import FUNCTIONS, dump, read

_CASES = json.loads((Path(__file__).parent.parent / "data" / "spellings.json").read_text(encoding="utf-8"))


def _alike(text: str) -> str:
    """The dump, with the two ways to write an inverse and a vector of ones made the same."""
    import re

    text = text.replace("(vector 1)", "<ones>")
    while "(inv " in text:
        start = text.index("(inv ")
        depth, end = 0, start
        for end in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        text = f"{text[:start]}(^ {text[start + 5 : end]} -1){text[end + 1 :]}"
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_three_spellings_of_one_formula(case: dict[str, str]) -> None:
    trees = {_alike(read(case[spelling], *case["declared"])) for spelling in ("ascii", "unicode", "latex")}
    assert len(trees) == 1
    assert set(parse(case["latex"], case["declared"], FUNCTIONS).spellings) == set(case["declared"])


PRECEDENCE = r"""
softmax(X, rows)                         (softmax rows X)
\operatorname{softmax}(X, \text{rows})   (softmax rows X)
\operatorname{softmax}_{\text{rows}}(X)  (softmax rows X)
softmax_rows(X)                          (softmax rows X)
softmax_{rows}(X)y                       (* (softmax rows X) y)
\max_{\mathrm{columns}}(X)               (max columns X)
t'*sum(A*B, columns)                     (* (' t) (sum columns (* A B)))
Σ_rows X                                 (sum rows X)
\sum_{\text{rows}} X                     (sum rows X)
∑_{columns} A B + C                      (+ (sum columns (* A B)) C)
⟨a, Bx⟩²                                 (^ (dot a (* B x)) 2)
\left\langle a, b \right\rangle          (dot a b)
A\b                                      (solve A b)
A \ b                                    (solve A b)
2*A\b                                    (* 2 (solve A b))
A\(B + C)                                (solve A (+ B C))
A \backslash b                           (solve A b)
x \ y + \gamma                           (+ (* x y) gamma)
A⁺b                                      (* (pinv A) b)
A^+b                                     (* (pinv A) b)
A^{+}b                                   (* (pinv A) b)
A^\dagger b                              (* (pinv A) b)
A†b                                      (* (pinv A) b)
x^+2                                     (^ x 2)
‖A‖_*                                    (normnuc A)
\lVert A \rVert_{*}^2                    (^ (normnuc A) 2)
‖A‖_{op}                                 (normspec A)
\lVert A \rVert_{\mathrm{op}}            (normspec A)
where(x > 0, a, b)                       (where (ispositive x) a b)
where(x + 1 ≤ y, a, b)                   (where (- 1 (ispositive (- (+ x 1) y))) a b)
\operatorname{where}(x \geq y, a, b)     (where (- 1 (ispositive (- y x))) a b)
Γ(x)                                     (gammafn x)
\Gamma(x) + \Gamma                       (+ (gammafn x) Gamma)
Gamma*x                                  (* Gamma x)
\operatorname{leakyrelu}(x)              (leaky_relu x)
-x'*A*x                                  (- (* (* (' x) A) x))
A*B'                                     (* A (' B))
2x^2                                     (* 2 (^ x 2))
exp(-x)'y                                (* (' (exp (- x))) y)
1/2‖x‖²                                  (* 1/2 (^ (norm2 x) 2))
Σ log(1+exp(-y⊙Xw))                      (sum (log (+ 1 (exp (- (.* y (* X w)))))))
log det X                                (log (det X))
a'*inv(X)*b                              (* (* (' a) (inv X)) b)
x.^2                                     (.^ x 2)
-y.*(X*w)                                (- (.* y (* X w)))
|x|                                      (abs x)
||A*s-x||^2                              (^ (norm2 (- (* A s) x)) 2)
\frac{1}{2}\lVert x-t\rVert_2^2          (* 1/2 (^ (norm2 (- x t)) 2))
\sum \sqrt{V s s^\top + \epsilon}        (sum (sqrt (+ (* (* V s) (' s)) eps)))
\mathrm{tr}(A^\top B)                    (tr (* (' A) B))
\operatorname{diag}(x)                   (diag x)
\left( A x \right)                       (* A x)
x^{\top}A x                              (* (* (' x) A) x)
A\,x\;y\!z\quad w~v\ u                   (* (* (* (* (* (* A x) y) z) w) v) u)
x'^2                                     (^ (' x) 2)
x^T^2                                    (^ (' x) 2)
x²ᵀ                                      (' (^ x 2))
-x^2                                     (- (^ x 2))
x^-1                                     (^ x -1)
x^(-1)                                   (^ x -1)
x⁻²                                      (^ x -2)
x^{-1/2}                                 (^ x -1/2)
x^½                                      (^ x 1/2)
x^(a+b)                                  (^ x (+ a b))
x.^-1                                    (.^ x -1)
a ./ b / c                               (/ (./ a b) c)
a ⊘ b/c                                  (./ a (/ b c))
2^-x                                     (^ 2 (- x))
2^-x y                                   (* (^ 2 (- x)) y)
x^10                                     (^ x 10)
xⁿ                                       (^ x n)
x^{\circ -1}                             (.^ x -1)
x^{\odot 2}                              (.^ x 2)
x^{∘2}                                   (.^ x 2)
A⁻ᵀ                                      (' (^ A -1))
A^{-T}b                                  (* (' (^ A -1)) b)
A^{-\top}                                (' (^ A -1))
x^{\mathsf T}y                           (* (' x) y)
x^{\mathrm{T}}y                          (* (' x) y)
x^\intercal y                            (* (' x) y)
x^Ty                                     (* (' x) y)
A.T x                                    (* (' A) x)
A.'x                                     (* (' A) x)
A’x                                      (* (' A) x)
e^{-x}                                   (exp (- x))
e^-x y                                   (* (exp (- x)) y)
e^x'                                     (' (exp x))
xe^{y}                                   (* x (exp y))
2e                                       (* 2 e)
2e+x                                     (+ (* 2 e) x)
2e-3x                                    (* 1/500 x)
.5x                                      (* 1/2 x)
2.5x                                     (* 5/2 x)
½x                                       (* 1/2 x)
\frac12 x                                (* 1/2 x)
\frac1n x                                (* (/ 1 n) x)
\tfrac{a}{b}c                            (* (/ a b) c)
\dfrac ab                                (/ a b)
\sqrt[3]{x}                              (.^ x 1/3)
\sqrt{x}^2                               (^ (sqrt x) 2)
‖x‖_2^2                                  (^ (norm2 x) 2)
‖x‖₂²                                    (^ (norm2 x) 2)
‖A‖_F^2                                  (^ (norm2 A) 2)
‖A‖_{\mathrm F}^2                        (^ (norm2 A) 2)
\lVert x \rVert_{2}^{2}                  (^ (norm2 x) 2)
\left\|x\right\|_2^2                     (^ (norm2 x) 2)
\|x\|^2                                  (^ (norm2 x) 2)
\Vert x \Vert                            (norm2 x)
‖x‖₁                                     (norm1 x)
‖x‖_{1}                                  (norm1 x)
\left|x\right|                           (abs x)
\lvert x \rvert                          (abs x)
|x||y|                                   (* (abs x) (abs y))
γ‖A‖²                                    (* gamma (^ (norm2 A) 2))
‖A‖‖B‖                                   (* (norm2 A) (norm2 B))
‖x + ‖y‖ z‖                              (norm2 (+ x (* (norm2 y) z)))
log(x)^2                                 (^ (log x) 2)
log(x)y                                  (* (log x) y)
\log^2(x)                                (^ (log x) 2)
sin²(x)                                  (^ (sin x) 2)
sin²x cos²x                              (* (^ (sin x) 2) (^ (cos x) 2))
\tanh^{2}\left(z\right)                  (^ (tanh z) 2)
\log^{\circ 2}(x)                        (.^ (log x) 2)
tanh.^2(z)                               (.^ (tanh z) 2)
2Xw                                      (* (* 2 X) w)
Xw/n                                     (/ (* X w) n)
(x−a)/‖x−a‖                              (/ (- x a) (norm2 (- x a)))
a/bc                                     (* (/ a b) c)
1/2/2x                                   (* 1/4 x)
y ⊙ Xw                                   (.* y (* X w))
Vᵀ(u) ⊙ s                                (.* (* (' V) u) s)
a*b.*c                                   (.* (* a b) c)
a./b*c                                   (* (./ a b) c)
1./x                                     (./ 1 x)
2.*x                                     (.* 2 x)
x ⊘ y                                    (./ x y)
x \oslash y                              (./ x y)
x \circ y • z                            (.* (.* x y) z)
x·y × z                                  (* (* x y) z)
tr XᵀX                                   (tr (* (' X) X))
tr A*B                                   (tr (* A B))
Σ√(Vssᵀ+ε)                               (sum (sqrt (+ (* (* V s) (' s)) eps)))
√x                                       (sqrt x)
√x y                                     (* (sqrt x) y)
√x²                                      (sqrt (^ x 2))
√(x)²                                    (^ (sqrt x) 2)
−tᵀ log softmax(Wx)                      (- (* (' t) (log (softmax (* W x)))))
log Σexp(Xw)                             (log (sum (exp (* X w))))
Σ t⊙log x                                (sum (.* t (log x)))
Σ(x−y)²                                  (sum (^ (- x y) 2))
Σ(x)y                                    (sum (* x y))
Σx + y                                   (+ (sum x) y)
sum(x)^2                                 (^ (sum x) 2)
a⊙Σ b⊙c                                  (.* a (sum (.* b c)))
sin x cos y                              (* (sin x) (cos y))
sin x * cos y                            (* (sin x) (cos y))
sin x*y cos z                            (* (sin (* x y)) (cos z))
log x ⊙ y                                (.* (log x) y)
log -x                                   (log (- x))
log -x ⊙ y                               (.* (log (- x)) y)
a*-b                                     (* a (- b))
a*-b.*c                                  (.* (* a (- b)) c)
a--b                                     (- a (- b))
W2σ(W1x + b1)                            (* W2 (sigmoid (+ (* W1 x) b1)))
\sigma\left(x\right)                     (sigmoid x)
sigma(x)                                 (sigmoid x)
σx                                       (* sigma x)
σ²                                       (^ sigma 2)
x12                                      x12
x_{in}                                   x_in
x_in                                     x_in
\gamma x_in                              (* (* gamma x_i) n)
λ1                                       lambda1
max(a, b)                                (max a b)
cI                                       (* c <identity>)
I_n                                      <identity[n]>
Iₙ                                       <identity[n]>
I_3                                      <identity[3]>
eye(n)x                                  (* <identity[n]> x)
eye                                      <identity>
ones(3)                                  <ones[3]>
𝟏ₙ                                       <ones[n]>
𝟏ᵀx                                      (* (' <ones>) x)
𝟏(x)                                     (* <ones> x)
\mathbf{1}_n                             <ones[n]>
\boldsymbol{1}                           <ones>
\mathbb{1}_{n}                           <ones[n]>
\mathbf 1                                <ones>
πx                                       (* <pi> x)
\pi x                                    (* <pi> x)
\mathbf{x}_1                             x1
\mathbf{Ax}                              (* A x)
\Sigma x                                 (* Sigma x)
[x + y]z                                 (* (+ x y) z)
$$x^2$$                                  (^ x 2)
\(x\)                                    x
"""


@pytest.mark.parametrize("line", PRECEDENCE.strip().splitlines())
def test_precedence(line: str) -> None:
    text, tree = line[:41].strip(), line[41:].strip()
    assert read(text) == tree


@pytest.mark.parametrize(
    ("text", "declared", "tree"),
    [
        ("I", "I", "I"),
        ("cI", "I", "(* c I)"),
        ("pi", "pi", "pi"),
        ("π", "pi", "pi"),
        ("e^x", "e", "(^ e x)"),
        ("σ(x)", "sigma", "(* sigma x)"),
        ("Σx", "Sigma", "(* Sigma x)"),
        ("∑x", "Sigma", "(sum x)"),
        ("log", "log", "log"),
        ("weights x", "weights", "(* weights x)"),
        ("2Xweights", "weights", "(* (* 2 X) weights)"),
        ("\\mathrm{weights}^T x", "weights", "(* (' weights) x)"),
        ("Xy_pred", "y_pred", "(* X y_pred)"),
        ("\\gamma y_pred", "y_pred", "(* gamma y_pred)"),
        ("ab", "ab", "ab"),
        ("aab", "ab", "(* a ab)"),
    ],
)
def test_declared_names_come_first(text: str, declared: str, tree: str) -> None:
    assert read(text, declared) == tree


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("tr AB", "`tr AB` was read as tr(AB)"),
        ("a/bc", "`a/b` and the factor after it were read as (a/b)·…"),
        ("foo", "`foo` was read as the product f·o·o; declare it with --shape 'foo: …' if it is one name"),
        ("W^{(1)}x", "was read as a power"),
    ],
)
def test_notes(text: str, note: str) -> None:
    (found,) = parse(text, (), FUNCTIONS).notes
    assert note in found


@pytest.mark.parametrize(
    "text", ["Σ AB", "log det X", "1/2‖x‖²", "sin x cos y", "1/2x", "(a/b)c", "−tᵀ log softmax(Wx)"]
)
def test_plain_readings_have_no_note(text: str) -> None:
    assert parse(text, (), FUNCTIONS).notes == ()


def test_declared_letters_are_no_word() -> None:
    assert parse("AXB", ("A", "X", "B"), FUNCTIONS).notes == ()


def test_spellings_are_the_first_used() -> None:
    parsed = parse("γx₁ + gamma*x_1 + e^x", (), FUNCTIONS)
    assert parsed.spellings == {"gamma": "γ", "x1": "x₁", "x": "x"}


def test_places_count_in_the_text() -> None:
    text = r"  \frac{a}{b} + \left( A x \right)^{\top} y"
    tree = parse(text, (), FUNCTIONS).tree
    found = {text[node.start : node.end] for node in postorder(tree)}
    assert r"\frac{a}{b}" in found
    assert r"\left( A x \right)^{\top} y"[5:] in found
    assert "A x" in found


def test_depth_and_length() -> None:
    assert dump(parse("(" * 5000 + "x" + ")" * 5000).tree) == "x"
    deep = "".join(f"W{layer}*tanh(" for layer in range(1000, 0, -1)) + "x" + ")" * 1000
    assert sum(isinstance(node, Call) for node in postorder(parse(deep, (), FUNCTIONS).tree)) == 2000
    for unit in ("x+", "-", "x'", "x^", "√", "sin x ", "|x|", "a/b ", "ab", "\\frac1", "{", "x_{"):
        try:
            parse((unit * 100_000)[:99_999] + "x", (), FUNCTIONS)
        except Exception as error:
            assert type(error).__name__ == "SyntaxProblem"


def test_numbers_are_exact() -> None:
    tree = parse("0.1").tree
    assert isinstance(tree, Number) and tree.value * 10 == 1
