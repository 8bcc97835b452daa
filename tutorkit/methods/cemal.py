"""CEMAL, customised exercises for maths learning: "Let GPT be a Math Tutor" (arXiv 2305.14386, EMNLP 2023).

The teacher writes a book of exercises after the training problems. In turns the student is assessed on the book and
trained on new exercises, which the teacher writes after those that it failed.

What is known: the abstract and a second-hand digest; no code was published. The two ways of writing an exercise (the
same structure in another story; a solution that goes the same way), the check of each exercise and the turns follow
those. Whether the paper trains on the book itself is not confirmed: by default it is only a thermometer
(``train_on_book``). The paper speaks of knowledge tracing and does not say how mastery is decided; taken for mastered
is what was not failed last time, and ``mastery="bkt"`` traces it by Bayes' rule (``variant:bkt``). The comparison with
the held-out problems, ``quota`` and the variant without training are ours. Reported: better than GPT-3 and PaLM on
three sets (abstract, without figures).

Ours, too, is ``scheduler="mastering-rate"`` (``variant:mastering-rate``): as many exercises after what was failed, but
dealt out by concept, first to those whose forerunners (``before``) are mastered. Skills that an exercise takes together
are one concept, "carry and percent", with a place of its own in that order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.knowledge.bkt import BKT
from tutorkit.methods._cemal.equations import calculated
from tutorkit.methods._cemal.tracing import traced
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.exercises import ExerciseDraft, HeldOut, exercise_problem, held_out, keep_exercise
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.retrieve import nearest
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.schedule import Before, Schedule, Scheduler, check_order, deal, keep_progress, schedule_of
from tutorkit.methods._nodes.scores import run_score
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import ids, number
from tutorkit.methods._nodes.variants import variant
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State
from tutorkit.types import Attempt, Lesson, Problem

ANALOGIES = ("problem", "solution")
"""The two ways of writing an exercise after another; they take turns."""


class CEMALParams(Params):
    """The parameters of CEMAL."""

    book: int | None = Field(
        default=None, ge=1, le=10_000, description="Exercises in the book; none given: one for each train problem."
    )
    rounds: int = Field(default=3, ge=1, le=20, description="Rounds of assessment and training.")
    per_weakness: int = Field(default=2, ge=1, le=20, description="New exercises for each exercise that was failed.")
    quota: int | None = Field(
        default=None, ge=1, le=10_000, description="New exercises a round, dealt out over the failed ones, instead."
    )
    target: Literal["weak", "random"] = Field(
        default="weak", description="Exercises after what was failed, or after as many drawn at random (a control)."
    )
    progressive: bool = Field(
        default=True, description="Assess again before each round; else all exercises come from one assessment."
    )
    mastery: Literal["failed", "bkt"] = Field(
        default="failed", description="Weak is what was failed last time; or only where its concept is not mastered."
    )
    mastered_at: float = Field(
        default=0.95, gt=0, lt=1, description="With bkt: the probability from which a concept is mastered."
    )
    bkt: BKT = Field(default=BKT(), description="With bkt: the probabilities initial, learn, slip and guess.")
    scheduler: Scheduler = Field(
        default="even", description="Exercises go to all that was failed alike; or to concepts by mastering rate."
    )
    before: Before = Field(
        default_factory=dict,
        description='With mastering-rate: the concepts before each, as {"percent": ["carry"]}; none given: no order.',
    )
    window: int = Field(
        default=3, ge=2, le=100, description="With mastering-rate: how many of the last assessments count."
    )
    check: Literal["solve", "equation"] = Field(
        default="solve",
        description="Confirm an answer by a second solution, or by its equation where that can be calculated.",
    )
    train_on_book: bool = Field(default=False, description="Train on the book's exercises, too.")
    student_use: Literal["trained", "in_context"] = Field(
        default="trained", description="Train the student on the exercises, or show it the nearest ones as examples."
    )
    k_demos: int = Field(default=4, ge=1, le=32, description="In context: examples shown for a question at most.")


class Exercise(ExerciseDraft):
    """An exercise of a mathematical task."""

    equation: str = Field(
        default="", max_length=200, description="The calculation that gives the answer; empty where there is none."
    )


@dataclass(frozen=True)
class _Order:
    """One exercise to be written: after which problem, for which failed attempt, as the how-manieth."""

    source: Problem
    place: int
    attempt_id: str | None = None

    @property
    def key(self) -> str:
        return f"{self.source.id}:{self.place}"


async def build_book(_state: State, deps: Deps) -> State:
    """Have the book written, after the train problems in turn; what does not pass its checks is no part of it."""
    seeds = needed_problems(deps, "train", to="write exercises after")
    if deps.params.scheduler == "mastering-rate":
        check_order(deps.params.before, [name for seed in seeds for name in (_concept(seed), *seed.skills)])
    size = deps.params.book or len(seeds)
    orders = [_Order(seeds[place % len(seeds)], place // len(seeds)) for place in range(size)]
    book = await _written(deps, orders, data={"part": "book", "round": 0})
    return {"round": 0, "book": [lesson.id for lesson in book], "exercises": [], "rows": [], "lessons": []}


async def assess(state: State, deps: Deps) -> State:
    """Have the student, as it is after the training so far, work through the book."""
    trained = await deps.trained(ids(state, "rows"))
    made = await practise_problems(
        deps,
        [_problem_of(deps, lesson) for lesson in load_lessons(deps, ids(state, "book"))],
        lesson_ids=_shown(state, deps),
        phase=f"train-{number(state, 'round')}",
        student=trained,
    )
    return {"attempts": [*made]}


async def update_mastery(state: State, deps: Deps) -> State:
    """Say of each concept how far it is mastered, and choose the attempts that exercises are to be written for."""
    seen = [a for a in load_attempts(deps, ids(state, "attempts")) if a.grade.outcome != "unfinished"]
    concepts = {attempt.id: _concept(deps.sink.get(Problem, attempt.problem_id)) for attempt in seen}
    mastery = traced(
        deps,
        [(concepts[attempt.id], attempt.grade.outcome == "right") for attempt in seen],
        bkt=deps.params.bkt if deps.params.mastery == "bkt" else None,
        before=_kept(state, "mastery"),
        given=_kept(state, "given"),
        round=number(state, "round"),
    )
    weak = [attempt for attempt in mistakes(seen) if _is_weak(deps.params, mastery[concepts[attempt.id]].p_mastered)]
    if deps.params.target == "random":
        drawn = {attempt.id for attempt in deps.rng.sample(seen, len(weak))}
        weak = [attempt for attempt in seen if attempt.id in drawn]
    right = sum(attempt.grade.outcome == "right" for attempt in seen)
    share, turn = right / len(seen) if seen else 0.0, number(state, "round")
    deps.sink.put(*mastery.values(), run_score(deps, "book_accuracy", share, n=len(seen), round=turn, probe_set="book"))
    update: State = {
        "weak": [attempt.id for attempt in weak],
        "mastery": {**_kept(state, "mastery"), **{c: [known.p_mastered, known.n] for c, known in mastery.items()}},
    }
    if deps.params.scheduler == "mastering-rate":
        update["progress"] = keep_progress(
            deps,
            _schedule(state, deps),
            state.get("progress"),
            seen,
            skill_of=lambda attempt: concepts[attempt.id],
            round=turn,
            probe_set="book",
        )
    return update


def _schedule(state: State, deps: Deps) -> Schedule:
    book = load_lessons(deps, ids(state, "book"))
    concepts = list(dict.fromkeys(str(lesson.data["concept"]) for lesson in book))
    return schedule_of(deps.params.before, concepts, window=deps.params.window)


def _is_weak(params: CEMALParams, mastered: float) -> bool:
    return params.mastery == "failed" or mastered < params.mastered_at


def _kept(state: State, key: str) -> dict[str, JsonValue]:
    value = state.get(key)
    return value if isinstance(value, dict) else {}


async def generate_exercises(state: State, deps: Deps) -> State:
    """Have new exercises written after those that the student failed."""
    params: CEMALParams = deps.params
    weak = load_attempts(deps, ids(state, "weak"))
    turns = 1 if params.progressive else params.rounds
    wanted = turns * (params.quota or params.per_weakness * len(weak))
    known = load_lessons(deps, ids(state, "exercises"))
    earlier = Counter(str(lesson.data["source_id"]) for lesson in known)
    orders = []
    for attempt in _dealt(state, deps, weak, wanted):
        source = deps.sink.get(Problem, attempt.problem_id)
        orders.append(_Order(source, earlier[source.id], attempt.id))
        earlier[source.id] += 1
    data: dict[str, JsonValue] = {"part": "exercise", "round": number(state, "round")}
    fresh = await _written(deps, orders, data=data, book=load_lessons(deps, ids(state, "book")), known=known)
    taught = [str(lesson.data["concept"]) for lesson in fresh]
    return {
        "fresh": [lesson.id for lesson in fresh],
        "exercises": [*ids(state, "exercises"), *(lesson.id for lesson in fresh)],
        "given": {concept: taught.count(concept) for concept in dict.fromkeys(taught)},
    }


def _dealt(state: State, deps: Deps, weak: Sequence[Attempt], total: int) -> list[Attempt]:
    """Return the attempts that exercises are to be written for, each as often as it gets one."""
    if deps.params.scheduler == "even":
        return [weak[place % len(weak)] for place in range(total)]
    by_concept: dict[str, list[Attempt]] = {}
    for attempt in weak:
        by_concept.setdefault(_concept(deps.sink.get(Problem, attempt.problem_id)), []).append(attempt)
    counts = deal(
        deps,
        _schedule(state, deps),
        state["progress"],
        total,
        among=list(by_concept),
        round=number(state, "round"),
        probe_set="book",
    )
    return [own[place % len(own)] for concept, own in by_concept.items() for place in range(counts[concept])]


async def train(state: State, deps: Deps) -> State:
    """Make the new exercises what the student learns from: fine-tuning data, or examples to be shown."""
    params: CEMALParams = deps.params
    if params.student_use == "in_context":
        book = ids(state, "book") if params.train_on_book else []
        return {"lessons": [*book, *ids(state, "exercises")], "round": number(state, "round") + 1}
    fresh = ids(state, "fresh")
    if params.train_on_book and number(state, "round") == 0:
        fresh = [*ids(state, "book"), *fresh]
    rows = [_row(deps, lesson, round=number(state, "round")) for lesson in load_lessons(deps, fresh)]
    return {"rows": [*ids(state, "rows"), *rows], "round": number(state, "round") + 1}


def _row(deps: Deps, lesson: Lesson, *, round: int) -> str:
    return keep_sft(
        deps,
        _problem_of(deps, lesson),
        rationale=str(lesson.data["solution"]),
        answer=str(lesson.data["answer"]),
        round=round,
        student=deps.student.ref,
        lesson_ids=(lesson.id,),
        sources=lesson.source_attempt_ids,
        call_ids=lesson.call_ids,
        data={"concept": lesson.data["concept"], "part": lesson.data["part"]},
    ).id


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    stop = "no book" if not ids(state, "book") else "rounds" if ids(state, "weak") else "nothing weak"
    turn = number(state, "round")
    deps.sink.put(run_score(deps, f"stop: {stop}", turn, n=1, round=turn))
    test = await evaluate_lessons(deps, lesson_ids=_shown(state, deps), rows=ids(state, "rows"))
    retrieval = {"retrieval": _rule(deps)} if deps.params.student_use == "in_context" else {}
    return {"test": test, "stop": stop, **retrieval}


async def _written(
    deps: Deps,
    orders: Sequence[_Order],
    *,
    data: dict[str, JsonValue],
    book: Sequence[Lesson] = (),
    known: Sequence[Lesson] = (),
) -> list[Lesson]:
    """Have exercises written and return those that pass their checks.

    What is to come after one and the same problem is written one after the other, so that the teacher knows what was
    written already and writes something else.
    """
    closed = held_out(deps)
    kept: list[Lesson] = [*known]
    taken = {str(lesson.data["problem"]) for lesson in (*book, *known)}
    for place in sorted({order.place for order in orders}):
        written: dict[str, list[JsonValue]] = {}
        for lesson in kept:
            written.setdefault(str(lesson.data["source_id"]), []).append(lesson.data["problem"])

        async def one(order: _Order, written: dict[str, list[JsonValue]] = written) -> JsonValue:
            earlier = written.get(order.source.id, [])
            return (await _write(deps, order, earlier, closed=closed, taken=taken, data=data)).id

        wave = [order for order in orders if order.place == place]
        result = await deps.map(one, wave, key=lambda order: order.key)
        kept += load_lessons(deps, [str(name) for name in result.done.values()])
    return _distinct(lesson for lesson in kept[len(known) :] if lesson.verified)


async def _write(
    deps: Deps,
    order: _Order,
    written: list[JsonValue],
    *,
    closed: HeldOut,
    taken: Collection[str],
    data: dict[str, JsonValue],
) -> Lesson:
    """Have one exercise written and checked."""
    params: CEMALParams = deps.params
    analogy = ANALOGIES[order.place % len(ANALOGIES)]
    said = await deps.teacher.call(
        "write_exercise",
        {"task": task_view(deps.task), "problem": problem_view(order.source), "analogy": analogy, "written": written},
        Exercise,
        about=(order.attempt_id or order.source.id,),
        # A draft that was turned away in one round is not to come again, from the cache, in the next.
        sample=int(str(data["round"])),
    )
    draft = said.value
    problem = exercise_problem(deps, draft, order.source, split="train")
    value = calculated(draft.equation)
    fits = value is not None and deps.scorer.grade(problem, f"Answer: {value}").outcome == "right"
    faults = [] if fits or value is None else [f"its equation comes to {value}"]
    if order.source.skills and not set(problem.skills) <= set(order.source.skills):
        faults.append(f"is about {draft.skill}")
    if problem.text in taken or problem.text == order.source.text:
        faults.append("was written already")
    by_equation = fits and params.check == "equation"
    return await keep_exercise(
        deps,
        draft,
        order.source,
        split="train",
        closed=closed,
        call_ids=said.call_ids,
        kind="demo" if params.student_use == "in_context" and _is_taught(params, data) else "exercise",
        sources=(order.attempt_id,) if order.attempt_id else (),
        faults=faults,
        solve=None if by_equation else "solve_exercise",
        data={
            **data,
            "analogy": analogy,
            "concept": _concept(problem),
            "verified_by": "equation" if by_equation else "solution",
        },
    )


def _is_taught(params: CEMALParams, data: dict[str, JsonValue]) -> bool:
    return data["part"] == "exercise" or params.train_on_book


def _distinct(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Leave out an exercise that was written a second time, after whatever problem."""
    return list({str(lesson.data["problem"]): lesson for lesson in reversed([*lessons])}.values())[::-1]


