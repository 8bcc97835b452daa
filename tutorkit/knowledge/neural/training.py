"""The training of a network: Adam, in batches of students, until students held back are predicted no better."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network is trained.

    ``epochs`` is the most times that all of the data is gone through; with ``patience`` epochs without a better loss on
    the students held back (``held_back`` as a share, none with fewer than ten) it ends, with the best weights.
    ``decay`` is the weight decay, ``batch`` how many sequences make a step, ``longest`` how long a sequence may be.
    """

    epochs: int = 60
    patience: int = 6
    rate: float = 0.005
    decay: float = 1e-5
    batch: int = 32
    held_back: float = 0.15
    longest: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """How a training went: ``epochs`` that were done, and whether it ended by itself."""

    epochs: int
    stopped_early: bool


_FEW = 10


def seeded(make: Callable[[], Any], seed: int) -> Any:  # noqa: ANN401 (layers, which torch alone can name)
    """Make layers whose first weights are the seed's, and leave the generator of the process as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def held_back(count: int, training: Training) -> tuple[list[int], list[int]]:
    """Deal students into those that are learnt from and those that only tell when to stop; each by its place."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(training.seed)).tolist()
    aside = round(count * training.held_back) if count >= _FEW else 0
    return order[aside:], order[:aside]


def train(
    layers: Any,  # noqa: ANN401 (as above)
    loss: Callable[[Sequence[int]], torch.Tensor],
    *,
    learn: Sequence[int],
    check: Sequence[int],
    training: Training,
) -> Trained:
    """Train layers in place.

    Args:
        layers: what is trained.
        loss: the mean loss over some sequences, by their places.
        learn: the places that are learnt from.
        check: those that tell when to stop; without any, all epochs are done.
        training: how.
    """
    optimiser = torch.optim.Adam(layers.parameters(), lr=training.rate, weight_decay=training.decay)
    shuffling = torch.Generator().manual_seed(training.seed)
    best, best_state, since = float("inf"), copy.deepcopy(layers.state_dict()), 0
    for epoch in range(1, training.epochs + 1):
        order = torch.randperm(len(learn), generator=shuffling).tolist()
        for first in range(0, len(order), training.batch):
            optimiser.zero_grad()
            loss([learn[place] for place in order[first : first + training.batch]]).backward()
            torch.nn.utils.clip_grad_norm_(layers.parameters(), 1.0)
            optimiser.step()
        if not check:
            continue
        with torch.no_grad():
            now = float(loss(check))
        if now < best:
            best, best_state, since = now, copy.deepcopy(layers.state_dict()), 0
        else:
            since += 1
        if since == training.patience:
            layers.load_state_dict(best_state)
            return Trained(epoch, stopped_early=True)
    if check:
        layers.load_state_dict(best_state)
    return Trained(training.epochs, stopped_early=False)
