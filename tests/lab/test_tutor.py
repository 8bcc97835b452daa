import json
import os
import signal
import subprocess
import sys

import pytest
from support.model_server import serve_model

from tutorkit import Lab, Tutor
from tutorkit.errors import DataError, DialogueMoved, ModelError, RecordNotFound, UnknownName
from tutorkit.store import StoreSink
from tutorkit.tutoring.session import with_learner
from tutorkit.types import Call, Dialogue, Problem, Run

ITEM = {"domain": "sub", "a": 52, "b": 18}


@pytest.fixture
def lab(tmp_path):
    with Lab(home=tmp_path / "home") as opened:
        yield opened


def test_a_conversation_of_two_lines(lab):
    with Tutor.open(ITEM, "p1", lab=lab) as tutor:
        reply = tutor.reply("46")
        assert reply.move == "contrast" and "34" not in reply.text
        assert reply.insight.misconception_id == "sub.smaller_from_larger"
        assert tutor.reply("34, because 12 - 8 = 4").move == "confirm"


def test_every_turn_is_in_the_store_and_the_conversation_goes_on_elsewhere(lab):
    with Tutor.open(ITEM, "p1", lab=lab, language="de") as first:
        first.reply("46")
    with Tutor.resume(first.id, lab=lab) as second:
        assert [turn.text for turn in second.turns] == [turn.text for turn in first.turns]
        assert second.reply("34").move == "elicit"
        assert "gekommen" in second.turns[-1].text
    kept = StoreSink(lab.store).get(Dialogue, first.id)
    assert len(kept.turns) == 5 and kept.student == "p1"


def test_what_a_learner_said_is_kept_when_the_reply_never_came_and_is_answered_later(lab):
    with Tutor.open(ITEM, "p1", lab=lab) as tutor:
        sink = StoreSink(lab.store)
        sink.put(with_learner(sink.get(Dialogue, tutor.id), "46"))
        sink.flush()
    with Tutor.resume(tutor.id, lab=lab) as again:
        assert lab.sessions()[0].state == "owed"
        assert again.catch_up().move == "contrast"
        assert again.catch_up() is None


def test_two_processes_on_one_conversation_lose_nothing(lab):
    with Tutor.open(ITEM, "p1", lab=lab) as here, Tutor.resume(here.id, lab=lab) as there:
        there.reply("46")
        with pytest.raises(DialogueMoved, match="gone on elsewhere"):
            here.reply("44")
        assert len(here.turns) == 3
        assert here.reply("44").text
        assert len(StoreSink(lab.store).get(Dialogue, here.id).turns) == 5


def test_a_teacher_takes_over_in_another_process(lab):
    with Tutor.open(ITEM, "p1", lab=lab) as pupil, Tutor.resume(pupil.id, lab=lab) as teacher:
        teacher.take_over(by="Ada")
        with pytest.raises(DialogueMoved):
            pupil.reply("46")
        assert pupil.reply("46").text is None
        with Tutor.resume(pupil.id, lab=lab) as again:
            again.say("Let us do it together.", by="Ada")
            again.give_back(by="Ada")
        assert [line.state for line in lab.sessions()] == ["open"]


def test_conversations_are_listed_and_are_no_experiments(lab):
    with Tutor.open(ITEM, "p1", lab=lab):
        pass
    with Tutor.open(ITEM, "p2", lab=lab) as second:
        second.reply("bye")
    assert [(line.learner, line.state, line.turns) for line in lab.sessions()] == [
        ("p1", "open", 1),
        ("p2", "closed", 3),
    ]
    assert [line.learner for line in lab.sessions(learner="p2")] == ["p2"]
    assert lab.runs() == []


def test_a_problem_without_its_answer_is_refused_and_so_are_strange_models(lab):
    problem = Problem(id="x", task="t", text="?", gold=None, scorer="number", split="train", group="x")
    with pytest.raises(DataError, match="Give the problem its gold answer"):
        Tutor.open(problem, "p1", lab=lab)
    with pytest.raises(UnknownName):
        Tutor.open(ITEM, "p1", lab=lab, language="tlh")
    with pytest.raises(RecordNotFound):
        Tutor.resume("tutor-nothing", lab=lab)


def test_texts_and_domains_become_problems(lab):
    assert lab.problem_for("52 - 18").gold == "34"
    assert lab.problem_for('{"domain": "sub", "a": 52, "b": 18}').item == ITEM
    assert lab.problem_for(None, domain="frac", seed=1).item["domain"] == "frac"


def _tutor_of(server, lab):
    return Tutor.open(ITEM, "p1", lab=lab, model=f"openai/tiny@{server.url}")


def test_a_model_that_leaks_is_held_back_and_its_calls_are_kept(lab):
    said = json.dumps({"text": "It is 34!", "reveals": ["34"]})
    with serve_model(lambda _: said) as server:
        with _tutor_of(server, lab) as tutor:
            reply = tutor.reply("46")
        asked = [json.loads(body) for body in server.asked]
    assert "34" not in reply.text and "leak" in reply.blocked
    calls = StoreSink(lab.store).find(Call, run_id=tutor.id)
    assert len(calls) == 2 and all("34" in call.reply for call in calls)
    assert len(asked) == 2 and "could not be used" in json.dumps(asked[1]) + json.dumps(asked[0])
    assert "p1" not in json.dumps(asked)


def test_a_model_that_keeps_to_its_move_is_heard(lab):
    said = json.dumps({"text": "What do you do in the ones column when 2 is smaller than 8?", "reveals": []})
    with serve_model(lambda _: said) as server, _tutor_of(server, lab) as tutor:
        reply = tutor.reply("46")
    assert reply.text == "What do you do in the ones column when 2 is smaller than 8?"
    assert (reply.blocked, server.calls) == ((), 1)


def test_a_model_that_cannot_be_reached_costs_no_turn(lab):
    with Tutor.open(ITEM, "p1", lab=lab, model="openai/tiny@http://127.0.0.1:9/v1") as tutor:
        with pytest.raises(ModelError):
            tutor.reply("46")
        assert lab.sessions()[0].state == "owed"
        assert [turn.role for turn in tutor.turns] == ["tutor", "learner"]


SCRIPT = """
import sys
from tutorkit import Lab, Tutor
with Lab(home=sys.argv[1]) as lab, Tutor.open({"domain": "sub", "a": 52, "b": 18}, "p1", lab=lab) as tutor:
    print(tutor.id, flush=True)
    for _ in range(1000):
        tutor.reply("46")
        print("x", flush=True)
"""


def test_a_killed_process_loses_no_finished_turn(tmp_path):
    home = tmp_path / "home"
    child = subprocess.Popen([sys.executable, "-c", SCRIPT, str(home)], stdout=subprocess.PIPE, text=True)
    session = child.stdout.readline().strip()
    for _ in range(3):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with Lab(home=home) as lab, Tutor.resume(session, lab=lab) as tutor:
        assert len(tutor.turns) >= 7
        tutor.catch_up()
        assert tutor.reply("44").text
        run = StoreSink(lab.store).get(Run, session)
        assert json.loads(run.model_dump_json())["params"]["language"] == "en"
