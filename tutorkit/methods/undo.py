"""UNDO, Understanding Distillation as Optimization (arXiv 2504.02521).

A student is trained on a teacher's rationales, once for all in plain distillation. Here the teacher looks at what the
trained student still gets wrong and rewrites its rationales for it; the student is trained again, from its own weights.

What is known: the abstract and second-hand digests; no code of the authors was published. They agree on the rounds and
on a rewriting that sees the previous rationale and the student's errors, and differ in where those errors are looked
for: on the training problem itself (``scope="train_item"``, the default), or on the validation problems, whose
weaknesses then condition the rewriting (``val_aggregate``); ``both`` is both. Not confirmed are the number of rounds,
when to stop, and whether training goes on or begins anew: all are parameters. The check of every answer, the rule that
a rejected rewriting leaves the old version, the stop by exposure, the choice of train problems that are most like the
validation problems that went wrong, and the variant without training are ours. Reported: up to 20 % over distillation
in one step (abstract); no figure for a single task is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.retrieve import nearest
from tutorkit.methods._nodes.scores import run_score
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import id_lists, ids, names, number
from tutorkit.methods._nodes.variants import variant
from tutorkit.methods._nodes.verify import principle_faults
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods._undo.exposure import counted, exposures, none_moves
from tutorkit.methods._undo.rationales import Rationale, keep_rationale
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.retrieval import similarities
from tutorkit.types import Attempt, Diagnosis, Lesson, Problem, Score


class UNDOParams(Params):
    """The parameters of UNDO."""

    scope: Literal["train_item", "val_aggregate", "both"] = Field(
        default="train_item",
        description="Where errors are looked for: on the train problem itself, on validation problems, on both.",
    )
    student_use: Literal["trained", "in_context"] = Field(
        default="trained", description="Train the student on the rationales, or show it the nearest ones as examples."
    )
    training: Literal["merged", "continued"] = Field(
        default="merged",
        description="Train anew on the newest version of each rationale, or go on with each round's rewritten ones.",
    )
    rounds: int = Field(default=3, ge=1, le=20, description="Rounds of rewriting at most.")
    exposure: int = Field(
        default=8,
        ge=1,
        description="Stop when each weak skill got so many rewritten rationales since its errors last moved.",
    )
    target: Literal["errors", "random"] = Field(
        default="errors", description="Rewrite for errors, or for as many problems drawn at random (a control)."
    )
    with_output: bool = Field(
        default=True, description="Show the teacher what the student wrote; without, it only writes again (a control)."
    )
    progressive: bool = Field(
        default=True, description="Look for errors before each round; else the first round's stay the targets."
    )
    per_round: int | None = Field(
        default=None, ge=1, description="Rationales rewritten per round at most, those rewritten least first."
    )
    shown: int = Field(default=8, ge=1, le=64, description="Validation errors shown when weaknesses are looked for.")
    k_demos: int = Field(default=4, ge=1, le=32, description="In context: examples shown for a question at most.")

    @property
    def uses_train(self) -> bool:
        """Whether the student works through the train problems."""
        return self.scope != "val_aggregate"

    @property
    def uses_val(self) -> bool:
        """Whether the errors on the validation problems condition the rewriting."""
        return self.scope != "train_item"


class Weakness(Wire):
    """Something that a student cannot do."""

    name: str = Field(max_length=80, description="The skill that is lacking, in a few words.")
    description: str = Field(
        max_length=600, description="What goes wrong and what would be right, without a problem's numbers or names."
    )
    mistake_ids: list[str] = Field(description="Ids of the mistakes that show it.")


class Weaknesses(Wire):
    """What a student's mistakes have in common."""

    weaknesses: list[Weakness] = Field(max_length=8)


class Refined(Wire):
    """A rationale, rewritten for a student that did not understand the previous one."""

    gap: str = Field(max_length=2000, description="What the student lacks and the previous rationale did not give it.")
    rationale: str = Field(max_length=4000, description="The new rationale, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")
    changed: str = Field(max_length=600, description="What is different from the previous rationale.")


