"""TPD, Teaching via Principle Discovery (arXiv 2401.13849, COLM 2024).

A student's mistakes on a labelled validation set become, once and offline, material for its prompt: principles, and
worked examples chosen by the principles. The teacher is absent when the student is asked later.

What is known: the abstract and a second-hand digest; no code was published. The two stages, the selection of examples
by violated principles and the four ways of using them follow those. How violations are scored, how many examples there
are and how long the list is are not confirmed: violations are counted, and ``k_demos`` and ``max_principles`` are
parameters. The tie rule, the gates on principles, the check of each example's answer and that later batches of errors
are shown the principles so far are ours, and so is ``rounds > 1``. Reported: 6.2 % over chain-of-thought, on average of
eight tasks (abstract); no other figure is confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import ceil
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.seen_items import SeenItems
from tutorkit.methods._nodes.state import id_lists, ids, number
from tutorkit.methods._nodes.verify import demo_faults, instruction_faults, likeness
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods._tpd.diagnose import diagnose
from tutorkit.methods._tpd.principles import principles_of, shown_principles
from tutorkit.methods._tpd.select import rank_by_violations, rank_principles
from tutorkit.methods._tpd.wording import bare_steps, numbered
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, Said, Sizes, State, Wire
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem, Score

ALIKE = 0.8
"""Two principles whose words agree to this Jaccard index are one."""


class TPDParams(Params):
    """The parameters of TPD."""

    mode: Literal["instruction_only", "append_principles", "select_examples", "both"] = Field(
        default="both", description="What the student's prompt is made of."
    )
    k_demos: int = Field(default=4, ge=0, le=32, description="Worked examples in the prompt at most.")
    max_principles: int = Field(default=10, ge=1, le=50, description="Principles in the prompt at most.")
    batch: int = Field(default=8, ge=1, le=64, description="Error summaries per call that makes principles.")
    seed_examples: int = Field(
        default=3, ge=0, le=16, description="Worked examples shown when drafting the instruction."
    )
    rounds: int = Field(default=1, ge=1, le=8, description="Rounds; the published procedure is one.")
    target: Literal["errors", "random"] = Field(
        default="errors",
        description="Learn from errors, or from as many attempts drawn at random (a control).",
    )

    @property
    def uses_principles(self) -> bool:
        """Whether principles stand in the prompt."""
        return self.mode in ("append_principles", "both")

    @property
    def uses_demos(self) -> bool:
        """Whether worked examples stand in the prompt."""
        return self.mode in ("select_examples", "both")


class Instruction(Wire):
    """How to solve this kind of problem."""

    instruction: str = Field(max_length=2000, description="One short paragraph addressed to the student.")
    steps: list[str] = Field(max_length=12, description="The procedure, one imperative sentence a step, unnumbered.")


class Violation(Wire):
    """Whether one attempt breaks one principle."""

    principle_id: str
    evidence: str = Field(
        max_length=1000, description="The passage of the attempt that shows it; empty if not violated."
    )
    violated: bool


class Violations(Wire):
    """One attempt against the whole list."""

    violations: list[Violation]


class Demo(Wire):
    """A worked solution."""

    solution: str = Field(
        max_length=4000, description="The correct solution, step by step, as the student should write it."
    )
    final_answer: str = Field(max_length=400, description="The final answer alone.")
    principles_used: list[str] = Field(description="Ids of the principles that the solution follows.")


class Refined(Wire):
    """The instruction with the principles folded in."""

    instruction: str = Field(max_length=3000, description="One short paragraph addressed to the student.")
    steps: list[str] = Field(
        default=[], max_length=20, description="The procedure, one imperative sentence a step, unnumbered."
    )
    principles_kept: list[str] = Field(description="Ids of the principles that the instruction now covers.")


async def draft_instruction(_state: State, deps: Deps) -> State:
    """Ask the teacher how this kind of problem is solved, from the description and a few worked examples."""
    params: TPDParams = deps.params
    pool = deps.problems("train") or deps.problems("val")
    examples = pool[: params.seed_examples]

    async def draft(_name: str) -> JsonValue:
        shown: list[JsonValue] = [problem_view(problem) for problem in examples]
        said = await deps.teacher.call(
            "draft_instruction", {"task": task_view(deps.task), "examples": shown}, Instruction
        )
        return _keep_instruction(deps, said, items=(*examples, *deps.problems("val")))

    used = await _one_at_most(deps, draft, "instruction")
    return {"round": 0, "instruction": used, "lessons": used, "principles": [], "demos": []}


def _keep_instruction(
    deps: Deps, said: Said[Instruction] | Said[Refined], *, items: Sequence[Problem], parent: Lesson | None = None
) -> str | None:
    """Keep what was said as an instruction. The gates read it without the numbers of its steps, which are no item's."""
    paragraph, steps = said.value.instruction, bare_steps(said.value.steps)
    lesson = keep_lesson(
        deps,
        kind="instruction",
        text=numbered(paragraph, steps),
        faults=instruction_faults("\n".join([paragraph, *steps]), items),
        call_ids=said.call_ids,
        parent=parent,
    )
    return lesson.id if lesson.verified else None


