"""What the child process is told of a training."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tutorkit.training.rows import Shaped
from tutorkit.training.settings import LoraSettings


class TrainingSpec(BaseModel):
    """What one training is: all that its result depends on, and where the result goes.

    ``base`` is the model's name with the adapters that it has already. ``models`` is the home's folder of models and
    ``out`` the folder that the adapter is written into; neither enters the training's digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str
    base: str
    settings: LoraSettings
    rows: list[Shaped]
    models: str
    out: str
