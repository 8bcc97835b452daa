"""Simulated students with executable misconceptions: they work out a problem's item, and learn from cues in lessons.

A simulated student reads no language. Of a lesson it understands only the tags ``[[skill:NAME]]`` in its text: a
misconception whose skill is cued does not act. So any wording works if the tag survives, and what was taught can be
checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, DataError, UnknownName
from tutorkit.misconceptions import (
    Item,
    Malrule,
    continuation,
    malrule,
    malrules,
    matching,
    parts_of,
    same_answer,
    skills_of,
    solve,
    split_answer,
)
from tutorkit.ports import Answer, Ask, Reply, SchemaT, TrainingData
from tutorkit.students import self_correction
from tutorkit.students.records import call_of_ask, call_of_question
from tutorkit.students.tags import cues
from tutorkit.types import Call, Lesson, Question, SFTExample

PREFIX = "sim/"
NOT_UNDERSTOOD = "I do not know how to do this."

PROFILES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "perfect": (),
        "two-bugs": ("add.drops_carry", "pct.divides_by_percent"),
        "beginner": (
            "sub.smaller_from_larger",
            "add.drops_carry",
            "frac.adds_num_and_den",
            "ooo.left_to_right",
            "pct.percent_is_amount",
            "neg.double_negative_stays_negative",
        ),
        "zeros": ("sub.n_minus_zero_is_zero", "sub.zero_minus_n_is_n", "sub.borrow_across_zero"),
    }
)


@dataclass(frozen=True, kw_only=True)
class BuggyStudent:
    """A student that follows ``bugs``, the first that changes the answer winning, and knows everything else.

    ``capacity`` is how many cues it attends to (None: all), ``slip`` the probability that it writes one digit of its
    answer off by one, ``level`` the highest level of a demo that it can follow. A bug dies after ``learn_after`` right
    exercises on its skill; one is born after ``unlearn_after`` wrong ones. ``right`` and ``wrong`` count the exercises
    since a skill last changed; they are the only part of a student that its ``ref`` does not tell.
    """

    bugs: tuple[Malrule, ...] = ()
    capacity: int | None = None
    slip: float = 0.0
    level: int = 1
    seed: int = 0
    learn_after: int = 3
    unlearn_after: int = 3
    right: Mapping[str, int] = field(default_factory=dict, hash=False)
    wrong: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def ref(self) -> str:
        """The name by which this student is built again: its profile or bugs, and options off their default."""
        ids = tuple(bug.id for bug in self.bugs)
        profile = next((name for name, known in PROFILES.items() if known == ids), None)
        plain = BuggyStudent()
        options = [f"{name}={getattr(self, name)}" for name in _OPTIONS if getattr(self, name) != getattr(plain, name)]
        return PREFIX + (profile or "+".join(ids)) + ("?" + "&".join(options) if options else "")

    @property
    def live_skills(self) -> tuple[str, ...]:
        """The skills that this student lacks, in alphabetical order."""
        return tuple(sorted({bug.skill for bug in self.bugs}))

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Work the question's item out; a question without an item that it can read gets an honest "I do not know"."""
        return self._answer(question, lessons, begun=(), sample=sample)

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Take the given steps as they are, and do the rest in its own way: see ``continuation``."""
        return self._answer(question, lessons, begun=begun, sample=sample)

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Do what else a student is asked for.

        Raises:
            UnknownName: for a purpose that simulated students do not know.
        """
        purpose = WRITES.get(ask.purpose)
        if purpose is None:
            raise UnknownName("purpose of a simulated student", ask.purpose, tuple(WRITES))
        value = ask.schema.model_validate(purpose(self, ask.inputs))
        return Reply(value=value, calls=(call_of_ask(self.ref, ask, value.model_dump_json()),))

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> BuggyStudent:
        """Return the student that has worked through the rows that show an item and an answer.

        A solution that cues a skill of its item more than once counts as often for that skill: it dwells on it. From
        an item that it cannot read it learns nothing, nor from a solution above its level.
        """
        student = self
        for row in rows:
            item, shown = row.data.get("item"), row.data.get("answer")
            if isinstance(item, dict) and isinstance(shown, str) and self._has_reached(row.data.get("level")):
                student = student._study(item, shown, row)
        return student

    def _study(self, item: Item, shown: str, row: TrainingData) -> BuggyStudent:
        try:
            student = self.train([(item, shown)])
        except DataError:
            return self
        for skill in _dwelt_on(row, item, shown):
            student = student._learn(skill)
        return student

    def _answer(self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int) -> Answer:
        cued = self._attended(lessons)
        procedures = [bug.procedure for bug in self.bugs if bug.skill not in cued]
        try:
            work = continuation(question.item or {}, procedures, begun)
        except DataError:
            steps: tuple[str, ...] = ()
            raw = NOT_UNDERSTOOD
        else:
            steps = tuple(step.text for step in work.steps)
            raw = "\n".join((*steps, f"Answer: {self._slipped(work.answer, question, sample)}"))
        return Answer(raw=raw, steps=steps, calls=(self._call(question, lessons, sample, raw, begun=begun),))

    def train(self, exercises: Sequence[tuple[Item, str]]) -> BuggyStudent:
        """Return the student that has worked through exercises, each an item and the answer that was shown for it.

        A shown answer that is right counts for every skill that the item takes. A wrong one counts against the skill of
        the likeliest misconception that explains it, which is then the one to be born; where none explains it, against
        every skill of the item. Each part of a chain counts by itself. An exercise with more or fewer answers than
        parts teaches nothing.

        Raises:
            DataError: when an item cannot be read.
        """
        student = self
        for item, shown in exercises:
            answers = split_answer(item, shown)
            for part, answer in zip(parts_of(item), answers or (), strict=False):
                student = student._practise(part.model_dump(), answer)
        return student

    def _practise(self, item: Item, shown: str) -> BuggyStudent:
        if same_answer(shown, solve(item).answer):
            student = self
            for skill in skills_of(item):
                student = student._learn(skill)
            return student
        explained = matching(item, shown)
        if explained:
            return self._unlearn(explained[0])
        student = self
        for skill in skills_of(item):
            known = [rule for rule in malrules(str(item["domain"])) if rule.skill == skill]
            student = student._unlearn(max(known, key=lambda rule: rule.prior))
        return student

    def _learn(self, skill: str) -> BuggyStudent:
        count = self.right.get(skill, 0) + 1
        if count < self.learn_after or skill not in self.live_skills:
            return replace(self, right={**self.right, skill: count})
        bugs = tuple(bug for bug in self.bugs if bug.skill != skill)
        return replace(self, bugs=bugs, right={**self.right, skill: 0}, wrong={**self.wrong, skill: 0})

    def _unlearn(self, bug: Malrule) -> BuggyStudent:
        count = self.wrong.get(bug.skill, 0) + 1
        if count < self.unlearn_after or bug.skill in self.live_skills:
            return replace(self, wrong={**self.wrong, bug.skill: count})
        zero = {bug.skill: 0}
        return replace(self, bugs=(*self.bugs, bug), right={**self.right, **zero}, wrong={**self.wrong, **zero})

    def _attended(self, lessons: Sequence[Lesson]) -> frozenset[str]:
        """Return the skills of the cues that this student attends to.

        Lessons are read in their order, and each new cue takes one place of ``capacity``. So does a lesson that has
        text but no cue, and a demo above the student's level, whose cues are lost on it.
        """
        attended: list[str] = []
        places = 0
        for lesson in lessons:
            found = cues(lesson.text) if self._can_follow(lesson) else []
            new = [cue for cue in dict.fromkeys(found) if cue not in attended]
            room = len(new) if self.capacity is None else max(0, self.capacity - places)
            attended += new[:room]
            places += len(new) if found else int(bool(lesson.text.strip()))
        return frozenset(attended)

    def _can_follow(self, lesson: Lesson) -> bool:
        return lesson.kind != "demo" or self._has_reached(lesson.data.get("level"))

    def _has_reached(self, level: JsonValue) -> bool:
        return not isinstance(level, int | float) or level <= self.level

    def _slipped(self, answer: str, question: Question, sample: int) -> str:
        rng = Random(digest([self.seed, question.id, sample]))  # noqa: S311 - a sample, not a secret
        places = [index for index, character in enumerate(answer) if character.isdigit()]
        if rng.random() >= self.slip or not places:
            return answer
        place = rng.choice(places)
        digit = int(answer[place])
        # A one may not become a leading zero, nor a denominator of one a zero.
        off = digit + 1 if digit < 2 else 8 if digit == 9 else digit + rng.choice((-1, 1))
        return f"{answer[:place]}{off}{answer[place + 1 :]}"

    def _call(
        self, question: Question, lessons: Sequence[Lesson], sample: int, raw: str, *, begun: Sequence[str]
    ) -> Call:
        read = [[lesson.kind, lesson.text, lesson.data.get("level")] for lesson in lessons]
        key = digest([self.ref, question.model_dump(), read, sample, *([[*begun]] if begun else [])])
        return call_of_question(self.ref, key, question, lessons, begun=begun, reply=raw, sample=sample)


