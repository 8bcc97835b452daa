"""Teachers that know what is right and spoil how they say it: leaky, verbose, off by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from pydantic import BaseModel, JsonValue

from tutorkit.canonical import digest
from tutorkit.ports import Ask, Reply, SchemaT, Teacher
from tutorkit.teachers.controls.texts import rewritten
from tutorkit.teachers.controls.wrapping import Wrapping
from tutorkit.teachers.records import retold
from tutorkit.types import Problem

TIMES_LONGER = 10

_FILLER = (
    "Take your time with this and stay calm.",
    "It is worth reading the problem once more before going on.",
    "Good solvers look at what they have written so far.",
    "Neat writing helps to keep the overview.",
    "There is no need to hurry, and no shame in starting again.",
)


@dataclass(frozen=True, kw_only=True)
class DistortedTeacher(Wrapping):
    """Asks another teacher and changes its reply by ``distort``, a function of the inputs and the reply."""

    distort: Callable[[Mapping[str, JsonValue], BaseModel], BaseModel]

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Ask and distort."""
        reply = await self.base.call(ask)
        value = ask.schema.model_validate(self.distort(ask.inputs, reply.value).model_dump())
        return Reply(value=value, calls=retold(reply.calls, value, ref=self.ref))


def verbose(base: Teacher, *, ref: str) -> DistortedTeacher:
    """Make a teacher whose texts are right and ten times as long, as far as the schema lets them be."""

    def lengthen(text: str, limit: int) -> str:
        filler, parts, length = cycle(_FILLER), [text], len(text)
        while text and length < TIMES_LONGER * len(text):
            sentence = next(filler)
            length += 1 + len(sentence)
            if length > limit:
                break
            parts.append(sentence)
        return " ".join(parts)

    return DistortedTeacher(base=base, ref=ref, distort=lambda _, value: rewritten(value, lengthen))


def leaky(base: Teacher, *, ref: str, problems: Sequence[Problem]) -> DistortedTeacher:
    """Make a teacher who gives an answer away in every text: the answer to the problem at hand, else to any problem."""
    golds = [problem.gold for problem in problems if problem.gold is not None]

    def leak(inputs: Mapping[str, JsonValue], value: BaseModel) -> BaseModel:
        problem = inputs.get("problem")
        gold = problem.get("gold") if isinstance(problem, dict) else None
        if gold is None and golds:
            gold = golds[int(digest(dict(inputs))[:8], 16) % len(golds)]
        if gold is None:
            return value
        given_away = f" The answer is {gold}."
        return rewritten(value, lambda text, limit: text[: limit - len(given_away)] + given_away if text else text)

    return DistortedTeacher(base=base, ref=ref, distort=leak)


def off_by_one(base: Teacher, *, ref: str) -> DistortedTeacher:
    """Make a teacher who names the step after the first wrong one, or the step before it when there is none after."""

    def shift(inputs: Mapping[str, JsonValue], value: BaseModel) -> BaseModel:
        step = getattr(value, "first_wrong_step", None)
        if not isinstance(step, int):
            return value
        attempt = inputs.get("attempt")
        steps = attempt.get("steps") if isinstance(attempt, dict) else None
        last = len(steps) if isinstance(steps, list) else 0
        return value.model_copy(update={"first_wrong_step": step + 1 if step < last or step == 1 else step - 1})

    return DistortedTeacher(base=base, ref=ref, distort=shift)
