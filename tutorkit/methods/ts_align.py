"""TS-Align: a cheap student rater shortlists, a strong teacher decides (arXiv 2405.20215, Findings of EMNLP 2024).

The student writes several texts for each prompt. A cheap rater, the paper's student reward model, scores all of them;
the teacher is asked about the best and the worst alone, and its order is the pair's. The pairs train the student, and
refresh the rater; then the student as it is by now writes again.

Give a model that is the student a temperature above 0: without it all of its texts are one.

What is known: the abstract and second-hand digests; no code is at hand. The loop follows those. Sixteen texts and two
iterations are from memory and not confirmed. The paper's rater is a scalar model. Here the student itself rates
(``rater="student"``), refreshed by training on the teacher's pairs, or the first of the panel does, as it is
(``"panel"``); the pairs that would refresh a scalar model are kept in any case, those of a small margin too, which are
no data for the student. That ties in the teacher's reply make no pair is ours. Every setting is therefore a variant,
and so are the arms that show what the shortlist is worth: two texts at random (``shortlist="random"``), or the teacher
scoring all of them (``"teacher"``), which takes k/2 times as many of its calls. Reported: 69.7 % wins over the
untrained student, on average of seven sets and judged by a model (abstract).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.errors import BadSetting
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_rows
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.preferences import (
    Preference,
    Rating,
    compare_both_orders,
    judge_wins,
    keep_pair,
    keep_score,
    length_ratio,
    sample_texts,
    tally,
    usable,
)
from tutorkit.methods._nodes.state import id_lists, ids, number
from tutorkit.methods._nodes.views import problem_view, task_view
from tutorkit.methods.vocabulary import (
    END,
    START,
    Cost,
    Deps,
    Edge,
    Method,
    Need,
    Paper,
    Params,
    Sizes,
    State,
    StudentDesk,
)
from tutorkit.types import Attempt, Problem


class TSAlignParams(Params):
    """The parameters of TS-Align."""

    texts: int = Field(default=16, ge=2, le=64, description="Texts that the student writes for each prompt.")
    iterations: int = Field(default=2, ge=1, le=8, description="Iterations, each with the student as it is by then.")
    rater: Literal["student", "panel"] = Field(
        default="student", description="Who rates all texts: the student itself, or the first of the panel."
    )
    refresh: bool = Field(default=True, description="Refresh a student that rates on the teacher's pairs so far.")
    shortlist: Literal["rater", "random", "teacher"] = Field(
        default="rater",
        description="Whose best and worst text the teacher decides on; two at random (control); or have the teacher"
        " rate all.",
    )
    least_margin: float = Field(
        default=0.5, ge=0, description="The teacher's margin, of 10, from which a pair is data for the student."
    )
    length_ratio: float | None = Field(
        default=None, ge=1, description="How many times as long as the other a text of a pair may be; null for any."
    )
    train: bool = Field(
        default=True,
        description="Train the student within the run. Without it there is one iteration, the rows are left for"
        " training elsewhere, and the student is measured untaught.",
    )


async def sample(state: State, deps: Deps) -> State:
    """Have the student, as it is by now, write several texts for each prompt."""
    params: TSAlignParams = deps.params
    turn = number(state, "round")
    desk = await _trained(deps, ids(state, "rows"))
    found = await sample_texts(deps, desk, deps.problems("train"), samples=params.texts, phase=f"train-{turn}")
    return {"round": turn, "candidates": found, "rows": [*ids(state, "rows")], "lessons": []}


async def rate(state: State, deps: Deps) -> State:
    """Rate every text, and shortlist the best and the worst of each prompt."""
    texts = {name: usable(load_attempts(deps, found)) for name, found in id_lists(state, "candidates").items()}
    several = {name: found for name, found in texts.items() if len(found) > 1}
    alike = tally(["alike"] * (len(texts) - len(several)))
    if deps.params.shortlist == "random":
        drawn = {name: deps.rng.sample(found, 2) for name, found in several.items()}
        return {"shortlist": {name: _two(a.id, b.id, {}) for name, (a, b) in drawn.items()}, "dropped": alike}
    rated = await _rated(deps, [attempt for found in several.values() for attempt in found], state)
    shortlist: dict[str, JsonValue] = {}
    for name, found in several.items():
        two = extremes({attempt.id: rated[attempt.id][0] for attempt in found if attempt.id in rated})
        if two is not None:
            shortlist[name] = _two(*two, rated)
    return {"shortlist": shortlist, "dropped": alike}


async def _rated(deps: Deps, attempts: Sequence[Attempt], state: State) -> dict[str, tuple[float, list[str]]]:
    """Return the rating of every text and the calls that it took; one that failed for good has none."""
    problems = {problem.id: problem for problem in deps.problems("train")}
    turn = number(state, "round")
    rater = await _rater(deps, ids(state, "rater_rows"))
    asks_teacher = deps.params.shortlist == "teacher"

    async def one(attempt: Attempt) -> JsonValue:
        problem = problems[attempt.problem_id]
        # A student may not see the gold that a teacher's view holds.
        view: State = problem_view(problem) if asks_teacher else {"text": problem.question().as_text()}
        inputs: State = {"task": task_view(deps.task), "problem": view, "text": attempt.raw}
        ask = deps.teacher.call if asks_teacher else rater.write
        said = await ask("rate_text", inputs, Rating, about=(attempt.id,))
        by = deps.teacher.ref if asks_teacher else rater.ref
        keep_score(deps, "reward", said.value.score, n=1, subject=attempt.id, about=by, round=turn)
        return {"score": said.value.score, "calls": [*said.call_ids]}

    result = await deps.map(one, attempts, key=lambda attempt: attempt.id)
    found = {name: value for name, value in result.done.items() if isinstance(value, dict)}
    return {name: (float(str(value["score"])), ids(value, "calls")) for name, value in found.items()}


def extremes(ratings: Mapping[str, float]) -> tuple[str, str] | None:
    """Return the best and the worst rated; of equals the first is best, the last is worst. None for fewer than two."""
    names = list(ratings)
    if len(names) < 2:
        return None
    best = max(names, key=lambda name: ratings[name])
    worst = min((name for name in reversed(names) if name != best), key=lambda name: ratings[name])
    return best, worst


def _two(best: str, worst: str, rated: Mapping[str, tuple[float, list[str]]]) -> JsonValue:
    scores = [rated[name][0] for name in (best, worst) if name in rated]
    calls = [call_id for name in (best, worst) if name in rated for call_id in rated[name][1]]
    return {"best": best, "worst": worst, "scores": [*scores], "calls": [*calls]}


async def decide(state: State, deps: Deps) -> State:
    """Have the teacher decide on two texts of each prompt; where it reverses the rater, its order counts."""
    problems = {problem.id: problem for problem in deps.problems("train")}
    value = state["shortlist"]
    shortlist = {name: two for name, two in value.items() if isinstance(two, dict)} if isinstance(value, dict) else {}
    turn = number(state, "round")

    async def one(name: str) -> JsonValue:
        return await _decided(deps, problems[name], shortlist[name], round=turn)

    result = await deps.map(one, list(shortlist), key=lambda name: f"{turn}:{name}")
    found = [each for each in result.done.values() if isinstance(each, dict)]
    decided = [each for each in found if each["row"] is not None]
    if deps.params.shortlist == "rater":
        share = sum(not each["flipped"] for each in decided) / len(decided) if decided else 0.0
        keep_score(deps, "rater_agreement", share, n=len(decided), subject="rater", about="train", round=turn)
    fresh = [str(each["row"]) for each in decided if each["became"] == "kept"]
    unkept = tally(str(each["became"]) for each in found if each["became"] != "kept")
    dropped = state["dropped"] if isinstance(state["dropped"], dict) else {}
    return {
        "round": turn + 1,
        "fresh": [*fresh],
        "rows": [*ids(state, "rows"), *fresh],
        "rater_rows": [*ids(state, "rater_rows"), *(str(each["row"]) for each in decided)],
        f"dropped_{turn}": {**dropped, **unkept},
    }


async def _decided(deps: Deps, problem: Problem, two: State, *, round: int) -> JsonValue:
    """Ask about the two texts and make a row of them; what is no data for the student is flagged with the reason."""
    best, worst = load_attempts(deps, [str(two["best"]), str(two["worst"])])
    by_rating = deps.params.shortlist == "teacher"
    found = _by_rating(two) if by_rating else await compare_both_orders(deps, deps.teacher, problem, best, worst)
    if found.winner is None:
        return {"row": None, "flipped": False, "became": "undecided"}
    flipped = found.winner == 1
    chosen, rejected = (worst, best) if flipped else (best, worst)
    became = _became(deps.params, chosen.raw, rejected.raw, found.margin)
    row = keep_pair(
        deps,
        problem,
        chosen=chosen,
        rejected=rejected,
        margin=found.margin,
        round=round,
        call_ids=(*ids(two, "calls"), *found.call_ids),
        both_orders=not by_rating,
        flags=[] if became == "kept" else [became],
        data={"flipped": flipped, "rater_scores": two["scores"]},
    )
    return {"row": row.id, "flipped": flipped, "became": became}


def _by_rating(two: State) -> Preference:
    scores = two["scores"]
    high, low = [float(str(score)) for score in scores] if isinstance(scores, list) else (0.0, 0.0)
    return Preference(winner=0 if high > low else None, margin=high - low, choices=0, firsts=0, call_ids=())


def _became(params: TSAlignParams, chosen: str, rejected: str, margin: float) -> str:
    ratio = length_ratio(chosen, rejected)
    if params.length_ratio is not None and not 1 / params.length_ratio <= ratio <= params.length_ratio:
        return "length"
    return "kept" if margin >= params.least_margin else "small-margin"


async def evaluate(state: State, deps: Deps) -> State:
    """Have the student write for the test problems, untaught and taught; no teacher takes part."""
    return {"test": await evaluate_rows(deps, rows=ids(state, "rows") if deps.params.train else ())}


async def judge(state: State, deps: Deps) -> State:
    """Have the judge compare the two, text by text."""
    return {"wins": await judge_wins(deps, id_lists(state, "test"))}


async def _trained(deps: Deps, rows: list[str]) -> StudentDesk:
    return await deps.trained(rows) if deps.params.train else deps.student


async def _rater(deps: Deps, rows: list[str]) -> StudentDesk:
    """Return who rates.

    Raises:
        BadSetting: when the panel is to rate and there is none.
    """
    if deps.params.rater == "student":
        return await _trained(deps, rows if deps.params.refresh else [])
    if not deps.panel:
        raise BadSetting("The panel is to rate, and there is nobody in it.", remedy="Name a panel, or rater=student.")
    return deps.panel[0]


def cost(params: TSAlignParams, sizes: Sizes) -> Cost:
    """Count the calls: 2n an iteration for the teacher, k·n texts and k·n ratings for the student or the panel.

    The judge takes 2 for each test problem, where the student has learnt anything: not when every text was right. A
    prompt of which all texts are one wording takes fewer; an iteration without a pair is the last.
    """
    n, iterations = sizes.train, max(1, min(len(sizes.wrong), _iterations(params)))
    rated = n * params.texts * iterations
    return Cost(
        teacher=rated if params.shortlist == "teacher" else 2 * n * iterations,
        student=rated * (2 if params.shortlist == "rater" else 1),
        judge=2 * sizes.test if params.train and any(sizes.wrong) else 0,
    )


def _iterations(params: TSAlignParams) -> int:
    return params.iterations if params.train else 1


def fidelity(params: TSAlignParams) -> str:
    """Name the variant; the paper's scalar rater is not among them."""
    if params.shortlist == "random":
        return "variant:random-shortlist"
    if params.shortlist == "teacher":
        return "variant:teacher-rates-all"
    if not params.train:
        return "variant:data-only"
    if params.rater == "panel":
        return "variant:panel-rates"
    return "variant:self-rating" if params.refresh else "variant:self-rating-not-refreshed"


