"""A problem taken apart for tutoring: its subproblems in order, each with a hint and an expected wrong answer."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator

from tutorkit.canonical import stable_id
from tutorkit.errors import BadRow, DataNotFound, DuplicateId, EmptyData, UnknownName
from tutorkit.types import Record


class SubProblem(Record):
    """One step towards the solution.

    ``incorrect`` is a wrong answer that learners give, ``feedback`` what is said to it; neither they nor the hint hold
    the answer.
    """

    question: str = Field(min_length=1, max_length=400)
    answer: str = Field(min_length=1, max_length=300)
    hint: str = Field(min_length=1, max_length=400)
    incorrect: str = Field(min_length=1, max_length=300)
    feedback: str = Field(min_length=1, max_length=400)


class Scaffold(Record):
    """A problem with its subproblems, the facts that it takes, and its solution."""

    id: str = ""
    title: str = ""
    problem: str = Field(min_length=1, max_length=1_500)
    subproblems: tuple[SubProblem, ...] = Field(min_length=1, max_length=12)
    facts: tuple[str, ...] = Field(default=(), max_length=30)
    solution: str = Field(min_length=1, max_length=1_500)

    @field_validator("subproblems")
    @classmethod
    def _different(cls, subproblems: tuple[SubProblem, ...]) -> tuple[SubProblem, ...]:
        questions = [each.question for each in subproblems]
        if len(set(questions)) < len(questions):
            raise ValueError("two subproblems ask the same question")
        return subproblems

    def named(self) -> Scaffold:
        """Return the scaffold under an id: its own, or one made of what it holds."""
        made = stable_id("scaffold", self.problem, [each.question for each in self.subproblems])
        return self if self.id else self.model_copy(update={"id": made})


def read_scaffolds(path: Path) -> tuple[Scaffold, ...]:
    """Read a YAML file that is a list of scaffolds.

    Raises:
        DataNotFound: when there is no such file.
        EmptyData: when it holds none.
        BadRow: when it is no YAML or some do not fit, with the numbers of all of those.
        DuplicateId: when two have one id.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    return parse_scaffolds(path.read_text(encoding="utf-8"), name=str(path))


def parse_scaffolds(text: str, *, name: str) -> tuple[Scaffold, ...]:
    """Read scaffolds out of YAML text; raises as ``read_scaffolds`` does."""
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadRow(f"{name} is no YAML: {error}.", data={"path": name, "rows": []}) from error
    if not isinstance(entries, list) or not entries:
        raise EmptyData(f"{name} holds no list of scaffolds.", remedy="Give at least one.", data={"path": name})
    scaffolds, faults = [], {}
    for number, entry in enumerate(entries, start=1):
        try:
            scaffolds.append(Scaffold.model_validate(entry).named())
        except ValidationError as error:
            faults[number] = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    if faults:
        told = "; ".join(f"scaffold {number}: {what}" for number, what in faults.items())
        raise BadRow(f"{name}: {told}.", data={"path": name, "rows": list(faults)})
    ids = [scaffold.id for scaffold in scaffolds]
    twice = [number for number, known in enumerate(ids, start=1) if ids.index(known) != number - 1]
    if twice:
        raise DuplicateId(
            f"{name}: two scaffolds have one id: {', '.join(ids[number - 1] for number in twice)}.",
            remedy="Give each scaffold an id of its own, or leave it out and ids will be made.",
            data={"path": name, "rows": twice},
        )
    return tuple(scaffolds)


@cache
def shipped_scaffolds() -> tuple[Scaffold, ...]:
    """Return the scaffolds that come with tutorkit: arithmetic, and one of biology."""
    file = resources.files("tutorkit.tutoring.spock").joinpath("data", "scaffolds.yaml")
    return parse_scaffolds(file.read_text(encoding="utf-8"), name="scaffolds.yaml")


def shipped_scaffold(scaffold_id: str) -> Scaffold:
    """Return a shipped scaffold.

    Raises:
        UnknownName: when there is none of that id.
    """
    found = {scaffold.id: scaffold for scaffold in shipped_scaffolds()}
    if scaffold_id not in found:
        raise UnknownName("scaffold", scaffold_id, tuple(found))
    return found[scaffold_id]
