"""Guard 3: the verdict is code's. A wrong answer is not praised, a right one not called wrong."""

from __future__ import annotations

import re

from tutorkit.tutoring.guards.lexicon import lexicon, words, words_at_end, words_at_start
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.seen import Seen, Violation
from tutorkit.tutoring.guards.sentences import sentences, spelled_out

_PRAISE = "It calls the learner's answer right, or praises it, and the answer is wrong. Do not praise the result."
_JUDGES = "It judges an answer, and there is none that could be judged. Say nothing of right or wrong."
_BLAME = "It says that something is wrong, and the learner's answer is right. Find no fault with it."
_ANSWER = re.compile(
    r"\b(?:answer|result|solution|antwort|ergebnis|lösung|resultat)\b(?! (?:will|would|must|should|can))", re.IGNORECASE
)
_STOPS = ".,;:!-"
_PAIRS = re.compile(r"[“„«\"]([^“”„«»\"]{1,400})[”“»\"]")


def praise(text: str, seen: Seen) -> list[Violation]:
    """Object to a text that says of the learner's answer what code did not find.

    Praise of a part, of how something was done, or of the trying is none of the answer.
    """
    read = _without_the_learners(text, seen)
    if seen.verdict == "right":
        return _objection("blame", _BLAME, blamed(read))
    found = praised(read)
    if seen.verdict == "wrong":
        return _objection("praise", _PRAISE, found)
    return _objection("praise", _JUDGES, [each for each in found if _ANSWER.search(each)])


def praised(text: str) -> list[str]:
    """Return the passages that say of an answer, in a text of any form, that it is right."""
    return _claims(text, "praise")


def blamed(text: str) -> list[str]:
    """Return the passages that say of an answer that it is wrong."""
    return _claims(text, "blame")


def _claims(text: str, name: str) -> list[str]:
    read = spelled_out(plain(text))
    signs = re.findall(lexicon("en")[f"{name}_signs"], read)
    return signs + [
        sentence[match.start() : match.end()]
        for sentence in sentences(read)
        for match in words(name).finditer(sentence)
        if not _is_excused(sentence, match.start(), match.end(), name)
    ]


def _is_excused(sentence: str, start: int, end: int, name: str) -> bool:
    before, after = sentence[:start], sentence[end:]
    if words_at_end(f"{name}_excused", after=r"[\s\"'“„(]*").search(before):
        return True
    # "Right now" is no praise; "right, now" is.
    if sentence[end - 1] not in _STOPS and words_at_start(f"{name}_of_part", before=r"\s*").search(after):
        return True
    # A question that asks about it; but "that is right, is it not?" asks for nothing.
    return sentence.endswith("?") and bool(words("asks_whether").search(before))


def _without_the_learners(text: str, seen: Seen) -> str:
    """Take out what is quoted of the learner's own words."""
    said = " ".join(seen.learner_said)
    return _PAIRS.sub(lambda match: " " if match[1].strip() in said else match[0], text)


def _objection(kind: str, what: str, found: list[str]) -> list[Violation]:
    return [Violation.model_validate({"kind": kind, "what": what, "where": found[0][:80]})] if found else []