async def practise(state: State, deps: Deps) -> State:
    """Have the student answer the validation problems with the lessons of this round."""
    phase = f"val-{state['round']}"
    made = await practise_problems(deps, deps.problems("val"), lesson_ids=ids(state, "lessons"), phase=phase)
    attempts = load_attempts(deps, made)
    chosen = mistakes(attempts)
    if deps.params.target == "random":
        chosen = sorted(deps.rng.sample(attempts, len(chosen)), key=lambda attempt: made.index(attempt.id))
    return {"attempts": [*made], "wrong": [attempt.id for attempt in chosen]}


async def extract_errors(state: State, deps: Deps) -> State:
    """Say of each mistake what went wrong, in terms that do not depend on the problem."""
    problems = _val(deps)

    async def one(attempt: Attempt) -> JsonValue:
        return (await diagnose(deps, attempt, problems[attempt.problem_id], purpose="extract_errors")).id

    result = await deps.map(one, load_attempts(deps, ids(state, "wrong")), key=lambda attempt: attempt.id)
    return {"diagnoses": [*result.done.values()]}


async def generate_principles(state: State, deps: Deps) -> State:
    """Abstract batches of errors into rules; those that quote an item are set aside.

    A batch is shown the principles so far, so that it adds what is missing. As many batches are asked at once as were
    asked before: the first ones find most principles, and a thousand batches are through in eleven waves.
    """
    diagnoses = deps.sink.get_all(Diagnosis, ids(state, "diagnoses"))
    size = deps.params.batch
    batches = [diagnoses[start : start + size] for start in range(0, len(diagnoses), size)]
    seen = SeenItems(deps.problems("val"))
    drafts, asked = ids(state, "principles"), 0
    while wave := batches[asked : 2 * asked or 1]:
        drafts += await principles_of(deps, wave, known=drafts, seen=seen)
        asked += len(wave)
    return {"drafts": [*drafts]}


async def merge_dedupe(state: State, deps: Deps) -> State:
    """Merge principles that say the same; the first wording stays and takes over the others' sources."""
    families: list[list[Lesson]] = []
    for draft in load_lessons(deps, list(dict.fromkeys(ids(state, "drafts")))):
        if draft.verified:
            family = next((known for known in families if likeness(known[0].text, draft.text) >= ALIKE), None)
            if family is None:
                families.append([draft])
            else:
                family.append(draft)
    merged = [_merge(family) for family in families]
    deps.sink.put(*merged)
    return {"principles": [lesson.id for lesson in merged]}


def _merge(family: Sequence[Lesson]) -> Lesson:
    """Return the first of the family, as a new version where it takes over sources of the others."""
    first = family[0]
    sources = tuple(dict.fromkeys(name for lesson in family for name in lesson.source_attempt_ids))
    if sources == first.source_attempt_ids:
        return first
    return first.model_copy(
        update={
            "id": stable_id("lesson", first.id, list(sources)),
            "version": first.version + 1,
            "parent_id": first.id,
            "source_attempt_ids": sources,
            "call_ids": tuple(dict.fromkeys(name for lesson in family for name in lesson.call_ids)),
        }
    )


async def check_violations(state: State, deps: Deps) -> State:
    """Ask of each mistake which principles it violates: the violation matrix."""
    principles = load_lessons(deps, ids(state, "principles"))
    names = {f"P{place}": lesson.id for place, lesson in enumerate(principles, start=1)}
    shown = shown_principles(principles)
    problems = _val(deps)

    async def one(attempt: Attempt) -> JsonValue:
        said = await deps.teacher.call(
            "check_violations",
            {
                "task": task_view(deps.task),
                "problem": problem_view(problems[attempt.problem_id]),
                "attempt": attempt_view(attempt),
                "principles": shown,
            },
            Violations,
            about=(attempt.id,),
        )
        broken = {v.principle_id for v in said.value.violations if v.violated}
        return [lesson_id for name, lesson_id in names.items() if name in broken]

    attempts = load_attempts(deps, ids(state, "wrong"))
    result = await deps.map(one, attempts if principles else [], key=lambda attempt: attempt.id)
    update: State = {"violations": dict(result.done)}
    deps.sink.put(*_matrix_scores(deps, id_lists(update, "violations"), list(names.values()), state))
    return update


