"""ARTE, Aligning Teacher with Student Preferences (arXiv 2406.19227).

A teacher drafts questions and solves each in several ways of explaining. Every draft is shown to the student as its
only example, and what the student then gets right on problems that were chosen to tell the able from the less able is
the student's preference. The preferences become pairs for aligning the teacher, and tailored data for the student.

What is known: the paper's text; its repository is empty. The published procedure aligns the teacher by DPO and has it
write anew, which takes two runs and a trainer between them: ``mode="export"`` leaves the pairs (and teaches with the
best draft of each question, the paper's "original teacher"); after the alignment ``mode="aligned"``, with the aligned
model as teacher, writes questions and plain solutions and teaches with them. For a teacher that cannot be trained there
is ``mode="blackbox"``, which is ours and not ARTE; it leaves the pairs, too. Its arms are those of the paper's
appendix, over the same questions: a random draft of each question, the best one, or the one in the technique that is
best for the task as a whole. In the paper one technique for the whole task gained most of it (42.12 against 40.04 for
the best draft of each question and 39.94 for a random one): a single draft's score is too noisy to choose by.
``choice="conditioned"`` has new questions and solutions written in that technique with the drafts that the student
learnt most and least from at hand, and keeps the best of them by a second set of problems; it takes more calls than the
other arms.

Ours are the answer that is stated with each question and must be reached by its solutions, the gates on questions, the
examples in the prompts of the panel (the drafts; the paper does not say), and every rule for ties. Sampling is set with
the participants: the paper drafts at temperature 1.0 and probes at 0, which is the student's default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from statistics import fmean
from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_validator

from tutorkit.canonical import stable_id
from tutorkit.knowledge.irt import fit_items, most_discriminating
from tutorkit.methods._arte.draft_marks import (
    best,
    by_question,
    covering,
    quarter_pairs,
    share,
    technique_means,
    top_and_bottom,
    worths,
)
from tutorkit.methods._arte.draft_pairs import question_pair, rationale_pair
from tutorkit.methods._arte.drafts import (
    TECHNIQUES,
    Examples,
    Technique,
    draft_questions,
    draft_rationales,
    tried_view,
)
from tutorkit.methods._arte.panel import panel_responses, rights
from tutorkit.methods._arte.rungs import climb, rung_calls, rungs
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_lessons
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.state import ids, names
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State
from tutorkit.types import Lesson, Problem, Score

_SHOWN = 3
"""So many of the best, and of the worst drafts the teacher is shown when it writes anew."""


class ARTEParams(Params):
    """The parameters of ARTE."""

    mode: Literal["blackbox", "export", "aligned"] = Field(
        default="blackbox",
        description="Choose or condition (blackbox), leave pairs to align the teacher with (export), or teach with an"
        " aligned teacher (aligned).",
    )
    choice: Literal["random", "per_question", "task_consistent", "conditioned"] = Field(
        default="task_consistent",
        description="Which drafts the student is taught with; with export per_question, but for the random control.",
    )
    techniques: tuple[Technique, ...] = Field(
        default=TECHNIQUES, min_length=1, max_length=8, description="Ways of explaining; the first is the plain one."
    )
    questions: int = Field(default=50, ge=1, le=2000, description="Questions drafted; the paper's number is 250.")
    per_call: int = Field(default=5, ge=1, le=20, description="Questions asked for in one call.")
    seeds: int = Field(default=3, ge=1, le=16, description="Problems shown in a call for questions.")
    shots: int = Field(default=3, ge=0, le=8, description="Examples in the prompts of the panel: from 0 to so many.")
    probe_items: int = Field(default=40, ge=1, le=1000, description="Problems that each draft is tried on.")
    halving: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(), description="Give up the worse half of the drafts after so many problems, such as 8 and 16."
    )
    question_pairs: int = Field(default=50, ge=0, le=5000, description="Pairs of questions at most.")
    best_of: int = Field(default=2, ge=1, le=8, description="Conditioned: so many new questions for one that is kept.")
    student_use: Literal["trained", "in_context"] = Field(
        default="trained", description="Train the student on the tailored data, or show it some as examples."
    )
    k_demos: int = Field(default=4, ge=1, le=32, description="In context: examples in the prompt.")

    @field_validator("techniques")
    @classmethod
    def _differ(cls, techniques: tuple[Technique, ...]) -> tuple[Technique, ...]:
        if len({technique.name for technique in techniques}) < len(techniques):
            raise ValueError("two techniques have one name")
        return techniques

    @property
    def taught_with(self) -> str:
        """Which drafts the student is taught with."""
        return "per_question" if self.mode == "export" and self.choice != "random" else self.choice

    @property
    def writes_anew(self) -> bool:
        """Whether the teacher writes again, knowing what the student learnt from."""
        return self.mode == "blackbox" and self.choice == "conditioned"


async def practise(_state: State, deps: Deps) -> State:
    """Have the student answer the pool as it is: without a mistake there is nothing to teach."""
    made = await practise_problems(deps, deps.problems("val"), lesson_ids=(), phase="val-0")
    wrong = mistakes(load_attempts(deps, made))
    return {"attempts": [*made], "wrong": [attempt.id for attempt in wrong]}


async def elicit_questions(_state: State, deps: Deps) -> State:
    """Have questions drafted."""
    params: ARTEParams = deps.params
    made = await draft_questions(deps, wanted=params.questions, per_call=params.per_call, seeds=params.seeds)
    return {"questions": [*made]}


async def elicit_rationales(state: State, deps: Deps) -> State:
    """Have each question solved in every technique; by an aligned teacher, in the plain one."""
    params: ARTEParams = deps.params
    techniques = params.techniques[:1] if params.mode == "aligned" else params.techniques
    made = await draft_rationales(deps, ids(state, "questions"), techniques)
    return {"drafts": dict[str, JsonValue]({question: dict[str, JsonValue](row) for question, row in made.items()})}


async def select_preference_set(state: State, deps: Deps) -> State:
    """Choose the problems that tell the able from the less able, by what a panel does with 0 to ``shots`` examples.

    The panel is the student and the plan's other students. The problems that discriminate most are what drafts are
    tried on; the next ones are the second set.
    """
    pool = deps.problems("val")
    alone = ids(state, "attempts")
    responses = await panel_responses(deps, pool, alone=alone, shots=_shots(state, deps))
    fits = fit_items(responses)
    ranked = [pool[place].id for place in most_discriminating(fits, len(pool))]
    for problem, fit in zip(pool, fits, strict=True):
        kind = "irt_discrimination" if fit.how == "2pl" else "discrimination_index"
        _keep_score(deps, problem.id, kind, fit.discrimination, len(responses))
        if fit.difficulty is not None:
            _keep_score(deps, problem.id, "irt_difficulty", fit.difficulty, len(responses))
    first, second = _set_sizes(deps.params, len(pool))
    return {"preference": [*ranked[:first]], "second": [*ranked[first : first + second]]}


def _shots(state: State, deps: Deps) -> list[str]:
    """Draw the examples of the panel among the drafts, no two of one question."""
    drafts = [row for row in _verified(state, deps).values() if row]
    chosen = deps.rng.sample(drafts, min(deps.params.shots, len(drafts)))
    return [deps.rng.choice(sorted(row.values())) for row in chosen]


async def probe(state: State, deps: Deps) -> State:
    """Try each verified draft as the student's only example, and score drafts, questions and techniques."""
    params: ARTEParams = deps.params
    items = ids(state, "preference")
    drafts = list(dict.fromkeys(name for row in _verified(state, deps).values() for name in row.values()))
    sizes = rungs(params.halving, len(items))
    marks = await climb(deps, drafts, _problems(deps, items), sizes=sizes, phase="probe")
    first = sizes[0]
    scores = _head_scores(state, deps, marks, first)
    means = technique_means(by_question(scores))
    for name, mean in means.items():
        _keep_score(deps, name, "technique", mean, len(scores) // max(1, len(means)))
    for question, row in by_question(scores).items():
        _keep_score(deps, question, "icl_accuracy", fmean(row.values()), first * len(row))
    untaught = [right for right in rights(deps, ids(state, "attempts"), _problems(deps, items)) if right is not None]
    _keep_score(deps, "untaught", "icl_accuracy", fmean(untaught) if untaught else 0.0, len(untaught))
    chosen = best(means, [technique.name for technique in params.techniques])
    return {
        "marks": dict[str, JsonValue](marks),
        "technique": chosen or params.techniques[0].name,
        "question_scores": {question: fmean(row.values()) for question, row in by_question(scores).items()},
    }


def _head_scores(state: State, deps: Deps, marks: Mapping[str, str], first: int) -> dict[tuple[str, str], float]:
    """Return the share that was right with each draft, on the problems that every draft was tried on."""
    return {
        (question, technique): value
        for question, row in _verified(state, deps).items()
        for technique, name in row.items()
        if (value := share(marks[name][:first])) is not None
    }


async def build_pairs(state: State, deps: Deps) -> State:
    """Make the pairs to align a teacher with; where two scores are equal there is no preference and no pair."""
    params: ARTEParams = deps.params
    scores = _floats(state, "question_scores")
    pairs = [
        question_pair(deps, chosen, rejected, scores=(scores[chosen], scores[rejected]))
        for chosen, rejected in quarter_pairs(scores, most=params.question_pairs, rng=deps.rng)
    ]
    drafts, marks = _drafts(state), names(state, "marks")
    for question, row in _verified(state, deps).items():
        tried = {technique: marks[name] for technique, name in row.items()}
        pair = rationale_pair(deps, drafts[question], tried, plain=params.techniques[0].name)
        pairs += [pair] if pair else []
    deps.sink.put(*pairs)
    return {"pairs": [pair.id for pair in pairs]}


async def regenerate_questions(state: State, deps: Deps) -> State:
    """Have new questions written by a teacher who knows which drafts the student learnt from."""
    params: ARTEParams = deps.params
    made = await draft_questions(
        deps,
        wanted=params.best_of * (params.questions - _kept(params)),
        per_call=params.per_call,
        seeds=params.seeds,
        examples=_examples(state, deps),
    )
    return {"new_questions": [name for name in made if name not in ids(state, "questions")]}


async def regenerate_rationales(state: State, deps: Deps) -> State:
    """Have the new questions solved in the technique that is best for the task."""
    techniques = [each for each in deps.params.techniques if each.name == state["technique"]]
    made = await draft_rationales(deps, ids(state, "new_questions"), techniques, examples=_examples(state, deps))
    new = [name for row in made.values() for name in row.values()]
    return {"new_drafts": [lesson.id for lesson in load_lessons(deps, new) if lesson.verified]}


def _examples(state: State, deps: Deps) -> Examples:
    """Take drafts in the chosen technique: those that helped most together, and those that are worth less."""
    technique, marks = str(state["technique"]), names(state, "marks")
    drafts = [row[technique] for row in _verified(state, deps).values() if technique in row]
    liked = covering({name: marks[name] for name in drafts}, most=_SHOWN)
    worth = worths({name: marks[name] for name in drafts})
    least = min((worth[name] for name in liked), default=None)
    disliked = [name for name in sorted(worth, key=worth.__getitem__)[:_SHOWN] if least and worth[name] < least]
    return Examples(*(tuple(tried_view(deps, name, marks[name]) for name in some) for some in (liked, disliked)))


async def probe_again(state: State, deps: Deps) -> State:
    """Try the new drafts on the second set: what the first set chose is not to be judged by it as well."""
    items = _problems(deps, ids(state, "second"))
    tried = await climb(deps, ids(state, "new_drafts"), items, sizes=[len(items)], phase="probe2")
    return {"new_marks": dict[str, JsonValue](tried)}


async def tailor(state: State, deps: Deps) -> State:
    """Choose what the student is taught with, one solution of a question."""
    params: ARTEParams = deps.params
    rows = {question: row for question, row in _verified(state, deps).items() if row}
    order = [technique.name for technique in params.techniques]
    if params.mode == "aligned":
        chosen = [name for row in rows.values() for name in row.values()]
    elif params.taught_with == "random":
        chosen = [deps.rng.choice(sorted(row.values())) for row in rows.values()]
    elif params.taught_with == "per_question":
        worth = worths(names(state, "marks"))
        chosen = [draft for row in rows.values() if (draft := best(worth, [row[n] for n in order if n in row]))]
    elif params.taught_with == "task_consistent":
        chosen = [row[str(state["technique"])] for row in rows.values() if state["technique"] in row]
    else:
        chosen = _conditioned(state, rows, params)
    return {"tailored": list(dict.fromkeys(chosen))}


def _conditioned(state: State, rows: Mapping[str, Mapping[str, str]], params: ARTEParams) -> list[str]:
    """Keep the questions of the top quarter, and of the new drafts those that help most together, by the second set."""
    scores = _floats(state, "question_scores")
    technique = str(state["technique"])
    top = top_and_bottom(scores)[0] if scores else []
    kept = [rows[question][technique] for question in top if technique in rows.get(question, {})]
    return [*kept, *covering(names(state, "new_marks"), most=params.questions - _kept(params))]


async def apply(state: State, deps: Deps) -> State:
    """Make fine-tuning data of the tailored drafts; or, in context, choose those that help together."""
    params: ARTEParams = deps.params
    lessons = load_lessons(deps, ids(state, "tailored"))
    if params.student_use == "in_context":
        return {"lessons": [*_in_context(state, deps, [lesson.id for lesson in lessons])], "rows": []}
    rows = [
        keep_sft(
            deps,
            deps.sink.get(Problem, str(lesson.data["problem_id"])),
            rationale=str(lesson.data["solution"]),
            answer=str(lesson.data["answer"]),
            round=0,
            student=deps.student.ref,
            lesson_ids=(lesson.id,),
            call_ids=lesson.call_ids,
            data={"technique": lesson.data["technique"], "level": lesson.data["level"]},
        )
        for lesson in lessons
    ]
    return {"lessons": [], "rows": [row.id for row in rows]}


def _in_context(state: State, deps: Deps, drafts: Sequence[str]) -> list[str]:
    most: int = deps.params.k_demos
    if deps.params.mode == "aligned":
        return [*drafts[:most]]
    if deps.params.taught_with == "random":
        return deps.rng.sample([*drafts], min(most, len(drafts)))
    behind = "-" * len(ids(state, "preference"))
    marks = names(state, "marks") | {name: behind + row for name, row in names(state, "new_marks").items()}
    return covering({name: marks[name] for name in drafts if name in marks}, most=most)


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    test = await evaluate_lessons(deps, lesson_ids=ids(state, "lessons"), rows=ids(state, "rows"))
    return {"lessons": [*ids(state, "lessons")], "rows": [*ids(state, "rows")], "test": test}


def _drafts(state: State) -> dict[str, dict[str, str]]:
    """Return all drafts by question and technique."""
    value = state.get("drafts")
    rows = value.items() if isinstance(value, dict) else ()
    return {
        question: {name: str(draft) for name, draft in row.items()} for question, row in rows if isinstance(row, dict)
    }


def _verified(state: State, deps: Deps) -> dict[str, dict[str, str]]:
    """Return the drafts that passed their gates, by question and technique."""
    return {
        question: {name: draft for name, draft in row.items() if deps.sink.get(Lesson, draft).verified}
        for question, row in _drafts(state).items()
    }


def _floats(state: State, key: str) -> dict[str, float]:
    value = state.get(key)
    rows = value.items() if isinstance(value, dict) else ()
    return {name: float(inner) for name, inner in rows if isinstance(inner, int | float)}


def _problems(deps: Deps, problem_ids: Sequence[str]) -> list[Problem]:
    pool = {problem.id: problem for problem in deps.problems("val")}
    return [pool[name] for name in problem_ids]


def _keep_score(deps: Deps, subject: str, kind: str, value: float, n: int) -> None:
    deps.sink.put(
        Score(
            id=stable_id("score", deps.run_id, kind, subject),
            run_id=deps.run_id,
            subject_id=subject,
            kind=kind,
            value=value,
            n=n,
            probe_set="preference",
        )
    )


def _set_sizes(params: ARTEParams, pool: int) -> tuple[int, int]:
    """Return the sizes of the preference set and of the second set, which share the pool where both are needed."""
    if not params.writes_anew:
        return min(params.probe_items, pool), 0
    first = min(params.probe_items, ceil(pool / 2))
    return first, min(params.probe_items, pool - first)


def _kept(params: ARTEParams) -> int:
    """Return how many of the first questions are kept beside new ones."""
    return max(1, params.questions // 4)


def cost(params: ARTEParams, sizes: Sizes) -> Cost:
    """Count the calls: m/5 + m·n for the teacher and m·n·q for probing, with m questions, n techniques, q problems.

    The panel takes a pool's worth for each student and number of examples. It is less where drafts fail their checks.
    """
    questions, per_call = params.questions, params.per_call
    if params.mode == "aligned":
        return Cost(teacher=ceil(questions / per_call) + questions, student=0)
    if not any(sizes.wrong):
        return Cost(teacher=0, student=sizes.val)
    drafts = questions * len(params.techniques)
    first, second = _set_sizes(params, sizes.val)
    teacher = ceil(questions / per_call) + drafts
    student = sizes.val * (1 + sizes.panel) * (1 + min(params.shots, questions)) + rung_calls(
        drafts, rungs(params.halving, first)
    )
    if params.writes_anew:
        new = params.best_of * (questions - _kept(params))
        teacher += ceil(new / per_call) + new
        student += new * second
    return Cost(teacher=teacher, student=student)


def fidelity(params: ARTEParams) -> str:
    """Name the variant; ``export`` is the published procedure up to the alignment, ``aligned`` from there on."""
    parts = {
        "blackbox": params.mode == "blackbox",
        "random-target": params.mode != "aligned" and params.choice == "random",
        "halving": params.mode != "aligned" and bool(params.halving),
        "in_context": params.student_use == "in_context",
    }
    named = [name for name, holds in parts.items() if holds]
    return f"variant:{'+'.join(named)}" if named else "paper"


def needs(params: ARTEParams) -> frozenset[Need]:
    """Return what the student must be able to do: to be trained, unless it is shown examples."""
    return frozenset({"train"}) if params.student_use == "trained" else frozenset()


METHOD = Method(
    name="arte",
    version="1",
    summary="Measures which drafts a student learns from, tailors its training data, and leaves pairs for its teacher.",
    paper=Paper(
        "Aligning Teacher with Student Preferences for Tailored Training Data Generation", "arXiv:2406.19227", 2024
    ),
    params=ARTEParams,
    fidelity=fidelity,
    nodes={
        "practise": practise,
        "elicit_questions": elicit_questions,
        "elicit_rationales": elicit_rationales,
        "select_preference_set": select_preference_set,
        "probe": probe,
        "build_pairs": build_pairs,
        "regenerate_questions": regenerate_questions,
        "regenerate_rationales": regenerate_rationales,
        "probe_again": probe_again,
        "tailor": tailor,
        "apply": apply,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "elicit_questions", lambda _, params: params.mode == "aligned"),
        Edge(START, "practise"),
        Edge("practise", "evaluate", lambda state, _: not state["wrong"]),
        Edge("practise", "elicit_questions"),
        Edge("elicit_questions", "elicit_rationales"),
        Edge("elicit_rationales", "tailor", lambda _, params: params.mode == "aligned"),
        Edge("elicit_rationales", "select_preference_set"),
        Edge("select_preference_set", "probe"),
        Edge("probe", "build_pairs"),
        Edge("build_pairs", "regenerate_questions", lambda _, params: params.writes_anew),
        Edge("build_pairs", "tailor"),
        Edge("regenerate_questions", "regenerate_rationales"),
        Edge("regenerate_rationales", "probe_again"),
        Edge("probe_again", "tailor"),
        Edge("tailor", "apply"),
        Edge("apply", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("demo",),
    cost=cost,
    needs=needs,
    random_target={"choice": "random"},
    review_points=("apply",),
    when="Take it when data are to fit one student and its calls are cheap, or when you can train the teacher: pairs"
    " for that are left. Trying the drafts out takes thousands of student calls. In the paper one technique for the"
    " whole task gained more than the best draft of each question, so keep the default choice.",
    rows=("sft", "preference"),
    example="--task chains --student sim/two-bugs --teacher rules --val 16 --test 40 --set questions=8 --set"
    " probe_items=6",
)