WRITES: Mapping[str, Callable[[BuggyStudent, Mapping[str, JsonValue]], dict[str, JsonValue]]] = MappingProxyType(
    {
        "act_once": lambda student, inputs: self_correction.act_once(student.bugs, inputs),
        "student_correct": lambda student, inputs: self_correction.student_correct(student.bugs, inputs),
        "think_on": lambda student, inputs: self_correction.think_on(student.bugs, inputs),
    }
)
"""What simulated students write besides answers, by purpose."""

_OPTIONS: Mapping[str, tuple[type[int] | type[float], float, float]] = MappingProxyType(
    {
        "capacity": (int, 0, 1_000_000),
        "slip": (float, 0, 1),
        "level": (int, 0, 1_000_000),
        "seed": (int, 0, 2**63),
        "learn_after": (int, 1, 1_000_000),
        "unlearn_after": (int, 1, 1_000_000),
    }
)


def parse_sim(ref: str) -> BuggyStudent:
    """Build the simulated student of a reference: ``sim/two-bugs``, ``sim/add.drops_carry?capacity=1&slip=0.05``.

    The names before ``?`` are profiles or ids of malrules, joined by ``+``; the earlier wins where two would act.

    Raises:
        UnknownName: for a profile, malrule or option that there is not.
        BadSetting: for an option whose value does not fit.
    """
    names, _, query = ref.removeprefix(PREFIX).partition("?")
    ids = dict.fromkeys(known for name in names.split("+") for known in _bugs_of(name))
    options: dict[str, Any] = dict(_option(text) for text in query.split("&")) if query else {}
    return replace(BuggyStudent(bugs=tuple(malrule(known) for known in ids)), **options)


