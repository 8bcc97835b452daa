"""The one way in which a free text becomes a grade; the scorers differ only in how they read and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol

from tutorkit.tasks.scorers.answers import Ambiguous, Found, Reading, Span, ValueT, marked_spans
from tutorkit.types import Grade, Outcome, Problem


@dataclass(frozen=True)
class Verdict:
    """What came of comparing an answer with the gold; ``outcome`` is ``unfinished`` when the comparison itself was."""

    outcome: Outcome
    note: str


class Rule(Protocol[ValueT]):
    """What a scorer knows about its kind of answer."""

    def read(self, problem: Problem, text: str) -> Found[ValueT]:
        """Read an answer from a text that should hold nothing else: a gold, or what follows a marker."""
        ...

    def search(self, problem: Problem, raw: str) -> Found[ValueT]:
        """Read the answer from a text without a marker."""
        ...

    def compare(self, gold: Reading[ValueT], answer: Reading[ValueT]) -> Verdict:
        """Say whether the answer is as good as the gold, and by what."""
        ...


@dataclass(frozen=True)
class TextScorer(Generic[ValueT]):
    """Grades free text by one rule: the last marked answer counts, else the rule's own last find."""

    rule: Rule[ValueT]

    def grade(self, problem: Problem, raw: str, *, finished: bool = True) -> Grade:
        """Grade what a student said; never raises for an odd answer, which is ``invalid``.

        Args:
            problem: with its gold, without which the grade is ``invalid``.
            raw: the whole text.
            finished: False when the student was cut off. Then nothing but a marked answer counts, and one that
                stands at the very end counts only if it is right: more might have followed.
        """
        gold = self._gold(problem)
        if isinstance(gold, str):
            return _unread("invalid", gold)
        spans = list(marked_spans(raw))
        span, found = self._marked(problem, spans)
        if found is None:
            if not finished:
                return _unread("unfinished", "cut off before an answer was marked")
            # A marked answer that cannot be read is not made good by what was said before it.
            rest = raw[spans[0].start :] if spans else raw
            found = self.rule.search(problem, rest) if rest.strip() else None
        if found is None:
            return _unread("invalid", "what is marked as the answer cannot be read" if spans else "no answer was found")
        if isinstance(found, Ambiguous):
            return _unread("invalid", f"{_where(span)}: {found.why}")
        verdict = self.rule.compare(gold, found)
        outcome = verdict.outcome
        if outcome == "wrong" and not finished and span is not None and not span.closed:
            outcome = "unfinished"
        how = "; ".join(part for part in (_where(span), found.note, verdict.note) if part)
        return Grade(outcome=outcome, score=float(outcome == "right"), normalised=found.shown, how=how)

    def _gold(self, problem: Problem) -> Reading[ValueT] | str:
        if problem.gold is None:
            return "the problem has no gold answer"
        gold = self.rule.read(problem, problem.gold)
        return gold if isinstance(gold, Reading) else "the gold answer cannot be read by its scorer"

    def _marked(self, problem: Problem, spans: list[Span]) -> tuple[Span | None, Found[ValueT]]:
        for span in spans:
            found = self.rule.read(problem, span.text)
            if found is not None:
                return span, found
        return None, None


def verdict(same: bool, note: str) -> Verdict:
    """Make a verdict of a plain comparison."""
    return Verdict("right" if same else "wrong", note)


def _where(span: Span | None) -> str:
    return f"after {span.marker!r}" if span else "no marker, so the last find"


def _unread(outcome: Outcome, how: str) -> Grade:
    return Grade(outcome=outcome, score=0.0, normalised=None, how=how)
