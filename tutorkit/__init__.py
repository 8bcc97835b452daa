"""tutorkit: a teacher improves a student, and the evidence says by how much.

Public names are resolved at first use, so that ``import tutorkit`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutorkit.lab import Lab as Lab
    from tutorkit.lab import Tutor as Tutor
    from tutorkit.methods.vocabulary import Method as Method
    from tutorkit.settings import Settings as Settings
    from tutorkit.types import Pack as Pack
    from tutorkit.types import Problem as Problem

__version__ = "0.1.0"

_HOMES = {
    "Lab": "tutorkit.lab",
    "Method": "tutorkit.methods.vocabulary",
    "Pack": "tutorkit.types",
    "Problem": "tutorkit.types",
    "Settings": "tutorkit.settings",
    "Tutor": "tutorkit.lab",
}

__all__ = ["Lab", "Method", "Pack", "Problem", "Settings", "Tutor", "__version__"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'tutorkit' has no attribute {name!r}")
    return getattr(import_module(home), name)
