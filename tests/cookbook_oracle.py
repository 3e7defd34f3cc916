"""The values of the Matrix Cookbook's formulas, by hand in NumPy, and their derivatives by the complex step.

Shares no code with matcalc.  Every value is analytic in its variable, so the imaginary part at x + ih is h·f′(x)
without any difference being taken (Squire & Trapp, SIAM Review 40, 1998): exact to rounding.  Second derivatives are
central differences of complex steps.
"""

from collections.abc import Callable

import numpy as np

inv, det, tr, log = np.linalg.inv, np.linalg.det, np.trace, np.log
STEP = 1e-30


def norm(x):
    return np.sqrt(np.sum(x * x))


def power(x, n):
    return x if n == 1 else x @ power(x, n - 1)


def quadratic(x, a, s, w):
    residual = x - a @ s
    return residual @ w @ residual


VALUES: dict[str, Callable] = {
    "33": lambda G, A, X: np.sum(G * A) + 0 * np.sum(X),
    "34a": lambda G, X, α: α * np.sum(G * X),
    "34b": lambda x, α: α * x,
    "35": lambda G, X, Y: np.sum(G * X) + np.sum(G * Y),
    "36": lambda X, γ: γ * np.sum(np.diagonal(X)),
    "37a": lambda G, X, Y: np.einsum("ij,ik,kj", G, X, Y),
    "37b": lambda G, X, Y: np.einsum("ij,ik,kj", G, X, Y),
    "37c": lambda X, Y: X @ Y,
    "38": lambda G, X, Y: np.einsum("ij,ij,ij", G, X, Y),
    "39": lambda X, Y: np.kron(X, Y),
    "40": lambda G, X: np.sum(G * inv(X)),
    "42": lambda X, γ: γ * det(X),
    "43": lambda X, γ: γ * log(det(X)),
    "44a": lambda G, X: np.einsum("ji,ij", G, X),
    "44b": lambda X: X.T,
    "46": lambda A, B, ξ: det(A + ξ * B),
    "48": lambda A, B, ξ: det(A + ξ * B),
    "49": lambda X: det(X),
    "51": lambda A, X, B: det(A @ X @ B),
    "52": lambda X, A: det(X.T @ A @ X),
    "53": lambda X, A: det(X.T @ A @ X),
    "54": lambda X, A: det(X.T @ A @ X),
    "55": lambda X: log(det(X.T @ X)),
    "56": lambda P: -log(det(P @ P.T)),
    "57": lambda X: log(det(X) ** 2) / 2,
    "58": lambda X: det(X) ** 3,
    "59": lambda A, B, ξ: inv(A + ξ * B),
    "60": lambda X: inv(X),
    "61": lambda a, X, b: a @ inv(X) @ b,
    "62": lambda X: 1 / det(X),
    "63": lambda A, X, B: tr(A @ inv(X) @ B),
    "64": lambda X, A: tr(inv(X + A)),
    "inverse": lambda G, A: np.sum(G * np.sin(inv(A))),
    "69a": lambda x, a: np.sum(x * a),
    "69b": lambda x, a: np.sum(a * x),
    "70": lambda a, X, b: a @ X @ b,
    "71": lambda a, X, b: a @ X.T @ b,
    "72a": lambda a, X: a @ X @ a,
    "72b": lambda a, X: a @ X.T @ a,
    "73": lambda X: X,
    "74": lambda X, A: X @ A,
    "75": lambda X, A: X.T @ A,
    "76": lambda X: np.einsum("kl,mn->", X, X),
    "77": lambda b, X, c: (X @ b) @ (X @ c),
    "78": lambda B, x, b, C, D, d: (B @ x + b) @ C @ (D @ x + d),
    "79": lambda X, B: X.T @ B @ X,
    "81": lambda x, B: x @ B @ x,
    "82": lambda b, X, D, c: (X @ b) @ D @ (X @ c),
    "83": lambda X, b, c, D: (X @ b + c) @ D @ (X @ b + c),
    "84": lambda x, A, s, W: quadratic(x, A, s, W),
    "85": lambda x, s, W: (x - s) @ W @ (x - s),
    "86": lambda x, s, W: (x - s) @ W @ (x - s),
    "87": lambda x, A, s, W: quadratic(x, A, s, W),
    "88": lambda x, A, s, W: quadratic(x, A, s, W),
    "89": lambda α, x, b: (α - x @ b) ** 2,
    "90": lambda X: power(X, 3),
    "91a": lambda a, X, b: a @ X @ (X @ b),
    "91b": lambda a, X, b: a @ power(X, 3) @ b,
    "91c": lambda a, X, b: a @ power(X, 4) @ b,
    "92a": lambda a, X, b: (power(X, 2) @ a) @ (power(X, 2) @ b),
    "92b": lambda a, X, b: (power(X, 3) @ a) @ (power(X, 3) @ b),
    "93": lambda x, A: np.sin(x) @ A @ np.exp(x),
    "95": lambda A, B, x: np.sum((A @ x) ** 2) / np.sum((B @ x) ** 2),
    "97": lambda x, A, b: x @ A @ x + b @ x,
    "98": lambda x, A, b: x @ A @ x + b @ x,
    "99": lambda X: np.sum(np.diagonal(X)),
    "100": lambda X, A: np.einsum("ij,ji", X, A),
    "101": lambda A, X, B: np.einsum("ij,jk,ki", A, X, B),
    "102": lambda A, X, B: np.einsum("ij,kj,ki", A, X, B),
    "103": lambda X, A: np.sum(X * A),
    "104": lambda X, A: np.sum(A * X),
    "105": lambda A, X: tr(np.kron(A, X)),
    "106": lambda X: np.einsum("ij,ji", X, X),
    "107": lambda X, B: tr(X @ X @ B),
    "108": lambda X, B: tr(X.T @ B @ X),
    "109": lambda X, B: tr(B @ X @ X.T),
    "110": lambda X, B: tr(X @ X.T @ B),
    "111": lambda X, B: tr(X @ B @ X.T),
    "112": lambda X, B: tr(B @ X.T @ X),
    "113": lambda X, B: tr(X.T @ X @ B),
    "114": lambda A, X, B: tr(A @ X @ B @ X),
    "115a": lambda X: np.sum(X * X),
    "115b": lambda X: np.sum(X * X),
    "116": lambda B, X, C: tr(B.T @ X.T @ C @ X @ B),
    "117": lambda X, B, C: tr(X.T @ B @ X @ C),
    "118": lambda A, X, B, C: tr(A @ X @ B @ X.T @ C),
    "119": lambda A, X, B, C: np.sum((A @ X @ B + C) ** 2),
    "120a": lambda X: tr(X) ** 2,
    "120b": lambda X: tr(np.kron(X, X)),
    "121a": lambda X: tr(power(X, 3)),
    "121b": lambda X: tr(power(X, 5)),
    "122a": lambda A, X: tr(A @ power(X, 2)),
    "122b": lambda A, X: tr(A @ power(X, 3)),
    "122c": lambda A, X: tr(A @ power(X, 4)),
    "123": lambda B, X, C: tr(B.T @ X.T @ C @ X @ X.T @ C @ X @ B),
    "124": lambda A, X, B: tr(A @ inv(X) @ B),
    "125": lambda X, C, A: tr(inv(X.T @ C @ X) @ A),
    "126": lambda X, C, B: tr(inv(X.T @ C @ X) @ (X.T @ B @ X)),
    "127": lambda X, A, C, B: tr(inv(A + X.T @ C @ X) @ (X.T @ B @ X)),
    "129": lambda x, a: norm(x - a),
    "130": lambda x, a: (x - a) / norm(x - a),
    "131a": lambda x: np.sum(x * x),
    "131b": lambda x: np.sum(x * x),
    "132a": lambda X: np.sum(X * X),
    "132b": lambda X: np.sum(X * X),
    "137": lambda A, X, B: np.sum(np.sin(A @ X @ B)),
    "138": lambda a, b, X: a @ X @ X @ b,
    "139": lambda A, X: tr(A @ X),
    "140": lambda X: det(X),
    "141": lambda X: log(det(X)),
    "142": lambda A, X: tr(A @ X),
}