@dataclass(frozen=True)
class _Rewriting:
    """A rationale that is to be rewritten, and what the student wrote, if that is known."""

    problem: Problem
    previous: Lesson
    attempt: Attempt | None


async def first_rationales(_state: State, deps: Deps) -> State:
    """Have a rationale written for each train problem; one whose answer is wrong is no part of the data."""

    async def one(problem: Problem) -> JsonValue:
        said = await deps.teacher.call(
            "first_rationale",
            {"task": task_view(deps.task), "problem": problem_view(problem)},
            Rationale,
            about=(problem.id,),
        )
        return keep_rationale(
            deps,
            problem,
            rationale=said.value.rationale,
            answer=said.value.answer,
            round=0,
            call_ids=said.call_ids,
            trained=deps.params.student_use == "trained",
        )

    problems = needed_problems(deps, "train", to="write rationales for")
    result = await deps.map(one, problems, key=lambda problem: problem.id)
    return _learnt({"round": 0, "dataset": {}, "rows": []}, deps, result.done)


async def assess(state: State, deps: Deps) -> State:
    """Train the student on the rationales as they are, and have it work through the problems."""
    turn = number(state, "round")
    trained = await deps.trained(ids(state, "rows"))
    dataset = _dataset(state, deps.params)
    train = [problem for problem in deps.problems("train") if problem.id in dataset]
    made: State = {}
    for split, problems in (("val", deps.problems("val")), ("train", train if deps.params.uses_train else ())):
        done = await practise_problems(
            deps, problems, lesson_ids=_shown(state, deps), phase=f"{split}-{turn}", student=trained
        )
        made[split] = [*done]
    return made


async def identify_errors(state: State, deps: Deps) -> State:
    """Count the errors by skill, choose the rationales that are to be rewritten, and see whether to stop."""
    wrong = {split: mistakes(load_attempts(deps, ids(state, split))) for split in ("val", "train")}
    measured = "val" if ids(state, "val") else "train"
    skills = {problem.id: problem.skills for problem in (*deps.problems("val"), *deps.problems("train"))}
    errors = counted([skills[attempt.problem_id] for attempt in wrong[measured]])
    since = exposures(_counts(state, "errors"), errors, _counts(state, "since"))
    deps.sink.put(*_scores(deps, state, errors, measured=measured))
    targets = _targets(deps, state, wrong["train"], wrong["val"])
    stop = _stop(deps.params, targets=targets, errors=errors, since=since)
    return {
        "val_wrong": [attempt.id for attempt in wrong["val"]],
        "errors": {**errors},
        "since": {**since},
        "targets": {**targets},
        "stop": stop,
    }


def _stop(
    params: UNDOParams, *, targets: Mapping[str, JsonValue], errors: Mapping[str, int], since: Mapping[str, int]
) -> str:
    """Return why to stop; nothing to go on."""
    if not errors:
        return "no errors"
    if not targets:
        return "nothing to rewrite"
    return "exposure" if none_moves(since, enough=params.exposure) else ""


def _targets(deps: Deps, state: State, train: Sequence[Attempt], val: Sequence[Attempt]) -> dict[str, JsonValue]:
    """Return the problems whose rationales are to be rewritten, each with its attempt, if there is one."""
    params: UNDOParams = deps.params
    dataset = _dataset(state, params)
    chosen = {attempt.problem_id: attempt.id for attempt in train}
    if params.uses_val:
        chosen |= {name: "" for name in _most_like(deps, val, dataset) if name not in chosen}
    if not params.progressive and number(state, "round") > 0:
        first = state["first"]
        kept = first.items() if isinstance(first, dict) else ()
        chosen = {name: str(attempt) for name, attempt in kept if name in dataset}
    if params.target == "random":
        attempts = {attempt.problem_id: attempt.id for attempt in load_attempts(deps, ids(state, "train"))}
        chosen = {name: attempts.get(name, "") for name in deps.rng.sample(sorted(dataset), len(chosen))}
    if params.per_round is not None:
        lessons = load_lessons(deps, [dataset[name][0] for name in chosen])
        versions = {name: lesson.version for name, lesson in zip(chosen, lessons, strict=True)}
        chosen = {name: chosen[name] for name in sorted(chosen, key=versions.__getitem__)[: params.per_round]}
    return {**chosen}


