"""Whether a text gives away what the learner is still to find."""

from __future__ import annotations

from collections.abc import Iterable

from tutorkit.tutoring.spock.judging import answer_numbers, content_words, numbers
from tutorkit.tutoring.spock.scaffold import Scaffold, SubProblem

_LIKE = 0.6


def gives_away(text: str, subproblem: SubProblem, *, known: Iterable[str]) -> bool:
    """Tell whether a text holds a subproblem's answer: all of its numbers, or most of its words.

    Numbers and words that the learner has before it already give nothing away; so an answer that only chooses between
    things that the question names is not protected.

    Args:
        text: what the tutor says.
        subproblem: what is not to be given away.
        known: texts whose numbers and words the learner has before it already: the problem, the questions that were
            put, what the learner said itself.
    """
    before = " ".join(known)
    if wanted := answer_numbers(subproblem.answer):
        hidden = set(wanted) - set(numbers(before))
        return bool(hidden) and hidden <= set(numbers(text))
    hidden_words = content_words(subproblem.answer) - content_words(before)
    return len(hidden_words & content_words(text)) >= max(1, _LIKE * len(hidden_words)) if hidden_words else False


def scaffold_faults(scaffold: Scaffold) -> tuple[str, ...]:
    """Return what is wrong with a scaffold that has the right form, in words that its author understands."""
    faults = []
    for number, each in enumerate(scaffold.subproblems, start=1):
        known = (scaffold.problem, *(other.question for other in scaffold.subproblems[:number]))
        for name, text in (("hint", each.hint), ("feedback", each.feedback)):
            if gives_away(text, each, known=known):
                faults.append(f"the {name} of subproblem {number} holds its answer")
        right = answer_numbers(each.answer)
        if each.incorrect.strip().casefold() == each.answer.strip().casefold() or (
            right and right == answer_numbers(each.incorrect)
        ):
            faults.append(f"the incorrect answer of subproblem {number} is right")
    last = set(answer_numbers(scaffold.subproblems[-1].answer))
    if not last <= set(numbers(scaffold.solution)):
        faults.append("the solution lacks the answer of the last subproblem")
    return tuple(faults)
