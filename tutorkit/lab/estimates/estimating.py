"""Estimate what an experiment will take before anything is paid: calls, tokens and money, by role and arm.

Nothing is called and nothing is written. The counts follow from the method's cost formula; of what the student will get
wrong, of sizes and of recorded replies the estimate takes what the store and the cache know, and says what it took.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutorkit.errors import MissingKey, UnknownPrice
from tutorkit.lab.estimates.arm_lines import arm_lines
from tutorkit.lab.estimates.counting import wrong_answers
from tutorkit.lab.estimates.estimate import EstimateLine, EstimateReport, Figures, LimitCheck, total_of
from tutorkit.lab.estimates.known import done_by
from tutorkit.lab.estimates.scene import Scene, open_scene, provider_of
from tutorkit.lab.estimates.sizes import CHARACTERS_PER_TOKEN
from tutorkit.lab.gateways import budget_for
from tutorkit.lab.plan import Limits, Plan
from tutorkit.lab.pricing import price_note
from tutorkit.lab.teaching import Experiment
from tutorkit.methods.registry import read_params
from tutorkit.models.structured import RE_ASKS
from tutorkit.settings import Settings
from tutorkit.types import Role, Split

_SPLITS: tuple[Split, ...] = ("train", "probe", "val", "test")
_ROLES: tuple[Role, ...] = ("teacher", "student", "judge")


def estimate(plan: Plan, *, limits: Limits, settings: Settings, batch: bool = False) -> EstimateReport:
    """Say what a plan will take, or what is left of it when it was begun.

    Args:
        plan: the experiment.
        limits: where it must stop; the report says whether they suffice.
        settings: where things are kept.
        batch: whether calls will go through the providers' batch APIs.

    Raises:
        UnknownPrice: when money is limited and the price of a model that would be called is unknown.
        TutorkitError: when the plan cannot be executed, saying why; a key that is not set is only noted.
    """
    with open_scene(plan, settings, batch=batch) as scene:
        experiment = scene.experiment
        # This comes first: a check may load litellm, and with it prices that are unknown otherwise.
        missing = tuple(_missing_keys(scene))
        done = [
            done_by(experiment.run_id(arm), practice=experiment.method.practice, store=experiment.store)
            for arm in experiment.arms
        ]
        lines: list[EstimateLine] = []
        for place, arm in enumerate(experiment.arms):
            shared = not all(earlier.finished for earlier in done[:place])
            lines += arm_lines(scene, arm, done[place], shared=shared)
        if limits.max_usd is not None:
            _refuse_unknown(lines)
        total = total_of(lines)
        return EstimateReport(
            method=plan.method,
            fidelity=experiment.method.fidelity(read_params(experiment.method, plan.params)),
            task=experiment.task.name,
            student=plan.student,
            teacher=plan.teacher,
            seed=plan.seed,
            problems={split: len(experiment.task.split(split)) for split in _SPLITS},
            cache_mode=settings.cache_mode,
            practice=experiment.method.practice,
            wrong=wrong_answers(practice=scene.practice, done=done[0], share=scene.share),
            wrong_share=scene.share,
            wrong_share_n=scene.share_n,
            lines=tuple(lines),
            roles={role: total_of(own) for role in _ROLES if (own := [line for line in lines if line.role == role])},
            total=total,
            sizes=scene.sizes,
            limits=_checks(experiment, limits, total),
            prices=price_note(scene.models, scene.prices, file=settings.prices),
            notes=(*_notes(scene, lines), *missing),
        )


def _refuse_unknown(lines: Sequence[EstimateLine]) -> None:
    """Refuse a limit in money for a model of unknown price, as a run would."""
    for line in lines:
        if line.usd is None:
            raise UnknownPrice(line.who)


def _checks(experiment: Experiment, limits: Limits, total: Figures) -> tuple[LimitCheck, ...]:
    run_ids = map(experiment.run_id, experiment.arms)
    spent = budget_for(run_ids, limits, settings=experiment.settings, store=experiment.store).spent
    usd = None if total.usd is None else total.usd.high
    rows = (
        ("max_calls", limits.max_calls, spent.calls, total.calls.high),
        ("max_tokens", limits.max_tokens, spent.tokens, (total.tokens_in + total.tokens_out).high),
        ("max_usd", limits.max_usd, spent.usd, usd),
    )
    return tuple(
        LimitCheck(
            name=name,
            allowed=allowed,
            spent=used,
            most=None if more is None else used + more,
            covered=None if more is None else used + more <= allowed,
        )
        for name, allowed, used, more in rows
        if allowed is not None
    )


def _notes(scene: Scene, lines: Sequence[EstimateLine]) -> tuple[str, ...]:
    plan, notes = scene.plan, [*scene.experiment.task.notes]
    models = scene.models
    if plan.teacher.startswith("inbox/"):
        notes.append("What the teacher is asked waits in the inbox for somebody's answer.")
    if scene.batch:
        notes.append("Calls through the batch APIs of OpenAI and Anthropic count at half their list price.")
    if any(size.n == 0 for size in scene.sizes):
        notes.append(
            f"Estimated tokens: the text's characters ÷ {CHARACTERS_PER_TOKEN} going in, and the limit (max_tokens) as"
            " the most coming out. An attempt that is still to be made counts as up to the student's limit, anything"
            " that the teacher is still to write as up to a full reply of its own. A small run on this task measures"
            " them (--val 10 --test 10): the next estimate goes by its means."
        )
    if models and scene.mode == "cache":
        notes.append(
            "Replies that the cache holds cost nothing. Of the untaught test it is known which these are; of all other"
            " requests it cannot be known yet: the low figures take them as recorded where they may be, the others not."
        )
    most = RE_ASKS * sum(line.calls.high or 0 for line in lines if line.role == "teacher" and line.who in models)
    if most:
        notes.append(
            f"Not counted: asking the teacher again for a reply that does not fit, at most {RE_ASKS} times each"
            f" ({most:,} calls more at the very worst), and tries that fail on their way."
        )
    return tuple(notes)


def _missing_keys(scene: Scene) -> Iterator[str]:
    """Check each model as a run does, and note which keys it will want; a replay wants none."""
    for model in scene.models if scene.mode != "replay" else ():
        try:
            provider_of(model).check(model)
        except MissingKey as error:
            yield f"{error.message} The estimate needs no key, the run will."
