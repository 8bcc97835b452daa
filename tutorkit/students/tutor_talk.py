"""What a tutor's utterance is to a learner that is a program: its act where the turn has one, else its words by rule.

The rules are for tutors that are models or people and speak freely. They are coarse, and err towards "nothing much was
said": a learner that finds help where there is none would make every tutor look good. They read English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tutorkit.errors import DataError
from tutorkit.misconceptions import Item, malrule, parts_of, same_answer, solve
from tutorkit.misconceptions.reading import read_text, unified
from tutorkit.students.trying import Tried
from tutorkit.students.uptake import mentions, skill_in
from tutorkit.types import Turn, TutorAct, TutorMove

_VALUE = r"[-−]?(?:\d+(?:[.,/:]\d+)*(?:[a-z](?:\^\d)?)?|[a-z]\b)"
_EQUALS = re.compile(rf"=\s*({_VALUE})", re.IGNORECASE)
_ASSERTED = re.compile(
    rf"(?:\b(?:is|equals|get|gets|gives|makes|be)\b|\banswers?\b\W{{0,3}}|\bcomes? to\b)\s*:?\s*({_VALUE})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.?!]*(?:\.(?=\d)[^.?!]*)*[.?!]*")
_PRAISE = re.compile(
    r"\b(?:correct|that(?:'s| is) right|you(?:'re| are) right|is right|exactly|well done|great job|good job|perfect|"
    r"spot on|you got it|nailed it)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|isn't|wasn't|aren't|doesn't|don't|didn't|never|incorrect|wrong|almost|nearly|if|whether|would be|how|"
    r"except|until|mistake|error)\b",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b(?:wrong|mistake|error|incorrect|(?:not|isn't) (?:quite )?(?:right|correct)|slipped)\b",
    re.IGNORECASE,
)
_ELICIT = re.compile(
    r"\b(?:explain|walk me through|how did you|how do you know|why did you|what did you do|show me how|tell me how|"
    r"tell me what you|step by step|your steps|your working|your thinking)\b",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    r"\b(?:bye|goodbye|see you|we stop here|that is all for today|that's all for today)\b", re.IGNORECASE
)
_RUN = re.compile(r"\d+ ?% (?:of|off) \d+|[-\d(x](?:[-+*/^=%()\dx ]|\.(?=\d))*\d\)*")
_EQUATION = re.compile(r"\d[-+*/.\d]*=-?\d+(?:[./]\d+)?")


@dataclass(frozen=True)
class Heard:
    """What reached the learner: the act, and whether the problem's answer was given away."""

    act: TutorAct
    told: bool


def understood(turn: Turn, tried: Tried) -> Heard:
    """Take a tutor's turn as the learner does that has made this try.

    The answer counts as told when the act is to tell it, and when the words assert it, whatever the act is.
    """
    act = turn.act if turn.act is not None else _read(turn.text, tried)
    return Heard(act, told=act.move == "solution" or tells(turn.text, tried))


def tells(text: str, tried: Tried) -> bool:
    """Tell whether a text asserts the right answer, which the learner has not given and the problem does not hold.

    After an equals sign it counts anywhere; in words it does not where the sentence is a question.
    """
    if tried.right or tried.cause == "lost":
        return False
    right = solve(tried.item).answer
    stated = {number for part in parts_of(tried.item) for number in re.findall(_VALUE, part.text)}
    if right in stated:
        return False
    if "," in right or re.search(r"[a-z]", right):
        return right.replace(" ", "") in unified(text).replace(" ", "")
    stated_in_words = " ".join(sentence for sentence in _sentences(text) if not sentence.rstrip().endswith("?"))
    asserted = [*_EQUALS.findall(text), *_ASSERTED.findall(stated_in_words)]
    return any(same_answer(value.replace("−", "-"), right) for value in asserted)


def praises(text: str) -> bool:
    """Tell whether a text calls the answer right: it has a sentence that says so, denies nothing and asks nothing."""
    return any(
        _PRAISE.search(sentence) and not _DENIAL.search(sentence) and not sentence.rstrip().endswith("?")
        for sentence in _sentences(text)
    )


def shown_item(text: str, tried: Tried) -> Item | None:
    """Return the first item in a text that is of the problem's domains and not the problem itself."""
    domains = {part.domain for part in parts_of(tried.item)}
    own = [part.model_dump() for part in parts_of(tried.item)]
    found = (item for item in _items(text) if item["domain"] in domains)
    return next((item for item in found if parts_of(item)[0].model_dump() not in own), None)


def _read(text: str, tried: Tried) -> TutorAct:
    move, item, skill = _move_in(text, tried)
    verdict = "right" if praises(text) else "wrong" if _FAULT.search(text) else None
    return TutorAct(move=move, rung=0, skill=skill, item=None if item is None else dict(item), verdict=verdict)


def _move_in(text: str, tried: Tried) -> tuple[TutorMove, Item | None, str | None]:
    """Return the move of a text, the item that it shows, and the skill that it speaks of."""
    if tried.cause == "lost":
        return "close" if _CLOSE.search(text) else "generic", None, None
    if tells(text, tried):
        return "solution", None, None
    item, skill = shown_item(text, tried), skill_in(text, item=tried.item)
    if _gives_step(text, tried):
        return "next_step", None, skill
    if item is not None and (move := _shown_as(item, text, tried)):
        return move, item, skill
    tests: tuple[tuple[TutorMove, Callable[[], bool]], ...] = (
        ("name_step", lambda: bool(_FAULT.search(text)) and mentions(text, tried)),
        ("concept", lambda: skill is not None),
        ("focus", lambda: "?" in text and mentions(text, tried)),
        ("confirm", lambda: praises(text)),
        ("elicit", lambda: bool(_ELICIT.search(text))),
        ("close", lambda: bool(_CLOSE.search(text))),
    )
    return next((move for move, holds in tests if holds()), "generic"), None, skill


def _shown_as(item: Item, text: str, tried: Tried) -> TutorMove | None:
    """Tell what another item is shown for: to see one's own way fail, or to see it worked out."""
    if tried.acting is not None and _stands_in(malrule(tried.acting).run(item).answer, text):
        return "contrast"
    return "analogy" if _stands_in(solve(item).answer, text) else None


def _gives_step(text: str, tried: Tried) -> bool:
    """Tell whether a text gives an equation of the right working that is not in the learner's own."""
    right, own, said = (
        {equation for line in lines for equation in _EQUATION.findall(unified(line).replace(" ", ""))}
        for lines in ([step.text for step in solve(tried.item).steps[:-1]], [s.text for s in tried.steps], [text])
    )
    return bool((right - own) & said)


def _stands_in(answer: str, text: str) -> bool:
    return any(same_answer(value.replace("−", "-"), answer) for value in re.findall(_VALUE, text))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]


def _items(text: str) -> Iterator[Item]:
    """Yield what can be read as an item of any domain, each run of numbers and signs with and without its result."""
    for run in _RUN.findall(unified(text)):
        for written in dict.fromkeys((run, run.partition("=")[0])):
            try:
                yield read_text(written)
            except DataError:
                continue
