"""How a learner's words are judged by rule: no model, no key, the same verdict for the same words.

An answer with a number is right or wrong by its numbers. An answer in words goes by how many of its words were said: a
coarse measure that a paraphrase escapes and that a model, where there is one, is asked to better. ``certain`` tells the
two apart: what is certain here a model cannot overrule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from tutorkit.tutoring.hearing import heard
from tutorkit.tutoring.spock.codes import Evaluation
from tutorkit.tutoring.spock.scaffold import Scaffold, SubProblem

Wish = Literal["hint", "solution", "back", "other"]

_RIGHT, _PARTLY, _AS_EXPECTED = 0.7, 0.3, 0.5
_SHORT: Final = 2
_NUMBER = re.compile(
    r"(?:(?<![\w.)\]])[-−])?(?<![\w.,])(?P<whole>\d+(?:,\d{3})*(?:\.\d+)?)(?:\s?[/⁄]\s?(?P<under>\d+))?(?!\w)"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_BACK = re.compile(
    r"(?:^|\b(?:(?:can|could|may|shall) (?:we|i)|let(?:'s| us)|want to|like to|please)\b.{0,12}?)\s*go(?:ing)? back\b|"
    r"\b(?:previous|earlier|last) (?:question|step|part|subproblem)\b|\bthe step before\b",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"\b(?:(?:tell|give|show) (?:me |us )?(?:just )?(?:the |an )?(?:answer|solution|result)|"
    r"(?:what(?:'s| is) the|the) (?:answer|solution)\s*\??\s*(?:please)?$|just tell me|solve it for me|i give up)",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|no|never|none|cannot|without)\b|n't\b", re.IGNORECASE)
_ASKS = re.compile(r"\?\s*$|^\s*(?:what|why|how|when|where|who|which|can|could|do|does|is|are|should)\b", re.IGNORECASE)
_UNSURE = re.compile(r"\d\s*(?:or|oder)\s+(?:maybe\s+|perhaps\s+|is it\s+)?\d", re.IGNORECASE)
_REASON = re.compile(r"\b(?:because|since)\b", re.IGNORECASE)
_STOP: Final = frozenset(
    _WORD.findall(
        "a an the and or but of to in on at by for with from as is are was were be been being it its this that these "
        "those there here we i you he she they them his her their our your my me us do does did done has have had will "
        "would can could should may might must so then than if because since which who what when where why how all any "
        "each some no not very just also only about again more most such own same too like "
        "know think want get got make made go goes say said take see look let please thing things much many"
    )
)
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "edly", "ed", "s", "ly")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The verdict on a learner's words.

    ``complete`` is for a right answer, ``wish`` for a request. ``certain`` tells that the verdict goes by numbers or
    by a plain request, and not by likeness of words.
    """

    evaluation: Evaluation
    complete: bool = False
    wish: Wish | None = None
    certain: bool = False


def judged(text: str, subproblem: SubProblem, scaffold: Scaffold, *, done: bool = False) -> Judged:
    """Judge what a learner says to a subproblem.

    Args:
        text: the learner's words.
        subproblem: the one at hand.
        scaffold: what it is part of.
        done: whether all subproblems are finished, so that there is nothing left to judge but a wish to go back.
    """
    if _BACK.search(text):
        return Judged(evaluation="f", wish="back", certain=True)
    if done or not text.strip():
        return Judged(evaluation="g" if done else "d", certain=True)
    answer = heard(text).answer
    if wish := _wish(text) if answer is None else None:
        return Judged(evaluation="f", wish=wish, certain=True)
    wanted = answer_numbers(subproblem.answer)
    found = _by_numbers(text, answer, subproblem, scaffold) if wanted else _by_words(text, subproblem)
    if found is not None:
        return found
    if _ASKS.search(text):
        on_topic = bool(content_words(text) & _vocabulary(subproblem, scaffold))
        return Judged(evaluation="f", wish="other") if on_topic else Judged(evaluation="e")
    return _without_answer(text, subproblem, scaffold, wrong="d" if wanted else "a")


