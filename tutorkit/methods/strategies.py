"""A library of scenarios and strategies (interpretable knowledge distillation, arXiv 2408.07238).

The teacher writes strategies for the situations that the student gets into. A strategy enters the library once the
student was seen to do better with it; when the student is asked later, the strategies of the nearest situations are put
into its prompt, and no teacher is asked. People can read the library and veto what is in it.

Problems without gold are scored by the judge (``scored_by="judge"``), who sees one reply at a time and not whether a
strategy was at hand.

What is known: the abstract: finding situations and writing strategies for them take turns, in a simulated customer
service. No code and no figure was published; how many strategies are retrieved and who judges is not known: these are
parameters. A digest says that not only situations in which the student fails count; that is ``scenarios="all"``. That
the roll-outs are those of the student as it is already taught, that a strategy is improved until the student does
better with it, and that nothing is retrieved below a floor, are ours. In the paper a simulated customer talks on; here
a roll-out is the student's next move, at most after a conversation so far (task ``service``). So all is a variant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import ReplyPending
from tutorkit.methods._nodes.author import keep_lesson, lesson_id
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.retrieve import nearest
from tutorkit.methods._nodes.state import ids, number
from tutorkit.methods._nodes.verify import principle_faults
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods._strategies.library import merged
from tutorkit.methods._strategies.scenarios import Scenario, ScenarioDraft, families, read_scenarios, scenario_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, Sizes, State, Wire
from tutorkit.retrieval import read_rule
from tutorkit.types import Attempt, Lesson, Problem, Record, Score, Split

SHOWN = 3
"""So many examples of a situation are shown to the teacher, and kept with the strategy for retrieval."""

GOOD_ENOUGH = 0.75
"""A judged reply below this score is a mistake: less than 4 of 5, or against the policy."""

_MEASURED: tuple[Split, ...] = ("val", "test")


def _is_rule(rule: str) -> str:
    read_rule(rule)
    return rule


class StrategiesParams(Params):
    """The parameters of the strategy library."""

    rounds: int = Field(default=1, ge=1, le=8, description="Roll-outs, each of the student as it is taught by then.")
    scenarios: Literal["mistakes", "all"] = Field(
        default="mistakes", description="Take the situations in which the student fails, or all that it gets into."
    )
    most_scenarios: int = Field(default=20, ge=1, le=200, description="New situations in a round at most.")
    tries: int = Field(default=3, ge=1, le=10, description="Versions of a strategy at most, until one helps.")
    trials: int = Field(default=3, ge=1, le=20, description="Problems on which a strategy is tried.")
    known_from: float = Field(
        default=0.8, gt=0, le=1, description="A situation as similar as this to a known one is not new."
    )
    retrieve: Annotated[str, AfterValidator(_is_rule)] = Field(
        default="top-3 above 0.2", description="Which strategies the student gets for a question."
    )
    scored_by: Literal["scorer", "judge"] = Field(
        default="scorer", description="Who says how good a reply is; a judge for problems without gold."
    )
    audit: Literal["auto", "human"] = Field(
        default="auto", description="With human, the run waits until somebody has approved or rejected each strategy."
    )
    target: Literal["scenarios", "random"] = Field(
        default="scenarios", description="Learn from these, or from as many attempts drawn at random (a control)."
    )


class StrategyDraft(Wire):
    """A strategy for one situation."""

    diagnosis: str = Field(max_length=600, description="Why the student does what it does there.")
    strategy: str = Field(max_length=600, description="What to do there, in the imperative.")
    do: list[str] = Field(max_length=5, description="Concrete moves, one each.")
    dont: list[str] = Field(max_length=5, description="What not to do, one each, without the word not.")
    applicability: str = Field(max_length=300, description="How to know the situation: continues 'When …'.")


class Verdict(Wire):
    """How good one reply is."""

    reasons: list[str] = Field(max_length=5, description="What speaks for and against it.")
    policy_ok: bool = Field(description="Whether it keeps to what the task demands.")
    satisfaction: Annotated[int, Field(ge=1, le=5)] = Field(description="From 1 (useless) to 5 (just what is needed).")


async def practise(state: State, deps: Deps) -> State:
    """Roll out: the student answers, with what the library so far has for each question."""
    params: StrategiesParams = deps.params
    library = ids(state, "lessons")
    made = await practise_problems(
        deps, deps.problems("val"), lesson_ids=retriever(deps, library), phase=f"val-{number(state, 'round')}"
    )
    scores = await _scores(deps, made)
    attempts = [attempt for attempt in load_attempts(deps, made) if attempt.grade.outcome != "unfinished"]
    if params.scored_by == "scorer":
        wrong = [attempt.id for attempt in mistakes(attempts)]
    else:
        wrong = [attempt.id for attempt in attempts if scores.get(attempt.id, 1.0) < GOOD_ENOUGH]
    taken = wrong if params.scenarios == "mistakes" else [attempt.id for attempt in attempts]
    if params.target == "random":
        taken = sorted(deps.rng.sample(made, len(taken)), key=made.index)
    return {"lessons": [*library], "taken": [*taken], "scores": {**scores}, "scenarios": [], "accepted": [], "tries": 0}


async def extract_scenarios(state: State, deps: Deps) -> State:
    """Say of each attempt in what situation the student was, in terms that do not depend on the problem."""
    problems = _val(deps)

    async def one(attempt: Attempt) -> JsonValue:
        said = await deps.teacher.call(
            "extract_scenario",
            {
                "task": task_view(deps.task),
                "problem": problem_view(problems[attempt.problem_id]),
                "attempt": attempt_view(attempt),
            },
            ScenarioDraft,
            about=(attempt.id,),
        )
        scenario = Scenario(name="", attempt_ids=(attempt.id,), call_ids=said.call_ids, **said.value.model_dump())
        return scenario.model_dump(mode="json")

    result = await deps.map(one, load_attempts(deps, ids(state, "taken")), key=lambda attempt: attempt.id)
    return {"scenarios": [*result.done.values()]}


async def novelty_filter(state: State, deps: Deps) -> State:
    """Put situations that are alike together, and leave out those for which the library has a strategy already."""
    params: StrategiesParams = deps.params
    known = [(str(lesson.data["situation"]), lesson.skill) for lesson in load_lessons(deps, ids(state, "lessons"))]
    found = families(read_scenarios(state), known=known, alike_from=params.known_from, most=params.most_scenarios)
    return {"scenarios": [scenario.model_dump(mode="json") for scenario in found]}


async def coach(state: State, deps: Deps) -> State:
    """Have a strategy written for each open situation, and let the student try it where it did not help before.

    Who does better with it than without has it accepted; else its next version is asked for, up to ``tries``. In a
    situation in which the student is right already a strategy is accepted that does no harm.
    """
    written = await deps.map(_writer(state, deps), read_scenarios(state), key=lambda scenario: f"write:{scenario.name}")
    drafts = {name: _Draft.model_validate(value) for name, value in written.done.items()}
    tried = await _tried(state, deps, drafts)
    left: list[JsonValue] = []
    accepted = ids(state, "accepted")
    for scenario in read_scenarios(state):
        draft = drafts.get(f"write:{scenario.name}")
        if draft is None:
            continue
        lesson = _kept(state, deps, scenario, draft, tried.get(scenario.name, {}))
        if lesson.verified:
            accepted.append(lesson.id)
        else:
            left.append(scenario.model_copy(update={"last_id": lesson.id}).model_dump(mode="json"))
    return {"scenarios": left, "accepted": [*accepted], "tries": number(state, "tries") + 1}


class _Draft(Record):
    """A strategy before it is tried, with its text as the student reads it and what speaks against that."""

    said: StrategyDraft
    text: str
    faults: tuple[str, ...]
    call_ids: tuple[str, ...]


def _writer(state: State, deps: Deps) -> Callable[[Scenario], Awaitable[JsonValue]]:
    problems = _val(deps)

    async def one(scenario: Scenario) -> JsonValue:
        last = deps.sink.get(Lesson, scenario.last_id) if scenario.last_id else None
        said = await deps.teacher.call(
            "write_strategy",
            {
                "task": task_view(deps.task),
                "scenario": scenario_view(scenario),
                "examples": [
                    {"problem": problem_view(problems[attempt.problem_id]), "attempt": attempt_view(attempt)}
                    for attempt in load_attempts(deps, scenario.attempt_ids[:SHOWN])
                ],
                "failed": {"text": last.text, "because": "; ".join(last.checks)} if last else None,
            },
            StrategyDraft,
            about=scenario.attempt_ids[:SHOWN],
            sample=number(state, "tries"),
        )
        text = _as_read(said.value)
        faults = [*principle_faults(text, deps.problems("val"))] if said.value.strategy.strip() else ["empty"]
        if last is not None and last.text == text:
            faults.append("the same as the version before")
        return _Draft(said=said.value, text=text, faults=tuple(faults), call_ids=said.call_ids).model_dump(mode="json")

    return one


def _as_read(draft: StrategyDraft) -> str:
    """Return the text that the student reads; what stands at the end of the strategy stays at the end."""
    lines = [f"When {draft.applicability.strip()}:"] if draft.applicability.strip() else []
    lines += [f"Do: {move.strip()}" for move in draft.do if move.strip()]
    lines += [f"Do not: {move.strip()}" for move in draft.dont if move.strip()]
    return "\n".join([*lines, draft.strategy.strip()])


async def _tried(state: State, deps: Deps, drafts: dict[str, _Draft]) -> dict[str, dict[str, float]]:
    """Let the student answer problems of each situation again, with the new strategy after what it was given before."""
    problems = _val(deps)
    library = retriever(deps, ids(state, "lessons"))
    trials = [
        (scenario, attempt)
        for scenario in read_scenarios(state)
        if (draft := drafts.get(f"write:{scenario.name}")) is not None and not draft.faults
        for attempt in load_attempts(deps, scenario.attempt_ids[: deps.params.trials])
    ]

    async def one(trial: tuple[Scenario, Attempt]) -> JsonValue:
        scenario, attempt = trial
        problem = problems[attempt.problem_id]
        text = drafts[f"write:{scenario.name}"].text
        name = lesson_id(deps, kind="strategy", text=text, sources=scenario.attempt_ids, parent_id=scenario.last_id)
        new = Lesson(id=name, run_id=deps.run_id, kind="strategy", text=text, skill=scenario.skill)
        phase = f"trial-{number(state, 'round')}.{number(state, 'tries')}"
        return (await deps.student.answer(problem, [*load_lessons(deps, library(problem)), new], phase=phase)).id

    made = await deps.map(one, trials, key=lambda trial: f"try:{trial[1].id}")
    scores = await _scores(deps, [str(name) for name in made.done.values()])
    found: dict[str, dict[str, float]] = {}
    for scenario, attempt in trials:
        after = str(made.done.get(f"try:{attempt.id}"))
        if after in scores:
            found.setdefault(scenario.name, {})[attempt.id] = scores[after]
    return found


def _kept(state: State, deps: Deps, scenario: Scenario, draft: _Draft, after: dict[str, float]) -> Lesson:
    """Keep a version of a strategy, with its scores before and after, as accepted or as refused with the reason."""
    kept = state.get("scores", {})
    scores = kept if isinstance(kept, dict) else {}
    before = [float(str(scores[name])) for name in after if name in scores]
    old, new = _mean(before), _mean(list(after.values()))
    faults = list(draft.faults)
    if not faults and not (new > old or new == old == 1.0):
        faults = [f"the student does no better with it: {old:.2f} before, {new:.2f} after, on {len(after)} problems"]
    problems = _val(deps)
    examples = [problems[a.problem_id].text for a in load_attempts(deps, scenario.attempt_ids[:SHOWN])]
    return keep_lesson(
        deps,
        kind="strategy",
        text=draft.text,
        faults=faults,
        call_ids=(*scenario.call_ids, *draft.call_ids),
        skill=scenario.skill,
        sources=scenario.attempt_ids,
        source_split="val",
        parent=deps.sink.get(Lesson, scenario.last_id) if scenario.last_id else None,
        data={
            **draft.said.model_dump(mode="json", exclude={"strategy"}),
            "situation": scenario.situation,
            "applies_to": "\n".join([scenario.situation, *examples]),
            "score_before": old,
            "score_after": new,
            "tried_on": len(after),
            "round": number(state, "round"),
        },
    )


async def audit_gate(state: State, deps: Deps) -> State:
    """Let through what may enter the library; with ``audit="human"`` wait until somebody has decided about all of it.

    Raises:
        ReplyPending: naming how many strategies wait, and what to do.
    """
    accepted = load_lessons(deps, ids(state, "accepted"))
    waiting = [lesson.id for lesson in accepted if lesson.audit not in ("approved", "rejected")]
    if waiting and deps.params.audit == "human":
        raise ReplyPending(
            f"{len(waiting)} strategies of the run {deps.run_id} wait for review.",
            remedy="Look at them with `tutorkit show`, decide with `tutorkit review`, and run the same command again.",
            data={"files": waiting, "folder": f"the run {deps.run_id}"},
        )
    return {"accepted": [lesson.id for lesson in accepted if lesson.audit != "rejected"]}


async def upsert_library(state: State, deps: Deps) -> State:
    """Put what was accepted into the library. Of two that contradict each other in one situation the better stays."""
    before = ids(state, "lessons")
    accepted = load_lessons(deps, ids(state, "accepted"))
    library, beaten = merged(load_lessons(deps, before), accepted, alike_from=deps.params.known_from)
    deps.sink.put(*(_conflict_score(deps, loser=loser, winner=winner, state=state) for loser, winner in beaten))
    lessons = [lesson.id for lesson in library]
    return {
        "lessons": [*lessons],
        "changed": lessons != before,
        "version": digest([*lessons])[:16],
        "retrieval": deps.params.retrieve,
        "round": number(state, "round") + 1,
    }


def _conflict_score(deps: Deps, *, loser: Lesson, winner: Lesson, state: State) -> Score:
    return Score(
        id=stable_id("score", deps.run_id, "conflict", loser.id, winner.id),
        run_id=deps.run_id,
        subject_id=loser.id,
        kind="conflict",
        value=float(str(winner.data["score_after"])) - float(str(loser.data["score_after"])),
        n=2,
        probe_set=winner.id,
        round=number(state, "round"),
    )


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student untaught, and with what the library has for each question; no teacher takes part."""
    library = ids(state, "lessons")
    return {"test": await evaluate_lessons(deps, lesson_ids=retriever(deps, library) if library else ())}


