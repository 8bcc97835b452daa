"""Simulated students of small worlds: customer service, and words with properties.

Like the simulated students of arithmetic they read no language. Of a lesson they understand only the tags
``[[skill:NAME]]`` in its text: a skill that they lack and that is cued is there for once. ``sim/service?lacks=late`` is
a student who knows the policy for every situation but that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.ports import Answer, Ask, Reply, SchemaT, TrainingData
from tutorkit.students.records import call_of_question
from tutorkit.students.tags import cues
from tutorkit.tasks import service, strings
from tutorkit.types import Call, Lesson, Question

PREFIX = "sim/"
NOT_UNDERSTOOD = "I do not know how to do this."
LEARN_AFTER = 3

Item = Mapping[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class World:
    """What a simulated student knows of a task: its skills, how an item is worked with some lacking, what is right."""

    skills: tuple[str, ...]
    skills_of: Callable[[Item], tuple[str, ...]]
    work: Callable[[Item, Sequence[str]], tuple[tuple[str, ...], str]]
    is_right: Callable[[Item, str], bool]


WORLDS: Mapping[str, World] = MappingProxyType(
    {
        "service": World(
            skills=service.SKILLS, skills_of=service.skills_of, work=service.work, is_right=service.is_right
        ),
        "strings": World(
            skills=strings.SKILLS, skills_of=strings.skills_of, work=strings.work, is_right=strings.is_right
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class WorldStudent:
    """A student of one world that lacks some of its skills.

    A skill is learnt after ``learn_after`` right exercises that take it. ``right`` counts them, and is the only part of
    a student that its ``ref`` does not tell.
    """

    world: str
    lacks: tuple[str, ...] = ()
    learn_after: int = LEARN_AFTER
    right: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def ref(self) -> str:
        """The name by which this student is built again."""
        options = [f"lacks={'+'.join(self.lacks)}"] if self.lacks else []
        options += [f"learn_after={self.learn_after}"] if self.learn_after != LEARN_AFTER else []
        return PREFIX + self.world + ("?" + "&".join(options) if options else "")

    @property
    def live_skills(self) -> tuple[str, ...]:
        """The skills that this student lacks, in alphabetical order."""
        return tuple(sorted(self.lacks))

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Work the question's item out; one of another world gets an honest "I do not know"."""
        return self._answer(question, lessons, begun=(), sample=sample)

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Take the given steps as they are, and do the rest in its own way."""
        return self._answer(question, lessons, begun=begun, sample=sample)

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Write nothing but answers.

        Raises:
            UnknownName: for every purpose.
        """
        raise UnknownName("purpose of a simulated student", ask.purpose, ())

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> WorldStudent:
        """Return the student that has worked through the rows that show an item and a right answer."""
        known, student = WORLDS[self.world], self
        for row in rows:
            item, answer = row.data.get("item"), row.data.get("answer")
            if isinstance(item, dict) and isinstance(answer, str) and item.get("domain") == self.world:
                skills = known.skills_of(item) if known.is_right(item, answer) else ()
                for skill in skills:
                    student = student._learn(skill)
        return student

    def _learn(self, skill: str) -> WorldStudent:
        count = self.right.get(skill, 0) + 1
        lacks = tuple(each for each in self.lacks if each != skill or count < self.learn_after)
        return replace(self, lacks=lacks, right={**self.right, skill: count})

    def _answer(self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int) -> Answer:
        cued = {name for lesson in lessons for name in cues(lesson.text)}
        try:
            steps, answer = WORLDS[self.world].work(
                question.item or {}, [skill for skill in self.lacks if skill not in cued]
            )
        except DataError:
            steps, raw = (), NOT_UNDERSTOOD
        else:
            steps = steps[len(begun) :]
            raw = "\n".join((*steps, f"Answer: {answer}"))
        return Answer(raw=raw, steps=steps, calls=(self._call(question, lessons, begun, sample, raw),))

    def _call(self, question: Question, lessons: Sequence[Lesson], begun: Sequence[str], sample: int, raw: str) -> Call:
        read: list[JsonValue] = [[lesson.kind, lesson.text] for lesson in lessons]
        key = digest([self.ref, question.model_dump(), read, sample, [*begun]])
        return call_of_question(self.ref, key, question, lessons, begun=begun, reply=raw, sample=sample)


def is_world(ref: str) -> bool:
    """Tell whether a name means a simulated student of one of these worlds."""
    return ref.startswith(PREFIX) and ref.removeprefix(PREFIX).partition("?")[0] in WORLDS


def parse_world(ref: str) -> WorldStudent:
    """Build the simulated student of a reference: ``sim/service?lacks=late+angry&learn_after=2``.

    Raises:
        UnknownName: for a world, skill or option that there is not.
        BadSetting: when ``learn_after`` is no whole number from 1 on.
    """
    name, _, query = ref.removeprefix(PREFIX).partition("?")
    if name not in WORLDS:
        raise UnknownName("world of simulated students", name, tuple(WORLDS))
    options = dict(part.partition("=")[::2] for part in query.split("&")) if query else {}
    lacks = tuple(dict.fromkeys(skill for skill in options.pop("lacks", "").split("+") if skill))
    for skill in lacks:
        if skill not in WORLDS[name].skills:
            raise UnknownName(f"skill of the world {name}", skill, WORLDS[name].skills)
    learn_after = options.pop("learn_after", str(LEARN_AFTER))
    if options:
        raise UnknownName("option of a simulated student", min(options), ("lacks", "learn_after"))
    if not learn_after.isdigit() or not 1 <= int(learn_after) <= 1_000_000:
        raise BadSetting(
            f"The option learn_after of a simulated student cannot be {learn_after!r}.",
            remedy="Give a whole number from 1 on.",
            data={"option": "learn_after", "value": learn_after},
        )
    return WorldStudent(world=name, lacks=lacks, learn_after=int(learn_after))
