"""The models of mastery by name. Those that need torch are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from tutorkit.errors import MissingExtra, UnknownName
from tutorkit.knowledge.bkt_model import BKTModel
from tutorkit.knowledge.mastery import Assisted, MasteryModel
from tutorkit.knowledge.pfa import PFAModel

_PLAIN: Final[Mapping[str, Callable[[Assisted], MasteryModel[Any]]]] = MappingProxyType(
    {"bkt": lambda assisted: BKTModel(assisted=assisted), "pfa": lambda assisted: PFAModel(assisted=assisted)}
)

_NEURAL: Final = ("dkt", "cakt")

MODELS: Final = (*_PLAIN, *_NEURAL)
"""The names of all models."""


def new_model(name: str, *, assisted: Assisted = "ignored") -> MasteryModel[Any]:
    """Return a model that is not fitted.

    Args:
        name: ``bkt``, ``pfa``, ``dkt`` or ``cakt``.
        assisted: what an answer with much help counts as.

    Raises:
        UnknownName: when there is no such model.
        MissingExtra: when it needs torch, and there is none.
    """
    if name in _PLAIN:
        return _PLAIN[name](assisted)
    if name not in _NEURAL:
        raise UnknownName("model of mastery", name, MODELS)
    try:
        made = getattr(import_module("tutorkit.knowledge.neural.model"), name)(assisted=assisted)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra("torch", "kt", f"Knowledge tracing by {name}") from error
    model: MasteryModel[Any] = made
    return model
