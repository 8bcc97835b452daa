"""The parameters of knowledge tracing from answers, by expectation and maximisation.

Source: the algorithm of Baum, Petrie, Soules and Weiss (1970) for the hidden Markov model that Bayesian knowledge
tracing is, with two states of which the second is never left. The likelihood has a twin in which guessing and slipping
change places (Beck and Chang 2007, "Identifiability: a fundamental problem of student modeling"); bounds on both keep
the fit on the side where an answer means what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tutorkit.errors import EmptyData
from tutorkit.knowledge.bkt import BKT

Floats = NDArray[np.float64]

START: Final = BKT(initial=0.3, learn=0.2, slip=0.1, guess=0.2)
"""Where the search starts."""

MOST_GUESS: Final = 0.5
MOST_SLIP: Final = 0.4
_LEAST: Final = 1e-4
"""A parameter at 0 would stay there for ever."""

_AT_ONCE: Final = 512


@dataclass(frozen=True)
class BKTFit:
    """Fitted parameters; see ``Fit`` for the other fields."""

    parameters: BKT
    log_likelihood: float
    rounds: int
    converged: bool


def fit_bkt(
    sequences: Sequence[Sequence[bool]], *, start: BKT = START, rounds: int = 200, close: float = 1e-4
) -> BKTFit:
    """Return the parameters under which these answers are the likeliest that is found from ``start``.

    Args:
        sequences: each student's answers to questions on one skill, oldest first; empty ones are left out.
        start: where the search starts; with few answers it decides much.
        rounds: the most steps of the algorithm.
        close: it ends when a step changes the log-likelihood, in nats, by less.

    Raises:
        EmptyData: when there is no answer.
    """
    given = sorted((row for row in sequences if len(row)), key=len)
    if not given:
        raise EmptyData("No answers, no parameters.", remedy="Give at least one student's answers.")
    blocks = list(_blocks(given))
    parameters, last = start, -np.inf
    for done in range(1, rounds + 1):
        counts = sum((_expected(rights, there, parameters) for rights, there in blocks), start=np.zeros(9))
        parameters, likelihood = _maximised(counts), float(counts[8])
        if abs(likelihood - last) < close:
            return BKTFit(parameters, likelihood, done, converged=True)
        last = likelihood
    return BKTFit(parameters, last, rounds, converged=False)


def log_likelihood(sequences: Sequence[Sequence[bool]], parameters: BKT) -> float:
    """Return the log-likelihood of these answers, in nats; 0 without any."""
    given = sorted((row for row in sequences if len(row)), key=len)
    return float(sum(_expected(rights, there, parameters)[8] for rights, there in _blocks(given)))


def _blocks(sequences: Sequence[Sequence[bool]]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Lay sequences of about one length side by side: answers, and where there is an answer (sequences x places)."""
    for first in range(0, len(sequences), _AT_ONCE):
        block = sequences[first : first + _AT_ONCE]
        lengths = np.array([len(row) for row in block])
        there = np.arange(lengths.max()) < lengths[:, None]
        rights = np.zeros(there.shape, dtype=np.bool_)
        rights[there] = np.concatenate([np.asarray(row, dtype=np.bool_) for row in block])
        yield rights, there


def _expected(rights: NDArray[np.bool_], there: NDArray[np.bool_], now: BKT) -> Floats:
    """Return the expected counts of the nine kinds below, by a pass forwards and one backwards.

    Mastered at the start, and sequences; learnt, and places where it could be; guesses, and answers without mastery;
    slips, and answers with it; the log-likelihood.
    """
    emit = np.where(rights[..., None], [now.guess, 1 - now.slip], [1 - now.guess, now.slip])
    emit = np.where(there[..., None], emit, 1.0)
    move = np.array([[1 - now.learn, now.learn], [0.0, 1.0]])
    forward, scale = np.empty_like(emit), np.empty(there.shape)
    for place in range(there.shape[1]):
        before = forward[:, place - 1] @ move if place else np.array([1 - now.initial, now.initial])
        both = before * emit[:, place]
        scale[:, place] = both.sum(axis=1)
        forward[:, place] = both / scale[:, [place]]
    backward = np.ones_like(emit)
    for place in range(there.shape[1] - 2, -1, -1):
        ahead = emit[:, place + 1] * backward[:, place + 1]
        backward[:, place] = ahead @ move.T / scale[:, [place + 1]]
    state = forward * backward
    state /= state.sum(axis=2, keepdims=True)
    state = np.where(there[..., None], state, 0.0)
    # From without mastery to each of the two, at every place with a next one (sequences x places x 2).
    moves = forward[:, :-1, :1] * move[0] * emit[:, 1:] * backward[:, 1:] / scale[:, 1:, None]
    moves = np.where(there[:, 1:, None], moves, 0.0)
    return np.array(
        [
            state[:, 0, 1].sum(),
            len(rights),
            moves[..., 1].sum(),
            moves.sum(),
            state[..., 0][rights].sum(),
            state[..., 0].sum(),
            state[..., 1][~rights & there].sum(),
            state[..., 1].sum(),
            np.log(scale[there]).sum(),
        ]
    )


def _maximised(counts: Floats) -> BKT:
    def share(of: int, among: int, most: float) -> float:
        return float(np.clip(counts[of] / max(counts[among], _LEAST), _LEAST, most))

    return BKT(
        initial=share(0, 1, 1 - _LEAST),
        learn=share(2, 3, 1 - _LEAST),
        guess=share(4, 5, MOST_GUESS),
        slip=share(6, 7, MOST_SLIP),
    )
