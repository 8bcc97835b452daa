"""DSPy's MIPROv2: instructions that the teacher proposes and sets of demos, the best pair of which is searched.

Sets of demos are bootstrapped from the train problems as by BootstrapFewShot. The teacher, or the student in its place,
describes data and program, and proposes instructions. Bayesian search then tries pairs of an instruction and a set; the
student answers val problems with each, and our scorer counts. Where the allowance ends, what is tried afterwards counts
as wrong, so that the best program so far stays; where it ends before anything could be tried, or where no proposal can
be read, the program stays as it is. Without train problems DSPy splits the val problems itself.

One request is under way at a time. Requests are DSPy's own, and one that was made is not made again in the same run.
The student is measured in DSPy's prompt, once for each problem. The control ``silent`` proposes nothing.
"""

from __future__ import annotations

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
from tutorkit.types import Problem

_CANDIDATES = MappingProxyType({"light": 6, "medium": 12, "heavy": 18})
_MOST_VAL = MappingProxyType({"light": 100, "medium": 300, "heavy": 1000})
_MINIBATCH, _WHOLE_UP_TO, _FULL_EVERY = 35, 50, 5
_SUMMARY_CALLS, _CALLS_PER_PROPOSAL = 12, 3


class MiproParams(Params):
    """Parameters; DSPy's own defaults, save for who proposes and who works out demos."""

    effort: Literal["light", "medium", "heavy"] = Field(default="light", description="DSPy's ``auto``.")
    bootstrapped: int = Field(default=4, ge=1, description="Demos that are worked out, at most, in a set.")
    labelled: int = Field(default=4, ge=0, description="Demos in a set in all, filled up with gold alone.")
    reasoning: bool = Field(default=True, description="Whether the program reasons before it answers.")
    teacher: Literal["teacher", "student"] = Field(
        default="teacher", description="Who works out the demos; DSPy's default is the student itself."
    )
    proposer: Literal["teacher", "student"] = Field(
        default="teacher", description="Who proposes instructions; DSPy's default is the student itself."
    )


async def search(_state: State, deps: Deps) -> State:
    """Compile the program in a thread, and keep it as a lesson."""
    params: MiproParams = deps.params
    train, val = ([each for each in deps.problems(split) if each.gold is not None] for split in ("train", "val"))
    seed = deps.rng.randrange(1, 2**31)
    made, bridge = await in_thread(deps, lambda bridge: work_out(deps, params, train, val, seed, bridge))
    return leave(deps, made, bridge, source="val")


def work_out(
    deps: Deps, params: MiproParams, train: list[Problem], val: list[Problem], seed: int, bridge: Bridge
) -> Compiled:
    """Run MIPROv2; for DSPy's thread. With fewer than two problems the program stays as it is."""
    dspy = load_dspy()
    quiet(
        "dspy.teleprompt.bootstrap",
        "dspy.teleprompt.utils",
        "dspy.propose.grounded_proposer",
        "dspy.propose.dataset_summary_generator",
        "dspy.utils.parallelizer",
    )
    adapter = dspy.ChatAdapter(use_json_adapter_fallback=False)
    program = program_for(dspy, deps, reasoning=params.reasoning)
    student = model_of(dspy, bridge, "student")
    optimiser = dspy.MIPROv2(
        metric=metric_of(deps, [*train, *val]),
        prompt_model=model_of(dspy, bridge, params.proposer),
        task_model=student,
        teacher_settings={"lm": model_of(dspy, bridge, params.teacher)},
        max_bootstrapped_demos=params.bootstrapped,
        max_labeled_demos=params.labelled,
        auto=params.effort,
        num_threads=1,
        # An allowance that ends fails all that comes after, and must not give up what was found.
        max_errors=1_000_000,
        seed=seed,
    )
    sets: dict[str, Any] = {"trainset": examples_of(dspy, train or val)}
    if train and val:
        sets["valset"] = examples_of(dspy, val)
    with dspy.context(lm=student, adapter=adapter, disable_history=True):
        if len([*train, *val]) > 1:
            program = compiled_or_untouched(dspy, program, bridge, lambda given: optimiser.compile(given, **sets))
        return compiled(dspy, program, adapter)


def cost(params: MiproParams, sizes: Sizes) -> Cost:
    """Return the upper bound of what is asked, by DSPy's settings; what is asked in fact is not known."""
    n = _CANDIDATES[params.effort]
    trials = int(max(2 * 2 * log2(n), 1.5 * n))
    val = min(sizes.val, _MOST_VAL[params.effort])
    searched = (trials + 1) * val
    if val > _WHOLE_UP_TO:
        searched = val + trials * _MINIBATCH + (trials // _FULL_EVERY + 2) * val
    demos = (n - 2) * (sizes.train or sizes.val)
    proposals = n // 2
    proposed = _SUMMARY_CALLS + _CALLS_PER_PROPOSAL * proposals
    taught = proposed * (params.proposer == "teacher") + demos * (params.teacher == "teacher")
    return Cost(teacher=0, student=0, again=taught, student_again=searched + proposed + demos - taught)


METHOD = Method(
    name="dspy-mipro",
    version="1",
    summary="DSPy's MIPROv2: the best of proposed instructions and sets of worked examples is searched on val.",
    paper=Paper(
        title="Optimizing Instructions and Demonstrations for Multi-Stage Language Model Programs",
        ref="arXiv:2406.11695",
        year=2024,
    ),
    params=MiproParams,
    fidelity=lambda _: FIDELITY,
    nodes={"search": search, "evaluate": measure},
    edges=(Edge(START, "search"), Edge("search", "evaluate"), Edge("evaluate", END)),
    artefacts=("instruction",),
    cost=cost,
    needs=lambda _: NEEDS,
    deranged=False,
)