def _most_like(deps: Deps, val: Sequence[Attempt], dataset: Mapping[str, object]) -> list[str]:
    """Return, for each validation problem that went wrong, the train problem most like it: by skills, then by words.

    A train problem is taken once.
    """
    problems = {problem.id: problem for problem in deps.problems("val")}
    left = [problem for problem in deps.problems("train") if problem.id in dataset]
    taken: list[str] = []
    for attempt in val[: len(left)]:
        asked = problems[attempt.problem_id]
        near = similarities(asked.text, [problem.text for problem in left])
        shared = [len({*asked.skills} & {*problem.skills}) for problem in left]
        best = max(range(len(left)), key=lambda place: (shared[place], near[place], -place))
        taken.append(left.pop(best).id)
    return taken


async def find_weaknesses(state: State, deps: Deps) -> State:
    """Ask what some of the validation errors have in common."""
    wrong = load_attempts(deps, ids(state, "val_wrong"))
    places = sorted(deps.rng.sample(range(len(wrong)), min(deps.params.shown, len(wrong))))
    named = {f"M{number}": wrong[place] for number, place in enumerate(places, start=1)}
    problems = {problem.id: problem for problem in deps.problems("val")}

    async def one(_name: str) -> JsonValue:
        shown: list[JsonValue] = [
            {"id": name, "problem": problem_view(problems[attempt.problem_id]), "attempt": attempt_view(attempt)}
            for name, attempt in named.items()
        ]
        said = await deps.teacher.call(
            "find_weaknesses",
            {"task": task_view(deps.task), "mistakes": shown},
            Weaknesses,
            about=[attempt.id for attempt in named.values()],
        )
        found = [
            _diagnosis(deps, weakness, named[name], said.call_ids)
            for weakness in said.value.weaknesses
            if not principle_faults(weakness.description, deps.problems("val"))
            for name in dict.fromkeys(weakness.mistake_ids)
            if name in named
        ]
        deps.sink.put(*found)
        return [diagnosis.id for diagnosis in found]

    result = await deps.map(one, ["weaknesses"] if named else [], key=str)
    return {"weaknesses": [name for found in result.done.values() if isinstance(found, list) for name in found]}


def _diagnosis(deps: Deps, weakness: Weakness, attempt: Attempt, call_ids: Sequence[str]) -> Diagnosis:
    return Diagnosis(
        id=stable_id("diagnosis", attempt.id, weakness.name, weakness.description),
        run_id=deps.run_id,
        attempt_id=attempt.id,
        cause=weakness.name,
        summary=weakness.description,
        evidence="",
        source=deps.teacher.diagnoses_as,
        call_ids=tuple(call_ids),
    )


async def refine_rationales(state: State, deps: Deps) -> State:
    """Have the rationales rewritten, each with the previous version and what the student wrote in view."""
    params: UNDOParams = deps.params
    dataset, wanted = _dataset(state, params), names(state, "targets")
    weaknesses = _weakness_views(deps, state) if params.with_output else []

    async def one(rewriting: _Rewriting) -> JsonValue:
        problem, previous, attempt = rewriting.problem, rewriting.previous, rewriting.attempt
        said = await deps.teacher.call(
            "refine_rationale",
            {
                "task": task_view(deps.task),
                "problem": problem_view(problem),
                "previous": {"rationale": previous.data["solution"], "answer": previous.data["answer"]},
                "attempt": attempt_view(attempt) if attempt is not None and params.with_output else None,
                "weaknesses": weaknesses,
            },
            Refined,
            about=(attempt.id if attempt else problem.id,),
        )
        return keep_rationale(
            deps,
            problem,
            rationale=said.value.rationale,
            answer=said.value.answer,
            round=number(state, "round") + 1,
            call_ids=said.call_ids,
            trained=params.student_use == "trained",
            parent=previous,
            attempt=attempt,
            changed=said.value.changed,
        )

    problems = [problem for problem in deps.problems("train") if problem.id in wanted]
    previous = load_lessons(deps, [dataset[problem.id][0] for problem in problems])
    attempts = {attempt.id: attempt for attempt in load_attempts(deps, [name for name in wanted.values() if name])}
    rewritings = [
        _Rewriting(problem, lesson, attempts.get(wanted[problem.id]))
        for problem, lesson in zip(problems, previous, strict=True)
    ]
    result = await deps.map(one, rewritings, key=lambda rewriting: rewriting.problem.id)
    return {"rewritten": {**result.done}}


