"""Theory-of-mind intervention (arXiv 2306.09299, NeurIPS 2023).

A teacher who may explain only some of a student's problems decides which: it simulates the student with a mental model
made of a few of its answers, and explains where it expects an explanation to change most. What it says it models on
explanations that helped this student before.

What the figures mean. The items are the val problems, which took no part in the mental model: the *curve* says how many
of them the student gets right when the first of an order are explained, with the teacher at its side. The figure on the
*test* problems is what remains without the teacher: a few explained items, of those that the student had got wrong,
are its examples. With ``turns`` the same is measured on val, for several numbers of examples, wrong before or not (the
authors' multi-turn setting). With ``intervene_on=test`` the items are the test problems, the teacher never sees a gold,
and the taught student is the one that has its explanations.

What is known: the authors' code. The orders, the budgets, the choice of demonstrations for explanations and the mental
model's inputs follow it. Its defects are not taken over: every order keeps to the budget, also the one that knows the
truth; the mental model is shown what the student really answered; and where the gold is hidden it stands in no prompt.
Reported: five points more on StrategyQA when everything is explained (second-hand); help pays most at low budgets.

What differs, and is therefore in the name of the variant. The authors read a chance from the probability of a token,
which a model behind an API does not tell: here the teacher says it (``verbal``), or it is the share of several
simulations (``frequency``). The student's own confidence is the share of its samples. An explanation stands among the
rules of the student's prompt, and every sentence of it that states the answer is taken out first. The explanations that
serve as demonstrations are the teacher's own, of the train problems.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from tutorkit.methods._nodes.demo import keep_demo
from tutorkit.methods._nodes.evaluate import TAUGHT, UNTAUGHT
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.state import id_lists, ids, names
from tutorkit.methods._tom.explaining import keep_explanation
from tutorkit.methods._tom.intervention import (
    HINDSIGHT,
    STRATEGIES,
    Evidence,
    Strategy,
    accuracy_at,
    allowed,
    ranked,
)
from tutorkit.methods._tom.intervention_scores import curve_scores, item_scores, model_scores, score_of
from tutorkit.methods._tom.mental_model import example_view, predict
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, Sizes, State
from tutorkit.types import Attempt, Lesson, Problem


class ToMParams(Params):
    """The parameters of the theory-of-mind intervention."""

    strategy: Strategy = Field(default="utility", description="Who is explained first.")
    budgets: tuple[float, ...] = Field(
        default=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        min_length=1,
        description="Shares of the items that may be explained, each in [0, 1], for the curve.",
    )
    personalised: bool = Field(
        default=True, description="Model explanations on those that helped this student; else on any."
    )
    gold_visible: bool = Field(default=True, description="Show the teacher the correct answers.")
    score_kind: Literal["verbal", "frequency"] = Field(
        default="verbal", description="How the mental model's chance is read: as said, or from repeated simulations."
    )
    simulations: int = Field(default=1, ge=1, le=64, description="Simulations of each answer.")
    student_samples: int = Field(default=1, ge=1, le=64, description="Answers per item; their share is the confidence.")
    pool: int = Field(default=50, ge=0, le=10_000, description="Train problems on which the student is observed.")
    examples: int = Field(default=4, ge=0, le=32, description="Examples in a mental model, and in an explanation's.")
    demos: int = Field(default=4, ge=0, le=32, description="Explained items that the student takes along.")
    turns: tuple[int, ...] = Field(default=(), description="Numbers of explained items, for the multi-turn setting.")
    intervene_on: Literal["val", "test"] = Field(default="val", description="Whose problems are the items.")
    share: float = Field(default=0.4, ge=0, le=1, description="Share of the test problems explained, if they are.")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if any(not 0 <= budget <= 1 for budget in self.budgets):
            raise ValueError("each budget is a share from 0 to 1")
        if any(turn < 1 for turn in self.turns):
            raise ValueError("each turn is a number of items from 1 on")
        if not self.gold_visible and self.strategy == "oracle":
            raise ValueError("the oracle knows the answers: it does not go with gold_visible=false")
        if self.intervene_on == "test" and (self.gold_visible or self.turns or self.strategy in HINDSIGHT):
            raise ValueError("on test the teacher sees no gold (gold_visible=false), no turns and no hindsight")
        return self

    @property
    def reach(self) -> float:
        """The share of the items that the student is asked with their explanations."""
        shares = (*self.budgets, self.share) if self.intervene_on == "test" else self.budgets
        return 1.0 if self.strategy in HINDSIGHT else max(shares)

    @property
    def phases(self) -> tuple[str, str]:
        """The names of the attempts at the items without and with explanations."""
        return ("val-0", "val-explained") if self.intervene_on == "val" else (UNTAUGHT, TAUGHT)


async def practise(_state: State, deps: Deps) -> State:
    """Have the student answer the items without explanations, and draw the order that decides between equals."""
    made = await _answers(deps, _items(deps), phase=deps.params.phases[0], lessons={})
    shuffled = [*made]
    deps.rng.shuffle(shuffled)
    return {"pre": {name: [*attempts] for name, attempts in made.items()}, "shuffled": [*shuffled]}


async def observe_pool(_state: State, deps: Deps) -> State:
    """See the student on train problems without and with an explanation, and choose examples from that.

    Wrong and right answers take turns in the mental model. A personalised teacher sees those explanations alone after
    which a wrong answer became a right one.
    """
    params: ToMParams = deps.params
    pool = deps.problems("train")[: params.pool]
    before = _by_problem(deps, await practise_problems(deps, pool, lesson_ids=(), phase="pool-before"))

    async def one(problem: Problem) -> JsonValue:
        sources = [before[problem.id].id] if problem.id in before else []
        return (await keep_explanation(deps, problem, sources=sources, demos=[])).id

    said = await deps.map(one, pool, key=lambda problem: problem.id)
    usable = _usable(deps, said.done)
    explained = [problem for problem in pool if problem.id in usable]
    made = await practise_problems(deps, explained, lesson_ids=lambda p: [usable[p.id]], phase="pool-after")
    after = _by_problem(deps, made)
    seen = [name for name in usable if _finished(before.get(name)) and _finished(after.get(name))]
    flipped = [name for name in seen if not _right(before[name]) and _right(after[name])]
    wrong = [name for name in seen if not _right(before[name])]
    examples = _alternating(wrong, [name for name in seen if name not in wrong])[: params.examples]
    modelled = (flipped if params.personalised else [*usable])[: params.examples]
    return {
        "examples": [
            {"before": before[name].id, "explanation": usable[name], "after": after[name].id} for name in examples
        ],
        "flipped": [*flipped],
        "modelled_on": [usable[name] for name in modelled],
    }


async def explain(state: State, deps: Deps) -> State:
    """Write an explanation for every item, modelled on those that are shown."""
    pre = id_lists(state, "pre")
    demos: list[JsonValue] = [
        {"problem": _problem(deps, lesson).question().as_text(), "explanation": lesson.text}
        for lesson in load_lessons(deps, ids(state, "modelled_on"))
    ]

    async def one(problem: Problem) -> JsonValue:
        return (await keep_explanation(deps, problem, sources=pre[problem.id][:1], demos=demos)).id

    result = await deps.map(one, _answered(deps, state), key=lambda problem: problem.id)
    return {"explanations": dict(result.done)}


async def simulate(state: State, deps: Deps) -> State:
    """Predict for every item what the student will answer, without and with its explanation."""
    explanations = {name: deps.sink.get(Lesson, lesson) for name, lesson in names(state, "explanations").items()}
    rows = state["examples"]
    examples = [example_view(deps, row) for row in (rows if isinstance(rows, list) else []) if isinstance(row, dict)]
    before, after = await predict(deps, _answered(deps, state), explanations=explanations, examples=examples)
    return {"simulated": {"before": {**before}, "after": {**after}}}


async def intervene(state: State, deps: Deps) -> State:
    """Have the student answer again with their explanations the items that some budget reaches."""
    params: ToMParams = deps.params
    order = [*names(state, "pre")]
    if params.reach < 1:
        evidence = _evidence(state, deps)
        order = ranked(params.strategy, evidence, shuffled=ids(state, "shuffled"))[: allowed(params.reach, len(order))]
    usable = _usable(deps, names(state, "explanations"))
    reached = usable.keys() & set(order)
    chosen = [problem for problem in _items(deps) if problem.id in reached]
    made = await _answers(deps, chosen, phase=params.phases[1], lessons=usable)
    return {"post": {name: [*attempts] for name, attempts in made.items()}}


async def measure(state: State, deps: Deps) -> State:
    """Rank the items in every order, and say what each budget gains in it; and how good the mental model was."""
    params: ToMParams = deps.params
    evidence = _evidence(state, deps)
    rankings = {name: ranked(name, evidence, shuffled=ids(state, "shuffled")) for name in STRATEGIES}
    curve = {
        name: {f"{budget:g}": accuracy_at(budget, rankings[name], evidence) for budget in params.budgets}
        for name in STRATEGIES
    }
    # Hindsight about some of the items is none: it would know no better than to take those.
    all_asked = all(item.right_post is not None for item in evidence.values())
    known = {
        name: row for name, row in curve.items() if None not in row.values() and (all_asked or name not in HINDSIGHT)
    }
    deps.sink.put(*item_scores(deps, evidence, attempts=id_lists(state, "pre")))
    deps.sink.put(*curve_scores(deps, known, n=len(evidence)), *model_scores(deps, evidence))
    chosen = rankings[params.strategy]
    realised = {name: item.realised for name, item in evidence.items()}
    return {
        "rankings": {name: [*order] for name, order in rankings.items() if name in known or name == params.strategy},
        "curve": {name: {**row} for name, row in known.items()},
        "intervened": {f"{b:g}": [*chosen[: allowed(b, len(chosen))]] for b in params.budgets},
        "flips": {
            "mended": [name for name, change in realised.items() if change == 1],
            "broken": [name for name, change in realised.items() if change == -1],
        },
    }


def _evidence(state: State, deps: Deps) -> dict[str, Evidence]:
    """Gather what is known of the items. An explanation that may not be shown changes nothing, whoever looks."""
    pre, post = id_lists(state, "pre"), id_lists(state, "post")
    lessons = {name: deps.sink.get(Lesson, lesson) for name, lesson in names(state, "explanations").items()}
    simulated = state["simulated"] if isinstance(state["simulated"], dict) else {}
    before, after = (_numbers(simulated.get(side)) for side in ("before", "after"))
    found: dict[str, Evidence] = {}
    for name in pre:
        attempts, again = load_attempts(deps, pre[name]), load_attempts(deps, post.get(name, []))
        lesson = lessons.get(name)
        useless = lesson is None or not lesson.verified
        own, right = _confidence(deps, attempts), _right(attempts[0])
        confidence = lesson.data["confidence"] if lesson else None
        found[name] = Evidence(
            right_pre=right,
            right_post=_right(again[0]) if again else right if useless else None,
            own_pre=own,
            own_post=_confidence(deps, again) if again else own if useless else None,
            simulated_pre=before.get(name),
            simulated_post=before.get(name) if useless else after.get(name),
            teacher=float(str(confidence)) if confidence is not None else None,
        )
    return found


def _confidence(deps: Deps, attempts: Sequence[Attempt]) -> float | None:
    """Return the share of the finished samples that are right; with the gold hidden, that agree with the commonest."""
    answers = [attempt for attempt in attempts if _finished(attempt)]
    if not answers:
        return None
    if deps.params.gold_visible:
        return sum(map(_right, answers)) / len(answers)
    said = [attempt.grade.normalised for attempt in answers]
    return max(map(said.count, said)) / len(said)


async def take_turns(state: State, deps: Deps) -> State:
    """Give the student the first items of the order as examples, more and more, and measure it on the items behind.

    It is measured on the same items each time: those that no turn explains.
    """
    most = max(deps.params.turns)
    explained = _order(state, deps)[:most]
    demos = _demos(deps, state, explained, most=most)
    left = [problem for problem in _answered(deps, state) if problem.id not in explained]
    found: dict[str, JsonValue] = {}
    for turn in deps.params.turns:
        made = await practise_problems(deps, left, lesson_ids=demos[:turn], phase=f"turn-{turn}")
        found[str(turn)] = [*made]
        right = sum(map(_right, load_attempts(deps, made)))
        if made:
            deps.sink.put(score_of(deps, deps.run_id, "turn_accuracy", right / len(made), n=len(made), of=str(turn)))
    return {"turns": found, "turn_demos": [*demos]}


async def teach(state: State, deps: Deps) -> State:
    """Make examples of the first explained items, of those that the student had got wrong."""
    if deps.params.intervene_on == "test":
        return {"lessons": []}
    pre = id_lists(state, "pre")
    attempts = load_attempts(deps, [made[0] for made in pre.values()])
    wrong = {attempt.problem_id for attempt in mistakes(attempts)}
    order = [name for name in _order(state, deps) if name in wrong]
    return {"lessons": [*_demos(deps, state, order, most=deps.params.demos)]}


def _demos(deps: Deps, state: State, order: Sequence[str], *, most: int) -> list[str]:
    """Make an example of each item's explanation, as long as its answer passes the scorer and there are fewer."""
    usable = _usable(deps, names(state, "explanations"))
    kept: list[str] = []
    for lesson in load_lessons(deps, [usable[name] for name in order if name in usable]):
        if len(kept) == most:
            break
        demo = keep_demo(
            deps,
            _problem(deps, lesson),
            solution=lesson.text,
            answer=str(lesson.data["answer"]),
            call_ids=lesson.call_ids,
            sources=lesson.source_attempt_ids,
            skill=lesson.skill,
            parent=lesson,
        )
        kept += [demo.id] if demo.verified else []
    return kept


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems: with its examples, or, if they are the items, with explanations."""
    params: ToMParams = deps.params
    if params.intervene_on == "val":
        return {"test": await evaluate_lessons(deps, lesson_ids=ids(state, "lessons"))}
    pre, post = id_lists(state, "pre"), id_lists(state, "post")
    order = _order(state, deps)
    chosen = {*order[: allowed(params.share, len(order))]} & post.keys()
    taught = [(post if name in chosen else pre)[name][0] for name in pre]
    return {"test": {"untaught": [made[0] for made in pre.values()], "taught": [*taught]}}


async def _answers(
    deps: Deps, problems: Sequence[Problem], *, phase: str, lessons: dict[str, str]
) -> dict[str, list[str]]:
    """Have the student answer, with each problem's own lesson, as often as is asked for; return its attempts."""
    found: dict[str, list[str]] = {}
    for sample in range(deps.params.student_samples):
        made = await practise_problems(
            deps,
            problems,
            lesson_ids=lambda problem: [lessons[problem.id]] if problem.id in lessons else [],
            phase=phase,
            sample=sample,
        )
        for attempt in load_attempts(deps, made):
            found.setdefault(attempt.problem_id, []).append(attempt.id)
    return found


