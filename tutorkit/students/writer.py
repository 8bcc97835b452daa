"""A simulated writer: it writes texts with planted qualities, judges them with a taste of its own, and learns.

For methods that learn from comparisons of texts. All that counts in its texts can be read by a program
(``tasks.planted``), so theory knows what must come out. Nothing about it tells how real models write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import BadSetting, UnknownName
from tutorkit.ports import Answer, Ask, Reply, SchemaT, TrainingData
from tutorkit.students.records import call_of, call_of_ask, shown
from tutorkit.students.tags import cues
from tutorkit.tasks.planted import FAIRNESS, SLANTS, WIT, WORST, marked, sentences, slant_score, slants
from tutorkit.tasks.writing import MOST_WIT, PEOPLES, compose_portrait, compose_remark
from tutorkit.types import Lesson, PreferencePair, Question, SFTExample

PREFIX = "sim/writer"
DISLIKED = PEOPLES[:2]
"""The peoples that a slanted writer is slanted against; of the others it writes as anybody does."""

IMITATES_TO = 2
"""By imitation alone it gets no wittier than this, whatever it is shown: the rest takes comparisons."""

NOT_UNDERSTOOD = "I do not know how to do this."

_SHORTEST, _LONGEST = 4, 6
_MOST_SLANT, _MOST_LONGER = 3, 12
_ALIKE = (0.8, 1.2)
_TASTE_PER_PAIR, _FULL_TASTE = 5, 100
_NOISE = 8.0
_LEAST_RATING, _BEST_RATING = 1.0, 10.0
_ADMITS: Mapping[str, float] = MappingProxyType({"own": 1 / 3, "another_model": 2 / 3, "competing_model": 1.0})


@dataclass(frozen=True, kw_only=True)
class SimulatedWriter:
    """Writes texts of a planted wit, length and slant.

    Args:
        wit: marks of wit in a text, 0 to 4; below 4 a sample may have one more or less.
        longer: sentences beyond the usual four to six.
        taste: how far its ratings follow what is planted, in percent; the rest is noise.
        slant: slanted phrases in a text about a people that it dislikes; 0 to 3. Any makes it answer by its dislike.
        concedes: slanted phrases that it takes out in one revision, the worst first.
        defensive: 1 when it admits less of a text that it is told to be its own, or another model's.
        learn_after: so many pairs, or examples, in one direction move what it does by one. With the default a dozen
            pairs teach it all, however they were chosen; with 6 it shows which choice of pairs teaches more.
        learnt: rows that it was trained on; with them its draws change, as a trained model's do.
        seed: of its draws.
    """

    wit: int = 1
    longer: int = 0
    taste: int = 40
    slant: int = 0
    concedes: int = 1
    defensive: int = 0
    learn_after: int = 2
    learnt: int = 0
    seed: int = 0

    @property
    def ref(self) -> str:
        """The name by which this writer is built again: its options, where they are off their default."""
        plain = SimulatedWriter()
        options = [f"{name}={getattr(self, name)}" for name in _MOST if getattr(self, name) != getattr(plain, name)]
        return PREFIX + ("?" + "&".join(options) if options else "")

    @property
    def live_skills(self) -> tuple[str, ...]:
        """What this writer lacks, in alphabetical order."""
        return (FAIRNESS,) * bool(self.slant) + (WIT,) * (self.wit < MOST_WIT)

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Write what is asked for; of lessons it reads the tags ``[[skill:wit]]`` and ``[[skill:fairness]]``."""
        return self._answer(question, lessons, begun=(), sample=sample)

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Go on from given sentences with as many as it would have written after them."""
        return self._answer(question, lessons, begun=begun, sample=sample)

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Rate a text, find the bias in one, revise one, or score the bias of several.

        Raises:
            UnknownName: for anything else.
        """
        if ask.purpose not in _WRITES:
            raise UnknownName("purpose of a simulated writer", ask.purpose, tuple(_WRITES))
        value = ask.schema.model_validate(_WRITES[ask.purpose](self, ask.inputs))
        return Reply(value=value, calls=(call_of_ask(self.ref, ask, value.model_dump_json()),))

    async def trained(self, rows: Sequence[TrainingData], *, folder: Path) -> SimulatedWriter:
        """Return the writer that has learnt from examples first, and from pairs then.

        An example that is wittier than its own texts draws it up to ``IMITATES_TO``. A pair moves wit, slant and length
        towards the chosen text, and taste towards whoever chose; texts of about one length teach no length.
        """
        examples = [row.messages[-1].content for row in rows if isinstance(row, SFTExample)]
        pairs = [(row.chosen, row.rejected) for row in rows if isinstance(row, PreferencePair)]
        imitated = self.wit + self._steps(_sign(marked(text, WIT) - self.wit) for text in examples)
        start = min(imitated, max(self.wit, IMITATES_TO))
        wits = [_sign(marked(chosen, WIT) - marked(rejected, WIT)) for chosen, rejected in pairs]
        fairer = [_sign(slant_score(rejected) - slant_score(chosen)) for chosen, rejected in pairs]
        return replace(
            self,
            wit=_within(start + self._steps(wits), MOST_WIT),
            longer=_within(self.longer + self._steps(_length_taught(*pair) for pair in pairs), _MOST_LONGER),
            taste=_within(self.taste + _TASTE_PER_PAIR * sum(wits), _FULL_TASTE),
            slant=_within(self.slant - self._steps(fairer), _MOST_SLANT),
            learnt=self.learnt + len(rows),
        )

    def rating(self, text: str) -> float:
        """Return how good it finds a text, from 1 to 10: what is planted, blurred as its taste says."""
        blur = _NOISE * (1 - self.taste / _FULL_TASTE)
        drawn = Random(digest([self.seed, "rating", text])).uniform(-blur, blur)  # noqa: S311 (no secret)
        found = _LEAST_RATING + (_BEST_RATING - _LEAST_RATING) * marked(text, WIT) / MOST_WIT + drawn
        return round(min(_BEST_RATING, max(_LEAST_RATING, found)), 3)

    def _answer(self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int) -> Answer:
        said = self._cued(lessons)._written(question, sample)[len(begun) :]
        key = digest([self.ref, question.model_dump(), [lesson.text for lesson in lessons], sample, [*begun]])
        call = call_of(
            self.ref,
            key,
            purpose="go_on" if begun else "answer",
            prompt_id="student/sim",
            prompt_digest=digest([self.ref, "student/sim"]),
            messages=shown(lessons, " ".join((question.as_text(), *begun))),
            reply=" ".join(said),
            about=(question.id,),
            sample=sample,
        )
        return Answer(raw=" ".join(said), steps=said, calls=(call,))

    def _steps(self, evidence: Iterable[int]) -> int:
        total = sum(evidence)
        return _sign(total) * (abs(total) // self.learn_after)

    def _cued(self, lessons: Sequence[Lesson]) -> SimulatedWriter:
        cued = cues(" ".join(lesson.text for lesson in lessons))
        return replace(self, wit=MOST_WIT if WIT in cued else self.wit, slant=0 if FAIRNESS in cued else self.slant)

    def _written(self, question: Question, sample: int) -> tuple[str, ...]:
        item = question.item or {}
        rng = Random(digest([self.seed, self.learnt, question.id, sample]))  # noqa: S311 (no secret)
        length = rng.randint(_SHORTEST, _LONGEST) + self.longer
        if item.get("domain") == "writing":
            wit = self.wit if self.wit == MOST_WIT else _within(self.wit + rng.choice((-1, 0, 1)), MOST_WIT)
            return compose_remark(str(item["subject"]), wit=wit, length=length, rng=rng)
        if item.get("domain") == "groups" and "people" in item:
            people = str(item["people"])
            slanted = rng.sample(tuple(SLANTS), self.slant if people in DISLIKED else 0)
            return compose_portrait(people, slanted=slanted, length=length, rng=rng)
        if item.get("domain") == "groups":
            return (f"Answer: {self._suspect(item)}",)
        return (NOT_UNDERSTOOD,)

    def _suspect(self, item: Mapping[str, JsonValue]) -> str:
        """Name the one of a disliked people where there is exactly one and it is slanted; else go by what is told."""
        persons, told = item["persons"], item["told"]
        seen = persons if isinstance(persons, list) else []
        disliked = [place for place, people in enumerate(seen) if people in DISLIKED]
        if self.slant and len(disliked) == 1:
            return "AB"[disliked[0]]
        return "AB"[told] if isinstance(told, int) else "C"


_MOST: Mapping[str, int] = MappingProxyType(
    {
        "wit": MOST_WIT,
        "longer": _MOST_LONGER,
        "taste": _FULL_TASTE,
        "slant": _MOST_SLANT,
        "concedes": len(SLANTS),
        "defensive": 1,
        "learn_after": 1_000_000,
        "learnt": 2**63,
        "seed": 2**63,
    }
)


def is_writer(ref: str) -> bool:
    """Tell whether a name means a simulated writer."""
    return ref.partition("?")[0] == PREFIX


def parse_writer(ref: str) -> SimulatedWriter:
    """Build the writer of a reference: ``sim/writer``, ``sim/writer?wit=2&taste=60``.

    Raises:
        UnknownName: for an option that there is not.
        BadSetting: for an option whose value does not fit.
    """
    _, _, query = ref.partition("?")
    return replace(SimulatedWriter(), **dict(_option(text) for text in query.split("&")) if query else {})


def _option(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if name not in _MOST:
        raise UnknownName("option of a simulated writer", name, tuple(_MOST))
    least = 1 if name == "learn_after" else 0
    if not re.fullmatch(r"\d{1,19}", value) or not least <= int(value) <= _MOST[name]:
        raise BadSetting(
            f"The option {name} of a simulated writer cannot be {value!r}.",
            remedy=f"Give a whole number from {least} to {_MOST[name]}.",
            data={"option": name, "value": value},
        )
    return name, int(value)


def _rate(writer: SimulatedWriter, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {"reason": "", "score": writer.rating(str(inputs["text"]))}


def _find_bias(writer: SimulatedWriter, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    found = slants(str(inputs["text"]))
    share = _ADMITS[str(inputs["framing"])] if writer.defensive else 1.0
    return {
        "biases": [
            {"evidence": slant.phrase, "group": "", "kind": "generalisation", "severity": slant.severity}
            for slant in found[: round(share * len(found))]
        ]
    }


def _revise(writer: SimulatedWriter, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    found = inputs["biases"] if isinstance(inputs["biases"], list) else []
    named = [bias for bias in found if isinstance(bias, dict)]
    worst = sorted(named, key=lambda bias: -float(str(bias["severity"])))
    conceded = [str(bias["evidence"]) for bias in worst[: writer.concedes]]
    kept = [said for said in sentences(str(inputs["text"])) if not any(passage in said for passage in conceded)]
    return {"revised_text": " ".join(kept), "conceded": [*conceded]}


def _score_bias(_writer: SimulatedWriter, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    versions = inputs["versions"] if isinstance(inputs["versions"], list) else []
    return {"reason": "", "bias_scores": [min(WORST, slant_score(str(version))) for version in versions]}


_WRITES: Mapping[str, Callable[[SimulatedWriter, Mapping[str, JsonValue]], dict[str, JsonValue]]] = MappingProxyType(
    {"rate_text": _rate, "find_bias": _find_bias, "revise_text": _revise, "score_bias": _score_bias}
)


def _length_taught(chosen: str, rejected: str) -> int:
    ratio = len(chosen.split()) / max(1, len(rejected.split()))
    return 0 if _ALIKE[0] <= ratio <= _ALIKE[1] else _sign(ratio - 1)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _within(value: int, most: int) -> int:
    return max(0, min(most, value))
