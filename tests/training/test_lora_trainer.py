"""Training in a child process: what is kept, what is not done twice, and how it fails. The child is a stand-in."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import textwrap

import pytest

from tutorkit.errors import BadSetting, MissingExtra, RunInterrupted, TrainingFailed
from tutorkit.models.local_names import adapter_digest, adapter_folder, parse_local
from tutorkit.training.lora import LoraTrainer
from tutorkit.training.settings import LoraSettings, read_options
from tutorkit.types import Message, PreferencePair, SFTExample

BASE = "transformers/smollm2-135m-instruct"
CHILD = """
    import hashlib, json, os, pathlib, signal, sys, time
    spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
    runs = pathlib.Path(spec["models"]).parent / "runs.txt"
    with runs.open("a") as file:
        file.write(json.dumps([spec["stage"], spec["base"]]) + "\\n")
    print(json.dumps({"step": 1, "steps": 2, "loss": 2.0}), flush=True)
    sys.stderr.write("a library says something\\n")
    how = os.environ.get("CHILD", "")
    if how == "fails":
        sys.stderr.write("RuntimeError: no memory\\n")
        sys.exit(3)
    if how == "ctrl-c":
        os.kill(os.getpid(), signal.SIGINT) if signal.signal(signal.SIGINT, signal.SIG_DFL) else None
    if how == "hangs":
        (runs.parent / "pid").write_text(str(os.getpid()))
        time.sleep(60)
    print(json.dumps({"step": 2, "steps": 2, "loss": 1.0}), flush=True)
    if how == "writes nothing":
        sys.exit(0)
    out = pathlib.Path(spec["out"])
    out.mkdir(parents=True)
    kept = {key: spec[key] for key in ("stage", "base", "rows", "settings")}
    (out / "adapter_model.safetensors").write_text(json.dumps(kept))
    (out / "adapter_config.json").write_text(json.dumps({"r": 16, "lora_alpha": 32}))