async def judge_test(state: State, deps: Deps) -> State:
    """Have the judge look at the answers to the test problems, where there is no gold to grade them by."""
    test = state["test"]
    measured = {name: ids(test, name) for name in ("untaught", "taught")} if isinstance(test, dict) else {}
    scores = await _scores(deps, list(dict.fromkeys(name for made in measured.values() for name in made)))
    for condition, made in measured.items():
        seen = [scores[name] for name in made if name in scores]
        deps.sink.put(
            Score(
                id=stable_id("score", deps.run_id, "judged", condition),
                run_id=deps.run_id,
                subject_id=deps.run_id,
                kind=f"judged_{condition}",
                value=_mean(seen),
                n=len(seen),
                probe_set="test",
            )
        )
    return {}


def retriever(deps: Deps, library: Sequence[str]) -> Callable[[Problem], Sequence[str]]:
    """Return what says for a problem which strategies of a library the student gets, in the library's order.

    What a person rejected in the meantime is left out.
    """
    lessons = load_lessons(deps, library)
    usable = [lesson.id for lesson in lessons if lesson.verified and lesson.audit != "rejected"]
    return nearest(deps, usable, rule=deps.params.retrieve)


async def _scores(deps: Deps, attempt_ids: Sequence[str]) -> dict[str, float]:
    """Score attempts in [0, 1], by their grade or by the judge, who sees the question and the reply alone."""
    attempts = load_attempts(deps, attempt_ids)
    if deps.params.scored_by == "scorer":
        return {attempt.id: attempt.grade.score for attempt in attempts}
    problems = {problem.id: problem for split in _MEASURED for problem in deps.problems(split)}

    async def one(attempt: Attempt) -> JsonValue:
        problem = problems[attempt.problem_id]
        said = await deps.judge.call(
            "judge_reply",
            {
                "task": task_view(deps.task),
                "problem": {"text": problem.question().as_text(), "item": problem.item},
                "reply": attempt.raw,
            },
            Verdict,
            about=(attempt.id,),
        )
        return (said.value.satisfaction - 1) / 4 if said.value.policy_ok else 0.0

    result = await deps.map(one, attempts, key=lambda attempt: f"judge:{attempt.id}")
    return {name.removeprefix("judge:"): float(str(score)) for name, score in result.done.items()}