async def merge_dataset(state: State, deps: Deps) -> State:
    """Put the new versions in the place of the old ones; what was not rewritten, or not well, stays as it was."""
    rewritten = state["rewritten"]
    done = {name: value for name, value in rewritten.items() if value} if isinstance(rewritten, dict) else {}
    taught = counted([p.skills for p in deps.problems("train") if p.id in done])
    since = _counts(state, "since")
    update = _learnt(state, deps, done)
    update["since"] = {skill: since.get(skill, 0) + taught.get(skill, 0) for skill in {**since, **taught}}
    update["first"] = state["targets"] if number(state, "round") == 0 else state["first"]
    return {**update, "round": number(state, "round") + 1}


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    stop = str(state.get("stop") or ("rounds" if ids(state, "rows") or ids(state, "lessons") else "no rationales"))
    turn = number(state, "round")
    deps.sink.put(run_score(deps, f"stop: {stop}", turn, n=1, round=turn))
    test = await evaluate_lessons(deps, lesson_ids=_shown(state, deps), rows=ids(state, "rows"))
    retrieval = {"retrieval": _rule(deps)} if deps.params.student_use == "in_context" else {}
    return {"test": test, "stop": stop, **retrieval}


def _learnt(state: State, deps: Deps, done: Mapping[str, JsonValue]) -> State:
    """Return the data with new versions in it, and what the student is taught with: rows, or lessons to be shown."""
    params: UNDOParams = deps.params
    new = _dataset({"new": {**done}}, params, key="new")
    known = {**_dataset(state, params), **new}
    dataset = {problem.id: known[problem.id] for problem in deps.problems("train") if problem.id in known}
    update: State = {"round": number(state, "round"), "dataset": {name: [*each] for name, each in dataset.items()}}
    if params.student_use == "in_context":
        return {**update, "rows": [], "lessons": [each[0] for each in dataset.values()]}
    fresh = [dataset[name][1] for name in dataset if name in new]
    rows = [*ids(state, "rows"), *fresh] if params.training == "continued" else [each[1] for each in dataset.values()]
    return {**update, "rows": [*rows], "lessons": []}


def _dataset(state: State, params: UNDOParams, *, key: str = "dataset") -> dict[str, list[str]]:
    """Return each problem's lesson and, for training, its row; where one of them was rejected since, neither."""
    parts = 1 if params.student_use == "in_context" else 2
    return {name: entry for name, entry in id_lists(state, key).items() if len(entry) == parts}


def _weakness_views(deps: Deps, state: State) -> list[JsonValue]:
    found = deps.sink.get_all(Diagnosis, ids(state, "weaknesses"))
    return [
        {"name": name, "description": summary} for name, summary in dict.fromkeys((d.cause, d.summary) for d in found)
    ]


def _counts(state: State, key: str) -> dict[str, int]:
    value = state.get(key)
    return {name: int(str(count)) for name, count in value.items()} if isinstance(value, dict) else {}


def _rule(deps: Deps) -> str:
    return f"top-{deps.params.k_demos}"


def _shown(state: State, deps: Deps) -> Callable[[Problem], list[str]] | tuple[()]:
    lessons = ids(state, "lessons")
    return nearest(deps, lessons, rule=_rule(deps)) if lessons else ()


