"""DSPy's BootstrapFewShot: worked examples that the teacher got right are shown to the student.

The teacher answers problems in DSPy's prompt. Where our scorer finds its answer right, its reasoning and answer become
a demo, until there are ``bootstrapped`` of them; problems that were not used fill up with their gold alone. The order
of the problems is drawn by the run's seed, and DSPy's own draws are fixed. Where the allowance ends, DSPy goes on with
the demos that it has. A reply that does not keep DSPy's form makes no demo: it is not asked for again in another form.

The student is measured in DSPy's prompt, once for each problem; a reply without DSPy's form is graded as a whole.
The control ``random`` shows gold alone and asks nobody; the control ``silent`` bootstraps from nothing.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tutorkit.methods import END, START, Cost, Deps, Edge, Method, Paper, Params, State
from tutorkit.methods.vocabulary import Sizes
from tutorkit.optimisers.bridge import Bridge, in_thread
from tutorkit.optimisers.dspy_arm import (
    Compiled,
    compiled,
    examples_of,
    load_dspy,
    metric_of,
    model_of,
    program_for,
    quiet,
)
from tutorkit.optimisers.leaving import FIDELITY, NEEDS, leave, measure
from tutorkit.types import Problem


class BootstrapParams(Params):
    """Parameters; DSPy's own defaults, save for who teaches."""

    bootstrapped: int = Field(default=4, ge=0, description="Demos that the teacher works out, at most.")
    labelled: int = Field(default=16, ge=0, description="Demos in all, filled up with gold alone.")
    rounds: int = Field(default=1, ge=1, description="Tries at a problem; from the second on at temperature 1.")
    reasoning: bool = Field(default=True, description="Whether the program reasons before it answers.")
    teacher: Literal["teacher", "student"] = Field(
        default="teacher", description="Who works out the demos; DSPy's default is the student itself."
    )
    examples: Literal["train", "val", "both"] = Field(
        default="both", description="The problems that it may use: as many as the other methods see by default."
    )


def sources(params: BootstrapParams, deps: Deps) -> list[Problem]:
    """Return the problems to work on, in an order of this run's own."""
    train = deps.problems("train") if params.examples != "val" else ()
    val = deps.problems("val") if params.examples != "train" else ()
    found = [problem for problem in (*train, *val) if problem.gold is not None]
    deps.rng.shuffle(found)
    return found


async def bootstrap(_state: State, deps: Deps) -> State:
    """Compile the program in a thread, and keep it as a lesson."""
    params: BootstrapParams = deps.params
    problems = sources(params, deps)
    made, bridge = await in_thread(deps, lambda bridge: work_out(deps, params, problems, bridge))
    return leave(deps, made, bridge, source="train" if params.examples == "train" else "val")


def work_out(deps: Deps, params: BootstrapParams, problems: list[Problem], bridge: Bridge) -> Compiled:
    """Run BootstrapFewShot; for DSPy's thread. Without problems the program stays as it is."""
    dspy = load_dspy()
    quiet("dspy.teleprompt.bootstrap")
    adapter = dspy.ChatAdapter(use_json_adapter_fallback=False)
    program = program_for(dspy, deps, reasoning=params.reasoning)
    optimiser = dspy.BootstrapFewShot(
        metric=metric_of(deps, problems),
        teacher_settings={"lm": model_of(dspy, bridge, params.teacher)},
        max_bootstrapped_demos=params.bootstrapped,
        max_labeled_demos=params.labelled,
        max_rounds=params.rounds,
        # Every problem may fail without the others being given up: an allowance that ends fails all that come after.
        max_errors=len(problems) * params.rounds + 1,
    )
    student = model_of(dspy, bridge, "student")
    with dspy.context(lm=student, adapter=adapter, disable_history=True):
        if problems:
            program = optimiser.compile(program, trainset=examples_of(dspy, problems))
        return compiled(dspy, program, adapter)


def cost(params: BootstrapParams, sizes: Sizes) -> Cost:
    """Return what is asked: at least a reply for each demo, at most every problem in every round.

    How many of the teacher's answers are right is not known beforehand. Of the student only the upper bound can be
    told where it is its own teacher.
    """
    of = {"train": sizes.train, "val": sizes.val, "both": sizes.train + sizes.val}[params.examples]
    most = of * params.rounds if params.bootstrapped else 0
    if params.teacher == "student":
        return Cost(teacher=0, student=0, student_again=most)
    least = min(params.bootstrapped, of)
    return Cost(teacher=least, student=0, again=most - least)


METHOD = Method(
    name="dspy-bootstrap",
    version="1",
    summary="DSPy's BootstrapFewShot: examples that the teacher worked out rightly are shown to the student.",
    paper=Paper(
        title="DSPy: Compiling Declarative Language Model Calls into Self-Improving Pipelines",
        ref="arXiv:2310.03714",
        year=2023,
    ),
    params=BootstrapParams,
    fidelity=lambda params: FIDELITY if params.bootstrapped else "variant:labelled-only",
    nodes={"bootstrap": bootstrap, "evaluate": measure},
    edges=(Edge(START, "bootstrap"), Edge("bootstrap", "evaluate"), Edge("evaluate", END)),
    artefacts=("instruction",),
    cost=cost,
    needs=lambda _: NEEDS,
    random_target={"bootstrapped": 0},
    deranged=False,
)
