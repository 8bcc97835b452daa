"""SuperCorrect (arXiv 2410.09008, ICLR 2025).

First the student learns to write its reasoning by a hierarchical template: steps, notes on the tricky ones alone, and
what holds of all such problems. Then it learns to correct itself: at its own first wrong step the teacher's cause and
correction are preferred to its own. What is compared is the correction, after the question and the correct prefix, and
not the whole solution.

What is known: the paper's text; of the code only the evaluation was published. The two stages, the unit of a pair and
the three rounds of inspection follow the paper. Ours: the notes and the XML of a template as they stand here; wrong
solutions come from the training problems alone (the paper's text mines test sets, too); each side says to which answer
its correction leads, by which a scorer can tell that the teacher's corrects and the student's does not; ``templates``.
Reported for Qwen2.5-Math-7B on MATH: 55.1 to 70.2 in the paper, 80.6 to 82.1 with another harness in the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from xml.etree import ElementTree

from pydantic import Field, JsonValue

from tutorkit.canonical import stable_id
from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.state import ids
from tutorkit.methods._nodes.steps import holds_gold, keep_first_error, keep_share, question_view
from tutorkit.methods._nodes.verify import demo_faults
from tutorkit.methods._nodes.views import attempt_view, problem_view, task_view
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Params, Sizes, State, Wire
from tutorkit.types import Attempt, Lesson, PreferencePair, Problem


class SuperCorrectParams(Params):
    """The parameters of SuperCorrect."""

    templates: float = Field(
        default=1.0, ge=0, le=1, description="Share of the training problems, the first ones, that become templates."
    )
    max_inspections: int = Field(default=3, ge=1, le=8, description="Inspections of one correction at most.")
    train: bool = Field(
        default=True, description="Train the student on templates, then pairs; without it they are only made."
    )


class TemplateStep(Wire):
    """One step of a template."""

    n: int = Field(ge=1, description="The step's number, from 1.")
    text: str = Field(max_length=2000, description="What is done in this step and what comes out.")
    tricky: bool = Field(description="Whether a solver easily goes wrong here.")
    key: str | None = Field(max_length=1000, description="A note for a tricky step; null for every other step.")


class Template(Wire):
    """A solution in the hierarchical form."""

    steps: list[TemplateStep] = Field(max_length=40)
    generalized: str = Field(max_length=2000, description="The strategy that solves all problems of this kind.")
    answer: str = Field(max_length=400, description="The final answer alone.")


class Correction(Wire):
    """Why a step is wrong, and the step as it should be."""

    cause: str = Field(max_length=600, description="Why the step is wrong.")
    correction: str = Field(max_length=2000, description="The step as it should be.")
    answer: str = Field(max_length=400, description="The final answer to which the solution then leads, alone.")


class Located(Correction):
    """The first wrong step and its correction."""

    first_wrong_step: Annotated[int, Field(ge=1)] | None = Field(
        description="Number of the first wrong step as shown, counted from 1; null when no step can be named."
    )
    skill: str | None = Field(default=None, max_length=80, description="The skill that is lacking, if it has a name.")


class Inspection(Wire):
    """Whether a correction can be taught."""

    ok: bool
    problems: list[str] = Field(max_length=8, description="What is wrong with it, one sentence each; empty when ok.")


def to_xml(template: Template) -> str:
    """Write a template as XML, which is what a student learns to write."""
    root = ElementTree.Element("solution")
    for step in template.steps:
        node = ElementTree.SubElement(root, "step", n=str(step.n), tricky="yes" if step.tricky else "no")
        ElementTree.SubElement(node, "text").text = step.text
        if step.key is not None:
            ElementTree.SubElement(node, "key").text = step.key
    ElementTree.SubElement(root, "generalized").text = template.generalized
    ElementTree.SubElement(root, "answer").text = template.answer
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")


def from_xml(text: str) -> Template:
    """Read a template that ``to_xml`` wrote.

    Raises:
        ParseError: when it is no XML, as where a text holds a character that XML cannot.
    """
    root = ElementTree.fromstring(text)  # noqa: S314 (our own writing, without entities)
    steps = [
        TemplateStep(
            n=int(node.get("n", "0")),
            text=node.findtext("text", ""),
            tricky=node.get("tricky") == "yes",
            key=node.findtext("key"),
        )
        for node in root.iter("step")
    ]
    return Template(steps=steps, generalized=root.findtext("generalized", ""), answer=root.findtext("answer", ""))


def template_faults(template: Template) -> tuple[str, ...]:
    """Return why a template cannot be learnt, its answer apart."""
    faults: list[str] = []
    if not template.steps or not all(step.text.strip() for step in template.steps):
        faults.append("a step is empty")
    if [step.n for step in template.steps] != list(range(1, len(template.steps) + 1)):
        faults.append("the steps are not numbered in their order")
    if any(step.key and not step.tricky for step in template.steps):
        faults.append("a note stands on a step that is not tricky")
    try:
        same = from_xml(to_xml(template)) == template
    except ElementTree.ParseError:
        same = False
    return tuple(faults) if same else (*faults, "it cannot be written as XML and read again")


async def rewrite_to_template(_state: State, deps: Deps) -> State:
    """Have solutions written by the template; those that are well formed and reach the gold become examples."""
    problems = deps.problems("train")
    chosen = problems[: int(len(problems) * deps.params.templates)]

    async def one(problem: Problem) -> JsonValue:
        said = await deps.teacher.call(
            "rewrite_to_template",
            {"task": task_view(deps.task), "problem": problem_view(problem)},
            Template,
            about=(problem.id,),
        )
        template = _tidied(said.value)
        working = "\n".join(step.text for step in template.steps)
        faults = (*template_faults(template), *demo_faults(working, template.answer, problem, deps.scorer))
        lesson = keep_lesson(
            deps,
            kind="template",
            text=to_xml(template) if "XML" not in " ".join(faults) else template.model_dump_json(),
            faults=faults,
            call_ids=said.call_ids,
            source_split=problem.split,
            data={"problem_id": problem.id, "group": problem.group},
        )
        if faults:
            return None
        return keep_sft(
            deps,
            problem,
            rationale=lesson.text,
            answer=template.answer,
            round=0,
            student=deps.student.ref,
            lesson_ids=(lesson.id,),
            call_ids=said.call_ids,
            data={"stage": 1},
        ).id

    result = await deps.map(one, chosen, key=lambda problem: problem.id)
    return {"templates": [row for row in result.done.values() if row is not None]}


def _tidied(template: Template) -> Template:
    """Return the template with one kind of line break, as XML has it, and without empty notes."""
    steps = [
        step.model_copy(update={"text": _lines(step.text), "key": _lines(step.key or "") or None})
        for step in template.steps
    ]
    whole = {"generalized": _lines(template.generalized), "answer": _lines(template.answer)}
    return template.model_copy(update={"steps": steps, **whole})


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


async def attempt(state: State, deps: Deps) -> State:
    """Have the student solve the training problems, once it has learnt the templates."""
    student = await deps.trained(_learnt(state, deps))
    made = await practise_problems(deps, deps.problems("train"), lesson_ids=(), phase="train-0", student=student)
    return {"wrong": [attempt.id for attempt in mistakes(load_attempts(deps, made))]}


def _learnt(state: State, deps: Deps) -> list[str]:
    return ids(state, "templates") if deps.params.train else []


async def locate_and_correct(state: State, deps: Deps) -> State:
    """Have the first wrong step of each wrong solution found and corrected, until the inspector finds nothing wrong.

    What does not pass the last inspection is kept as rejected.
    """
    problems = {problem.id: problem for problem in deps.problems("train")}

    async def one(attempt: Attempt) -> JsonValue:
        return (await _corrected(deps, attempt, problems[attempt.problem_id])).id

    result = await deps.map(one, load_attempts(deps, ids(state, "wrong")), key=lambda attempt: attempt.id)
    made = load_lessons(deps, [str(lesson_id) for lesson_id in result.done.values()])
    return {"corrections": [lesson.id for lesson in made if lesson.verified]}


@dataclass(frozen=True)
class Draft:
    """What came of locating and correcting: the last draft, what was objected to it, and what it took."""

    located: Located
    objections: tuple[str, ...]
    inspections: int
    call_ids: tuple[str, ...]


async def _corrected(deps: Deps, attempt: Attempt, problem: Problem) -> Lesson:
    draft = await _drafted(deps, attempt, problem)
    located = draft.located
    diagnosis = keep_first_error(
        deps,
        attempt,
        desk=deps.teacher,
        first_wrong_step=located.first_wrong_step,
        cause=located.cause,
        summary=located.correction,
        skill=located.skill,
        call_ids=draft.call_ids,
    )
    return keep_lesson(
        deps,
        kind="correction",
        text=_side(located),
        faults=draft.objections,
        call_ids=draft.call_ids,
        skill=located.skill,
        sources=(attempt.id,),
        source_split=problem.split,
        data={
            "problem_id": problem.id,
            "group": problem.group,
            "step": diagnosis.first_wrong_step,
            "answer": located.answer,
            "inspections": draft.inspections,
        },
    )


async def _drafted(deps: Deps, attempt: Attempt, problem: Problem) -> Draft:
    shown: dict[str, JsonValue] = {
        "task": task_view(deps.task),
        "problem": problem_view(problem),
        "attempt": attempt_view(attempt),
    }
    objections: list[str] = []
    call_ids: list[str] = []
    most: int = deps.params.max_inspections
    for count in range(1, most + 1):
        said = await deps.teacher.call(
            "locate_and_correct", {**shown, "objections": [*objections]}, Located, about=(attempt.id,), sample=count - 1
        )
        located = said.value
        call_ids += said.call_ids
        if located.first_wrong_step is None or located.first_wrong_step > len(attempt.steps):
            return Draft(located, ("no step of the attempt is named",), count - 1, tuple(call_ids))
        seen: dict[str, JsonValue] = {
            "first_wrong_step": located.first_wrong_step,
            "cause": located.cause,
            "correction": located.correction,
        }
        verdict = await deps.judge.call(
            "inspect_correction", {**shown, "correction": seen}, Inspection, about=(attempt.id,), sample=count - 1
        )
        call_ids += verdict.call_ids
        objections = _objections(deps, located, verdict.value, problem)
        if not objections:
            break
    unverified = (f"unverified after {most} inspections", *objections) if objections else ()
    return Draft(located, unverified, count, tuple(call_ids))


def _objections(deps: Deps, located: Located, verdict: Inspection, problem: Problem) -> list[str]:
    """Say what speaks against a correction: what the inspector found, and an answer that the scorer refuses."""
    found = [] if verdict.ok else [text for text in verdict.problems if text.strip()] or ["The inspector refused it."]
    if demo_faults(located.correction, located.answer, problem, deps.scorer):
        found.append("From the corrected step the solution does not come to the correct answer.")
    return found


async def student_correct(state: State, deps: Deps) -> State:
    """Have the student correct the same step, and make the pair; one that says nothing is kept as rejected."""
    student = await deps.trained(_learnt(state, deps))
    problems = {problem.id: problem for problem in deps.problems("train")}

    async def one(lesson: Lesson) -> JsonValue:
        attempt = deps.sink.get(Attempt, lesson.source_attempt_ids[0])
        problem, place = problems[attempt.problem_id], lesson.data["step"]
        first = place if isinstance(place, int) else 0
        done: list[JsonValue] = [*attempt.steps[:first]]
        said = await student.write(
            "student_correct",
            {
                "task": task_view(deps.task),
                "question": question_view(problem),
                "done": done,
                "step": attempt.steps[first],
            },
            Correction,
            about=(attempt.id,),
        )
        pair = _pair(deps, lesson, attempt, problem, said.value, place=first, call_ids=said.call_ids)
        deps.sink.put(pair)
        return pair.id if pair.audit == "pending" else None

    corrections = load_lessons(deps, ids(state, "corrections"))
    result = await deps.map(one, corrections, key=lambda lesson: lesson.id)
    pairs = [pair for pair in result.done.values() if pair is not None]
    keep_share(deps, "pairs-kept", len(pairs), len(ids(state, "wrong")), probe_set="wrong-solutions")
    return {"pairs": [*pairs]}


def _pair(
    deps: Deps,
    lesson: Lesson,
    attempt: Attempt,
    problem: Problem,
    own: Correction,
    *,
    place: int,
    call_ids: Sequence[str],
) -> PreferencePair:
    rejected = _side(own)
    dropped: list[str] = []
    if " ".join(rejected.split()) == " ".join(lesson.text.split()):
        dropped.append("dropped: both sides say the same")
    if not demo_faults(own.correction, own.answer, problem, deps.scorer):
        dropped.append("dropped: the student corrects itself")
    leak = ["gold-in-correction"] if holds_gold(lesson.text, problem) else []
    return PreferencePair(
        id=stable_id("pair", lesson.id, rejected),
        run_id=deps.run_id,
        problem_id=problem.id,
        split=problem.split,
        student=attempt.student,
        lesson_ids=(lesson.id,),
        source_attempt_ids=(attempt.id,),
        call_ids=(*attempt.call_ids, *lesson.call_ids, *call_ids),
        audit="rejected" if dropped else "pending",
        flags=(*dropped, *leak),
        data={"item": problem.item, "answer": lesson.data["answer"], "stage": 2, "step": place},
        prompt="\n".join((problem.question().as_text(), *attempt.steps[:place])),
        chosen=lesson.text,
        rejected=rejected,
        unit="correction",
        both_orders=False,
    )


def _side(correction: Correction) -> str:
    return f"Cause: {correction.cause.strip()}\nCorrection: {correction.correction.strip()}"


async def collect(state: State, deps: Deps) -> State:
    """Put what is learnt in its order: the templates, then the pairs."""
    rows: list[JsonValue] = [*ids(state, "templates"), *ids(state, "pairs")]
    return {"lessons": [], "rows": rows if deps.params.train else []}


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, as it was and as it is after both stages; no teacher takes part."""
    return {"test": await evaluate_student(deps, rows=ids(state, "rows"))}