def _concept(problem: Problem) -> str:
    """Name what a problem is about: its skill; several that it takes together are one concept of their own."""
    return " and ".join(problem.skills) or "the task"


def _problem_of(deps: Deps, lesson: Lesson) -> Problem:
    return deps.sink.get(Problem, str(lesson.data["problem_id"]))


def _rule(deps: Deps) -> str:
    return f"top-{deps.params.k_demos}"


def _shown(state: State, deps: Deps) -> Callable[[Problem], list[str]] | tuple[()]:
    lessons = ids(state, "lessons")
    return nearest(deps, lessons, rule=_rule(deps)) if lessons else ()


def cost(params: CEMALParams, sizes: Sizes) -> Cost:
    """Count the calls: B(1 + c) + Σ W·a(1 + c) for the teacher, K·B for the student, with c = 1 for the check.

    A draft that is turned away before its check costs one call less. With ``check="equation"`` the checks may come on
    top. With ``quota`` a round with weaknesses takes that many exercises. With ``mastery="bkt"`` it is the most: what
    was failed by a slip gets none.
    """
    book = (params.book or sizes.train) if sizes.train else 0
    turns = 1 if params.progressive else params.rounds
    exercises = sum(turns * (params.quota or params.per_weakness * wrong) for wrong in sizes.wrong if wrong)
    drafts = book + exercises
    checked = params.check == "solve"
    return Cost(teacher=drafts * (1 + checked), student=book * len(sizes.wrong), again=0 if checked else drafts)


