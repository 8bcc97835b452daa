"""Guard 2: what is written as an equation is true."""

from __future__ import annotations

import re
from fractions import Fraction

from tutorkit.misconceptions import malrule
from tutorkit.tutoring.guards.algebra import expression
from tutorkit.tutoring.guards.expressions import Equation, calculations
from tutorkit.tutoring.guards.lexicon import words, words_at_end, words_at_start
from tutorkit.tutoring.guards.mentions import forms_in
from tutorkit.tutoring.guards.plain import plain
from tutorkit.tutoring.guards.praise import praised
from tutorkit.tutoring.guards.protected import read_answer
from tutorkit.tutoring.guards.seen import Seen, Violation, passage
from tutorkit.tutoring.guards.sentences import spelled_out

_FALSE = (
    "It holds an equation that is false. Write true equations only; a false one of the learner's may be quoted as the "
    "learner's, and must be put in question."
)
_SENTENCE_END = re.compile(r"[.!?][\"'”“)]*(?=\s|$)|\n")
_CONNECTIVES = re.compile(
    r"^(?:\W|so|now|then|but|and|well|ok|okay|hm+|also|nun|dann|aber|und|doch|denn|or|oder)+\b", re.I
)
_TAG = re.compile(
    r"[,;-]\s*(?:right|correct|ok|okay|yes|is not it|is it not|does not it|oder|nicht wahr|ja|stimmt's|gell)\s*\?", re.I
)
_SIDES = re.compile(r"([^=.!?\n]{1,80})=(?=([^=.!?,;\n]{1,80}))")
_PIECE = r"(?:\d+(?:\.\d+)?|(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])|[-+×*/÷^()\s])+"
_TAIL, _HEAD = re.compile(rf"{_PIECE}$"), re.compile(_PIECE)
_CLOSING = r"[\s\"'”“),]*"
_AROUND = 60


def false_equations(text: str, seen: Seen) -> list[Violation]:
    """Object to a false equation, of numbers or, where the answer is an expression, of expressions.

    It may stand in three cases: quoted as the learner's own (or as what the learner's way comes to) and not approved
    of, plainly denied, or asked about.
    """
    read = calculations(text)
    claims = _claims(seen)
    for equation in read.equations:
        if equation.is_false and not _may_stand(read.text, equation, claims):
            where = passage(read.text, equation.left.start, equation.right.end, around=0)
            return [Violation(kind="false_equation", what=_FALSE, where=where)]
    if seen.problem.gold and read_answer(seen.problem.gold).kind == "expression":
        place = _false_identity(plain(text), plain(" ".join((seen.problem.text, *seen.learner_said))))
        if place is not None:
            return [Violation(kind="false_equation", what=_FALSE, where=place)]
    return []


def _claims(seen: Seen) -> frozenset[Fraction]:
    """Return the numbers that the learner has written, or that its way comes to on the item that is shown."""
    said = {value for text in seen.learner_said for value, _ in forms_in(text)}
    if seen.act.item is not None and seen.act.misconception_id is not None:
        work = malrule(seen.act.misconception_id).run(seen.act.item)
        said |= {value for step in work.steps for value, _ in forms_in(step.text)}
        said |= {value for value, _ in forms_in(work.answer)}
    return frozenset(said)


def _may_stand(text: str, equation: Equation, claims: frozenset[Fraction]) -> bool:
    start, end = equation.left.start, equation.right.end
    begin, stop = _sentence(text, start, end)
    before, after = spelled_out(text[begin:start]), spelled_out(text[end:stop])
    if words_at_end("doubts_before", after=r"[\s:\"'“„(,]*").search(before[-_AROUND:]):
        return True
    if words_at_start("doubts_after", before=_CLOSING).search(after[:_AROUND]):
        return True
    theirs = bool((equation.right.values | equation.left.values) & claims)
    if after.rstrip("\"'”“) ").endswith("?") and not _TAG.search(after):
        return theirs or _asks(before)
    following = text[stop : _sentence(text, stop + 1, stop + 1)[1]]
    quoted = bool(words("quotes").search(f"{before} ... {after}"))
    return theirs and quoted and not praised(text[begin:stop]) and not praised(following)


def _asks(before: str) -> bool:
    return bool(words_at_start("asks_whether").search(_CONNECTIVES.sub("", before.strip()).strip()))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence around a place begins and ends."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    begin = max((at for at in ends if at <= start), default=0)
    stop = min((at for at in ends if at > end - 1), default=len(text))
    return begin, max(stop, end)


def _false_identity(text: str, known: str) -> str | None:
    """Find two expressions in the same variable that are said to be equal and are not."""
    for match in _SIDES.finditer(text):
        tail, head = _TAIL.search(match[1]), _HEAD.match(match[2])
        left, right = (expression(found[0].strip()) if found else None for found in (tail, head))
        if left is None or right is None or head is None or left.values == right.values:
            continue
        if not left.variables or left.variables != right.variables:
            continue
        before = text[max(0, match.start() - _AROUND) : match.end()]
        after = spelled_out(text[match.end() + head.end() :][:_AROUND])
        theirs = f"{left.text}={right.text}" in known.replace(" ", "")
        if not (theirs and words("quotes").search(before)) and not _is_doubted(after):
            return f"{left.text} = {right.text}"
    return None


def _is_doubted(after: str) -> bool:
    return after.lstrip().startswith("?") or bool(words_at_start("doubts_after", before=_CLOSING).search(after))
