"""Guard 7: the tutor passes for no person, and nothing of what it was told, or of its templates, is seen."""

from __future__ import annotations

import re

from tutorkit.tutoring.guards.lexicon import words, words_at_end
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.seen import Seen, Violation, passage
from tutorkit.tutoring.guards.sentences import spelled_out, without_quotations

_HUMAN = "It passes the tutor off as a person. The tutor is a program, and says so if it is asked."
_ARTEFACT = (
    "It holds something that is not meant for the learner: markup, a placeholder, instructions. Write plain words."
)
_EMPTY = "It says nothing. Write what the tutor says to the learner."

_ARTEFACTS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\{\{|\}\}|\{%|%\}|<\|[a-z_]{2,30}\|>|<<SYS>>|\[/?INST\]|###\s?(?:system|user|instruction|response)", re.I),
        (r"(?<![\\\w^_{}])\{[a-z_]{3,30}\}", 0),
        (
            r"</?(?:data|system|user|assistant|think(?:ing)?|answer|script|style|iframe|svg|img|details|div|span|font|instructions?)\b[^>]{0,200}>",
            re.I,
        ),
        (r"<!--|-->|<a\s+href|javascript:", re.I),
        (r"^\s*(?:\[?(?:system|assistant|tutor|teacher|bot|ai)\]?)\s*:\s", re.I | re.M),
        (r"^\s*\[(?:system|user)\]\s*$", re.I | re.M),
        (r"^\s*\{\s*\"\w+\"\s*:|^\s*```json", re.M),
        (r"\bas an? (?:ai|artificial intelligence)(?: language)? model\b", re.I),
        (
            r"\b(?:system ?prompt|my (?:instructions|prompt|guidelines)|(?:the|my) (?:hidden|secret) (?:instruction"
            r"|answer)s?|for you alone|i (?:was|am|have been) (?:told|instructed) (?:not )?to"
            r"|ignore (?:all |any )?(?:previous|prior|above) instructions|meine (?:anweisungen|vorgaben))\b",
            re.I,
        ),
        (r"\b(?:rung|move|reveals|verdict)\s*[:=]\s*\w|\bmisconception_id\b|\b(?:name_step|next_step)\b", re.I),
        ("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]", 0),
    )
)
_JOINER = re.compile("(?<=[\\w])\u200d(?=[\\w])")


def persona(text: str, seen: Seen) -> list[Violation]:
    """Object to claims to be human, to traces of prompts and templates, to invisible characters, and to silence."""
    if not re.search(r"\w", text):
        return [Violation(kind="artefact", what=_EMPTY)]
    found: list[Violation] = []
    if (place := claims_to_be_human(without_quotations(text, *seen.learner_said))) is not None:
        found.append(Violation(kind="human", what=_HUMAN, where=place))
    for pattern in (*_ARTEFACTS, _JOINER):
        match = pattern.search(text)
        if match is not None and match[0] not in seen.problem.text:
            found.append(Violation(kind="artefact", what=_ARTEFACT, where=passage(text, match.start(), match.end())))
            break
    return found


def claims_to_be_human(text: str) -> str | None:
    """Return the passage in which a text says in the first person that its author is human, or None."""
    read = spelled_out(plain(text))
    for match in words("human").finditer(read):
        if not words_at_end("human_excused", after=r"\s*").search(read[: match.start()]):
            return match[0]
    return None
