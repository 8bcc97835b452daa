"""The codes of a SPOCK turn: how the learner's words are judged, what the tutor does, and where the problem stands.

The letters and numbers are those of Sonkar et al. (arXiv:2305.13272). Each action belongs to one evaluation.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutorkit.types import Record

Evaluation: TypeAlias = Literal["a", "b", "c", "d", "e", "f", "g"]
Action: TypeAlias = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
State: TypeAlias = Literal["w", "x", "y", "z"]

ALLOWED: Mapping[Evaluation, tuple[Action, ...]] = MappingProxyType(
    {
        "a": ("1", "2"),
        "b": ("3",),
        "c": ("4", "5"),
        "d": ("6",),
        "e": ("7",),
        "f": ("8", "9", "10", "11"),
        "g": ("12",),
    }
)
"""Which actions go with an evaluation."""

GIVING: Final[tuple[Action, ...]] = ("2", "5", "9")
"""The actions that give the subproblem's solution and so finish it."""

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "a": "wrong",
        "b": "right",
        "c": "partly right",
        "d": "unclear or too short",
        "e": "off the topic",
        "f": "a request",
        "g": "nothing to judge",
        "1": "say that it is wrong, say where, and hint",
        "2": "give the solution after several failed tries",
        "3": "confirm, and see whether it is complete",
        "4": "take up what is right, say what is not, and hint",
        "5": "give the solution after several failed tries",
        "6": "ask for clarification",
        "7": "lead back to the subproblem",
        "8": "give a hint, as asked",
        "9": "give the solution, as asked, and go on",
        "10": "go back to the subproblem before, as asked",
        "11": "answer what else was asked",
        "12": "nothing",
        "w": "no subproblem yet",
        "x": "a subproblem is being solved",
        "y": "a subproblem is finished, on to the next",
        "z": "all subproblems are finished",
    }
)
"""What each code means, for those who look at a decision."""

_NONE: Mapping[str, str] = MappingProxyType({"evaluation": "g", "action": "12", "state": "w"})
_PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "Thoughts of Tutorbot": "thoughts",
        "Evaluation of Student Response": "evaluation",
        "Action Based on Evaluation": "action",
        "Subproblem State": "state",
        "Subproblem": "subproblem",
        "Tutorbot": "tutorbot",
    }
)


class SpockCodes(Record):
    """The three codes of one turn. Action and evaluation need not fit: what a model says is kept as it said it."""

    evaluation: Evaluation
    action: Action
    state: State

    @property
    def pair_allowed(self) -> bool:
        """Whether the action belongs to the evaluation."""
        return self.action in ALLOWED[self.evaluation]


class SpockTurn(BaseModel):
    """A turn as a model writes it. Its ``thoughts`` are for educators and never for the learner.

    Codes that stand for nothing (``N/A``, empty, null) are read as ``g``, ``12`` and ``w``; an action may come as a
    number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    thoughts: str = Field(default="", max_length=2_000)
    evaluation: Evaluation
    action: Action
    state: State
    subproblem: str = Field(default="", max_length=600)
    tutorbot: str = Field(min_length=1, max_length=1_500)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_a_code_too(cls, values: object) -> object:
        return _normalised(values) if isinstance(values, Mapping) else values

    @model_validator(mode="after")
    def _fits(self) -> SpockTurn:
        if not self.codes.pair_allowed:
            fitting = " or ".join(ALLOWED[self.evaluation])
            raise ValueError(f"the evaluation {self.evaluation} goes with the action {fitting}, not {self.action}")
        return self

    @property
    def codes(self) -> SpockCodes:
        """The three codes."""
        return SpockCodes(evaluation=self.evaluation, action=self.action, state=self.state)

    def as_target(self) -> str:
        """Return the turn as a model is to learn it: JSON, codes in front, without the thoughts."""
        return json.dumps(self.model_dump(exclude={"thoughts"}), ensure_ascii=False)


def read_turn(text: str) -> SpockTurn | None:
    """Read a turn out of what a model wrote; None when it is malformed or its codes do not fit together.

    Both our field names and the published ones are read, as JSON or as a Python literal, in which the published data
    is.
    """
    for value in _parsed(text):
        try:
            return SpockTurn.model_validate(value)
        except ValidationError:
            continue
    return None


def read_codes(text: str) -> SpockCodes | None:
    """Read the codes alone, whether or not they fit together; None where one is missing, or what the learner reads."""
    for value in _parsed(text):
        if not isinstance(value, Mapping):
            continue
        read = _normalised(value)
        if isinstance(read.get("tutorbot"), str):
            try:
                return SpockCodes.model_validate({name: read.get(name) for name in _NONE})
            except ValidationError:
                continue
    return None


def _parsed(text: str) -> Iterator[object]:
    for read in (json.loads, ast.literal_eval):
        try:
            yield read(text.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue


def _normalised(values: Mapping[Any, object]) -> dict[str, object]:
    read = {_PUBLISHED.get(str(name), str(name)): value for name, value in values.items()}
    for name, code in _NONE.items():
        if name in read:
            said = "" if read[name] is None else str(read[name]).strip()
            read[name] = code if said.casefold() in ("", "n/a", "na", "none") else said
    if read.get("subproblem") is None:
        read.pop("subproblem", None)
    return read
