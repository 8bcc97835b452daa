"""LbT, learning by teaching (arXiv 2406.14629, NeurIPS 2024).

The teacher is the one that learns. What it writes to teach a problem is worth as much as it makes students do on
similar problems, so the students' exams tell it which of its own rationales are good: to choose its answer (``m1``), to
be tuned on (``m2``), or to write better examples (``m3``).

What the figures mean. The scores ``teacher_accuracy`` say how often the teacher is right on the problems that it
taught, by majority (self-consistency) and by each way to add the exams up; no gold of these problems is used to choose.
The figure on the *test* problems is the student's: the best rationales for the chosen answers are its examples, if they
made students better than they are without and their answer is right. In ``m3`` the best set of examples is.

What is known: the paper and the authors' code. ``m1`` and ``m2`` follow them: n rationales of each problem, each of
them the only example at similar exam problems with known answers, the answer chosen by the scores of its rationales;
and pairs of rationales, scored half by their own answer and half by the exam, that differ by more than 0.3. Where the
paper has functional variants of a problem the exam problems are other problems that take the same skills. Its four
fixed examples beside the rationale are left out: a student sees the rationale alone. ``m3`` follows the beam search,
with one restriction that the name of the variant says: a rewritten example is about a problem with a known answer, one
of the present ones or of those that students failed, so that each can be checked. Sets are scored once, on the same
problems, where the authors' code spends its trials on the promising ones. Reported for ``m1`` on 181 problems of
MATH500: GPT-4o 91.71 by self-consistency, 96.69 by the exams of GPT-4o-mini.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._lbt.ballot import AGGREGATES, Aggregate, Tally, elected, preferred, tallied
from tutorkit.methods._lbt.exams import exam_pool, exams_for
from tutorkit.methods._lbt.exemplars import (
    another_round,
    edit,
    gather_errors,
    parts_of,
    seed_exemplars,
    select,
    take_best,
)
from tutorkit.methods._lbt.teaching import teach_problem
from tutorkit.methods._nodes.demo import keep_demo
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons
from tutorkit.methods._nodes.probe import Probed, probe, probe_untaught
from tutorkit.methods._nodes.retrieve import nearest
from tutorkit.methods._nodes.state import id_lists, ids
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, Sizes, State
from tutorkit.retrieval import read_rule
from tutorkit.types import Attempt, Lesson, PreferencePair, Problem, Score

EXAM = "exam"


def _is_rule(rule: str) -> str:
    read_rule(rule)
    return rule


class LbTParams(Params):
    """The parameters of learning by teaching."""

    mode: Literal["m1", "m2", "m3"] = Field(
        default="m1", description="Choose answers by exams, make pairs for the teacher too, or rewrite examples."
    )
    rationales: int = Field(
        default=24, ge=1, le=512, description="Rationales of each problem (m1, m2); at temperature 0 all are one."
    )
    exams: int = Field(default=3, ge=1, le=64, description="Exam problems for each rationale (m1, m2).")
    repeats: int = Field(default=3, ge=1, le=64, description="Answers of each student to each exam problem (m1, m2).")
    aggregate: Aggregate = Field(default="sum", description="How the exams of an answer's rationales add up (m1, m2).")
    exam: Literal["similar", "unrelated"] = Field(
        default="similar", description="Exam problems that are like what was taught, or unlike it (a control)."
    )
    pool: int = Field(default=100, ge=1, le=10_000, description="Problems that serve as exam problems at most.")
    min_gap: float = Field(default=0.3, ge=0, le=1, description="The scores of a pair differ by more than this (m2).")
    max_pairs: int = Field(default=8, ge=1, le=1000, description="Pairs of each problem at most (m2).")
    demos: int = Field(default=16, ge=0, le=200, description="Rationales that the student takes along (m1, m2).")
    retrieve: Annotated[str, AfterValidator(_is_rule)] = Field(
        default="top-4", description="Which of them the student gets for a question (m1, m2)."
    )
    exemplars: int = Field(default=8, ge=1, le=64, description="Examples in a set (m3).")
    rounds: int = Field(default=5, ge=1, le=20, description="Rounds of rewriting (m3).")
    beam: int = Field(default=4, ge=1, le=16, description="Sets that are kept from round to round (m3).")
    minibatch: int = Field(default=64, ge=1, le=1000, description="Problems that students answer with a set (m3).")
    gradients: int = Field(default=4, ge=1, le=16, description="Reflections on a set in a round (m3).")
    errors: int = Field(default=4, ge=1, le=16, description="Errors that are reflected on together (m3).")
    expansions: int = Field(default=8, ge=1, le=64, description="New sets from one set in a round at most (m3).")
    eval_items: int = Field(default=32, ge=1, le=1000, description="Problems on which sets are scored (m3).")


async def sample_rationales(_state: State, deps: Deps) -> State:
    """Have each problem taught several times; the teacher is told no answer."""
    asked = [(problem, sample) for problem in _taught(deps) for sample in range(deps.params.rationales)]

    async def one(ask: tuple[Problem, int]) -> JsonValue:
        lesson = await teach_problem(deps, ask[0], sample=ask[1], checked=False)
        return lesson.id if lesson.verified else None

    result = await deps.map(one, asked, key=lambda ask: f"{ask[0].id}:{ask[1]}")
    found: dict[str, list[JsonValue]] = defaultdict(list)
    for problem, sample in asked:
        if lesson_id := result.done.get(f"{problem.id}:{sample}"):
            found[problem.id].append(lesson_id)
    return {"rationales": {**found}}


async def examine(state: State, deps: Deps) -> State:
    """Examine the students on similar problems, with each rationale as their only example, and without any.

    Rationales of a problem that are the same to the letter are examined once.
    """
    params: LbTParams = deps.params
    pool = exam_pool(deps, most=params.pool)
    deps.rng.shuffle(pool)
    students = (deps.student, *deps.panel)
    before = await probe_untaught(deps, pool, phase=EXAM, students=students, repeats=params.repeats)
    written = {name: load_lessons(deps, lesson_ids) for name, lesson_ids in id_lists(state, "rationales").items()}
    golds = {exam.id: _answer(deps, exam, exam.gold or "") for exam in pool}
    exams: dict[str, list[Problem]] = {}
    for problem in _taught(deps):
        answers = {_answer(deps, problem, str(lesson.data["answer"])) for lesson in written.get(problem.id, [])}
        avoid = {name for name, gold in golds.items() if gold in answers}
        exams[problem.id] = exams_for(problem, pool, avoid=avoid, most=params.exams, alike=params.exam == "similar")
    first = {name: _first_of_each(lessons) for name, lessons in written.items()}
    seen = await probe(
        deps,
        [
            lesson
            for lessons in written.values()
            for lesson in lessons
            if first[_taught_by(lesson)][lesson.text] is lesson
        ],
        lambda lesson: exams[_taught_by(lesson)],
        phase=EXAM,
        kind="lbt",
        students=students,
        repeats=params.repeats,
    )
    results: dict[str, JsonValue] = {
        lesson.id: _result(seen, first[name][lesson.text]) for name, lessons in written.items() for lesson in lessons
    }
    return {
        "exams": {name: [exam.id for exam in chosen] for name, chosen in exams.items()},
        "results": results,
        "untaught": _by_exam(deps, before),
    }


def _result(seen: Mapping[str, Probed], lesson: Lesson) -> dict[str, JsonValue]:
    """Say which lesson stood for this one, and its score: 0 where no exam was finished, since nothing speaks for it."""
    probed = seen[lesson.id]
    return {"score": probed.accuracy or 0.0, "n": probed.n, "examined": lesson.id}


def _by_exam(deps: Deps, probed: Probed) -> dict[str, JsonValue]:
    """Return how often each exam problem is solved without a rationale."""
    right: dict[str, list[bool]] = defaultdict(list)
    for attempt in load_attempts(deps, probed.attempt_ids):
        if attempt.grade.outcome != "unfinished":
            right[attempt.problem_id].append(attempt.grade.outcome == "right")
    return {name: sum(row) / len(row) for name, row in right.items()}


async def rerank(state: State, deps: Deps) -> State:
    """Choose each problem's answer by the exams of its rationales, in every way; and see how often that is right."""
    tables = {problem.id: tallied(_candidates(state, deps, problem)) for problem in _taught(deps)}
    chosen = {name: {how: elected(table, how) for how in AGGREGATES} for name, table in tables.items() if table}
    problems = {problem.id: problem for problem in _taught(deps)}
    for how in AGGREGATES if chosen else ():
        right = [_is_right(deps, problems[name], answers[how] or "") for name, answers in chosen.items()]
        deps.sink.put(_score(deps, "teacher_accuracy", sum(right) / len(right), n=len(right), of=how))
    return {
        "answers": {name: {str(how): answer for how, answer in answers.items()} for name, answers in chosen.items()},
        "tables": {name: [_row(tally) for tally in table] for name, table in tables.items()},
    }


