"""Strategies by a recurrent network: the next operation from those before it and from what the student masters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from tutorkit.errors import EmptyData
from tutorkit.knowledge.neural.networks import Layers
from tutorkit.knowledge.neural.training import Training, held_back, seeded, train
from tutorkit.knowledge.strategies import END, StrategyTrace


@dataclass(frozen=True, eq=False)
class RecurrentStrategies:
    """An LSTM over operations, each put in beside the mastery of every skill."""

    layers: Layers
    ops: tuple[str, ...]
    skills: tuple[str, ...]

    @classmethod
    def fitted(
        cls, traces: Sequence[StrategyTrace], *, width: int = 32, training: Training | None = None
    ) -> RecurrentStrategies:
        """Train a network on these traces.

        Raises:
            EmptyData: when there are no traces.
        """
        if not traces:
            raise EmptyData("There are no traces to learn strategies from.", remedy="Give at least one.")
        training = training or Training(rate=0.01)
        ops = (END, *sorted({op for trace in traces for op in trace.ops}))
        skills = tuple(sorted({skill for trace in traces for skill in trace.mastery}))
        layers = seeded(
            lambda: nn.ModuleDict(
                {
                    "memory": nn.LSTM(len(ops) + len(skills), width, batch_first=True),
                    "next": nn.Linear(width, len(ops)),
                }
            ),
            training.seed,
        )
        model = cls(layers, ops, skills)

        def loss(places: Sequence[int]) -> torch.Tensor:
            losses = [model._loss(traces[place]) for place in places]
            return torch.cat(losses).mean()

        learn, check = held_back(len(traces), training)
        train(layers, loss, learn=learn, check=check, training=training)
        return model

    def next_op(self, begun: Sequence[str], mastery: Mapping[str, float]) -> str:
        """Return the likeliest next operation after these, or ``END``."""
        with torch.no_grad():
            return self.ops[int(self._logits(begun, mastery)[-1].argmax())]

    def _logits(self, begun: Sequence[str], mastery: Mapping[str, float]) -> torch.Tensor:
        """Return the logits of the operation that follows nothing, the first, … (one more than those begun x ops)."""
        put_in = torch.zeros(1, len(begun) + 1, len(self.ops) + len(self.skills))
        for place, op in enumerate(begun, start=1):
            if op in self.ops:
                put_in[0, place, self.ops.index(op)] = 1.0
        for place, skill in enumerate(self.skills, start=len(self.ops)):
            put_in[0, :, place] = mastery.get(skill, 0.0)
        states, _ = self.layers["memory"](put_in)
        return self.layers["next"](states)[0]

    def _loss(self, trace: StrategyTrace) -> torch.Tensor:
        wanted = torch.tensor([self.ops.index(op) for op in (*trace.ops, END)])
        return functional.cross_entropy(self._logits(trace.ops, trace.mastery), wanted, reduction="none")
