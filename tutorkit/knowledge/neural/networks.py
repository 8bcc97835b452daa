"""The two networks: deep knowledge tracing, and the one that reads the past of the very skill that is asked for.

Both are functions over a dictionary of layers. They return, for each answer, the logit of its being right given the
answers before it, and a penalty that is added to the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn import functional

from tutorkit.knowledge.neural.batches import Batch

Layers: TypeAlias = Any
"""A ``torch.nn.ModuleDict``."""

Read: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Logits (students x places), and the penalty."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes and weights of a network.

    ``width`` is that of its states. DKT alone: ``reconstruct``, ``wave_1`` and ``wave_2`` weigh the penalties of DKT+,
    with its authors' values. CAKT alone: ``past`` is how many answers on the same skill it looks at, ``channels`` how
    many pictures the convolution makes of them.
    """

    width: int = 36
    reconstruct: float = 0.1
    wave_1: float = 0.003
    wave_2: float = 3.0
    past: int = 15
    channels: int = 4


@dataclass(frozen=True)
class Architecture:
    """How a network is made, for so many skills, and how it reads a batch."""

    layers: Callable[[int, Sizes], Layers]
    read: Callable[[Layers, Batch, Sizes], Read]


def dkt_layers(skills: int, sizes: Sizes) -> Layers:
    """Make the layers of deep knowledge tracing."""
    return nn.ModuleDict(
        {
            "told": nn.Linear(2 * skills, sizes.width, bias=False),
            "memory": nn.LSTM(sizes.width, sizes.width, batch_first=True),
            "known": nn.Linear(sizes.width, skills),
        }
    )


def dkt_read(layers: Layers, batch: Batch, sizes: Sizes) -> Read:
    """Read a batch by deep knowledge tracing (Piech and others 2015, NeurIPS), with the penalties of DKT+.

    DKT+ (Yeung and Yeung 2018, "Addressing two problems in deep knowledge tracing via prediction-consistent
    regularization"): the output after an answer should agree with that answer, and no output should jump about. A
    question of several skills has the mean of their logits.
    """
    states, _ = layers["memory"](_delayed(layers["told"](batch.told), keep_last=True))
    known = layers["known"](states)
    before, after = known[:, :-1], known[:, 1:]
    again = functional.binary_cross_entropy_with_logits(_of(batch, after), batch.right, reduction="none")
    jump = torch.sigmoid(after) - torch.sigmoid(before)
    penalty = (
        sizes.reconstruct * again + sizes.wave_1 * jump.abs().mean(dim=2) + sizes.wave_2 * jump.square().mean(dim=2)
    )
    return _of(batch, before), penalty[batch.there].mean()


def cakt_layers(skills: int, sizes: Sizes) -> Layers:
    """Make the layers of context-aware knowledge tracing; a state is folded into a square picture, or nearly."""
    rows = _rows(sizes.width)
    pixels = sizes.channels * rows * (sizes.width // rows)
    return nn.ModuleDict(
        {
            "told": nn.Linear(2 * skills, sizes.width, bias=False),
            "asked": nn.Linear(skills, sizes.width, bias=False),
            "look": nn.Conv3d(1, sizes.channels, kernel_size=3, padding=1),
            "seen": nn.Linear(pixels, sizes.width),
            "memory": nn.LSTM(sizes.width, sizes.width, batch_first=True),
            "gate": nn.Linear(2 * sizes.width, sizes.width),
            "second": nn.LSTM(2 * sizes.width, sizes.width, batch_first=True),
            "right": nn.Linear(2 * sizes.width, 1),
        }
    )


def cakt_read(layers: Layers, batch: Batch, sizes: Sizes) -> Read:
    """Read a batch by the network of "Context-aware attentive/convolutional" knowledge tracing (CAKT).

    The last answers on the skill that is asked for are stacked as pictures and looked at by a three-dimensional
    convolution; all answers go through one LSTM; a gate mixes both, and a second LSTM reads the mixture. The abstract
    alone was at hand: kernel, pooling over the past and widths are ours.
    """
    told, asked = layers["told"](batch.told), layers["asked"](batch.asked)
    rows = _rows(sizes.width)
    past = _same_skill(told, batch.asked, sizes.past)
    pictures = past.reshape(-1, 1, sizes.past, rows, sizes.width // rows)
    looked = torch.relu(layers["look"](pictures)).amax(dim=2)
    near = torch.tanh(layers["seen"](looked.flatten(1))).reshape(told.shape)
    far, _ = layers["memory"](_delayed(told))
    gate = torch.sigmoid(layers["gate"](torch.cat([near, far], dim=2)))
    state, _ = layers["second"](torch.cat([gate * near + (1 - gate) * far, asked], dim=2))
    return layers["right"](torch.cat([state, asked], dim=2)).squeeze(2), torch.zeros(())


ARCHITECTURES: Mapping[str, Architecture] = {
    "dkt": Architecture(dkt_layers, dkt_read),
    "cakt": Architecture(cakt_layers, cakt_read),
}


def _delayed(told: torch.Tensor, *, keep_last: bool = False) -> torch.Tensor:
    """Put nothing before the first answer, so that no place sees its own."""
    return functional.pad(told, (0, 0, 1, 0))[:, : told.shape[1] + keep_last]


def _of(batch: Batch, known: torch.Tensor) -> torch.Tensor:
    """Return the mean over each question's skills."""
    return (known * batch.asked).sum(dim=2) / batch.asked.sum(dim=2).clamp(min=1)


def _same_skill(told: torch.Tensor, asked: torch.Tensor, past: int) -> torch.Tensor:
    """Gather the last ``past`` earlier answers that share a skill (students x places x past x width), the latest last.

    Where there are fewer, nothing stands in their places.
    """
    places = told.shape[1]
    earlier = torch.ones(places, places, dtype=torch.bool).tril(-1)
    shares = (asked @ asked.transpose(1, 2) > 0) & earlier
    ranked = torch.where(shares, torch.arange(places), -1)
    wanted = min(past, places)
    latest = ranked.topk(wanted, dim=2).values.flip(2)
    found = told.unsqueeze(1).expand(-1, places, -1, -1)
    picked = found.gather(2, latest.clamp(min=0).unsqueeze(3).expand(-1, -1, -1, told.shape[2]))
    picked = picked * (latest >= 0).unsqueeze(3)
    return functional.pad(picked, (0, 0, past - wanted, 0))


def _rows(width: int) -> int:
    """Return the greatest divisor of the width that is not above its root."""
    return max(rows for rows in range(1, int(width**0.5) + 1) if width % rows == 0)