def _needs(params: TSAlignParams) -> frozenset[Need]:
    needs: list[Need] = ["train"] if params.train else []
    return frozenset([*needs, "write"] if params.shortlist == "rater" and params.rater == "student" else needs)


def _another_iteration(state: State, params: TSAlignParams) -> bool:
    return bool(state["fresh"]) and number(state, "round") < _iterations(params)


METHOD = Method(
    name="ts-align",
    version="1",
    summary="Has a cheap rater shortlist the student's texts, and the teacher decide on the best and the worst alone.",
    paper=Paper(
        "TS-Align: A Teacher-Student Collaborative Framework for Scalable Iterative Finetuning of Large Language"
        " Models",
        "arXiv:2405.20215",
        2024,
    ),
    params=TSAlignParams,
    fidelity=fidelity,
    nodes={"sample": sample, "rate": rate, "decide": decide, "evaluate": evaluate, "judge": judge},
    edges=(
        Edge(START, "sample"),
        Edge("sample", "rate"),
        Edge("rate", "decide"),
        Edge("decide", "sample", _another_iteration),
        Edge("decide", "evaluate"),
        Edge("evaluate", "judge"),
        Edge("judge", END),
    ),
    artefacts=(),
    practice="train",
    cost=cost,
    rounds=_iterations,
    needs=_needs,
    instead={"train": False, "shortlist": "teacher"},
    random_target={"shortlist": "random"},
    review_points=("evaluate",),
    when="Take it for writing without right answers when the teacher is dear and the student's texts are cheap: of"
    " many texts the teacher sees two. It pays if the cheap rater is better than chance, which shortlist=random shows."
    " With few texts a prompt small-but-funny does the same without a rater.",
    rows=("preference",),
    example="--task writing --student sim/writer --teacher rules --train 12 --val 4 --test 20 --set texts=4",
)
