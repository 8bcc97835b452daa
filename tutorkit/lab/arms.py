"""The arms of an experiment: the teaching itself, and the controls without which its figure says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from tutorkit.lab.counted import counted_teacher
from tutorkit.lab.participants import Kit, build_control, build_teacher, is_offline
from tutorkit.lab.plan import Plan
from tutorkit.methods.vocabulary import Method
from tutorkit.ports import Teacher

TAUGHT = "taught"


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm: who teaches in it, and how the method's parameters differ.

    ``question`` is what the arm answers, for a reader. ``asks_teacher`` tells whether the plan's own teacher is asked:
    only then does the arm cost what that teacher costs, and only then are there lessons.
    """

    name: str
    question: str
    teacher: Callable[[Kit], Teacher]
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    asks_teacher: bool = True


def arms_of(plan: Plan, method: Method) -> tuple[Arm, ...]:
    """Return the arms of a plan, the teaching itself first.

    Every arm measures the student untaught too. The controls are a silent teacher (does the procedure alone do it?), a
    deranged one (does it matter what is taught?), and the same effort aimed at random (does it matter that the errors
    decide?). The last two make as many teacher calls as the teaching itself.
    """
    taught = Arm(
        name=TAUGHT, question="What does the teaching gain?", teacher=lambda kit: build_teacher(kit, plan.teacher)
    )
    if plan.controls == "none":
        return (taught,)
    silent = Arm(name="silent", question="Does the procedure alone do it?", teacher=_silent, asks_teacher=False)
    if plan.controls == "free":
        return taught, silent
    deranged = Arm(name="deranged", question="Does it matter what is taught?", teacher=_deranged)
    others = (deranged,) if method.deranged else ()
    if not method.random_target:
        return taught, silent, *others
    random = Arm(
        name="random",
        question="Does it matter that the errors decide?",
        teacher=taught.teacher,
        params=method.random_target,
    )
    return taught, silent, *others, random


def _silent(kit: Kit) -> Teacher:
    return counted_teacher(build_control(kit, "silent", base=build_teacher(kit, "rules")), kit.budget)


def _deranged(kit: Kit) -> Teacher:
    """Teach what the student does not lack; where skills cannot be exchanged, teach from another problem's evidence."""
    if is_offline(kit.plan.teacher) and not kit.plan.teacher.startswith("inbox/"):
        return build_teacher(kit, "control/deranged")
    return build_control(kit, "deranged-evidence", base=build_teacher(kit, kit.plan.teacher))
