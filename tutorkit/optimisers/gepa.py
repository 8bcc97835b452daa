"""DSPy's GEPA: the teacher reads what the student got wrong, and rewrites the instruction; what scores better is kept.

The student answers a few train problems with a candidate instruction; the teacher sees its replies with our scorer's
verdict and the gold, and writes a new one. A candidate that does better on these problems is measured on all val
problems, and candidates that are best on some val problem are built upon. Where the allowance ends GEPA stops and
returns its best candidate. A reply of the teacher that cannot be read makes no candidate. Without train problems, or
without val problems, the ones that there are serve for both.

One request is under way at a time. Requests are DSPy's own, and one that was made is not made again in the same run:
an evaluation that repeats counts for GEPA's own budget and costs nothing. The student is measured in DSPy's prompt,
once for each problem. The control ``silent`` writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field

from tutorkit.methods import END, START, Cost, Deps, Edge, Method, Paper, Params, State
from tutorkit.methods.vocabulary import Sizes
from tutorkit.optimisers.bridge import Bridge, in_thread
from tutorkit.optimisers.dspy_arm import (
    Compiled,
    compiled,
    compiled_or_untouched,
    examples_of,
    load_dspy,
    metric_of,
    model_of,
    program_for,
    quiet,
)
from tutorkit.optimisers.leaving import FIDELITY, NEEDS, leave, measure
from tutorkit.prompting import PromptLibrary
from tutorkit.types import Problem

FEEDBACK_ID = "dspy-gepa/feedback"
_CANDIDATES = MappingProxyType({"light": 6, "medium": 12, "heavy": 18})
_MINIBATCH, _FULL_EVERY, _TRIES = 35, 5, 5


class GepaParams(Params):
    """Parameters; DSPy's own defaults."""

    effort: Literal["light", "medium", "heavy"] = Field(default="light", description="DSPy's ``auto``.")
    evaluations: int | None = Field(
        default=None, ge=1, description="How often an answer may be scored, in place of what the effort says."
    )
    minibatch: int = Field(default=3, ge=1, description="Answers that the teacher reads at once.")
    reasoning: bool = Field(default=True, description="Whether the program reasons before it answers.")
    teacher: Literal["teacher", "student"] = Field(
        default="teacher", description="Who reads the answers and rewrites the instruction."
    )


async def evolve(_state: State, deps: Deps) -> State:
    """Compile the program in a thread, and keep it as a lesson."""
    params: GepaParams = deps.params
    train, val = ([each for each in deps.problems(split) if each.gold is not None] for split in ("train", "val"))
    seed = deps.rng.randrange(2**31)
    made, bridge = await in_thread(deps, lambda bridge: work_out(deps, params, train, val, seed, bridge))
    return leave(deps, made, bridge, source="train" if train else "val")


def work_out(
    deps: Deps, params: GepaParams, train: list[Problem], val: list[Problem], seed: int, bridge: Bridge
) -> Compiled:
    """Run GEPA; for DSPy's thread. Without problems the program stays as it is."""
    dspy = load_dspy()
    quiet("dspy.utils.parallelizer", "gepa.core.engine")
    adapter = dspy.ChatAdapter(use_json_adapter_fallback=False)
    program = program_for(dspy, deps, reasoning=params.reasoning)
    student = model_of(dspy, bridge, "student")
    optimiser = dspy.GEPA(
        metric=_with_feedback(dspy, metric_of(deps, [*train, *val])),
        max_metric_calls=evaluations(params, val=len(val or train)),
        reflection_minibatch_size=params.minibatch,
        reflection_lm=model_of(dspy, bridge, params.teacher),
        num_threads=1,
        seed=seed,
        gepa_kwargs={"stop_callbacks": [lambda _state: bridge.ended]},
    )
    sets = {"trainset": examples_of(dspy, train or val), "valset": examples_of(dspy, val or train)}
    with dspy.context(lm=student, adapter=adapter, disable_history=True, max_errors=1_000_000):
        if train or val:
            program = compiled_or_untouched(dspy, program, bridge, lambda given: optimiser.compile(given, **sets))
        return compiled(dspy, program, adapter)


def evaluations(params: GepaParams, *, val: int) -> int:
    """Return how often an answer may be scored: as given, or by DSPy's formula for its effort with one predictor."""
    if params.evaluations is not None:
        return params.evaluations
    n = _CANDIDATES[params.effort]
    trials = int(max(2 * 2 * log2(n), 1.5 * n))
    return val + n * _TRIES + trials * _MINIBATCH + ((trials + 1) // _FULL_EVERY + 1) * val


def cost(params: GepaParams, sizes: Sizes) -> Cost:
    """Return the upper bound of what is asked; what is asked in fact is not known.

    The last round may pass the number of evaluations by a minibatch, its repetition, and all val problems. Each round
    evaluates a minibatch at least, and asks the teacher once at most.
    """
    val = sizes.val or sizes.train
    most = evaluations(params, val=val)
    last = 2 * params.minibatch + val
    read = most // params.minibatch + 1
    taught = read if params.teacher == "teacher" else 0
    return Cost(teacher=0, student=0, again=taught, student_again=most + last + read - taught)


def _with_feedback(dspy: Any, right: Callable[..., bool]) -> Callable[..., Any]:  # noqa: ANN401 (dspy is an extra)
    prompt = PromptLibrary().get(FEEDBACK_ID)

    def scored(
        example: Any,  # noqa: ANN401
        prediction: Any,  # noqa: ANN401
        _trace: Any = None,  # noqa: ANN401
        _name: str | None = None,
        _own: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        found = right(example, prediction)
        (verdict,) = prompt.render({"right": found, "gold": str(example.answer)}).messages
        return dspy.Prediction(score=float(found), feedback=verdict.content)

    return scored


METHOD = Method(
    name="dspy-gepa",
    version="1",
    summary="DSPy's GEPA: the teacher rewrites the instruction from what the student got wrong; the better one stays.",
    paper=Paper(
        title="GEPA: Reflective Prompt Evolution Can Outperform Reinforcement Learning",
        ref="arXiv:2507.19457",
        year=2025,
    ),
    params=GepaParams,
    fidelity=lambda _: FIDELITY,
    nodes={"evolve": evolve, "evaluate": measure},
    edges=(Edge(START, "evolve"), Edge("evolve", "evaluate"), Edge("evaluate", END)),
    artefacts=("instruction",),
    cost=cost,
    needs=lambda _: NEEDS,
    deranged=False,
)