def _candidates(state: State, deps: Deps, problem: Problem) -> list[tuple[str, float]]:
    lessons = load_lessons(deps, id_lists(state, "rationales").get(problem.id, []))
    return [(_answer(deps, problem, str(lesson.data["answer"])), _grade(state, lesson)[0]) for lesson in lessons]


def _row(tally: Tally) -> dict[str, JsonValue]:
    return {"answer": tally.answer, **{how: tally.by(how) for how in AGGREGATES}}


async def make_pairs(state: State, deps: Deps) -> State:
    """Pair the rationales of each problem for preference tuning of the teacher, by answer and exam, half each."""
    pairs: list[PreferencePair] = []
    for problem in _taught(deps):
        lessons = {
            lesson.id: lesson for lesson in load_lessons(deps, id_lists(state, "rationales").get(problem.id, []))
        }
        scores = {
            name: 0.5 * _is_right(deps, problem, str(lesson.data["answer"])) + 0.5 * _grade(state, lesson)[0]
            for name, lesson in lessons.items()
        }
        deps.sink.put(
            *(_score(deps, "lbt_and_answer", value, n=1, of=problem.id, about=name) for name, value in scores.items())
        )
        for better, worse, gap in preferred(scores, gap=deps.params.min_gap, most=deps.params.max_pairs):
            pairs.append(_pair(state, deps, problem, lessons[better], lessons[worse], gap))
    deps.sink.put(*pairs)
    return {"pairs": [pair.id for pair in pairs]}


