"""The example programs once more, by hand in JAX: each a function of the program's variables by name."""

from __future__ import annotations

import jax

jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
sigmoid, softmax = jax.nn.sigmoid, jax.nn.softmax


def norm_squared(x):
    return jnp.sum(x**2)


def attention(Q, K, V, T):
    weights = softmax(Q @ K.T / jnp.sqrt(Q.shape[1]), axis=1)
    return norm_squared(weights @ V - T) / 2


def batch_norm(X, a, b, G, ε):
    Z = (X - X.mean(axis=0)) / jnp.sqrt(X.var(axis=0) + ε)
    return jnp.sum(G * (Z * a + b))


def convolution(X, K, b, G):
    filtered = jax.lax.conv_general_dilated(X[None], K, (1, 1), "VALID")[0]
    return jnp.sum(G * (filtered + b[:, None, None]))


def free_energy(m, S, u, P, H, R, y):
    divergence = jnp.trace(P @ S) + (m - u) @ P @ (m - u) - log_det(P) - log_det(S)
    residual = y - H @ m
    energy = residual @ R @ residual + jnp.trace(R @ H @ S @ H.T) - log_det(R)
    return (divergence + energy) / 2


def log_det(S):
    return jnp.linalg.slogdet(S)[1]


def evidence(S, y):
    return (y @ jnp.linalg.solve(S, y) + log_det(S)) / 2


def gp_evidence(K, y):
    return evidence(K, y)


def gp_rbf(X, y, θ, ν, ω):
    squares = jnp.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=2)
    return evidence(ν * jnp.exp(-θ * squares / 2) + ω * jnp.eye(len(y)), y)


def hinge(X, W, T, λ):
    scores = X @ W
    own = jnp.sum(scores * T, axis=1, keepdims=True)
    return jnp.maximum(scores - own + 1 - T, 0).sum() / len(X) + λ * norm_squared(W)


def kalman_likelihood(H, P, R, m, y):
    return evidence(H @ P @ H.T + R, y - H @ m)


def kalman_update(H, P, R, m, y, x):
    gain = jnp.linalg.solve(H @ P.T @ H.T + R.T, H @ P.T).T
    return norm_squared(m + gain @ (y - H @ m) - x) / 2


def layer_norm(x, a, b, g, ε):
    return g @ (a * (x - x.mean()) / jnp.sqrt(x.var() + ε) + b)


def least_squares(X, w, y, λ):
    return jnp.mean((X @ w - y) ** 2) + λ * norm_squared(w)


def logistic_regression(X, w, y, λ):
    return jnp.mean(jnp.logaddexp(0.0, -y * (X @ w))) + λ * norm_squared(w)


def lstm(W_f, W_i, W_o, W_g, x, b_f, b_i, b_o, b_g, U_f, U_i, U_o, U_g, h0, c0, t):
    def inner(W, U, b):
        return W @ x + U @ h0 + b

    forget, enter, leave = (
        sigmoid(inner(*gate)) for gate in ((W_f, U_f, b_f), (W_i, U_i, b_i), (W_o, U_o, b_o))
    )
    cell = forget * c0 + enter * jnp.tanh(inner(W_g, U_g, b_g))
    return norm_squared(leave * jnp.tanh(cell) - t) / 2


def matrix_factorization(A, B, U, V, λ):
    return jnp.sum(B * (A - U @ V.T) ** 2) + λ * (norm_squared(U) + norm_squared(V))


def mixture(X, M, a, θ):
    squares = jnp.sum((X[:, None, :] - M[None, :, :]) ** 2, axis=2)
    return -jax.nn.logsumexp(jax.nn.log_softmax(a) - θ * squares / 2, axis=1).sum()


def rnn(U, P, h0, x1, x2, t):
    for x in (x1, x2):
        h0 = jnp.tanh(U @ h0 + P @ x)
    return norm_squared(h0 - t) / 2


def softmax_loss(W, x, b, t):
    return -t @ jax.nn.log_softmax(W @ x + b)


def softmax_regression(X, W, T, b, λ):
    scores = X @ W + b
    loss = jax.nn.logsumexp(scores, axis=1).sum() - jnp.sum(T * scores)
    return loss / len(X) + λ * norm_squared(W)