def _matrix_scores(deps: Deps, matrix: Mapping[str, list[str]], principles: list[str], state: State) -> list[Score]:
    return [
        Score(
            id=f"{attempt}:{principle}",
            run_id=deps.run_id,
            subject_id=attempt,
            kind="violation",
            value=float(principle in broken),
            n=1,
            probe_set=principle,
            round=number(state, "round"),
        )
        for attempt, broken in matrix.items()
        for principle in principles
    ]


async def select_examples(state: State, deps: Deps) -> State:
    """Rank principles by how often they are violated, and problems by how many principles their attempt violates."""
    matrix = id_lists(state, "violations")
    problems = _val(deps)
    attempts = load_attempts(deps, list(matrix))
    sizes = {attempt.id: (len(problems[attempt.problem_id].text), attempt.problem_id) for attempt in attempts}
    ranked = rank_by_violations(matrix, problems=sizes)
    if deps.params.target == "random":
        deps.rng.shuffle(ranked)
    principles = rank_principles(ids(state, "principles"), matrix, most=deps.params.max_principles)
    return {"principles": [*principles], "ranking": [*ranked]}


async def write_demos(state: State, deps: Deps) -> State:
    """Have worked solutions written for the problems that show most, until enough pass their own scorer.

    A solution whose answer is wrong is kept as rejected and the next problem takes its place; after twice ``k_demos``
    tries there are as many demos as there are.
    """
    wanted: int = deps.params.k_demos if deps.params.uses_demos else 0
    queue = ids(state, "ranking")[: 2 * wanted]
    kept: list[str] = []
    while queue and len(kept) < wanted:
        wave, queue = queue[: wanted - len(kept)], queue[wanted - len(kept) :]
        kept += await _demos_for(deps, load_attempts(deps, wave), principles=ids(state, "principles"))
    demos: list[JsonValue] = [*kept, *ids(state, "demos")]
    return {"demos": demos[:wanted]}


async def _demos_for(deps: Deps, attempts: Sequence[Attempt], *, principles: list[str]) -> list[str]:
    problems = _val(deps)
    lessons = load_lessons(deps, principles)
    shown = shown_principles(lessons)

    async def one(attempt: Attempt) -> JsonValue:
        problem = problems[attempt.problem_id]
        said = await deps.teacher.call(
            "write_demo",
            {"task": task_view(deps.task), "problem": problem_view(problem), "principles": shown},
            Demo,
            about=(attempt.id,),
        )
        demo = said.value
        shown_to_student = {
            "problem": problem.question().as_text(),
            "solution": demo.solution.strip(),
            "answer": demo.final_answer.strip(),
        }
        lesson = keep_lesson(
            deps,
            kind="demo",
            text="\n".join(f"{part.capitalize()}: {words}" for part, words in shown_to_student.items()),
            faults=demo_faults(demo.solution, demo.final_answer, problem, deps.scorer),
            call_ids=said.call_ids,
            sources=(attempt.id,),
            source_split=problem.split,
            data={"problem_id": problem.id, "group": problem.group, **shown_to_student},
        )
        return lesson.id if lesson.verified else None

    result = await deps.map(one, attempts, key=lambda attempt: attempt.id)
    return [str(lesson_id) for lesson_id in result.done.values() if lesson_id is not None]


async def refine_instruction(state: State, deps: Deps) -> State:
    """Fold the principles into the instruction; a version that does not pass the gates leaves the old one in place."""
    old = load_lessons(deps, ids(state, "instruction"))
    shown = shown_principles(load_lessons(deps, ids(state, "principles")))

    async def refine(_name: str) -> JsonValue:
        said = await deps.teacher.call(
            "refine_instruction",
            {"task": task_view(deps.task), "instruction": old[0].text if old else "", "principles": shown},
            Refined,
        )
        return _keep_instruction(deps, said, items=deps.problems("val"), parent=old[0] if old else None)

    refined = await _one_at_most(deps, refine, "instruction")
    return {"instruction": refined} if refined else {}