def _wish(text: str) -> Wish | None:
    if _SOLUTION.search(text):
        return "solution"
    return "hint" if heard(text).asks_help else None


def answer_numbers(answer: str) -> tuple[Fraction, ...]:
    """Return the numbers that an answer consists of: after its last equals sign, if it has one."""
    return tuple(dict.fromkeys(numbers(answer.rpartition("=")[2])))


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that carry meaning, without their endings."""
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in words if word not in _STOP and len(word) > 1)


def _by_numbers(text: str, answer: str | None, subproblem: SubProblem, scaffold: Scaffold) -> Judged | None:
    """Judge by the numbers that were said; None when the text holds none that could be an answer."""
    said, wanted = numbers(text), answer_numbers(subproblem.answer)
    if not said:
        return None
    if _UNSURE.search(text):
        return Judged(evaluation="d", certain=True)
    if len(wanted) > 1:
        hit = len(set(wanted) & set(said))
        evaluation: Evaluation = "b" if hit == len(wanted) else "c" if hit else "a"
        return Judged(evaluation=evaluation, complete=evaluation == "b", certain=True)
    stated = numbers(answer or "")
    # Numbers that were only quoted, or that stand in the reasons, are no answer while there are others.
    quoted = numbers(f"{scaffold.problem} {subproblem.question}")
    fresh = [value for value in numbers(_REASON.split(text)[0]) or said if value not in quoted]
    last = stated[0] if len(stated) == 1 else (fresh or said)[-1]
    right = last == wanted[0]
    if answer is None and not right and (not fresh or _ASKS.search(text)):
        return None
    if _NOT.search(text) and len(said) == 1:
        return Judged(evaluation="d")
    return Judged(evaluation="b" if right else "a", complete=right, certain=True)


def _by_words(text: str, subproblem: SubProblem) -> Judged | None:
    """Judge by likeness to the answer and to the expected wrong one; None when it is like neither."""
    said, wanted = content_words(text), content_words(subproblem.answer)
    known = content_words(subproblem.question)
    covered = _share(wanted - known or wanted, said)
    expected = content_words(subproblem.incorrect) - wanted
    mistaken = _share(expected - known or expected, said)
    denies, should = bool(_NOT.search(text)), bool(_NOT.search(subproblem.answer))
    turned = (covered >= _PARTLY and denies and not should) or (covered >= _RIGHT and should and not denies)
    if turned or (mistaken >= _AS_EXPECTED and mistaken > covered):
        return Judged(evaluation="a")
    if covered >= _RIGHT:
        return Judged(evaluation="b", complete=True)
    return Judged(evaluation="c") if covered >= _PARTLY else None


def _share(wanted: frozenset[str], said: frozenset[str]) -> float:
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _without_answer(text: str, subproblem: SubProblem, scaffold: Scaffold, *, wrong: Evaluation) -> Judged:
    """Judge words in which no answer was found: short ones ask for more, others are off the topic or on it."""
    words = _WORD.findall(text)
    if len(words) <= _SHORT:
        return Judged(evaluation="d")
    on_topic = content_words(text) & _vocabulary(subproblem, scaffold)
    return Judged(evaluation=wrong if on_topic else "e")


def _vocabulary(subproblem: SubProblem, scaffold: Scaffold) -> frozenset[str]:
    texts = (scaffold.problem, scaffold.solution, *scaffold.facts, *subproblem.model_dump().values())
    return frozenset[str]().union(*(content_words(text) for text in texts))


def numbers(text: str) -> list[Fraction]:
    """Return the numbers of a text in order, fractions among them."""
    found = []
    for match in _NUMBER.finditer(text):
        value = Fraction(match["whole"].replace(",", ""))
        under = int(match["under"] or 1)
        if under:
            found.append((-value if match[0].startswith(("-", "−")) else value) / under)
    return found


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if word.endswith("sses"):
        return word.removesuffix("es")
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 3), "")
    return word if word.endswith("ss") else word.removesuffix(ending).removesuffix("e")
