"""TSMMG's pattern (BMC Biology 2025): tools annotate items, and the student learns to make items to order.

The teachers are tools that tell an item's properties. From each annotated item come pairs of a text, which asks for
some of its properties, and the item; on them the student is fine-tuned. It is then asked for items with properties,
also in combinations that it has never seen, and tools check what it makes.

A tool that labels the data and then grades the student would pass its own errors. So an annotation counts when the
judge tells the same of the item (``--judge`` with another tool; without one the teacher is asked twice), and the
answers are graded by the task's own scorer and by the judge apart.

What is known: the abstract and the published code (fine-tuning of a model of GPT-2's size on molecules: learning rate
5e-4, 20 epochs, batches of 32). This is its pattern on anything that a tool can annotate; the items are the golds of
the problems of ``train``. So it is a variant. How many texts an item gets, how they are worded and how many
combinations are held out are parameters. Reported: 82.58, 68.03 and 67.48 % of molecules meet 2, 3 and 4 constraints
(abstract; its repository has older ones).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.practise import load_attempts, load_lessons
from tutorkit.methods._nodes.splits import needed_problems
from tutorkit.methods._nodes.state import ids
from tutorkit.methods._nodes.views import task_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.types import Attempt, Lesson, Message, Problem, Score, SFTExample

STYLES = ("Write a {noun} that {conditions}.", "I need a {noun}. It {conditions}.", "Which {noun} {conditions}?")

Combination = tuple[str, ...]


class TSMMGParams(Params):
    """The parameters of TSMMG's pattern."""

    properties: tuple[str, ...] = Field(
        default=("length", "first", "last", "vowels"), min_length=1, description="What the tools tell of an item."
    )
    noun: str = Field(default="word", min_length=1, max_length=40, description="What an item is called.")
    fewest: int = Field(default=2, ge=1, le=8, description="Properties that one text asks for at least.")
    most: int = Field(default=4, ge=1, le=8, description="Properties that one text asks for at most.")
    per_item: int = Field(default=3, ge=1, le=50, description="Combinations of properties for each item at most.")
    styles: int = Field(default=3, ge=1, le=len(STYLES), description="Wordings of each combination.")
    held_out: int = Field(default=1, ge=0, le=20, description="Combinations that are kept out of the training data.")
    train: bool = Field(default=True, description="Train the student on the rows; without it they are only made.")


class Annotation(Wire):
    """One property of an item, and which tool told it."""

    property: str = Field(max_length=80)
    value: str = Field(max_length=80)
    says: str = Field(max_length=200, description="The value in words: what follows 'something that'.")
    tool: str = Field(max_length=80)
    version: str = Field(max_length=40)


class Annotations(Wire):
    """What is known of an item."""

    annotations: list[Annotation] = Field(max_length=50)


async def annotate(state: State, deps: Deps) -> State:  # noqa: ARG001 (the state is empty yet)
    """Have the teacher annotate every item, and keep of it what the judge tells, too."""

    async def one(problem: Problem) -> JsonValue:
        item = problem.gold or ""
        inputs: dict[str, JsonValue] = {
            "task": task_view(deps.task),
            "item": item,
            "properties": [*deps.params.properties],
        }
        said = await deps.teacher.call("annotate", inputs, Annotations, about=(problem.id,))
        # Another sample: where the judge is the teacher itself, it is a second opinion and not the first one repeated.
        checked = await deps.judge.call("annotate", inputs, Annotations, about=(problem.id,), sample=1)
        told = _values(checked.value)
        agreed = [each for each in said.value.annotations if told.get(each.property) == each.value]
        return _kept(deps, problem, item, agreed, calls=(*said.call_ids, *checked.call_ids)).id

    problems = [problem for problem in needed_problems(deps, "train", to="annotate the golds of") if problem.gold]
    result = await deps.map(one, problems, key=lambda problem: problem.id)
    return {"annotated": [*result.done.values()]}


