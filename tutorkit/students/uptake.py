"""What a tutor's act is worth to a learner: how much of a misconception it may take away, if it is aimed at that one.

A misconception of strength s becomes s · (1 − η · q): η is the learner's compliance, q the worth of the act. The worths
are a design of ours and no measurement. They order help as the literature does: being shown that one's own way leads to
something false beats being told where the error is, and being told the answer teaches next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from tutorkit.errors import DataError
from tutorkit.misconceptions import Item, Malrule, WorkStep, malrule, parts_of, solve
from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.students.trying import Tried, is_right
from tutorkit.types import TutorAct, TutorMove

WORTH: Mapping[TutorMove, float] = MappingProxyType(
    {
        "generic": 0.0,
        "confirm": 0.0,
        "close": 0.0,
        "orient": 0.0,
        "elicit": 0.05,
        "focus": 0.25,
        "concept": 0.3,
        "contrast": 0.6,
        "name_step": 0.35,
        "analogy": 0.4,
        "next_step": 0.2,
        "solution": 0.05,
    }
)
"""The worth of each move, when it is aimed at what the learner really does; see ``worth``."""

CONTRADICTION: Final = 0.15
"""The worth of ``elicit`` where the learner's own account comes to something that it can see to be false."""

PRAISE: Final = 0.1
"""By how much a misconception grows when what it led to is praised."""

_WORDS = re.compile(r"[a-z]+")
_NUMBERS = re.compile(r"\d+")
_FEW = 4
_DULL = frozenset(
    _WORDS.findall(
        "a an and are as at be before but by can do each for from have how if in into is it its of on only one or "
        "other out so than that the them then there they this to two was what when where which with write you your"
    )
)


def worth(act: TutorAct, tried: Tried, *, text: str) -> float:
    """Return how much an act is worth to a learner whose wrong try it answers, in [0, 1].

    Aimed at something else than what the learner does, an act is worth nothing. A counter-example counts when the
    learner's own way comes to a false result on the item that is shown, which any check of that result brings out; a
    worked example when the item is one on which the learner would go wrong. Where an act does not say what it is aimed
    at, its wording decides.

    Args:
        act: what the tutor does.
        tried: the learner's wrong try.
        text: how the tutor words it.
    """
    if tried.cause == "slip":
        return WORTH[act.move]
    if act.move == "elicit":
        return CONTRADICTION if is_glaring(tried) else WORTH["elicit"]
    if act.move == "contrast":
        return WORTH["contrast"] if refutes(act, tried) else 0.0
    if act.move == "analogy" and act.item is not None and tried.acting is not None:
        return WORTH["analogy"] if _fails_on(malrule(tried.acting), act.item) else 0.0
    if act.move in ("focus", "concept", "name_step", "analogy"):
        return WORTH[act.move] if is_on_target(act, tried, text=text) else 0.0
    return WORTH[act.move]


def refutes(act: TutorAct, tried: Tried) -> bool:
    """Tell whether an act shows an item on which the learner's own misconception comes to a false result.

    Where the act names another misconception, the learner knows its own way again only if both come to the same there.
    """
    if tried.acting is None or act.item is None or not _fails_on(malrule(tried.acting), act.item):
        return False
    if act.misconception_id in (None, tried.acting):
        return True
    shown = malrule(str(act.misconception_id)).run(act.item).answer
    return shown == malrule(tried.acting).run(act.item).answer


def is_glaring(tried: Tried) -> bool:
    """Tell whether an answer is so far off that a learner who looks at it sees that it cannot be.

    It has the wrong sign, or is twice the right one or more, or half of it or less.
    """
    wrong, right = _number(tried.answer or ""), _number(solve(tried.item).answer)
    if wrong is None or right is None or wrong == right:
        return False
    return right == 0 or not Fraction(1, 2) < wrong / right < 2


def is_on_target(act: TutorAct, tried: Tried, *, text: str) -> bool:
    """Tell whether an act is aimed at what the learner really does or lacks."""
    skills = skills_at_fault(tried)
    if act.misconception_id is None and act.skill is None and act.step is None:
        return mentions(text, tried)
    if act.misconception_id is not None and act.misconception_id == tried.acting:
        return True
    if act.skill in skills:
        return True
    return (
        act.step is not None
        and tried.first_wrong is not None
        and tried.steps[act.step : act.step + 1] == (tried.first_wrong,)
    )


def skills_at_fault(tried: Tried) -> tuple[str, ...]:
    """Return the skills whose lack a wrong try shows: the misconception's, or those for want of which it guessed."""
    return tried.missing if tried.acting is None else (malrule(tried.acting).skill,)


def mentions(text: str, tried: Tried) -> bool:
    """Tell whether a text speaks of the place of the learner's error, or of the skill behind it."""
    wrong = tried.first_wrong
    if wrong is not None and _names_line(text, wrong, problem=" ".join(part.text for part in parts_of(tried.item))):
        return True
    return skill_in(text, item=tried.item) in skills_at_fault(tried)


def skill_in(text: str, *, item: Item) -> str | None:
    """Return the skill that a text speaks of, of the domains of an item; None when it speaks of none.

    The text shares at least four words with the skill's principle that say something, and with no other more.
    """
    said, domains = content_words(text), {part.domain for part in parts_of(item)}
    counted = {
        skill.id: len(said & content_words(f"{skill.title} {skill.principle}"))
        for domain in DOMAINS
        if domain.id in domains
        for skill in domain.skills
    }
    best = max(counted, key=lambda skill: counted[skill])
    return best if counted[best] >= _FEW else None


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that say something."""
    return frozenset(_WORDS.findall(text.lower())) - _DULL


def _names_line(text: str, line: WorkStep, *, problem: str) -> bool:
    """Tell whether a text names the place of a line, or two of its numbers, not both of which stand in the problem."""
    place, _, rest = line.text.partition(":")
    if rest and len(place.split()) <= 2 and re.search(rf"\b{re.escape(place)}\b", text, re.IGNORECASE):
        return True
    named = set(_NUMBERS.findall(line.text)) & set(_NUMBERS.findall(text))
    return len(named) >= 2 and bool(named - set(_NUMBERS.findall(problem)))


def _fails_on(rule: Malrule, item: Item) -> bool:
    try:
        return not is_right(item, rule.run(item).answer)
    except DataError:
        return False


def _number(answer: str) -> Fraction | None:
    text = answer.replace("−", "-")
    if not re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6}|/0*[1-9]\d{0,11})?", text):
        return None
    return Fraction(text)