"""


@pytest.fixture
def trainer(tmp_path):
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD))
    told = []
    made = LoraTrainer(models=tmp_path / "models", worker=(sys.executable, str(script)), packages=(), tell=told.append)
    return made, told


def asked(question: str) -> tuple[Message, ...]:
    return (Message(role="user", content=question),)


def example(answer: str = "A") -> SFTExample:
    messages = (Message(role="user", content="Q"), Message(role="assistant", content=answer))
    return SFTExample(id=f"e-{answer}", run_id="r", problem_id="p", split="train", messages=messages)


def pair() -> PreferencePair:
    return PreferencePair(
        id="p-1", run_id="r", problem_id="p", split="train", prompt="Q", chosen="A", rejected="B", unit="output",
        both_orders=True,
    )  # fmt: skip


async def train(trainer, tmp_path, *rows, base=BASE, folder="one"):
    return await trainer[0].train(rows or [example()], base=base, folder=tmp_path / folder, asked=asked)


def runs(tmp_path) -> list[list[str]]:
    path = tmp_path / "runs.txt"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_what_came_of_it_is_named_by_its_weights_and_kept_where_the_provider_looks(trainer, tmp_path):
    ref = await train(trainer, tmp_path)
    (name,) = parse_local(ref).adapters
    assert adapter_digest(adapter_folder(tmp_path / "models", name)) == name
    assert [(step.step, step.steps, step.loss) for step in trainer[1]] == [(1, 2, 2.0), (2, 2, 1.0)]
    assert "a library says something" in (tmp_path / "one" / "sft" / "training.log").read_text()
    assert json.loads((tmp_path / "one" / "sft" / "trained.json").read_text())["losses"] == [2.0, 1.0]


async def test_other_rows_are_other_weights_and_another_name(trainer, tmp_path):
    first = await train(trainer, tmp_path, example("A"))
    assert first != await train(trainer, tmp_path, example("B"), folder="two")
    assert first == await train(trainer, tmp_path, example("A"), folder="three")


async def test_a_finished_folder_is_not_trained_again(trainer, tmp_path):
    first = await train(trainer, tmp_path)
    assert await train(trainer, tmp_path) == first
    assert len(runs(tmp_path)) == 1


@pytest.mark.parametrize("file", ["trained.json", "adapter"])
async def test_an_unfinished_folder_or_one_whose_adapter_is_gone_is_begun_anew(trainer, tmp_path, file):
    first = await train(trainer, tmp_path)
    if file == "trained.json":
        (tmp_path / "one" / "sft" / file).unlink()
    else:
        (adapter_folder(tmp_path / "models", parse_local(first).adapters[0]) / "adapter_config.json").unlink()
    assert await train(trainer, tmp_path) == first
    assert len(runs(tmp_path)) == 2


async def test_other_rows_or_settings_in_the_same_folder_are_trained(trainer, tmp_path):
    await train(trainer, tmp_path)
    await train(trainer, tmp_path, example("B"))
    await train(trainer, tmp_path, example("B"), base=f"{BASE}?epochs=7")
    assert len(runs(tmp_path)) == 3


async def test_pairs_train_the_model_that_the_examples_made_and_options_stay_in_the_name(trainer, tmp_path):
    ref = await train(trainer, tmp_path, pair(), example(), base=f"{BASE}?epochs=3")
    name = parse_local(ref)
    assert runs(tmp_path) == [["sft", BASE], ["dpo", f"{BASE}+{name.adapters[0]}"]]
    assert (len(name.adapters), name.options) == (2, "epochs=3")


async def test_a_trained_student_is_trained_further_from_its_own_weights(trainer, tmp_path):
    first = await train(trainer, tmp_path)
    second = await train(trainer, tmp_path, example("B"), base=first, folder="two")
    assert parse_local(second).adapters[:1] == parse_local(first).adapters
    assert runs(tmp_path)[1] == ["sft", first]


async def test_a_failure_says_what_the_child_said_last_and_the_same_command_begins_anew(trainer, tmp_path, monkeypatch):
    monkeypatch.setenv("CHILD", "fails")
    with pytest.raises(TrainingFailed, match="code 3: RuntimeError: no memory") as caught:
        await train(trainer, tmp_path)
    assert "training.log" in caught.value.remedy
    assert caught.value.data["log"] == ["a library says something", "RuntimeError: no memory"]
    monkeypatch.delenv("CHILD")
    assert parse_local(await train(trainer, tmp_path)).adapters


async def test_a_child_that_wrote_nothing_has_failed(trainer, tmp_path, monkeypatch):
    monkeypatch.setenv("CHILD", "writes nothing")
    with pytest.raises(TrainingFailed, match="no adapter"):
        await train(trainer, tmp_path)


async def test_ctrl_c_in_the_child_is_an_interruption_and_no_failure(trainer, tmp_path, monkeypatch):
    monkeypatch.setenv("CHILD", "ctrl-c")
    with pytest.raises(RunInterrupted):
        await train(trainer, tmp_path)


async def test_whoever_gives_up_waiting_leaves_no_child_behind(trainer, tmp_path, monkeypatch):
    monkeypatch.setenv("CHILD", "hangs")
    waiting = asyncio.create_task(train(trainer, tmp_path))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGCONT)


async def test_without_its_packages_nothing_is_begun(trainer, tmp_path):
    lacking = LoraTrainer(models=tmp_path / "models", packages=("no_such_package",))
    with pytest.raises(MissingExtra, match="no_such_package"):
        await lacking.train([example()], base=BASE, folder=tmp_path / "one", asked=asked)
    assert not (tmp_path / "one").exists()


def test_settings_are_read_from_a_students_name():
    assert read_options("") == LoraSettings()
    assert read_options("epochs=3&rate=0.0002") == LoraSettings(epochs=3, rate=0.0002)


@pytest.mark.parametrize("options", ["epoch=3", "epochs=0", "epochs=x", "epochs=1&epochs=2", "rate=nan"])
def test_settings_that_do_not_fit_are_refused_with_those_that_there_are(options):
    with pytest.raises(BadSetting, match="epochs, rate"):
        read_options(options)
