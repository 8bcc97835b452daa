"""Scorers: each grades a free text against a problem's gold and says how it decided.

A scorer's name may carry options, as in ``yes_no?labels=valid,invalid`` or ``number?tolerance=0.01&comma=decimal``.

======================  ====================================================================================
``number``              equal value; ``tolerance`` (relative, for decimals), ``comma=thousands|decimal``
``fraction``            equal value, exactly; tells when it is unreduced; ``comma``
``choice``              an option's label in any usual form, or its text
``yes_no``              yes or no; ``labels=A,B`` for another pair of opposites
``labels``              one word of a fixed set: ``labels=red,green,blue``
``exact``               the same text but for case and white space; ``spaces=ignore``
``exact_case``          the same text, case included; ``spaces=ignore``
``list``                several answers in their order; ``sep=comma|space``
``set``                 several answers in any order; ``sep=comma|space``
``latex``               mathematically equal (extra ``math``); ``timeout`` in seconds
``properties``          a word with properties: ``length``, ``first``, ``last``, ``vowels``
``worked``              an answer to an item that has misconceptions, in any form that has its value
``planted_marks``       what a simulated writer planted, no judgement of real prose: ``quality``, ``least``
``planted_slant``       none of the slanted phrases that a simulated writer plants; no judgement of real prose
======================  ====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.ports import Scorer
from tutorkit.tasks.planted import WIT
from tutorkit.tasks.scorers.base import TextScorer
from tutorkit.tasks.scorers.choices import ChoiceRule, LabelsRule
from tutorkit.tasks.scorers.latex import LatexRule
from tutorkit.tasks.scorers.numbers import Comma, FractionRule, NumberRule
from tutorkit.tasks.scorers.planted import PlantedMarks, PlantedSlant
from tutorkit.tasks.scorers.properties import PropertiesRule, wanted
from tutorkit.tasks.scorers.texts import ExactRule, ItemsRule, Separator
from tutorkit.tasks.scorers.worked import WorkedRule
from tutorkit.types import Grade, Problem

__all__ = ["TaskScorer", "gold_is_accepted", "scorer", "scorer_names"]

_Options = dict[str, str]

_YES = ("yes", "no")
_YES_SYNONYMS = (("true", "yes"), ("false", "no"), ("correct", "yes"), ("incorrect", "no"))


class TaskScorer:
    """Grades each problem with the scorer that the problem names. Scorers are made once and kept."""

    def __init__(self) -> None:
        self._scorers: dict[str, Scorer] = {}

    def grade(self, problem: Problem, raw: str, *, finished: bool = True) -> Grade:
        """Grade what a student said; never raises for an odd answer, which is ``invalid``.

        Raises:
            UnknownName: when the problem names no scorer that exists.
            BadSetting: when its options do not fit.
        """
        known = self._scorers.get(problem.scorer)
        if known is None:
            known = self._scorers[problem.scorer] = scorer(problem.scorer)
        return known.grade(problem, raw, finished=finished)


def scorer(name: str) -> Scorer:
    """Make a scorer from its name and options.

    Raises:
        UnknownName: when there is none of that name.
        BadSetting: when it has no such option, or not with that value.
        MissingExtra: when ``latex`` is asked for and math-verify is not installed.
    """
    base, _, rest = name.partition("?")
    make = _SCORERS.get(base)
    if make is None:
        raise UnknownName("scorer", base, scorer_names())
    options = dict(part.partition("=")[::2] for part in rest.split("&")) if rest else {}
    made = make(options)
    if options:
        raise BadSetting(f"The scorer {base} has no option {', '.join(sorted(options))}.", data={"scorer": name})
    return made


def scorer_names() -> tuple[str, ...]:
    """Return the names of all scorers."""
    return tuple(_SCORERS)


def gold_is_accepted(problem: Problem, *, by: Scorer | None = None) -> bool:
    """Tell whether the problem's own scorer marks its gold right."""
    if problem.gold is None:
        return False
    return (by or scorer(problem.scorer)).grade(problem, problem.gold).outcome == "right"


def _yes_no(options: _Options) -> Scorer:
    labels = _labels(options.pop("labels", ",".join(_YES)))
    if len(labels) != 2:
        raise BadSetting("The scorer yes_no wants two labels, as in labels=valid,invalid.", data={"labels": labels})
    return TextScorer(LabelsRule(labels, _YES_SYNONYMS if labels == _YES else ()))


def _labels_scorer(options: _Options) -> Scorer:
    labels = _labels(options.pop("labels", ""))
    if len(labels) < 2:
        raise BadSetting("The scorer labels wants its words, as in labels=red,green,blue.", data={"labels": labels})
    return TextScorer(LabelsRule(labels))


def _labels(text: str) -> tuple[str, ...]:
    return tuple(label for label in (part.strip() for part in text.split(",")) if label)


def _exact(case: bool) -> Callable[[_Options], Scorer]:
    return lambda options: TextScorer(
        ExactRule(case=case, spaces=cast(Literal["one", "ignore"], _one_of(options, "spaces", ("one", "ignore"))))
    )


def _items(ordered: bool) -> Callable[[_Options], Scorer]:
    return lambda options: TextScorer(
        ItemsRule(ordered=ordered, sep=cast(Separator, _one_of(options, "sep", ("comma", "space"))))
    )


def _comma(options: _Options) -> Comma:
    return cast(Comma, _one_of(options, "comma", ("thousands", "decimal")))


def _one_of(options: _Options, name: str, values: tuple[str, ...]) -> str:
    value = options.pop(name, values[0])
    if value not in values:
        raise BadSetting(f"The scorer option {name} is one of {', '.join(values)}, not {value!r}.", data={name: value})
    return value


def _positive(options: _Options, name: str, default: float) -> float:
    text = options.pop(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise BadSetting(f"The scorer option {name} is a number from 0, not {text!r}.", data={name: text})
    return value


_SCORERS: Mapping[str, Callable[[_Options], Scorer]] = {
    "number": lambda options: TextScorer(
        NumberRule(tolerance=_positive(options, "tolerance", 1e-6), comma=_comma(options))
    ),
    "fraction": lambda options: TextScorer(FractionRule(comma=_comma(options))),
    "choice": lambda options: TextScorer(ChoiceRule()),
    "yes_no": _yes_no,
    "labels": _labels_scorer,
    "exact": _exact(case=False),
    "exact_case": _exact(case=True),
    "list": _items(ordered=True),
    "set": _items(ordered=False),
    "latex": lambda options: TextScorer(LatexRule(timeout=_positive(options, "timeout", 5.0))),
    "properties": lambda options: TextScorer(PropertiesRule(wanted(options))),
    "worked": lambda _: TextScorer(WorkedRule()),
    "planted_marks": lambda options: PlantedMarks(
        quality=options.pop("quality", WIT), least=max(1, int(_positive(options, "least", 1)))
    ),
    "planted_slant": lambda _: PlantedSlant(),
}