def fidelity(params: CEMALParams) -> str:
    """Name the variant: published are rounds over what was failed, with a student that is trained."""
    return variant(
        in_context=params.student_use == "in_context",
        random_target=params.target == "random",
        one_shot=not params.progressive,
        bkt=params.mastery == "bkt",
        quota=params.quota is not None,
        mastering_rate=params.scheduler == "mastering-rate",
        trained_on_book=params.train_on_book,
    )


def _needs(params: CEMALParams) -> frozenset[Need]:
    return frozenset({"train"} if params.student_use == "trained" else ())


def _another_round(state: State, params: CEMALParams) -> bool:
    return params.progressive and number(state, "round") < params.rounds


METHOD = Method(
    name="cemal",
    version="1",
    summary="Assesses a student on a book of exercises and trains it on new ones after those that it failed.",
    paper=Paper(
        "Let GPT be a Math Tutor: Teaching Math Word Problem Solvers with Customized Exercise Generation",
        "arXiv:2305.14386",
        2023,
    ),
    params=CEMALParams,
    fidelity=fidelity,
    nodes={
        "build_book": build_book,
        "assess": assess,
        "update_mastery": update_mastery,
        "generate_exercises": generate_exercises,
        "train": train,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "build_book"),
        Edge("build_book", "evaluate", lambda state, _: not state["book"]),
        Edge("build_book", "assess"),
        Edge("assess", "update_mastery"),
        Edge("update_mastery", "evaluate", lambda state, _: not state["weak"]),
        Edge("update_mastery", "generate_exercises"),
        Edge("generate_exercises", "train"),
        Edge("train", "assess", _another_round),
        Edge("train", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("exercise", "demo"),
    cost=cost,
    practice="train",
    rounds=lambda params: params.rounds if params.progressive else 1,
    needs=_needs,
    instead={"student_use": "in_context"},
    random_target={"target": "random", "scheduler": "even"},
    review_points=("train",),
    when="Take it for short problems of which many alike can be written, when there are few to train on: new exercises"
    " make up for missing data. Every exercise is checked, as a rule by a second solution, so the teacher's calls are"
    " what it costs. It is not for problems that a teacher cannot make up, such as questions about documents.",
    rows=("sft",),
    example="--task chains --student sim/two-bugs --teacher rules --train 12 --val 4 --test 40",
)