def _pair(state: State, deps: Deps, problem: Problem, better: Lesson, worse: Lesson, gap: float) -> PreferencePair:
    """Make a row whose learner is the teacher: that is whom it was made for."""
    return PreferencePair(
        id=stable_id("pair", better.id, worse.id),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=deps.teacher.ref,
        lesson_ids=(better.id, worse.id),
        source_attempt_ids=tuple(dict.fromkeys((*_sat(state, deps, better), *_sat(state, deps, worse)))),
        call_ids=tuple(dict.fromkeys((*better.call_ids, *worse.call_ids))),
        prompt=problem.question().as_text(),
        chosen=_spoken(better),
        rejected=_spoken(worse),
        unit="rationale",
        margin=gap,
        both_orders=False,
        data={"examined": [student.ref for student in (deps.student, *deps.panel)]},
    )


async def choose(state: State, deps: Deps) -> State:
    """Let the student take along the best rationale for each chosen answer, if it helped in the exam and is right.

    Those that helped most come first.
    """
    problems = {problem.id: problem for problem in _taught(deps)}
    found: list[tuple[float, Problem, Lesson]] = []
    answers = state["answers"] if isinstance(state["answers"], dict) else {}
    for name, chosen in answers.items():
        answer = chosen[deps.params.aggregate] if isinstance(chosen, dict) else None
        lessons = [
            lesson
            for lesson in load_lessons(deps, id_lists(state, "rationales")[name])
            if _answer(deps, problems[name], str(lesson.data["answer"])) == answer
        ]
        best = max(lessons, key=lambda lesson: _grade(state, lesson)[0])
        lift = _lift(state, name, best)
        deps.sink.put(_score(deps, "lift", lift, n=_grade(state, best)[1], of=EXAM, about=best.id))
        found += [(lift, problems[name], best)] if lift > 0 else []
    found.sort(key=lambda each: -each[0])
    kept: list[JsonValue] = []
    for _, problem, lesson in found:
        if len(kept) < deps.params.demos:
            demo = _checked(state, deps, problem, lesson)
            kept += [demo.id] if demo.verified else []
    return {"lessons": kept, "retrieval": deps.params.retrieve}