def _kept(deps: Deps, problem: Problem, item: str, agreed: Sequence[Annotation], *, calls: Sequence[str]) -> Lesson:
    enough = len(agreed) >= deps.params.fewest
    return keep_lesson(
        deps,
        kind="explanation",
        text=f"{item} {_joined([each.says for each in agreed])}.",
        faults=() if enough else (f"the tools agree about {len(agreed)} properties only",),
        call_ids=calls,
        source_split=problem.split,
        about=problem.id,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            "item": item,
            "annotations": [each.model_dump(mode="json") for each in agreed],
        },
    )


async def split(state: State, deps: Deps) -> State:
    """Choose the combinations of properties that no training row asks for; at least one is left to train on."""
    params: TSMMGParams = deps.params
    lessons = _usable(deps, state)
    seen = sorted({names for lesson in lessons for names in _combinations(_annotations(lesson), params)})
    held_out = deps.rng.sample(seen, min(params.held_out, max(0, len(seen) - 1)))
    return {"held_out": [[*names] for names in sorted(held_out)]}


async def render(state: State, deps: Deps) -> State:
    """Make the rows: texts in several wordings, each with an item that is as it asks. A text comes once."""
    params: TSMMGParams = deps.params
    held_out = set(_held_out(state))
    rows: dict[str, SFTExample] = {}
    for lesson in _usable(deps, state):
        found = [names for names in _combinations(_annotations(lesson), params) if names not in held_out]
        for names in sorted(deps.rng.sample(found, min(params.per_item, len(found)))):
            for style, text in enumerate(_texts(_annotations(lesson), names, params)):
                rows.setdefault(" ".join(text.casefold().split()), _row(deps, lesson, names, text, style))
    deps.sink.put(*rows.values())
    return {"rows": [row.id for row in rows.values()]}


def _texts(told: Mapping[str, Annotation], names: Combination, params: TSMMGParams) -> Iterator[str]:
    conditions = _joined([told[name].says for name in names])
    for style in STYLES[: params.styles]:
        yield style.format(noun=params.noun, conditions=conditions)


