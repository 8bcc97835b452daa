"""Training a student that is a model of one's own: in a child process, by TRL, on the rows that a method left."""

from __future__ import annotations

from tutorkit.training.lora import LoraTrainer
from tutorkit.training.registry import STAGES, Stage
from tutorkit.training.settings import LoraSettings, read_options

__all__ = ["STAGES", "LoraSettings", "LoraTrainer", "Stage", "read_options"]
