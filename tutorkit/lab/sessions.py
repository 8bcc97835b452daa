"""What conversations there are, and what one may be about."""

from __future__ import annotations

import json
from random import Random
from secrets import randbits

from tutorkit.errors import BadSetting
from tutorkit.evals.tournament import TournamentReport
from tutorkit.lab.assigning import Assigning
from tutorkit.lab.plan import Limits
from tutorkit.lab.tutor_evaluating import TutorContest, compare_tutors
from tutorkit.lab.tutoring import METHOD
from tutorkit.misconceptions import drawn_item, read_text
from tutorkit.store import StoreSink
from tutorkit.tasks.items import item_problem
from tutorkit.tutoring.session import is_closed, is_taken_over, owes_reply
from tutorkit.types import Dialogue, Problem, Record, Run


class SessionLine(Record):
    """One conversation in a list. ``state`` is ``open``, ``owed`` (a reply is due), ``taken over`` or ``closed``."""

    id: str
    learner: str
    problem: str
    turns: int
    state: str


class Sessions(Assigning):
    """The part of a laboratory that knows its tutoring conversations."""

    def sessions(self, *, learner: str | None = None) -> list[SessionLine]:
        """List the conversations, the oldest first: all, or one learner's."""
        sink = StoreSink(self.store)
        wanted = {"method": METHOD} if learner is None else {"method": METHOD, "student": learner}
        ids = [run.id for run in sink.find(Run, **wanted)]
        dialogues = sink.get_all(Dialogue, ids, missing_ok=True)
        problems = {each.id: each for each in sink.get_all(Problem, [d.problem_id for d in dialogues])}
        return [
            SessionLine(
                id=each.id,
                learner=each.student,
                problem=problems[each.problem_id].text,
                turns=len(each.turns),
                state=_state(each),
            )
            for each in dialogues
        ]

    def compare_tutors(self, contest: TutorContest, *, limits: Limits | None = None) -> TournamentReport:
        """Let tutors teach the pupils of a simulated class, and report; see ``tutor_evaluating``.

        Raises:
            UnknownName: for a tutor or domain that there is not.
            BadSetting: when nobody in the class holds a misconception.
            ModelError, UnusableOutput, BudgetExhausted: when a model tutors and failed. What it had said is kept.
        """
        return compare_tutors(contest, home=self, limits=limits or Limits())

    def problem_for(self, text: str | None, *, domain: str | None = None, seed: int | None = None) -> Problem:
        """Return the problem that a text stands for, or one drawn from a domain.

        Args:
            text: ``52 - 18``, ``1/2 + 1/3``, ``20% of 80``, … or an item as JSON; None draws one.
            domain: from which it is drawn; ``sub`` by default.
            seed: which one is drawn; another each time when left out.

        Raises:
            DataError: when the text is no item of a known domain.
            UnknownName: when there is no such domain.
            BadSetting: when both a text and a domain are given.
        """
        if text is not None and domain is not None:
            raise BadSetting("Both a problem and a domain were given.", remedy="Give one of the two.")
        if text is None:
            return item_problem(drawn_item(domain or "sub", Random(randbits(63) if seed is None else seed)))  # noqa: S311
        return item_problem(json.loads(text) if text.lstrip().startswith("{") else read_text(text))


def _state(dialogue: Dialogue) -> str:
    if is_closed(dialogue):
        return "closed"
    if is_taken_over(dialogue):
        return "taken over"
    return "owed" if owes_reply(dialogue) else "open"
