"""Exemplars: a set of examples that the teacher rewrites after the errors of students who used it, in a beam search.

Source: the third method of learning by teaching (arXiv 2406.14629). That a set is rewritten with problems of known
answers alone, and scored once on the same problems, is ours. So is the order of equals: the later set comes first,
since it answers errors that were seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._lbt.teaching import TeachingRationale, teach_problem
from tutorkit.methods._nodes.demo import keep_demo
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes, practise
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import id_lists, ids, number
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view, unsolved_view
from tutorkit.methods.vocabulary import Deps, State, Wire
from tutorkit.types import Attempt, Lesson, Problem, Score

SHORTEST_REASON = 6
"""A reason of fewer words says nothing that one could act upon (the authors' rule)."""


class Reflection(Wire):
    """Why students failed with these examples."""

    reasons: list[str] = Field(max_length=10, description="What the examples fail to teach, one reason each.")


class RewrittenExample(Wire):
    """One example of the new set."""

    id: str = Field(description="Id of the example or failed problem that it is about.")
    rationale: str = Field(max_length=4000, description="The solution, step by step, without the answer's line.")
    answer: str = Field(max_length=400, description="The final answer alone.")


class RewrittenSet(Wire):
    """The new set of examples."""

    exemplars: list[RewrittenExample] = Field(max_length=64, description="In the order in which they are read.")


def parts_of(train: int, *, exemplars: int, evals: int) -> tuple[int, int]:
    """Return how many of the train problems become examples and how many score sets; students practise on the rest."""
    first = min(exemplars, train // 3)
    return first, min(evals, (train - first) // 2)


async def seed_exemplars(_state: State, deps: Deps) -> State:
    """Take the train problems apart, and have the first examples written."""
    problems = [*needed_problems(deps, "train", to="make examples of")]
    deps.rng.shuffle(problems)
    first, evals = parts_of(len(problems), exemplars=deps.params.exemplars, evals=deps.params.eval_items)

    async def one(problem: Problem) -> JsonValue:
        lesson = await teach_problem(deps, problem, sample=0, checked=True)
        return lesson.id if lesson.verified else None

    result = await deps.map(one, problems[:first], key=lambda problem: problem.id)
    names = [problem.id for problem in problems]
    return {
        "sets": [{"lessons": [name for name in result.done.values() if name], "parent": None, "reasons": []}],
        "scores": {},
        "beam": [0],
        "eval_ids": [*names[first : first + evals]],
        "practice_ids": [*names[first + evals :]],
        "round": 0,
    }


async def gather_errors(state: State, deps: Deps) -> State:
    """Have the students answer some problems with each set of the beam, and gather what they get wrong."""
    pool = _problems(deps, ids(state, "practice_ids"))
    found: dict[str, JsonValue] = {}
    for place in _places(state):
        batch = deps.rng.sample(pool, min(deps.params.minibatch, len(pool)))
        wrong: list[str] = []
        for seat, student in enumerate((deps.student, *deps.panel)):
            phase = f"exemplars-{number(state, 'round')}.{place}.{seat}"
            made = await practise(deps, batch, lesson_ids=_lessons(state, place), phase=phase, student=student)
            wrong += [attempt.id for attempt in mistakes(load_attempts(deps, made))]
        deps.rng.shuffle(wrong)
        found[str(place)] = [*wrong]
    return {"errors": found}


async def edit(state: State, deps: Deps) -> State:
    """Have the teacher say why students failed with a set, and rewrite the set so that they would not."""
    params = deps.params
    chunks = [
        (place, start, errors[start : start + params.errors])
        for place in _places(state)
        for errors in [id_lists(state, "errors").get(str(place), [])]
        for start in range(0, len(errors), params.errors)[: min(params.gradients, params.expansions)]
    ]

    async def one(chunk: tuple[int, int, list[str]]) -> JsonValue:
        place, _, errors = chunk
        return await _rewritten(deps, load_lessons(deps, _lessons(state, place)), load_attempts(deps, errors))

    result = await deps.map(one, chunks, key=lambda chunk: f"{chunk[0]}:{chunk[1]}")
    sets = _sets(state)
    for chunk in chunks:
        made = result.done.get(f"{chunk[0]}:{chunk[1]}")
        if isinstance(made, dict) and made["lessons"] not in [known["lessons"] for known in sets]:
            sets.append({**made, "parent": chunk[0], "errors": [*chunk[2]]})
    return {"sets": [*sets], "fresh": [*range(len(_sets(state)), len(sets))]}


async def _rewritten(deps: Deps, lessons: Sequence[Lesson], errors: Sequence[Attempt]) -> JsonValue:
    """Reflect on the errors and rewrite the examples; None when nothing comes of it."""
    old = {f"X{place}": lesson for place, lesson in enumerate(lessons, start=1)}
    failed = {f"E{place}": attempt for place, attempt in enumerate(errors, start=1)}
    problems = {name: deps.sink.get(Problem, attempt.problem_id) for name, attempt in failed.items()}
    task, about = task_view(deps.task), [attempt.id for attempt in errors]
    examples: list[JsonValue] = [{"id": name, **_shown(lesson)} for name, lesson in old.items()]
    seen: list[JsonValue] = [
        {"id": name, "problem": problem_view(problems[name]), "attempt": attempt_view(failed[name])} for name in failed
    ]
    reflected = await deps.teacher.call(
        "reflect_on_errors", {"task": task, "exemplars": examples, "errors": seen}, Reflection, about=about
    )
    reasons: list[JsonValue] = [each for each in reflected.value.reasons if len(each.split()) >= SHORTEST_REASON]
    if not reasons:
        return None
    failures: list[JsonValue] = [{"id": name, "problem": problem_view(problem)} for name, problem in problems.items()]
    said = await deps.teacher.call(
        "rewrite_exemplars",
        {
            "task": task,
            "exemplars": examples,
            "failures": failures,
            "reasons": reasons,
            "most": deps.params.exemplars,
        },
        RewrittenSet,
        about=about,
    )
    call_ids = (*reflected.call_ids, *said.call_ids)
    kept = _checked(deps, said.value, old=old, failed=problems, call_ids=call_ids, sources=about)
    return {"lessons": [*kept], "reasons": reasons} if kept else None


def _checked(
    deps: Deps,
    said: RewrittenSet,
    *,
    old: Mapping[str, Lesson],
    failed: Mapping[str, Problem],
    call_ids: Sequence[str],
    sources: Sequence[str],
) -> list[str]:
    """Keep the examples whose answers are right, one for a problem, as many as a set may have."""
    kept: dict[str, str] = {}
    for example in said.exemplars:
        parent = old.get(example.id)
        problem = failed.get(example.id) or (deps.sink.get(Problem, str(parent.data["problem_id"])) if parent else None)
        if problem is None or problem.id in kept or len(kept) == deps.params.exemplars:
            continue
        if parent is not None and (example.rationale.strip(), example.answer.strip()) == _written(parent):
            kept[problem.id] = parent.id
            continue
        lesson = keep_demo(
            deps,
            problem,
            solution=example.rationale,
            answer=example.answer,
            call_ids=call_ids,
            sources=sources,
            parent=parent,
            data={"applies_to": problem.question().as_text()},
        )
        if lesson.verified:
            kept[problem.id] = lesson.id
    return [*kept.values()]


async def select(state: State, deps: Deps) -> State:
    """Score the sets by the teacher's own answers with them, and keep the best: the beam. No student takes part."""
    items = _problems(deps, ids(state, "eval_ids"))
    scores = state["scores"] if isinstance(state["scores"], dict) else {}
    fresh = [int(str(place)) for place in _list(state["fresh"])]
    places = [*_places(state), *fresh] if fresh else []
    asked = [(place, problem) for place in places if str(place) not in scores for problem in items]

    async def one(ask: tuple[int, Problem]) -> JsonValue:
        place, problem = ask
        lessons = [each for each in load_lessons(deps, _lessons(state, place)) if each.data["group"] != problem.group]
        said = await deps.teacher.call(
            "answer_with_exemplars",
            {
                "task": task_view(deps.task),
                "exemplars": [_shown(lesson) for lesson in lessons],
                "problem": unsolved_view(problem),
            },
            TeachingRationale,
            about=(problem.id,),
        )
        return deps.scorer.grade(problem, f"{said.value.rationale}\nAnswer: {said.value.answer}").outcome == "right"

    result = await deps.map(one, asked, key=lambda ask: f"{ask[0]}:{ask[1].id}")
    right: dict[str, list[bool]] = {}
    for place, problem in asked:
        right.setdefault(str(place), []).append(result.done.get(f"{place}:{problem.id}") is True)
    scored: dict[str, JsonValue] = {**scores, **{place: sum(row) / len(row) for place, row in right.items()}}
    deps.sink.put(*(_score(deps, _lessons(state, int(place)), right[place], state) for place in right))
    ranked = sorted(places, key=lambda place: (-float(str(scored.get(str(place), 0.0))), -place))
    return {
        "scores": scored,
        "beam": [*ranked[: deps.params.beam]] if ranked else state["beam"],
        "round": number(state, "round") + 1,
    }


def another_round(state: State, rounds: int) -> bool:
    """Tell whether the search goes on: a round is left, and the last one brought a new set."""
    return bool(state["fresh"]) and number(state, "round") < rounds


async def take_best(state: State, _deps: Deps) -> State:
    """Let the student read the best set: the first of the beam."""
    return {"lessons": [*_lessons(state, _places(state)[0])]}


def _score(deps: Deps, lessons: Sequence[str], right: Sequence[bool], state: State) -> Score:
    subject = stable_id("exemplars", deps.run_id, [*lessons])
    return Score(
        id=stable_id("score", subject),
        run_id=deps.run_id,
        subject_id=subject,
        kind="exemplar_accuracy",
        value=sum(right) / len(right),
        n=len(right),
        probe_set="train",
        round=number(state, "round"),
    )


def _shown(lesson: Lesson) -> dict[str, JsonValue]:
    return {part: lesson.data[part] for part in ("problem", "solution", "answer")}


def _written(lesson: Lesson) -> tuple[JsonValue, JsonValue]:
    return lesson.data["solution"], lesson.data["answer"]


def _sets(state: State) -> list[dict[str, JsonValue]]:
    return [each for each in _list(state["sets"]) if isinstance(each, dict)]


def _lessons(state: State, place: int) -> list[str]:
    return [str(name) for name in _list(_sets(state)[place]["lessons"])]


def _places(state: State) -> list[int]:
    return [int(str(place)) for place in _list(state["beam"])]


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _problems(deps: Deps, names: Sequence[str]) -> list[Problem]:
    return [deps.sink.get(Problem, name) for name in names]