def directions(shape, structure=None):
    """For each entry of a variable the direction in which it moves: the structure matrix of equation 134."""
    for place in np.ndindex(*shape):
        direction = np.zeros(shape)
        direction[place] = 1
        if structure == "symmetric":
            direction[place[::-1]] = 1
        elif structure == "diagonal" and place[0] != place[1]:
            direction[place] = 0
        yield direction


def derivative(value, inputs, wrt, structure=None):
    """The derivative of a value, of the shape of the value followed by that of the variable."""
    at = np.asarray(inputs[wrt], dtype=float)
    columns = [
        np.imag(value(**{**inputs, wrt: at + 1j * STEP * direction})) / STEP
        for direction in directions(at.shape, structure)
    ]
    return np.moveaxis(np.array(columns), 0, -1).reshape((*np.shape(columns[0]), *at.shape))


def second_derivative(value, inputs, wrt, step=1e-4):
    """The second derivative of a scalar, by central differences of the first, extrapolated once (Richardson)."""
    at = np.asarray(inputs[wrt], dtype=float)

    def central(h):
        columns = [
            (
                derivative(value, {**inputs, wrt: at + h * direction}, wrt)
                - derivative(value, {**inputs, wrt: at - h * direction}, wrt)
            )
            / (2 * h)
            for direction in directions(at.shape)
        ]
        return np.moveaxis(np.array(columns), 0, -1).reshape((*np.shape(columns[0]), *at.shape))

    return (4 * central(step / 2) - central(step)) / 3
