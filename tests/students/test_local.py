"""A student that can be trained: it learns in the prompt in which it is asked, and is itself afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorkit.errors import BadSetting, MissingExtra
from tutorkit.graphs.needs import missing
from tutorkit.lab import Lab, Plan, doctor
from tutorkit.models import AccountedGateway, Gateway, ScriptedProvider, ScriptedReply
from tutorkit.models.providers import transformers_weights
from tutorkit.prompting import PromptLibrary
from tutorkit.students.local import TrainableModelStudent
from tutorkit.types import Message, Question, SFTExample

ROW = SFTExample(
    id="e",
    run_id="r",
    problem_id="p",
    split="train",
    messages=(Message(role="user", content="What is 2 # 3?"), Message(role="assistant", content="Answer: 6")),
)


class Noting:
    """A trainer that notes what it is given."""

    def __init__(self):
        self.given = []
        self.asked = None

    async def train(self, rows, *, base, folder, asked):
        self.given.append((list(rows), base, folder))
        self.asked = asked
        return "scripted/trained"


def student(gateway, trainer) -> TrainableModelStudent:
    return TrainableModelStudent(
        ref="scripted/student",
        chat=AccountedGateway(gateway),
        prompts=PromptLibrary(),
        description="Signs.",
        answer_format="End with the number.",
        options={"temperature": 0.0},
        trainer=trainer,
    )


async def test_trained_it_is_the_same_student_with_other_weights(tmp_path):
    provider, trainer = ScriptedProvider([ScriptedReply(text="Answer: 6")]), Noting()
    async with Gateway(cache=tmp_path / "c.sqlite", adapters={"scripted": provider}) as gateway:
        untaught = student(gateway, trainer)
        taught = await untaught.trained([ROW], folder=tmp_path)
        answer = await taught.answer(Question(id="q", text="What is 2 # 3?"), ())
    assert trainer.given == [([ROW], "scripted/student", tmp_path)]
    assert (untaught.ref, taught.ref, answer.calls[0].model) == (
        "scripted/student",
        "scripted/trained",
        "scripted/trained",
    )
    # What it is asked is what it learnt from, message for message.
    assert answer.calls[0].messages == tuple(trainer.asked("What is 2 # 3?"))


async def test_it_has_all_that_methods_which_train_need(tmp_path):
    async with Gateway(cache=tmp_path / "c.sqlite") as gateway:
        assert missing(student(gateway, Noting()), frozenset({"train", "write", "go_on"})) == ()


def plan(student: str) -> Plan:
    return Plan(method="tpd", task="arithmetic", student=student, teacher="rules", sizes={"val": 4, "test": 4})


def test_a_plan_with_such_a_student_names_the_extra_that_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(transformers_weights.importlib.util, "find_spec", lambda name: None)
    with Lab(home=tmp_path) as lab, pytest.raises(MissingExtra, match="tutorkit\\[local\\]"):
        lab.teach_plan(plan("transformers/smollm2-135m-instruct"))


def test_a_training_setting_that_does_not_fit_is_refused_before_anything_begins(tmp_path, monkeypatch):
    monkeypatch.setattr("tutorkit.models.providers.transformers_local.check_weights", lambda name, *, models: None)
    with Lab(home=tmp_path) as lab, pytest.raises(BadSetting, match="epocs"):
        lab.teach_plan(plan("transformers/smollm2-135m-instruct?epocs=3"))


def test_what_is_kept_stands_in_the_home(tmp_path):
    with Lab(home=tmp_path) as lab:
        assert lab.settings.models_path == Path(tmp_path) / "models"


@pytest.mark.parametrize(("there", "status"), [(False, "optional"), (True, "ok")])
def test_the_doctor_says_whether_students_can_be_trained_here(tmp_path, monkeypatch, there, status):
    monkeypatch.setattr(doctor, "find_spec", lambda name: object() if there else None)
    monkeypatch.setattr(doctor, "version", lambda name: "1.2.3")
    with Lab(home=tmp_path) as lab:
        (found,) = [check for check in doctor.examine(lab.settings) if check.subject == "extra local"]
    assert found.status == status
    assert ("tutorkit[local]" in found.detail) != there