def _lift(state: State, name: str, lesson: Lesson) -> float:
    """Return how much better students were with a rationale than without, on the same exam problems."""
    untaught = state["untaught"] if isinstance(state["untaught"], dict) else {}
    before = [float(str(untaught[exam])) for exam in id_lists(state, "exams")[name] if exam in untaught]
    score, n = _grade(state, lesson)
    return round(score - sum(before) / len(before), 9) if before and n else 0.0


def _checked(state: State, deps: Deps, problem: Problem, lesson: Lesson) -> Lesson:
    return keep_demo(
        deps,
        problem,
        solution=str(lesson.data["solution"]),
        answer=str(lesson.data["answer"]),
        call_ids=lesson.call_ids,
        sources=_sat(state, deps, lesson),
        parent=lesson,
        data={"applies_to": problem.question().as_text()},
    )


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, without and with its examples."""
    lessons = ids(state, "lessons")
    if deps.params.mode == "m3" or not lessons:
        return {"test": await evaluate_lessons(deps, lesson_ids=lessons)}
    return {"test": await evaluate_lessons(deps, lesson_ids=nearest(deps, lessons, rule=deps.params.retrieve))}


def _taught(deps: Deps) -> tuple[Problem, ...]:
    """Return the problems that are taught: fine-tuning data is made of train problems, and of no others."""
    return deps.problems("train" if deps.params.mode == "m2" else "val")


def _taught_by(lesson: Lesson) -> str:
    return str(lesson.data["problem_id"])


def _first_of_each(lessons: Sequence[Lesson]) -> dict[str, Lesson]:
    first: dict[str, Lesson] = {}
    for lesson in lessons:
        first.setdefault(lesson.text, lesson)
    return first


def _grade(state: State, lesson: Lesson) -> tuple[float, int]:
    """Return a rationale's score in the exam, and over how many answers."""
    found = _result_of(state, lesson)
    return float(str(found.get("score", 0.0))), int(str(found.get("n", 0)))


def _sat(state: State, deps: Deps, lesson: Lesson) -> list[str]:
    """Return the attempts at a rationale's exam problems, in an order that does not depend on who was faster."""
    phase = f"{EXAM}/{_result_of(state, lesson).get('examined')}"
    return sorted(attempt.id for attempt in deps.sink.find(Attempt, run_id=deps.run_id, phase=phase))


def _result_of(state: State, lesson: Lesson) -> dict[str, JsonValue]:
    results = state["results"]
    found = results.get(lesson.id) if isinstance(results, dict) else None
    return found if isinstance(found, dict) else {}


def _answer(deps: Deps, problem: Problem, answer: str) -> str:
    """Return an answer as the scorer reads it, or as it stands where that cannot read it."""
    return deps.scorer.grade(problem, f"Answer: {answer}").normalised or answer.strip()


def _is_right(deps: Deps, problem: Problem, answer: str) -> bool:
    return deps.scorer.grade(problem, f"Answer: {answer}").outcome == "right"


def _spoken(lesson: Lesson) -> str:
    return f"{lesson.data['solution']}\nAnswer: {lesson.data['answer']}"


def _score(deps: Deps, kind: str, value: float, *, n: int, of: str, about: str | None = None) -> Score:
    subject = about or deps.run_id
    name = stable_id("score", deps.run_id, kind, subject, of)
    return Score(id=name, run_id=deps.run_id, subject_id=subject, kind=kind, value=value, n=n, probe_set=of)


