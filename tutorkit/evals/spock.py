"""How far a tutor's SPOCK turns agree with reference turns: evaluation, action and state, the first turn left out.

Source: the evaluation in the authors' public code (Tutorbot-Spock). There the F1 is the mean over all labels but the
first in alphabetical order, which is the empty one of malformed replies, where there are such, and else a real label.
Both figures are given: ``macro_f1`` over the real labels, and ``published_f1`` to compare with theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tutorkit.errors import BadSetting
from tutorkit.evals.labels import LabelReport, label_report
from tutorkit.tutoring.spock import SpockCodes, SpockDialogue, read_codes
from tutorkit.types import Record

CODES = ("evaluation", "action", "state")


class SpockAgreement(Record):
    """The agreement for each of the three codes, and the share of malformed replies."""

    turns: int
    malformed: int
    codes: Mapping[str, LabelReport]
    published_f1: Mapping[str, float]


def spock_agreement(dialogues: Sequence[SpockDialogue], replies: Sequence[Mapping[int, str]]) -> SpockAgreement:
    """Compare a tutor's replies with the reference turns.

    Args:
        dialogues: the references.
        replies: for each, what the tutor wrote in place of the turn of a round, by the round's number from 0. Round 0,
            in which there is nothing to judge, is left out; a round without a reply counts as malformed.

    Raises:
        BadSetting: when there are not as many replies as dialogues.
        EmptyData: when there is nothing to compare.
    """
    if len(dialogues) != len(replies):
        raise BadSetting(
            f"There are {len(dialogues)} dialogues and {len(replies)} sets of replies.",
            data={"dialogues": len(dialogues), "replies": len(replies)},
        )
    pairs = [
        (spoken.turn.codes, read_codes(said.get(index, "")))
        for dialogue, said in zip(dialogues, replies, strict=True)
        for index, spoken in enumerate(dialogue.rounds)
        if index > 0
    ]
    return SpockAgreement(
        turns=len(pairs),
        malformed=sum(given is None for _, given in pairs),
        codes={name: label_report([_code(ref, name) for ref, _ in pairs], _given(pairs, name)) for name in CODES},
        published_f1={name: _published([_code(ref, name) for ref, _ in pairs], _given(pairs, name)) for name in CODES},
    )


def _given(pairs: Sequence[tuple[SpockCodes, SpockCodes | None]], name: str) -> list[str | None]:
    return [None if given is None else _code(given, name) for _, given in pairs]


def _code(codes: SpockCodes, name: str) -> str:
    return str(getattr(codes, name))


def _published(reference: Sequence[str], given: Sequence[str | None]) -> float:
    report = label_report(reference, [label or "" for label in given])
    rest = report.labels[1:]
    return sum(each.f1 for each in rest) / len(rest) if rest else 0.0