def _row(deps: Deps, lesson: Lesson, names: Combination, text: str, style: int) -> SFTExample:
    told = _annotations(lesson)
    problem_id, item = str(lesson.data["problem_id"]), str(lesson.data["item"])
    problem = next(problem for problem in deps.problems("train") if problem.id == problem_id)
    wanted: dict[str, JsonValue] = {name: told[name].value for name in names}
    return SFTExample(
        id=stable_id("sft", deps.run_id, text, item),
        run_id=deps.run_id,
        problem_id=problem_id,
        split=problem.split,
        student=deps.student.ref,
        lesson_ids=(lesson.id,),
        call_ids=lesson.call_ids,
        data={
            "item": {**(problem.item or {}), "wanted": wanted},
            "answer": item,
            "constraints": wanted,
            "style": style,
            "annotations": [told[name].model_dump(mode="json") for name in names],
        },
        messages=(Message(role="user", content=text), Message(role="assistant", content=f"Answer: {item}")),
    )


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student as it is, and trained on the rows; no teacher takes part."""
    return {"lessons": [], "test": await evaluate_student(deps, rows=ids(state, "rows") if deps.params.train else ())}


async def verify_with_tools(state: State, deps: Deps) -> State:
    """Have the judge's tools look at what the trained student made, and say how often it is as it was asked for.

    Success is counted by the task's scorer and by the tools, for all problems, for those whose combination of
    properties was trained and those where it was not (``zero-shot``), and by how many properties were asked for.
    """
    test = state["test"]
    attempts = load_attempts(deps, ids(test, "taught") if isinstance(test, dict) else [])
    problems = {problem.id: problem for problem in deps.problems("test")}

    async def one(attempt: Attempt) -> JsonValue:
        inputs: dict[str, JsonValue] = {
            "task": task_view(deps.task),
            "item": attempt.grade.normalised or "",
            "properties": [*deps.params.properties],
        }
        said = await deps.judge.call("annotate", inputs, Annotations, about=(attempt.id,))
        wanted = _wanted(problems[attempt.problem_id])
        return bool(wanted) and all(_values(said.value).get(name) == value for name, value in wanted.items())

    result = await deps.map(one, attempts, key=lambda attempt: attempt.id)
    held_out = set(_held_out(state))
    for name, members in _sets(attempts, problems, held_out).items():
        right = [attempt.grade.outcome == "right" for attempt in members]
        tools = [bool(result.done[attempt.id]) for attempt in members if attempt.id in result.done]
        deps.sink.put(*(_score(deps, kind, name, found) for kind, found in (("scorer", right), ("tools", tools))))
    return {}


def _sets(
    attempts: Iterable[Attempt], problems: Mapping[str, Problem], held_out: set[Combination]
) -> dict[str, list[Attempt]]:
    sets: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        names = tuple(sorted(_wanted(problems[attempt.problem_id])))
        for name in ("all", "zero-shot" if names in held_out else "trained", f"{len(names)} properties"):
            sets.setdefault(name, []).append(attempt)
    return sets


def _score(deps: Deps, by: str, name: str, found: Sequence[bool]) -> Score:
    return Score(
        id=stable_id("score", deps.run_id, "success", by, name),
        run_id=deps.run_id,
        subject_id=deps.run_id,
        kind=f"success_by_{by}",
        value=sum(found) / len(found) if found else 0.0,
        n=len(found),
        probe_set=f"test: {name}",
    )


def cost(params: TSMMGParams, sizes: Sizes) -> Cost:  # noqa: ARG001 (no parameter asks for more or less)
    """Count the calls: n for the teacher; n and one for each test answer for the judge. With tools all are free."""
    return Cost(teacher=sizes.train, student=0, judge=sizes.train + sizes.test)


def needs(params: TSMMGParams) -> frozenset[Need]:
    """Return what the student must be able to do."""
    return frozenset({"train"}) if params.train else frozenset()


def _usable(deps: Deps, state: State) -> list[Lesson]:
    return [lesson for lesson in load_lessons(deps, ids(state, "annotated")) if lesson.verified]


def _annotations(lesson: Lesson) -> dict[str, Annotation]:
    found = lesson.data["annotations"]
    told = [Annotation.model_validate(each) for each in (found if isinstance(found, list) else [])]
    return {each.property: each for each in told}


def _combinations(told: Mapping[str, Annotation], params: TSMMGParams) -> list[Combination]:
    names = sorted(told)
    return [found for count in range(params.fewest, params.most + 1) for found in combinations(names, count)]


def _held_out(state: State) -> list[Combination]:
    found = state.get("held_out", [])
    rows = found if isinstance(found, list) else []
    return [tuple(str(name) for name in names) for names in rows if isinstance(names, list)]


def _values(said: Annotations) -> dict[str, str]:
    return {each.property: each.value for each in said.annotations}


def _wanted(problem: Problem) -> dict[str, str]:
    """Return the properties that a problem asks for, where its item tells."""
    wanted = (problem.item or {}).get("wanted")
    return {name: str(value) for name, value in wanted.items()} if isinstance(wanted, dict) else {}


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


METHOD = Method(
    name="tsmmg",
    version="1",
    summary="Has tools annotate items, and trains the student to make items with the properties asked for.",
    paper=Paper(
        "Instruction multi-constraint molecular generation using a teacher-student large language model",
        "doi:10.1186/s12915-025-02200-3",
        2025,
    ),
    params=TSMMGParams,
    fidelity=lambda _: "variant:any-tool",
    nodes={
        "annotate": annotate,
        "split": split,
        "render": render,
        "evaluate": evaluate,
        "verify_with_tools": verify_with_tools,
    },
    edges=(
        Edge(START, "annotate"),
        Edge("annotate", "split"),
        Edge("split", "render"),
        Edge("render", "evaluate"),
        Edge("evaluate", "verify_with_tools"),
        Edge("verify_with_tools", END),
    ),
    artefacts=("explanation",),
    cost=cost,
    practice="train",
    needs=needs,
    when="Take it where tools can tell the properties of a thing, such as a length, a parse or a measured value, and"
    " the student is to make things to order: no language model has to teach. Give a second, independent tool as"
    " judge. It does not teach how problems are solved.",
    rows=("sft",),
    example="--task strings --student 'sim/strings?lacks=vowels' --teacher rules --train 12 --val 4 --test 40",
)