async def _one_at_most(deps: Deps, work: Callable[[str], Awaitable[JsonValue]], name: str) -> list[JsonValue]:
    """Do a single piece of work as the items of a map are done: an unusable reply sets it aside and the run goes on."""
    result = await deps.map(work, [name], key=str)
    return [lesson_id for lesson_id in result.done.values() if lesson_id is not None]


async def assemble(state: State, deps: Deps) -> State:
    """Put the student's lessons together in the order in which it reads them."""
    params: TPDParams = deps.params
    lessons = ids(state, "instruction")
    lessons += ids(state, "principles") if params.uses_principles else []
    lessons += ids(state, "demos") if params.uses_demos else []
    changed = lessons != ids(state, "lessons")
    return {"lessons": [*lessons], "changed": changed, "round": number(state, "round") + 1}


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    return {"test": await evaluate_lessons(deps, lesson_ids=ids(state, "lessons"))}


def cost(params: TPDParams, sizes: Sizes) -> Cost:
    """Count the calls: 1 + 2W + ceil(W/b) + k + 1 for the teacher (``both``, one round), V for the student.

    A demo that fails its check costs one call more, up to twice ``k_demos`` of them. Each further round costs the same
    again, without the first draft.
    """
    if params.mode == "instruction_only":
        return Cost(teacher=1, student=0)
    rounds = [_round_cost(params, wrong) for wrong in sizes.wrong]
    return Cost(
        teacher=1 + sum(each.teacher for each in rounds),
        student=sizes.val * len(rounds),
        again=sum(each.again for each in rounds),
    )


def _round_cost(params: TPDParams, wrong: int) -> Cost:
    if wrong == 0:
        return Cost(teacher=0, student=0)
    demos = min(params.k_demos, wrong) if params.uses_demos else 0
    again = min(2 * params.k_demos, wrong) - demos if params.uses_demos else 0
    refine = int(params.uses_principles)
    return Cost(teacher=2 * wrong + ceil(wrong / params.batch) + demos + refine, student=0, again=again)


def fidelity(params: TPDParams) -> str:
    """Name the variant: the published procedure is one pass over the student's errors."""
    if params.target == "random":
        return "variant:random-target"
    return "paper" if params.rounds == 1 else "variant:outer-rounds"


def _another_round(state: State, params: TPDParams) -> bool:
    return params.mode != "instruction_only" and number(state, "round") < params.rounds


def _val(deps: Deps) -> dict[str, Problem]:
    return {problem.id: problem for problem in deps.problems("val")}


METHOD = Method(
    name="tpd",
    version="2",
    summary="Turns a student's mistakes into principles, and into worked examples chosen by them, for its prompt.",
    paper=Paper("Can LLMs Teach Weaker Agents? Teaching via Principle Discovery", "arXiv:2401.13849", 2024),
    params=TPDParams,
    fidelity=fidelity,
    nodes={
        "draft_instruction": draft_instruction,
        "practise": practise,
        "extract_errors": extract_errors,
        "generate_principles": generate_principles,
        "merge_dedupe": merge_dedupe,
        "check_violations": check_violations,
        "select_examples": select_examples,
        "write_demos": write_demos,
        "refine_instruction": refine_instruction,
        "assemble": assemble,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "draft_instruction"),
        Edge("draft_instruction", "assemble", lambda _, params: params.mode == "instruction_only"),
        Edge("draft_instruction", "practise"),
        Edge("practise", "assemble", lambda state, _: not state["wrong"]),
        Edge("practise", "extract_errors"),
        Edge("extract_errors", "generate_principles"),
        Edge("generate_principles", "merge_dedupe"),
        Edge("merge_dedupe", "check_violations"),
        Edge("check_violations", "select_examples"),
        Edge("select_examples", "write_demos", lambda _, params: params.uses_demos),
        Edge("select_examples", "refine_instruction"),
        Edge("write_demos", "refine_instruction", lambda _, params: params.uses_principles),
        Edge("write_demos", "assemble"),
        Edge("refine_instruction", "assemble"),
        Edge("assemble", "practise", lambda state, params: bool(state["changed"]) and _another_round(state, params)),
        Edge("assemble", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("instruction", "principle", "demo"),
    cost=cost,
    rounds=lambda params: params.rounds,
    random_target={"target": "random"},
    review_points=("assemble",),
    when="Take it for a student that cannot be trained and whose mistakes have a few causes that can be put into"
    " rules: it costs little and is the first to try. It wants 50 to 200 problems with known answers. It is not for"
    " slips of a student that knows the rules, nor where a long prompt with every question is too dear.",
    example="--task chains --student sim/two-bugs --teacher rules --val 30 --test 40",
)