def cost(params: StrategiesParams, sizes: Sizes) -> Cost:
    """Count the calls of each round, with D attempts to learn from and s = min(D, ``most_scenarios``) situations.

    D + s for the teacher, V + s · ``trials`` for the student; the judge, where there is one, scores each of the
    student's answers, those to the test problems too. It is exact where s new situations came up, each in ``trials``
    attempts, and the first strategy helped; fewer situations cost less. A strategy that does not help costs another
    call, up to ``tries`` for each situation. What a judge will hold for a mistake is not known beforehand, so D is V.
    """
    judged = params.scored_by == "judge"
    learnt = [sizes.val if judged or params.scenarios == "all" else wrong for wrong in sizes.wrong[: params.rounds]]
    worked = [min(found, params.most_scenarios) for found in learnt]
    student = sum(sizes.val + situations * params.trials for situations in worked)
    return Cost(
        teacher=sum(learnt) + sum(worked),
        student=student,
        judge=student + 2 * sizes.test if judged else 0,
        again=(params.tries - 1) * sum(worked),
    )


def fidelity(params: StrategiesParams) -> str:
    """Name the variant: in the paper a simulated customer goes on talking, here a roll-out is one reply."""
    if params.target == "random":
        return "variant:random-target"
    return "variant:single-turn" if params.scenarios == "all" else "variant:single-turn-failures-only"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _val(deps: Deps) -> dict[str, Problem]:
    return {problem.id: problem for problem in deps.problems("val")}


