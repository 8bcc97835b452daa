"""Logistic regression with a ridge penalty, by iteratively reweighted least squares (Newton's method)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SparseRow = Sequence[tuple[int, float]]
"""The entries of one row that are not 0, each with its column."""

_AT_ONCE = 4096
_HALVINGS = 20


@dataclass(frozen=True)
class LogisticFit:
    """Fitted ``weights``, one a column; ``log_likelihood`` in nats, without the penalty."""

    weights: Floats
    log_likelihood: float
    rounds: int
    converged: bool


def fit_logistic(
    rows: Sequence[SparseRow],
    right: Sequence[bool],
    penalties: Sequence[float],
    *,
    rounds: int = 50,
    close: float = 1e-8,
) -> LogisticFit:
    """Return the weights w that minimise ``−log-likelihood + Σ penalty_j · w_j² / 2``.

    Args:
        rows: one for each answer; those of 4,096 are made dense at a time.
        right: whether each answer is right.
        penalties: one for each column, from 0; with 0 and data that part perfectly no minimum exists.
        rounds: the most Newton steps.
        close: it ends when no weight moves farther.
    """
    ridge, truth = np.asarray(penalties, dtype=np.float64), np.asarray(right, dtype=np.float64)
    weights: Floats = np.zeros(len(ridge))
    loss, gradient, curvature = _at(weights, rows, truth, ridge)
    for done in range(1, rounds + 1):
        step = np.asarray(np.linalg.lstsq(curvature, gradient, rcond=None)[0], dtype=np.float64)
        weights, moved, loss, gradient, curvature = _shortened(
            weights, step, loss, lambda new: _at(new, rows, truth, ridge)
        )
        if moved < close:
            return LogisticFit(weights, float(ridge @ weights**2 / 2 - loss), done, converged=True)
    return LogisticFit(weights, float(ridge @ weights**2 / 2 - loss), rounds, converged=False)


def sigmoid(logit: float) -> float:
    """Return 1 / (1 + exp(−logit)), without overflow."""
    return float(1 / (1 + np.exp(-np.clip(logit, -500, 500))))


def _shortened(
    weights: Floats, step: Floats, loss: float, at: Callable[[Floats], tuple[float, Floats, Floats]]
) -> tuple[Floats, float, float, Floats, Floats]:
    """Halve a step until the loss does not grow; a step that cannot be mended is of length 0."""
    for halving in range(_HALVINGS):
        new = weights - step / 2**halving
        found = at(new)
        if found[0] <= loss + 1e-12 * abs(loss):
            return new, float(np.abs(new - weights).max(initial=0.0)), *found
    return weights, 0.0, *at(weights)


def _at(weights: Floats, rows: Sequence[SparseRow], truth: Floats, ridge: Floats) -> tuple[float, Floats, Floats]:
    """Return the penalised loss, its gradient and its curvature."""
    loss, gradient, curvature = float(ridge @ weights**2 / 2), ridge * weights, np.diag(ridge)
    for first in range(0, len(rows), _AT_ONCE):
        block, y = _dense(rows[first : first + _AT_ONCE], len(ridge)), truth[first : first + _AT_ONCE]
        logit = block @ weights
        chance = 1 / (1 + np.exp(-np.clip(logit, -500, 500)))
        loss += float(np.logaddexp(0, logit).sum() - y @ logit)
        gradient = gradient + block.T @ (chance - y)
        curvature = curvature + (block * (chance * (1 - chance))[:, None]).T @ block
    return loss, gradient, curvature


def _dense(rows: Sequence[SparseRow], width: int) -> Floats:
    block = np.zeros((len(rows), width))
    for place, row in enumerate(rows):
        for column, value in row:
            block[place, column] += value
    return block