def cost(params: SuperCorrectParams, sizes: Sizes) -> Cost:
    """Count the calls: a template for each problem, and for each wrong solution a correction and an inspection.

    Every further round is another correction and, where a judge is counted apart, another inspection. The student
    attempts each problem and corrects itself once for each wrong solution.
    """
    wrong = sum(sizes.wrong)
    templates = int(sizes.train * params.templates)
    more = wrong * (params.max_inspections - 1)
    return Cost(teacher=templates + wrong, judge=wrong, student=sizes.train + wrong, again=2 * more)


def fidelity(params: SuperCorrectParams) -> str:
    """Name the variant: as published, the wrong solutions are those of a student that has learnt the templates."""
    return "paper" if params.train and params.templates > 0 else "variant:rows-only"


def needs(params: SuperCorrectParams) -> frozenset[Need]:
    """Say what the student must be able to do: correct itself in writing, and be trained."""
    return frozenset({"write", "train"} if params.train else {"write"})


METHOD = Method(
    name="super-correct",
    version="1",
    summary="Teaches a student to reason by a template, then to correct its own first wrong step as the teacher does.",
    paper=Paper(
        "SuperCorrect: Advancing Small LLM Reasoning with Thought Template Distillation and Self-Correction",
        "arXiv:2410.09008",
        2025,
    ),
    params=SuperCorrectParams,
    fidelity=fidelity,
    nodes={
        "rewrite_to_template": rewrite_to_template,
        "attempt": attempt,
        "locate_and_correct": locate_and_correct,
        "student_correct": student_correct,
        "collect": collect,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "rewrite_to_template"),
        Edge("rewrite_to_template", "attempt"),
        Edge("attempt", "collect", lambda state, _: not state["wrong"]),
        Edge("attempt", "locate_and_correct"),
        Edge("locate_and_correct", "student_correct"),
        Edge("student_correct", "collect"),
        Edge("collect", "evaluate"),
        Edge("evaluate", END),
    ),
    artefacts=("template", "correction"),
    practice="train",
    cost=cost,
    needs=needs,
    review_points=("collect",),
    when="Take it if the student is to find and mend its own errors and can be trained on preferences. Pairs come of"
    " wrong solutions alone, so it wants a few hundred train problems of which a fair share goes wrong. For better"
    " solutions without self-correction score or undo take fewer stages.",
    rows=("sft", "preference"),
    example="--task chains --student 'sim/two-bugs?learn_after=6' --teacher rules --train 24 --val 4 --test 40"
    " --set templates=0.25",
)