def cost(params: LbTParams, sizes: Sizes) -> Cost:
    """Count the calls: n rationales of each problem; students sit e exams r times with each, and the pool without any.

    Rationales that are the same to the letter save an exam, and so do problems with fewer exam problems than ``exams``.
    With m3 the first examples are written in any case, and the rest depends on what students get wrong.
    """
    students = 1 + sizes.panel
    if params.mode == "m3":
        return _search_cost(params, sizes.train, students=students)
    taught = sizes.train if params.mode == "m2" else sizes.val
    pool = min(params.pool, sizes.train + sizes.probe)
    others = pool - 1 if params.mode == "m2" and params.pool >= sizes.train + sizes.probe else pool
    sat = taught * params.rationales * min(params.exams, others)
    return Cost(teacher=taught * params.rationales, student=(sat + pool) * params.repeats * students)


def _search_cost(params: LbTParams, train: int, *, students: int) -> Cost:
    """Count the calls of m3: the first examples are written in any case, the rest depends on what students get wrong.

    At most, in each round and for each set of the beam: the minibatch for each student, a reflection and a rewriting
    for each gradient, and the teacher's answers with each new set.
    """
    first, evals = parts_of(train, exemplars=params.exemplars, evals=params.eval_items)
    batch = min(params.minibatch, train - first - evals)
    edits = min(params.gradients, params.expansions, -(-batch * students // params.errors))
    beam, again, student = 1, evals, 0
    for _ in range(params.rounds):
        student += beam * batch * students
        again += beam * edits * (2 + evals)
        beam = min(params.beam, beam * (1 + edits))
    return Cost(teacher=first, student=student, again=again)


def fidelity(params: LbTParams) -> str:
    """Name the variant: exam problems that are like what was taught are the published procedure."""
    if params.mode == "m3":
        return "variant:m3-checked-examples"
    return "paper" if params.exam == "similar" else "variant:unrelated-exams"


METHOD = Method(
    name="lbt",
    version="1",
    summary="Scores a teacher's rationales by the exams that students pass with them.",
    paper=Paper("Can LLMs Learn by Teaching for Better Reasoning? A Preliminary Study", "arXiv:2406.14629", 2024),
    params=LbTParams,
    fidelity=fidelity,
    nodes={
        "sample_rationales": sample_rationales,
        "examine": examine,
        "rerank": rerank,
        "make_pairs": make_pairs,
        "choose": choose,
        "seed_exemplars": seed_exemplars,
        "gather_errors": gather_errors,
        "edit": edit,
        "select": select,
        "take_best": take_best,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "seed_exemplars", lambda _, params: params.mode == "m3"),
        Edge(START, "sample_rationales"),
        Edge("sample_rationales", "examine"),
        Edge("examine", "rerank"),
        Edge("rerank", "make_pairs", lambda _, params: params.mode == "m2"),
        Edge("rerank", "choose"),
        Edge("make_pairs", "choose"),
        Edge("choose", "evaluate"),
        Edge("seed_exemplars", "gather_errors"),
        Edge("gather_errors", "edit"),
        Edge("edit", "select"),
        Edge("select", "gather_errors", lambda state, params: another_round(state, params.rounds)),
        Edge("select", "take_best"),
        Edge("take_best", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("demo",),
    cost=cost,
    rounds=lambda params: params.rounds if params.mode == "m3" else 1,
    random_target={"exam": "unrelated"},
    review_points=("evaluate",),
    when="Take it when the teacher itself is unsure: what students can do with its rationales tells it which of them"
    " to trust. It needs similar problems with known answers, and many student calls. It does nothing for a teacher"
    " that is nearly always right, and for examples alone tpd is cheaper.",
    rows=("preference",),
    example="--task chains --student sim/two-bugs --teacher rules --train 8 --val 20 --test 40 --set rationales=2"
    " --set exams=2 --set repeats=1",
)
