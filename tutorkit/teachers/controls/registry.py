"""The control teachers by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tutorkit.errors import UnknownName
from tutorkit.ports import Teacher
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.controls.distorted import leaky, off_by_one, verbose
from tutorkit.teachers.controls.evidence import misaligned
from tutorkit.teachers.controls.malformed import MalformedTeacher
from tutorkit.teachers.controls.misdirected import deranged, random_skills
from tutorkit.teachers.controls.silent import SilentTeacher
from tutorkit.types import Problem

PREFIX = "control/"


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """What a control is made from."""

    ref: str
    base: Teacher
    live: Sequence[str]
    skills: Sequence[str]
    problems: Sequence[Problem]
    seed: int
    prompts: PromptLibrary


_CONTROLS: Mapping[str, Callable[[_Setting], Teacher]] = MappingProxyType(
    {
        "silent": lambda s: SilentTeacher(ref=s.ref, prompts=s.prompts),
        "deranged": lambda s: deranged(
            s.base, ref=s.ref, live=s.live, skills=s.skills, problems=s.problems, seed=s.seed
        ),
        "deranged-evidence": lambda s: misaligned(s.base, ref=s.ref, problems=s.problems, seed=s.seed),
        "per-item-random": lambda s: random_skills(
            s.base, ref=s.ref, live=s.live, skills=s.skills, problems=s.problems, seed=s.seed
        ),
        "leaky": lambda s: leaky(s.base, ref=s.ref, problems=s.problems),
        "verbose": lambda s: verbose(s.base, ref=s.ref),
        "malformed": lambda s: MalformedTeacher(ref=s.ref, base=s.base),
        "off-by-one": lambda s: off_by_one(s.base, ref=s.ref),
    }
)


def control_names() -> tuple[str, ...]:
    """Return the names of the control teachers."""
    return tuple(_CONTROLS)


def control_teacher(
    name: str,
    *,
    base: Teacher,
    live: Sequence[str],
    skills: Sequence[str],
    problems: Sequence[Problem],
    seed: int,
    prompts: PromptLibrary | None = None,
) -> Teacher:
    """Make a control teacher, whose ref is ``control/NAME``.

    Args:
        name: one of ``control_names()``, with or without ``control/``.
        base: the teacher that it is made from.
        live: the skills that the student lacks.
        skills: every skill of the task.
        problems: the problems that the teacher may see, with their gold.
        seed: decides what is drawn.
        prompts: where the prompts are, for a teacher without a base.

    Raises:
        UnknownName: for another name.
        BadSetting: when the control cannot be made from these skills or problems.
    """
    short = name.removeprefix(PREFIX)
    if short not in _CONTROLS:
        raise UnknownName("control teacher", short, control_names())
    setting = _Setting(
        ref=PREFIX + short,
        base=base,
        live=live,
        skills=skills,
        problems=problems,
        seed=seed,
        prompts=prompts or PromptLibrary(),
    )
    return _CONTROLS[short](setting)