def _scores(deps: Deps, state: State, errors: Mapping[str, int], *, measured: str) -> list[Score]:
    """Say how many errors there are by skill, the accuracy, and how long the rationales are on average."""
    attempts = load_attempts(deps, ids(state, measured))
    right = sum(attempt.grade.outcome == "right" for attempt in attempts)
    lessons = load_lessons(deps, [each[0] for each in _dataset(state, deps.params).values()])
    lengths = [int(str(lesson.data["characters"])) for lesson in lessons]
    turn, n = number(state, "round"), len(attempts)
    found = [("errors", float(count), n, f"{measured}:{skill}") for skill, count in errors.items()]
    found.append(("accuracy", right / n if n else 0, n, measured))
    found.append(("characters", sum(lengths) / max(1, len(lengths)), len(lengths), "rationales"))
    return [run_score(deps, kind, value, n=n, round=turn, probe_set=where) for kind, value, n, where in found]


def cost(params: UNDOParams, sizes: Sizes) -> Cost:
    """Count the calls: n + Σ W for the teacher and R·(V + n) for the student, where W are errors on train problems.

    A rationale that is rejected at the start takes its problem out, and a run that stops with train errors left costs
    less. Where the validation errors decide, their number is not among the sizes: at most one call for the weaknesses
    and one for each validation problem come on top in each round.
    """
    wrong = [number for number in sizes.wrong if number]
    targets = wrong if params.progressive else wrong[:1] * len(wrong)
    rewritten = sum(min(number, params.per_round or number) for number in targets)
    if params.scope == "train_item":
        return Cost(teacher=sizes.train + rewritten, student=(sizes.val + sizes.train) * len(sizes.wrong))
    from_val = min(sizes.val, sizes.train, params.per_round or sizes.val)
    if params.scope == "both":
        again = len(wrong) * (1 + from_val)
        student = (sizes.val + sizes.train) * len(sizes.wrong)
        return Cost(teacher=sizes.train + rewritten, student=student, again=again)
    return Cost(teacher=sizes.train, student=sizes.val * params.rounds, again=params.rounds * (1 + from_val))


def fidelity(params: UNDOParams) -> str:
    """Name the variant: published are rounds of rewriting for what a trained student still gets wrong."""
    return variant(
        in_context=params.student_use == "in_context",
        continued=params.training == "continued",
        random_target=params.target == "random",
        without_output=not params.with_output,
        targeted_once=not params.progressive,
        per_round=params.per_round is not None,
    )


def _needs(params: UNDOParams) -> frozenset[Need]:
    return frozenset({"train"} if params.student_use == "trained" else ())


METHOD = Method(
    name="undo",
    version="1",
    summary="Trains a student on a teacher's rationales, and has those rewritten that it did not learn from.",
    paper=Paper("Understanding Distillation as Optimization", "arXiv:2504.02521", 2025),
    params=UNDOParams,
    fidelity=fidelity,
    nodes={
        "first_rationales": first_rationales,
        "assess": assess,
        "identify_errors": identify_errors,
        "find_weaknesses": find_weaknesses,
        "refine_rationales": refine_rationales,
        "merge_dataset": merge_dataset,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "first_rationales"),
        Edge("first_rationales", "evaluate", lambda state, _: not state["dataset"]),
        Edge("first_rationales", "assess"),
        Edge("assess", "identify_errors"),
        Edge("identify_errors", "evaluate", lambda state, _: bool(state["stop"])),
        Edge("identify_errors", "find_weaknesses", lambda _, params: params.uses_val and params.with_output),
        Edge("identify_errors", "refine_rationales"),
        Edge("find_weaknesses", "refine_rationales"),
        Edge("refine_rationales", "merge_dataset"),
        Edge("merge_dataset", "assess", lambda state, params: number(state, "round") < params.rounds),
        Edge("merge_dataset", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("rationale", "demo"),
    cost=cost,
    practice="train",
    rounds=lambda params: params.rounds,
    needs=_needs,
    instead={"student_use": "in_context"},
    random_target={"target": "random", "with_output": False},
    review_points=("assess", "merge_dataset"),
    when="Take it if you would distil a teacher's rationales anyway and have train problems with known answers: each"
    " further round costs only as much as there are errors left. With student_use=in_context nothing is trained. It is"
    " not for a student that is too weak to learn from rationales, nor where there are no problems to train on.",
    rows=("sft",),
    example="--task chains --student sim/two-bugs --teacher rules --train 12 --val 12 --test 40",
)
