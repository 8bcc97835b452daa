"""What is known of an experiment before it is executed: how far it is, what is recorded, how often the student errs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tutorkit.methods._nodes.evaluate import UNTAUGHT
from tutorkit.models import CacheMode, Entry, Provider, ReplyCache, cache_key
from tutorkit.store import Answered, Store, StoreSink, answers_of_run, asked_in_run
from tutorkit.students.model import ModelStudent
from tutorkit.types import Problem, Run, Split

_MISTAKES = ("wrong", "invalid")
_CUT_SHORT = ("length", "refusal", "content_filter")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What the run of an arm has behind it.

    ``teacher`` counts what the teacher answered; ``untaught`` are the test problems that the student answered untaught,
    ``others`` counts its other answers. ``practised`` counts those of the first practice, ``wrong`` its mistakes there.
    """

    begun: bool
    finished: bool
    teacher: int
    untaught: frozenset[str]
    others: int
    practised: int
    wrong: int


def done_by(run_id: str, *, practice: Split, store: Store) -> Done:
    """See how far a run is, whose student practises on the problems of this split."""
    found = StoreSink(store).find(Run, id=run_id)
    answers = answers_of_run(store, run_id=run_id)
    untaught = frozenset(answer.problem_id for answer in answers if answer.phase == UNTAUGHT)
    practised = [answer for answer in answers if answer.phase == f"{practice}-0"]
    return Done(
        begun=bool(found),
        finished=bool(found) and found[0].status == "finished",
        teacher=asked_in_run(store, run_id=run_id, role="teacher"),
        untaught=untaught,
        others=len(answers) - len(untaught),
        practised=len(practised),
        wrong=sum(answer.outcome in _MISTAKES for answer in practised),
    )


def wrong_share(answers: Iterable[Answered]) -> tuple[float | None, int]:
    """Return the share of mistakes among untaught answers, the last one to each problem, and of how many problems."""
    last = {answer.problem_id: answer.outcome for answer in answers if not answer.taught}
    if not last:
        return None, 0
    return sum(outcome in _MISTAKES for outcome in last.values()) / len(last), len(last)


def untaught_keys(student: ModelStudent, problems: Sequence[Problem], provider: Provider) -> dict[str, str]:
    """Return the cache key of the request by which each problem is asked untaught, by the problem's id."""
    keys: dict[str, str] = {}
    for problem in problems:
        request, _ = student.request(problem.question(), ())
        body = provider.body(request)
        keys[problem.id] = cache_key(
            provider=provider.name, base_url=provider.base_url, body=body, sample=request.sample
        )
    return keys


def recorded(keys: Mapping[str, str], *, cache: ReplyCache, mode: CacheMode, run_id: str) -> set[str]:
    """Return the ids whose requests the cache will answer in a run."""
    found = {name: cache.get(key) for name, key in keys.items()} if mode != "live" else {}
    return {name for name, entry in found.items() if entry is not None and _is_served(entry, mode, run_id)}


def _is_served(entry: Entry, mode: CacheMode, run_id: str) -> bool:
    """Tell what the gateway would: a reply that was cut short is an answer for its own run and for a replay only."""
    if mode == "replay" or entry.paid_by == run_id:
        return True
    return mode == "cache" and entry.finish not in _CUT_SHORT
