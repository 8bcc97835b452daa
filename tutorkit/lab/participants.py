"""Build whoever takes part from the names in a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from tutorkit.errors import BadSetting
from tutorkit.lab.counted import CountedTeacher, counted
from tutorkit.lab.plan import Plan
from tutorkit.models import AccountedGateway, Gateway, read_reply
from tutorkit.models.local_names import is_local, parse_local
from tutorkit.ports import Budget, Student, Teacher
from tutorkit.prompting import PromptLibrary
from tutorkit.students.local import TrainableModelStudent
from tutorkit.students.model import ModelStudent
from tutorkit.students.recorded import load_recorded
from tutorkit.students.simulated import build_simulated
from tutorkit.tasks import Task
from tutorkit.teachers.annotator import build_annotator
from tutorkit.teachers.controls import control_teacher
from tutorkit.teachers.inbox import InboxTeacher
from tutorkit.teachers.model import ModelTeacher
from tutorkit.teachers.recorded import RecordedPerson
from tutorkit.teachers.rules import RuleTeacher
from tutorkit.training import LoraTrainer, read_options
from tutorkit.types import Call

STUDENT_DEFAULTS = {"temperature": 0.0, "max_tokens": 512}
TEACHER_DEFAULTS = {"temperature": 0.0, "max_tokens": 4096}


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What participants are built from, for one run.

    ``models`` is the folder of models that run in this process. ``person`` finds recorded replies in place of an inbox.
    """

    plan: Plan
    task: Task
    prompts: PromptLibrary
    gateway: Gateway
    budget: Budget
    data_dir: Path | None
    models: Path
    person: Callable[[Call], str] | None = None


def is_offline(ref: str) -> bool:
    """Tell whether a name means somebody who costs nothing and needs no server."""
    return ref == "rules" or ref.partition("/")[0] in ("sim", "recorded", "control", "inbox", "annotator")


def is_simulated(student: str) -> bool:
    """Tell whether a student's name means a simulated learner: every figure about it must say so."""
    return student.startswith("sim/")


def build_student(kit: Kit) -> Student:
    """Build the plan's student.

    Raises:
        UnknownName: when there is none of that name.
        BadSetting: when sampling options are given to someone who takes none.
    """
    return _student(kit, kit.plan.student, kit.plan.student_options)


def build_panel(kit: Kit) -> tuple[Student, ...]:
    """Build the plan's other students; sampling options are for those that are models.

    Raises:
        UnknownName: when there is none of that name.
    """
    return tuple(_student(kit, ref, {} if is_offline(ref) else kit.plan.student_options) for ref in kit.plan.panel)


def build_judge(kit: Kit) -> Teacher | None:
    """Build the plan's judge; None where the teacher judges.

    Raises:
        UnknownName: when there is none of that name.
    """
    return None if kit.plan.judge is None else build_teacher(kit, kit.plan.judge)


def _student(kit: Kit, ref: str, options: Mapping[str, JsonValue]) -> Student:
    if is_offline(ref):
        _refuse_options(ref, options)
        recorded = ref.startswith("recorded/")
        student: Student = load_recorded(ref, data_dir=kit.data_dir) if recorded else build_simulated(ref)
        return counted(student, kit.budget)
    kit.gateway.check(ref)
    student = ModelStudent(
        ref=ref,
        chat=AccountedGateway(kit.gateway),
        prompts=kit.prompts,
        description=kit.task.description,
        answer_format=kit.task.answer_format,
        options={**STUDENT_DEFAULTS, **options},
    )
    return _trainable(kit, student) if is_local(ref) else student


def _trainable(kit: Kit, student: ModelStudent) -> TrainableModelStudent:
    """Let a student be trained; settings of its training that do not fit are refused before anything begins."""
    read_options(parse_local(student.ref).options)
    return TrainableModelStudent(**vars(student), trainer=LoraTrainer(models=kit.models))


def build_teacher(kit: Kit, ref: str) -> Teacher:
    """Build a teacher by its name.

    Raises:
        UnknownName: when there is none of that name.
        BadSetting: when sampling options are given to someone who takes none.
    """
    if not is_offline(ref):
        kit.gateway.check(ref)
        return ModelTeacher(
            ref=ref,
            chat=AccountedGateway(kit.gateway),
            prompts=kit.prompts,
            options={**TEACHER_DEFAULTS, **kit.plan.teacher_options},
        )
    _refuse_options(ref, kit.plan.teacher_options)
    return CountedTeacher(_offline_teacher(kit, ref), kit.budget)


def _offline_teacher(kit: Kit, ref: str) -> Teacher:
    kind, _, rest = ref.partition("/")
    if kind == "inbox":
        if not rest:
            raise BadSetting("The inbox has no folder.", remedy="Name one: --teacher inbox/FOLDER.")
        inbox = InboxTeacher(folder=Path(rest), prompts=kit.prompts, read=read_reply)
        if kit.person is None:
            return inbox
        return RecordedPerson(ref=inbox.ref, prompts=kit.prompts, read=read_reply, reply_to=kit.person)
    if kind == "annotator":
        return build_annotator(ref, prompts=kit.prompts)
    if kind == "control":
        return build_control(kit, rest, base=_rules(kit))
    return _rules(kit)


def build_control(kit: Kit, name: str, *, base: Teacher) -> Teacher:
    """Build a control teacher around a teacher."""
    return control_teacher(
        name,
        base=base,
        live=live_skills(kit.plan.student, kit.task),
        skills=sorted({skill for problem in kit.task.problems for skill in problem.skills}),
        problems=kit.task.split("val"),
        seed=kit.plan.seed,
        prompts=kit.prompts,
    )


def live_skills(student: str, task: Task) -> Sequence[str]:
    """Return the skills that a student is known to lack: a simulated one's bugs; else every skill of the task."""
    if is_simulated(student):
        return sorted(build_simulated(student).live_skills)
    return sorted({skill for problem in task.problems for skill in problem.skills})


def _rules(kit: Kit) -> Teacher:
    return RuleTeacher(prompts=kit.prompts, cues=is_simulated(kit.plan.student))


def _refuse_options(ref: str, options: object) -> None:
    if options:
        raise BadSetting(f"{ref} takes no sampling options.", remedy="Leave the options out; they are for models.")