def _once_more(state: State, params: StrategiesParams) -> bool:
    return bool(state["scenarios"]) and number(state, "tries") < params.tries


METHOD = Method(
    name="strategies",
    version="1",
    summary="Builds a library of situations and tested strategies, retrieved for each question.",
    paper=Paper(
        "Using Advanced LLMs to Enhance Smaller LLMs: An Interpretable Knowledge Distillation Approach",
        "arXiv:2408.07238",
        2024,
    ),
    params=StrategiesParams,
    fidelity=fidelity,
    nodes={
        "practise": practise,
        "extract_scenarios": extract_scenarios,
        "novelty_filter": novelty_filter,
        "coach": coach,
        "audit_gate": audit_gate,
        "upsert_library": upsert_library,
        "evaluate": evaluate,
        "judge_test": judge_test,
    },
    edges=(
        Edge(START, "practise"),
        Edge("practise", "evaluate", lambda state, _: not state["taken"]),
        Edge("practise", "extract_scenarios"),
        Edge("extract_scenarios", "novelty_filter"),
        Edge("novelty_filter", "evaluate", lambda state, _: not state["scenarios"]),
        Edge("novelty_filter", "coach"),
        Edge("coach", "coach", _once_more),
        Edge("coach", "audit_gate"),
        Edge("audit_gate", "upsert_library"),
        Edge(
            "upsert_library",
            "practise",
            lambda state, params: bool(state["changed"]) and number(state, "round") < params.rounds,
        ),
        Edge("upsert_library", "evaluate"),
        Edge("evaluate", "judge_test", lambda _, params: params.scored_by == "judge"),
        Edge("evaluate", END),
        Edge("judge_test", END),
    ),
    artefacts=("strategy",),
    cost=cost,
    rounds=lambda params: params.rounds * params.tries,
    random_target={"target": "random"},
    review_points=("upsert_library",),
    when="Take it where what to do depends on the situation, as in customer service, and people must be able to read"
    " and veto what a student is told. Each question gets the few strategies that fit it, so the library may grow. If"
    " the same few rules help everywhere, tpd does it with fewer calls.",
    example="--task chains --student sim/two-bugs --teacher rules --val 30 --test 40",
)
