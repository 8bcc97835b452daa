"""What each role takes in one arm of an experiment: requests, calls, tokens and money, as ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tutorkit.lab.arms import Arm
from tutorkit.lab.estimates.counting import (
    other_calls,
    practice_requests,
    teacher_requests,
    untaught_calls,
    wrong_answers,
)
from tutorkit.lab.estimates.estimate import NOTHING, CallSize, EstimateLine, Number, Origin, Span, exactly
from tutorkit.lab.estimates.known import Done, recorded
from tutorkit.lab.estimates.scene import Scene
from tutorkit.lab.estimates.sizes import any_of
from tutorkit.lab.participants import is_offline
from tutorkit.methods.registry import read_params
from tutorkit.types import Role


class _Group(NamedTuple):
    """Requests of one kind: how many, how many of them are calls, and the tokens of each."""

    requests: Span
    calls: Span
    tokens_in: Span
    tokens_out: Span


def arm_lines(scene: Scene, arm: Arm, done: Done, *, shared: bool) -> list[EstimateLine]:
    """Return the lines of teacher and student for what is left of an arm.

    Args:
        scene: the experiment.
        arm: the arm.
        done: how far its run is.
        shared: whether an arm before it is still to be executed: its replies will be recorded by then.
    """
    if done.finished:
        return [_line(scene, arm, role, done, who=who, groups=()) for role, who in _roles(scene, arm)]
    (_, teacher), (_, student) = _roles(scene, arm)
    return [
        _line(scene, arm, "teacher", done, who=teacher, groups=(_teacher_group(scene, arm, done, shared=shared),)),
        _student_line(scene, arm, done, who=student, shared=shared),
    ]


def _roles(scene: Scene, arm: Arm) -> tuple[tuple[Role, str], tuple[Role, str]]:
    """Name who is asked: a control that spoils a model teacher's evidence asks, and pays, that model."""
    plan = scene.plan
    paid = arm.asks_teacher and not is_offline(plan.teacher)
    return ("teacher", plan.teacher if paid else arm.teacher(scene.kit).ref), ("student", plan.student)


def _teacher_group(scene: Scene, arm: Arm, done: Done, *, shared: bool) -> _Group:
    method, plan = scene.experiment.method, scene.plan
    params = read_params(method, {**plan.params, **arm.params})
    wrong = wrong_answers(practice=scene.practice, done=done, share=scene.share)
    most = plan.allowance.teacher.calls
    requests = teacher_requests(method, params, sizes=scene.problems, wrong=wrong, done=done, most=most)
    if is_offline(plan.teacher) or not arm.asks_teacher:
        return _Group(requests, requests, NOTHING, NOTHING)
    may = shared or scene.may_be_recorded(plan.teacher)
    calls = other_calls(requests, mode=scene.mode, may_be_recorded=may)
    return _Group(requests, calls, *any_of(scene.teacher_sizes, expected_calls=calls.expected))


def _student_line(scene: Scene, arm: Arm, done: Done, *, who: str, shared: bool) -> EstimateLine:
    method = scene.experiment.method
    params = read_params(method, {**scene.plan.params, **arm.params})
    test = [problem.id for problem in scene.experiment.task.split("test")]
    left = [name for name in test if name not in done.untaught]
    others = practice_requests(
        method,
        params,
        sizes=scene.problems,
        wrong=wrong_answers(practice=scene.practice, done=done, share=scene.share),
        done=done,
        teaches=arm.asks_teacher,
        most=scene.plan.allowance.student.calls,
    )
    if scene.student is None:
        groups = [_Group(each, each, NOTHING, NOTHING) for each in (exactly(len(left)), others)]
        return _line(scene, arm, "student", done, who=who, groups=groups)
    run_id = scene.experiment.run_id(arm)
    keys = {name: scene.keys[name] for name in left}
    known = recorded(keys, cache=scene.cache, mode=scene.mode, run_id=run_id)
    untaught = untaught_calls(keys, recorded=known, mode=scene.mode, shared=shared)
    may = shared or scene.may_be_recorded(who)
    practice = other_calls(others, mode=scene.mode, may_be_recorded=may, twins=scene.twins)
    groups = [
        _Group(requests, calls, size.tokens_in, size.tokens_out)
        for requests, calls, size in zip(
            (exactly(len(left)), others), (untaught, practice), scene.student_sizes, strict=True
        )
    ]
    return _line(scene, arm, "student", done, who=who, groups=groups, recorded=len(known))


def _line(
    scene: Scene,
    arm: Arm,
    role: Role,
    done: Done,
    *,
    who: str,
    groups: Sequence[_Group],
    recorded: int = 0,
) -> EstimateLine:
    calls = sum((group.calls for group in groups), start=NOTHING)
    tokens_in = sum((group.calls.times(group.tokens_in) for group in groups), start=NOTHING).whole()
    tokens_out = sum((group.calls.times(group.tokens_out) for group in groups), start=NOTHING).whole()
    paid = calls.high != 0 and not is_offline(who)
    usd = _usd(scene, who, tokens_in, tokens_out) if paid else NOTHING
    return EstimateLine(
        arm=arm.name,
        role=role,
        who=who,
        state="finished" if done.finished else "begun" if done.begun else "new",
        sizes=_origin([size for size in scene.sizes if size.who == who and size.role == role]),
        requests=sum((group.requests for group in groups), start=NOTHING),
        recorded=recorded,
        calls=calls,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=usd,
        known_usd=0.0 if usd is None else float(usd.low),
    )


def _usd(scene: Scene, model: str, tokens_in: Span, tokens_out: Span) -> Span | None:
    def cost(sent: Number | None, said: Number | None) -> float | None:
        if sent is None or said is None:
            return None
        return scene.prices.cost(model, tokens_in=int(sent), tokens_out=int(said), batch=scene.batch)

    low = cost(tokens_in.low, tokens_out.low)
    if low is None:
        return None
    expected, high = cost(tokens_in.expected, tokens_out.expected), cost(tokens_in.high, tokens_out.high)
    return Span(low=low, expected=expected, high=high)


def _origin(sizes: Sequence[CallSize]) -> Origin:
    measured = sum(size.n > 0 for size in sizes)
    if not sizes:
        return "free"
    return "measured" if measured == len(sizes) else "partly measured" if measured else "estimated"
