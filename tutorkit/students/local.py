"""A language model of this process as student: it can be trained, and is then the same student with other weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tutorkit.ports import Trainer, TrainingData
from tutorkit.students.model import ModelStudent
from tutorkit.types import Message, Question


@dataclass(frozen=True, kw_only=True)
class TrainableModelStudent(ModelStudent):
    """A model whose weights can be had. ``trainer`` trains it; ``ref`` says how, and with which adapters it answers."""

    trainer: Trainer

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> TrainableModelStudent:
        """Return this student with the weights to which the rows trained it, from this student's own.

        It learns in the prompt in which it will be asked, without lessons.

        Raises:
            TrainingFailed, MissingExtra, RunInterrupted: as the trainer does.
        """
        ref = await self.trainer.train(rows, base=self.ref, folder=folder, asked=self._asked)
        return replace(self, ref=ref)

    def _asked(self, question: str) -> tuple[Message, ...]:
        request, _ = self.request(Question(id="", text=question), ())
        return request.messages