def _items(deps: Deps) -> tuple[Problem, ...]:
    return deps.problems(deps.params.intervene_on)


def _answered(deps: Deps, state: State) -> list[Problem]:
    """Return the items that the student answered; one that failed for good is none."""
    pre = id_lists(state, "pre")
    return [problem for problem in _items(deps) if problem.id in pre]


def _problem(deps: Deps, lesson: Lesson) -> Problem:
    return deps.sink.get(Problem, str(lesson.data["problem_id"]))


def _usable(deps: Deps, explanations: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the explanations that a student may see, by problem."""
    lessons = {name: deps.sink.get(Lesson, str(lesson)) for name, lesson in explanations.items()}
    return {name: lesson.id for name, lesson in lessons.items() if lesson.verified}


def _order(state: State, deps: Deps) -> list[str]:
    return id_lists({"rankings": state["rankings"]}, "rankings")[deps.params.strategy]


def _by_problem(deps: Deps, attempt_ids: Sequence[str]) -> dict[str, Attempt]:
    return {attempt.problem_id: attempt for attempt in load_attempts(deps, attempt_ids)}


def _right(attempt: Attempt) -> bool:
    return attempt.grade.outcome == "right"


def _finished(attempt: Attempt | None) -> bool:
    return attempt is not None and attempt.grade.outcome != "unfinished"


def _numbers(value: JsonValue) -> dict[str, float]:
    return {name: float(str(number)) for name, number in value.items()} if isinstance(value, dict) else {}


def _alternating(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Take from two lists in turn; when one is used up the other goes on."""
    return [name for pair in zip_longest(first, second) for name in pair if name is not None]


def cost(params: ToMParams, sizes: Sizes) -> Cost:
    """Count the calls: M pool explanations, and N explanations and 2N simulations, each ``simulations`` times.

    The student answers N items, 2M times in the pool and, with explanations, the share of the items that the largest
    budget reaches; and, in turns, the items that no turn explains. An explanation that may not be shown saves the calls
    that would be made with it. Where the items are the test problems, the student's answers are its measurement.
    """
    pool = min(params.pool, sizes.train)
    items = sizes.val if params.intervene_on == "val" else sizes.test
    teacher = pool + items * (1 + 2 * params.simulations)
    if params.intervene_on == "test":
        return Cost(teacher=teacher, student=2 * pool)
    asked = params.student_samples * (items + allowed(params.reach, items))
    turns = len(params.turns) * max(0, items - max(params.turns, default=0))
    return Cost(teacher=teacher, student=asked + 2 * pool + turns)


def fidelity(params: ToMParams) -> str:
    """Name the variant by how a chance is read, which no model behind an API tells as the authors read it."""
    parts: list[str] = [params.score_kind]
    parts += ["random-target"] if params.strategy == "random" else []
    parts += [] if params.personalised else ["impersonal"]
    parts += [] if params.gold_visible else ["no-gold"]
    parts += ["on-test"] if params.intervene_on == "test" else []
    return f"variant:{'-'.join(parts)}"


METHOD = Method(
    name="tom",
    version="1",
    summary="Explains those problems to a student of which it expects an explanation to change most.",
    paper=Paper(
        "Can Language Models Teach? Teacher Explanations Improve Student Performance", "arXiv:2306.09299", 2023
    ),
    params=ToMParams,
    fidelity=fidelity,
    nodes={
        "practise": practise,
        "observe_pool": observe_pool,
        "explain": explain,
        "simulate": simulate,
        "intervene": intervene,
        "measure": measure,
        "take_turns": take_turns,
        "teach": teach,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "practise"),
        Edge("practise", "observe_pool"),
        Edge("observe_pool", "explain"),
        Edge("explain", "simulate"),
        Edge("simulate", "intervene"),
        Edge("intervene", "measure"),
        Edge("measure", "take_turns", lambda _, params: bool(params.turns)),
        Edge("measure", "teach"),
        Edge("take_turns", "teach"),
        Edge("teach", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("explanation", "demo"),
    cost=cost,
    random_target={"strategy": "random"},
    review_points=("intervene",),
    when="Take it where a teacher stands by and may help with some of the problems only: it says whom to help first,"
    " and its curve from which budget on help no longer pays. What remains without the teacher is a few examples. If"
    " the student is to work alone, tpd leaves more; if it is wrong nearly everywhere, the order hardly matters.",
    example="--task chains --student sim/two-bugs --teacher rules --train 16 --val 20 --test 40 --set demos=8",
)
