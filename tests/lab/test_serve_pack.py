"""A pack's student through HTTP is the student that was measured: the same requests, the same answers."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager

import openai
import pytest
from support.bench import SIZES, plan
from support.model_server import serve_model
from test_resume import weak_student

from tutorkit.errors import BadSetting, NotApproved, TutorkitError
from tutorkit.graphs.events import StopSignal
from tutorkit.lab import Address, Lab, Limits, Plan
from tutorkit.packs import build_pack, save_pack
from tutorkit.programs import DATA, SLOT, Program
from tutorkit.tasks import TaskScorer, load_task
from tutorkit.types import Lesson, Message


@pytest.fixture(scope="module")
def model():
    with serve_model(weak_student) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def pack(home):
    with Lab(home=home) as lab:
        report = lab.teach_plan(plan())
        lab.review(report.run_id, to="approved", by="me", why="read")
        return report.pack


@contextmanager
def served(home, pack, **given):
    """Serve in a thread, as nothing but its address is shared with the client."""
    stop, ready, found = StopSignal(), threading.Event(), {}

    def run() -> None:
        try:
            with Lab(home=home) as lab:
                lab.serve_pack(
                    pack,
                    address=Address(port=0),
                    ready=lambda url, _: (found.update(url=url), ready.set()),
                    stop=stop,
                    **given,
                )
        except TutorkitError as error:
            found["error"] = error
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(30)
        if "error" in found:
            raise found["error"]
        with openai.OpenAI(base_url=found["url"], api_key="anything", max_retries=0) as client:
            yield client
    finally:
        stop.request()
        thread.join(30)


def ask(client, *messages: tuple[str, str], **options) -> str:
    said = [{"role": role, "content": content} for role, content in messages]
    reply = client.chat.completions.create(model="any", messages=said, **options)
    return reply.choices[0].message.content


def test_accuracy_through_http_is_that_in_process(model, home, pack):
    student = f"openai/tiny@{model.url}"
    problems = load_task("chains", data_dir=None, seed=0, sizes={"test": SIZES["test"]}).split("test")
    with Lab(home=home) as lab:
        given = Plan(method="measure", task="chains", student=student, teacher="rules", sizes={"test": SIZES["test"]})
        report = lab.apply_pack(pack, given)
        assert report.gain.value > 0
    before = set(model.asked)
    with served(home.parent / "other-home", pack, student=student) as client:
        answers = [ask(client, ("user", problem.question().as_text())) for problem in problems]
        streams = [
            client.chat.completions.create(
                model="x", messages=[{"role": "user", "content": p.question().as_text()}], stream=True
            )
            for p in problems[:3]
        ]
        streamed = ["".join(c.choices[0].delta.content or "" for c in stream) for stream in streams]
    grades = [TaskScorer().grade(problem, answer) for problem, answer in zip(problems, answers, strict=True)]
    assert sum(grade.outcome == "right" for grade in grades) / len(grades) == report.taught.value
    assert set(model.asked) == before and streamed == answers[:3]


def test_a_conversation_keeps_its_turns_between_the_examples_and_the_question(model, home, pack):
    with served(home, pack, student=f"openai/tiny@{model.url}") as client:
        ask(
            client,
            ("system", "Be brief."),
            ("user", "Hi."),
            ("assistant", "Hello."),
            ("user", "(a) 1 + 1"),
            max_tokens=9,
        )
    (body,) = [text for text in model.asked if "Be brief." in text]
    asked = json.loads(body)
    roles = [message["role"] for message in asked["messages"]]
    assert roles[0] == "system" and "system" not in roles[1:]
    assert "arry" in asked["messages"][0]["content"] and asked["messages"][0]["content"].endswith("Be brief.")
    assert [m["content"] for m in asked["messages"][-3:]] == ["Hi.", "Hello.", "(a) 1 + 1"]
    assert 9 in asked.values()


def test_an_exhausted_budget_is_said_to_the_client(model, home, pack, tmp_path):
    with served(tmp_path, pack, student=f"openai/tiny@{model.url}", limits=Limits(max_calls=1)) as client:
        ask(client, ("user", "(a) 2 + 2"))
        with pytest.raises(openai.RateLimitError, match="limit"):
            ask(client, ("user", "(a) 2 + 3"))


def test_the_last_word_is_the_users(model, home, pack):
    with served(home, pack, student=f"openai/tiny@{model.url}") as client, pytest.raises(openai.BadRequestError):
        ask(client, ("user", "Hi."), ("assistant", "Hello."))


def test_only_a_model_can_be_served(home, pack):
    with pytest.raises(BadSetting, match="reads no questions"), served(home, pack, student="sim/two-bugs"):
        pass


def test_an_optimisers_whole_prompt_is_not_served(model, tmp_path):
    program = Program((Message(role="system", content="In my form."), Message(role="user", content=f"Q: {SLOT}")))
    lesson = Lesson(
        id="l-1", run_id="r", kind="instruction", text="Short.", data={DATA: program.as_data()}, audit="approved"
    )
    pack = build_pack(name="compiled", instruction="", lessons=[lesson], provenance={}, evidence={})
    folder = save_pack(pack, tmp_path / "compiled")
    asked_before = len(model.asked)
    with (
        pytest.raises(BadSetting, match="whole prompt, which cannot be served") as caught,
        served(tmp_path / "home", folder, student=f"openai/tiny@{model.url}"),
    ):
        pass
    assert "tutorkit pack apply" in caught.value.remedy and len(model.asked) == asked_before


def test_what_nobody_approved_is_not_served(model, tmp_path):
    with Lab(home=tmp_path) as lab:
        unread = lab.teach_plan(plan(seed=3)).pack
    with pytest.raises(NotApproved), served(tmp_path, unread, student=f"openai/tiny@{model.url}"):
        pass
    with served(tmp_path, unread, student=f"openai/tiny@{model.url}", unreviewed=True, retrieval="top-1") as client:
        assert ask(client, ("user", "(a) 5 + 7"))