def _dwelt_on(row: TrainingData, item: Item, shown: str) -> list[str]:
    """Return the skills that a right solution cues again after the first time, each as often as it does."""
    text = row.messages[-1].content if isinstance(row, SFTExample) else ""
    answers = split_answer(item, shown)
    correct = split_answer(item, solve(item).answer)
    if answers is None or correct is None or not all(map(same_answer, answers, correct)):
        return []
    cued = cues(text)
    return [skill for skill in skills_of(item) for _ in range(cued.count(skill) - 1)]


def _bugs_of(name: str) -> tuple[str, ...]:
    if name in PROFILES:
        return PROFILES[name]
    known = tuple(rule.id for rule in malrules())
    if name not in known:
        raise UnknownName("simulated student or malrule", name, (*PROFILES, *known))
    return (name,)


def _option(text: str) -> tuple[str, int | float]:
    name, _, value = text.partition("=")
    if name not in _OPTIONS:
        raise UnknownName("option of a simulated student", name, tuple(_OPTIONS))
    kind, low, high = _OPTIONS[name]
    try:
        number = kind(value)
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        whole = "a whole number" if kind is int else "a number"
        raise BadSetting(
            f"The option {name} of a simulated student cannot be {value!r}.",
            remedy=f"Give {whole} from {low} to {high}." if kind is float else f"Give {whole} from {low} on.",
            data={"option": name, "value": value},
        )
    return name, number
