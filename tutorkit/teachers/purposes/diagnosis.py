"""What diagnosis asks of a teacher: a hypothesis about the procedure behind a pupil's wrong answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.errors import DataError
from tutorkit.misconceptions import (
    Item,
    ItemAnswer,
    Malrule,
    beliefs_of,
    malrule,
    observe,
    perform,
    read_text,
)
from tutorkit.teachers.experts.base import Seen
from tutorkit.teachers.purposes.base import Inputs, Purpose, all_seen

NOTHING: dict[str, JsonValue] = {
    "title": "No procedure found",
    "procedure_in_words": "No procedure that is known explains these answers.",
    "predicts": [],
    "rule": "",
}


class _AnswerSeen(Seen):
    """An answer of the pupil, as it stands in the inputs."""

    item: str
    answer: str
    steps: tuple[str, ...] = ()


def _hypothesis(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Name the malrules that the answers make most probable, and run them on the items to be predicted."""
    asked = inputs["asked"] if isinstance(inputs["asked"], list) else []
    items = {str(text): item for text in asked if (item := _item(str(text))) is not None}
    rules = _likeliest(all_seen(_AnswerSeen, inputs["answers"]), {str(item["domain"]) for item in items.values()})
    if not rules:
        return {**NOTHING}
    procedures = [rule.procedure for rule in rules]
    predicts: list[JsonValue] = [
        {"item": text, "answer": perform(item, procedures).answer} for text, item in items.items()
    ]
    words = " ".join(f"{rule.title}; this shows where {rule.impasse}." for rule in rules)
    return {"title": rules[0].title, "procedure_in_words": words, "predicts": predicts, "rule": ""}


def _likeliest(seen: list[_AnswerSeen], domains: set[str]) -> list[Malrule]:
    """Return the likeliest malrules of these domains, or of any; none where right work or no known procedure is."""
    answers = [
        ItemAnswer(item=dict(item), answer=each.answer, steps=each.steps)
        for each in seen
        if (item := _item(each.item)) is not None
    ]
    observed, _ = observe(answers)
    best: tuple[float, tuple[str, ...]] = 0.0, ()
    for domain in dict.fromkeys(each.part.domain for each in observed):
        beliefs = beliefs_of(domain, [each for each in observed if each.part.domain == domain])
        likely = max(beliefs, key=lambda hypothesis: beliefs[hypothesis])
        if likely.rules and domains <= {domain}:
            best = max(best, (beliefs[likely], likely.rules))
    return [malrule(name) for name in best[1]]


def _item(text: str) -> Item | None:
    try:
        return read_text(text)
    except DataError:
        return None


PURPOSES: Mapping[str, Purpose] = MappingProxyType({"hypothesis": Purpose(do=_hypothesis)})
