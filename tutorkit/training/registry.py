"""The kinds of training, by name. A further one is a row here: which rows it takes, how they are put, what trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tutorkit.errors import TrainingFailed
from tutorkit.ports import Asked, TrainingData
from tutorkit.training import trl_trainers
from tutorkit.training.rows import Shaped, dpo_row, sft_row
from tutorkit.training.settings import LoraSettings
from tutorkit.types import PreferencePair, SFTExample


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One kind of training.

    ``takes`` is the kind of row that it is for. ``put`` brings one into the form that the trainer reads. ``trainer``
    makes the trainer, in the child process: of model, tokenizer, rows, settings, and a folder for its scratch files.
    """

    takes: type[TrainingData]
    put: Callable[[Any, Asked], Shaped]
    trainer: Callable[[Any, Any, Sequence[Shaped], LoraSettings, str], Any]


STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        "sft": Stage(takes=SFTExample, put=sft_row, trainer=trl_trainers.sft),
        "dpo": Stage(takes=PreferencePair, put=dpo_row, trainer=trl_trainers.dpo),
    }
)
"""In the order in which they train one student: it imitates before it is told what is better."""


def staged(rows: Sequence[TrainingData], asked: Asked) -> dict[str, list[Shaped]]:
    """Sort rows into the stages that take them, each row in its trainer's form; a stage without rows is left out.

    Raises:
        TrainingFailed: naming the first row that cannot be trained on, or when there is none at all.
    """
    if not rows:
        raise TrainingFailed("There is no row to train on.", remedy="See why with `tutorkit report RUN`.")
    found = {
        name: [stage.put(row, asked) for row in rows if isinstance(row, stage.takes)] for name, stage in STAGES.items()
    }
    return {name: shaped for name, shaped in found.items() if shaped}
