"""Values of formulas in index notation, against numpy's own sums."""

import numpy as np
import pytest

import matcalc

n, d, m, k = 4, 3, 5, 2
RNG = np.random.default_rng(3)
X, Y, A, B = (RNG.normal(size=s) for s in ((n, d), (n, m), (m, d), (d, k)))
S, x, w, y, z = (RNG.normal(size=s) for s in ((n, n), n, d, n, m))
T, K = RNG.normal(size=(n, d, m)), RNG.normal(size=(k, n, n))
ARRAYS = {"X": X, "Y": Y, "A": A, "B": B, "S": S, "x": x, "w": w, "y": y, "z": z, "T": T, "K": K}

VALUES = [
    # one spelling in each column: Unicode, ASCII, LaTeX
    ("Σᵢⱼ Sᵢⱼ xᵢ xⱼ", "sum_{i,j} S_ij*x_i*x_j", r"\sum_{i,j} S_{ij} x_i x_j", x @ S @ x),
    ("Σⱼ Aᵢⱼ wⱼ", "sum_j A_ij*w_j", r"\sum_j A_{ij} w_j", A @ w),
    ("Σₖ A[i,k]B[k,j]", "sum_k(A[i,k]*B[k,j])", r"\sum_{k} A_{ik} B_{kj}", A @ B),
    ("A[j,i]", "A[j,i]", "A_{ji}", A.T),
    ("S[i,i]", "S[i,i]", "S_{ii}", np.diag(S)),
    ("A[i,k]B[l,j]", "A[i,k]*B[l,j]", "A_{ik} B_{lj}", np.einsum("ik,lj->ijkl", A, B)),
    ("(BᵀB)[j,l]", "(B'*B)[j,l]", r"(B^{\top} B)_{jl}", B.T @ B),
    ("Σₚ (AB)[p,i]", "sum_p((A*B)[p,i])", r"\sum_{p} (A B)_{pi}", (A @ B).sum(0)),
    ("Σ_{p,q} T[i,p,q]A[q,p]", "sum_{p,q}(T[i,p,q]*A[q,p])", r"\sum_{p,q} T_{ipq} A_{qp}", np.einsum("ipq,qp", T, A)),
    ("T[i,j,k]x[i]", "T[i,j,k]*x[i]", "T_{ijk} x_{i}", T * x[:, None, None]),
    ("2Σᵢ x[i]y[i]", "2*sum_i(x[i]*y[i])", r"2\sum_{i} x_{i} y_{i}", 2 * x @ y),
    ("δ[i,k]S[k,i]", "delta[i,k]*S[k,i]", r"\delta_{ik} S_{ki}", np.diag(np.diag(S))),
    ("Σₖ I₃[i,k]w[k]", "sum_k(eye(3)[i,k]*w[k])", r"\sum_{k} (I_{3})_{ik} w_{k}", w),
    ("w[i]𝟏₂[j]", "w[i]*ones(2)[j]", r"w_{i} (\mathbf{1}_{2})_{j}", np.outer(w, np.ones(2))),
    ("Σᵢ (wᵀxᵢ − yᵢ)²", "sum_i (w'*x_i - y_i)^2", r"\sum_i (w^\top x_i - y_i)^2", ((X @ w - y) ** 2).sum()),
    ("½ Σᵢ ‖xᵢ − w‖²", "1/2*sum_i norm2(x_i - w)^2", r"\frac12\sum_i \|x_i - w\|^2", ((X - w) ** 2).sum() / 2),
    ("Σᵢ₌₁ⁿ xᵢᵀw/n", "sum_{i=1}^n x_i'*w/n", r"\sum_{i=1}^{n} x_i^\top w/n", (X @ w).mean()),
    ("wᵀX[2,:]ᵀ", "w'*X[2,:]'", r"w^\top X[2,:]^\top", X[1] @ w),
    ("X[:,2:3]", "X[:,2:3]", "X[:, 2:3]", X[:, 1:3]),
    ("x[3] + X[1,2]", "x[3] + X[1,2]", "x[3] + X[1,2]", x[2] + X[0, 1]),
    ("e₂ᵀw", "e_2'*w", r"e_{2}^\top w", w[1]),
    ("Σᵢ yᵢ e_iᵀ X", "sum_i y_i*e_i'*X", r"\sum_i y_i e_i^\top X", (y @ X)[None]),
    ("X[i,:]", "X[i,:]", "X[i,:]", X),
    ("X[:,i]", "X[:,i]", "X[:,i]", X.T),
    ("Σᵢ K[i,:,:] x", "sum_i K[i,:,:]*x", r"\sum_i K[i,:,:] x", K.sum(0) @ x),
    ("Σᵢ tr(X xᵢ xᵢᵀ Xᵀ)", "sum_i tr(X*x_i*x_i'*X')", r"\sum_i \operatorname{tr}(X x_i x_i^\top X^\top)", np.trace(X @ X.T @ X @ X.T)),
    ("Σᵢ max(0, yᵢ wᵀxᵢ)", "sum_i max(0, y_i*w'*x_i)", r"\sum_i \max(0, y_i w^\top x_i)", np.maximum(0, y * (X @ w)).sum()),
    ("logsumexp(Xw) − log Σᵢ exp(wᵀxᵢ)", "logsumexp(X*w) - log(sum_i(exp(w'*x_i)))", r"\operatorname{logsumexp}(Xw) - \log\sum_i \exp(w^\top x_i)", 0.0),
    ("Σᵢ logsumexp(A xᵢ)", "sum_i logsumexp(A*x_i)", r"\sum_i \operatorname{logsumexp}(A x_i)", np.log(np.exp(X @ A.T).sum(1)).sum()),
    ("Σᵢ zᵀsoftmax(A xᵢ)", "sum_i z'*softmax(A*x_i)", r"\sum_i z^\top\operatorname{softmax}(A x_i)", ((np.exp(X @ A.T) / np.exp(X @ A.T).sum(1, keepdims=True)) @ z).sum()),
    ("‖T‖² + Σ T", "norm2(T)^2 + sum(T)", r"\|T\|^2 + \sum T", (T**2).sum() + T.sum()),
    ("2tanh(T) ⊙ T", "2*tanh(T).*T", r"2\tanh(T)\odot T", 2 * np.tanh(T) * T),
    ("∂Y[i,j]/∂V[k,l] = A[i,k]B[l,j]", "dY[i,j]/dV[k,l] = A[i,k]*B[l,j]", r"\frac{\partial Y_{ij}}{\partial V_{kl}} = A_{ik} B_{lj}", np.einsum("ik,lj->ijkl", A, B)),
    ("Z[j,i] = A[i,j]", "Z[j,i] = A[i,j]", "Z_{ji} = A_{ij}", A.T),
    ("M Bᵀ where M[i,j] = Σₚ A[i,p]B[p,j]", "M*B' where M[i,j] = sum_p(A[i,p]*B[p,j])", r"M B^\top \text{where} M_{ij} = \sum_{p} A_{ip} B_{pj}", A @ B @ B.T),
]  # fmt: skip


@pytest.mark.parametrize("spelling", [0, 1, 2], ids=["unicode", "ascii", "latex"])
@pytest.mark.parametrize("case", VALUES, ids=[case[1] for case in VALUES])
def test_values_are_those_of_numpy(case, spelling):
    text = case[spelling]
    rows = "_i" in case[1] and (
        "w'*x_i" in case[1] or "x_i'" in case[1] or "norm2(x_i" in case[1] or "A*x_i" in case[1]
    )
    arrays = {name: array for name, array in ARRAYS.items() if not (rows and name == "x")}
    got = matcalc.evaluate(text, **arrays)
    assert got.shape == np.shape(case[3])
    np.testing.assert_allclose(got, case[3], atol=1e-12)
