"""Small But Funny: the teacher as author and as critic (arXiv 2402.18113, ACL 2024).

In creative tasks imitation alone saturates. So the teacher is used twice: it writes texts for the student to imitate,
and it says which of two of the student's own texts is better. The student learns from both.

Give a model that is the student a temperature above 0: without it all of its candidates are one.

What is known: the paper's text. It writes three paraphrases a prompt, samples six candidates, takes the two that differ
most, asks the critic in both orders, and keeps pairs whose lengths have a ratio of 0.8 to 1.2. How its n-gram edit
distance is normalised is not known to us, and neither is the order of ties. How pairs are learnt from (DPO, BRIO, or
BRIO and then DPO in the paper) is the trainer's affair; the paper draws BRIO's pairs of the last from the teacher's own
texts, here every pair is of the student's. Where the paper goes on from the student's last weights, this trains from
its own weights on all rows so far; with one round that is the same. Reported: 30 % wins over the teacher's texts after
imitation, 56 % after feedback (GPT-4 as judge).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, JsonValue

from tutorkit.methods._nodes.evaluate import evaluate as evaluate_rows
from tutorkit.methods._nodes.practise import load_attempts
from tutorkit.methods._nodes.preferences import (
    compare_both_orders,
    judge_wins,
    keep_audit,
    keep_pair,
    keep_text,
    length_ratio,
    most_diverse,
    refuses,
    sample_texts,
    tally,
    usable,
    verdict_of,
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
    Wire,
)
from tutorkit.types import Attempt, Problem


class SmallButFunnyParams(Params):
    """The parameters of Small But Funny."""

    outputs: int = Field(default=3, ge=1, le=16, description="Texts that the teacher writes for each prompt.")
    candidates: int = Field(default=6, ge=2, le=32, description="Texts that the student writes for each prompt.")
    rounds: int = Field(
        default=1, ge=0, le=10, description="Rounds of feedback, each on the student as it is by then; 0 only imitates."
    )
    ngram: int = Field(default=2, ge=1, le=5, description="Words in the n-grams by which two texts differ.")
    shortest: float = Field(default=0.8, gt=0, le=1, description="Words of the chosen text for each of the rejected.")
    longest: float = Field(default=1.2, ge=1, description="The same ratio at most.")
    pick: Literal["diverse", "random"] = Field(
        default="diverse",
        description="Ask about the two candidates that differ most, or about two at random (control).",
    )
    train: bool = Field(
        default=True,
        description="Train the student within the run. Without it there is one round, the rows are left for training"
        " elsewhere, and the student is measured untaught.",
    )


class Paraphrases(Wire):
    """Several texts for one prompt."""

    outputs: list[str] = Field(max_length=16, description="The texts, each complete and different from the others.")


async def paraphrase(_state: State, deps: Deps) -> State:
    """Have the teacher write texts to imitate; refusals, empty texts and repeated ones are no rows."""
    count: int = deps.params.outputs

    async def one(problem: Problem) -> JsonValue:
        said = await deps.teacher.call(
            "paraphrase",
            {"task": task_view(deps.task), "problem": problem_view(problem), "count": count},
            Paraphrases,
            about=(problem.id,),
        )
        texts = [text.strip() for text in said.value.outputs[:count]]
        faults = [_text_fault(text, problem, texts[:place]) for place, text in enumerate(texts)]
        good = [text for text, fault in zip(texts, faults, strict=True) if fault is None]
        rows: list[JsonValue] = [keep_text(deps, problem, text, call_ids=said.call_ids).id for text in good]
        return {"rows": rows, "faults": [fault for fault in faults if fault]}

    result = await deps.map(one, deps.problems("train"), key=lambda problem: problem.id)
    update: State = {"round": 0, "rows": [], "lessons": [], "verdicts": []}
    rows = [row for value in result.done.values() if isinstance(value, dict) for row in ids(value, "rows")]
    faults = [fault for value in result.done.values() if isinstance(value, dict) for fault in ids(value, "faults")]
    return {**update, "rows": [*rows], "examples": [*rows], "left_out": tally(faults)}


def _text_fault(text: str, problem: Problem, earlier: Sequence[str]) -> str | None:
    if not text:
        return "empty"
    if refuses(text):
        return "refusal"
    return "repeated" if text in earlier or text == problem.question().as_text().strip() else None


async def sample(state: State, deps: Deps) -> State:
    """Have the student, as it is by now, write several texts for each prompt."""
    desk = await _student(deps, ids(state, "rows"))
    phase = f"train-{number(state, 'round')}"
    found = await sample_texts(deps, desk, deps.problems("train"), samples=deps.params.candidates, phase=phase)
    return {"candidates": found}


async def criticise(state: State, deps: Deps) -> State:
    """Ask the critic, in both orders, about two texts of each prompt; keep the pairs on which it agrees with itself."""
    problems = {problem.id: problem for problem in deps.problems("train")}
    candidates = id_lists(state, "candidates")
    drawn = {name: _two(deps, found) for name, found in candidates.items()}
    pairs = {name: two for name, two in drawn.items() if two is not None}
    turn = number(state, "round")

    async def one(name: str) -> JsonValue:
        return await _judged(deps, problems[name], *pairs[name], round=turn)

    result = await deps.map(one, list(pairs), key=lambda name: f"{turn}:{name}")
    verdicts: list[dict[str, JsonValue]] = [value for value in result.done.values() if isinstance(value, dict)]
    earlier = state.get("verdicts")
    fresh = [str(verdict["row"]) for verdict in verdicts if verdict["row"] is not None]
    alike = ["alike"] * (len(candidates) - len(pairs))
    return {
        "round": turn + 1,
        "rows": [*ids(state, "rows"), *fresh],
        "verdicts": [*(earlier if isinstance(earlier, list) else []), *verdicts],
        f"dropped_{turn}": tally([*alike, *(str(v["became"]) for v in verdicts if v["row"] is None)]),
    }


def _two(deps: Deps, attempt_ids: list[str]) -> tuple[Attempt, Attempt] | None:
    texts = usable(load_attempts(deps, attempt_ids))
    if len(texts) < 2:
        return None
    if deps.params.pick == "random":
        first, second = deps.rng.sample(texts, 2)
        return first, second
    places = most_diverse([attempt.raw for attempt in texts], n=deps.params.ngram)
    return (texts[places[0]], texts[places[1]]) if places else None


async def _judged(deps: Deps, problem: Problem, first: Attempt, second: Attempt, *, round: int) -> JsonValue:
    """Compare two texts and make a row of them, or say what speaks against it."""
    params: SmallButFunnyParams = deps.params
    found = await compare_both_orders(deps, deps.teacher, problem, first, second)
    became, row = "kept", None
    chosen, rejected = (second, first) if found.winner == 1 else (first, second)
    if found.winner is None:
        became = "undecided"
    elif not params.shortest <= length_ratio(chosen.raw, rejected.raw) <= params.longest:
        became = "length"
    else:
        row = keep_pair(
            deps,
            problem,
            chosen=chosen,
            rejected=rejected,
            margin=found.margin,
            round=round,
            call_ids=found.call_ids,
        ).id
    return {**verdict_of(found, first.raw, second.raw, became=became), "row": row}


async def audit(state: State, deps: Deps) -> State:
    """Keep what the verdicts say about the critic: whether it looks at the order, or at the length."""
    verdicts = state.get("verdicts")
    found = [verdict for verdict in verdicts if isinstance(verdict, dict)] if isinstance(verdicts, list) else []
    return {"critic": keep_audit(deps, found)}


async def evaluate(state: State, deps: Deps) -> State:
    """Have the student write for the test problems, untaught and taught; no teacher takes part."""
    return {"test": await evaluate_rows(deps, rows=ids(state, "rows") if deps.params.train else ())}


async def judge(state: State, deps: Deps) -> State:
    """Have the judge compare the two, text by text."""
    return {"wins": await judge_wins(deps, id_lists(state, "test"))}


async def _student(deps: Deps, rows: list[str]) -> StudentDesk:
    return await deps.trained(rows) if deps.params.train else deps.student


def cost(params: SmallButFunnyParams, sizes: Sizes) -> Cost:
    """Count the calls: n + 2n a round for the teacher, k·n a round for the student, 2 a test problem for the judge.

    Two candidates of one wording are one; where a prompt has no two, or no text to imitate was made, there are fewer.
    """
    rounds = _rounds(params)
    return Cost(
        teacher=sizes.train * (1 + 2 * rounds),
        student=sizes.train * params.candidates * rounds,
        judge=2 * sizes.test if params.train else 0,
    )


def _rounds(params: SmallButFunnyParams) -> int:
    return params.rounds if params.train else min(1, params.rounds)


def fidelity(params: SmallButFunnyParams) -> str:
    """Name the variant: the published procedure imitates first, and then learns from pairs of diverse texts."""
    if params.pick == "random":
        return "variant:random-pairs"
    if params.rounds == 0:
        return "variant:imitation-only"
    if not params.train:
        return "variant:data-only"
    return "paper" if params.rounds == 1 else "variant:retrained-each-round"


def _needs(params: SmallButFunnyParams) -> frozenset[Need]:
    return frozenset({"train"} if params.train else ())


def _another_round(state: State, params: SmallButFunnyParams) -> bool:
    return number(state, "round") < _rounds(params)


METHOD = Method(
    name="small-but-funny",
    version="1",
    summary="Has a student imitate the teacher's texts, and learn which of its own the teacher prefers.",
    paper=Paper(
        "Small But Funny: A Feedback-Driven Approach to Humor Distillation",
        "arXiv:2402.18113",
        2024,
    ),
    params=SmallButFunnyParams,
    fidelity=fidelity,
    nodes={
        "paraphrase": paraphrase,
        "sample": sample,
        "criticise": criticise,
        "audit": audit,
        "evaluate": evaluate,
        "judge": judge,
    },
    edges=(
        Edge(START, "paraphrase"),
        Edge("paraphrase", "sample", _another_round),
        Edge("paraphrase", "evaluate"),
        Edge("sample", "criticise"),
        Edge("criticise", "sample", _another_round),
        Edge("criticise", "audit"),
        Edge("audit", "evaluate"),
        Edge("evaluate", "judge"),
        Edge("judge", END),
    ),
    artefacts=(),
    practice="train",
    cost=cost,
    rounds=lambda params: max(1, _rounds(params)),
    needs=_needs,
    instead={"train": False},
    random_target={"pick": "random"},
    review_points=("evaluate",),
    when="Take it for writing, where nothing is right or wrong and imitating the teacher gains no more. See first how"
    " often the critic contradicts itself and whether it prefers long texts; the run keeps both. It is not for"
    " problems with known answers: there a scorer decides better, for nothing.",
    rows=("sft", "preference"),
    example="--task writing --student sim/writer --teacher rules --train 12 --val 4 --test 20",
)
