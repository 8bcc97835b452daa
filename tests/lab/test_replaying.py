"""A stored experiment comes out again from its recorded replies, without key and network, or says what is other."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from importlib.resources import files
from itertools import count
from pathlib import Path

import pytest
from support.bench import plan
from support.model_server import serve_model

from tutorkit.errors import BadRow, BadSetting, DataError, DataNotFound, ProviderFailed, Refused, ReplayMiss
from tutorkit.lab import Lab, Limits, Plan
from tutorkit.models.providers.openai import OpenAIProvider
from tutorkit.store import StoreSink
from tutorkit.types import Attempt

EVALS = Path(__file__).resolve().parents[2] / "evals" / "real_model"
SECRET = "sk-nobody-may-see-this"

BLOCKED = """
import sys

ASKED = []

def refuse(event, arguments):
    # Whatever would leave this process or start another one, also on this machine.
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.posix_spawn"):
        ASKED.append((event, str(arguments)))
        raise PermissionError(f"{event}: there is no network")

sys.addaudithook(refuse)

from tutorkit.cli.main import run

sys.argv = ["tutorkit", *sys.argv[1:]]
try:
    run()
finally:
    heavy = [name for name in ("litellm", "openai", "anthropic", "aiohttp") if name in sys.modules]
    sys.stderr.write(f"asked {ASKED} loaded {heavy}")
"""


def real(name: str) -> Plan:
    """A committed plan of the real model, with the one control arm that is quick."""
    found = json.loads((EVALS / "plans.json").read_text(encoding="utf-8"))[name]
    return Plan.model_validate({**found, "controls": "free"})


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> tuple[Path, str]:
    """A home in which the real model was taught a convention, from its committed replies."""
    home = tmp_path_factory.mktemp("real")
    with Lab(home=home, cache_mode="replay") as lab:
        assert lab.import_cassette(EVALS / "cassettes" / "side-by-side.jsonl.gz").calls > 100
        return home, lab.teach_plan(real("side-by-side")).run_id


@pytest.fixture
def change(monkeypatch, tmp_path):
    """Change words of a prompt file, as somebody who edits it would."""

    def edit(name: str, old: str, new: str) -> None:
        folder = tmp_path / "prompts"
        shutil.copytree(str(files("tutorkit.prompts")), folder)
        path = folder / f"{name}.md"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
        monkeypatch.setattr("tutorkit.prompting.files", lambda _package: folder)

    return edit


def blocked(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED, *arguments]
    environment = {"TUTORKIT_HOME": str(home), "PATH": ""}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


def listing(home: Path) -> dict[str, int]:
    return {str(path.relative_to(home)): path.stat().st_size for path in home.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_with_the_network_blocked_a_real_models_run_comes_out_again(taught):
    home, run_id = taught
    before = listing(home)
    shown = blocked(home, "replay", run_id, "--json")
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == "asked [] loaded []"
    report = json.loads(shown.stdout)
    assert report["same"] and report["differences"] == [] and report["notes"] == []
    assert [(arm["name"], arm["same"]) for arm in report["arms"]] == [("taught", True), ("silent", True)]
    committed = json.loads((EVALS / "results" / "side-by-side.json").read_text(encoding="utf-8"))
    assert report["arms"][0]["gain"] == committed["arms"][0]["gain"]
    assert listing(home) == before


@pytest.mark.slow
def test_a_cassette_replays_on_a_machine_that_has_nothing_else(taught, tmp_path):
    home, run_id = taught
    path = tmp_path / "calls.jsonl.gz"
    with Lab(home=home) as lab:
        written = lab.export_cassette(run_id, path, requests=False)
    assert (written.requests, written.rebuilt, written.arms) == (False, 0, {"taught": "finished", "silent": "finished"})
    empty = tmp_path / "empty"
    shown = blocked(empty, "replay", str(path))
    assert shown.returncode == 0, shown.stderr
    assert "the same. rules teaches local/smollm2-135m-instruct" in shown.stdout and not empty.exists()
    assert shown.stderr.endswith("asked [] loaded []")


def test_one_changed_word_of_a_prompt_fails_and_names_the_node(taught, change):
    home, run_id = taught
    change("student/answer", "{{ question }}", "Solve: {{ question }}")
    with Lab(home=home) as lab, pytest.raises(ReplayMiss) as missed:
        lab.replay(run_id)
    said = missed.value.message
    assert said.startswith(f"practise#0 of the run {run_id} (answer): This call to local/smollm2-135m-instruct was")
    assert 'differs first at messages[1].content: recorded "' in said
    # The nearest one is the same problem, without the word.
    assert missed.value.data["asked"] == missed.value.data["recorded"].replace('"', '"Solve: ', 1)
    assert said.endswith("Of the prompts, student/answer changed since.")


def test_so_does_teaching_in_replay_mode(taught, change, tmp_path):
    change("student/answer", "{{ question }}", "Solve: {{ question }}")
    with Lab(home=tmp_path, cache_mode="replay") as lab:
        lab.import_cassette(EVALS / "cassettes" / "side-by-side.jsonl.gz")
        with pytest.raises(ReplayMiss, match=r"^practise#0 of the run tpd-\w+ \(answer\): .*asked now \"Solve: "):
            lab.teach_plan(real("side-by-side"))


def test_a_changed_prompt_of_a_teacher_that_needs_no_model_differs_at_its_node(taught, change):
    home, run_id = taught
    change("tpd/extract_errors", "first leaves the correct path", "first leaves the right path")
    with Lab(home=home) as lab:
        report = lab.replay(run_id)
    first = report.differences[0]
    assert not report.same and (first.arm, first.kind) == ("taught", "calls")
    assert first.recorded == first.now > first.differing > 0 and len(first.examples) <= 3
    assert "of extract_errors#0 (extract_errors): messages[0].content: recorded" in first.examples[0]
    assert "correct" in first.examples[0] and "right" in first.examples[0]
    assert "Prompts that changed since: tpd/extract_errors." in report.notes
    # The student was never asked otherwise, and what it answered is the same.
    assert "attempts" not in {found.kind for found in report.differences}


def test_a_changed_prompt_that_no_call_used_is_only_told(taught, change):
    home, run_id = taught
    change("tpd/refine_instruction", "Short sentences", "Brief sentences")
    with Lab(home=home) as lab:
        report = lab.replay(run_id)
    assert report.same and report.notes == ("Prompts that changed since, and were not used: tpd/refine_instruction.",)


# Simulated students, and what may have become of the stored run.


@pytest.fixture
def home(tmp_path) -> Path:
    return tmp_path / "home"


SMALL = {"train": 3, "val": 8, "test": 10}


@pytest.fixture(scope="module")
def simulated_once(tmp_path_factory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("simulated")
    with Lab(home=home) as lab:
        return home, lab.teach_plan(plan(sizes=SMALL, controls="all")).run_id


@pytest.fixture
def simulated(home, simulated_once) -> str:
    """A finished experiment with all its arms in a home of the test's own."""
    made, run_id = simulated_once
    shutil.copytree(made, home)
    return run_id


def alter(home: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(home / "tutorkit.sqlite")
    assert connection.execute(statement, values).rowcount > 0
    connection.commit()
    connection.close()


def test_a_simulated_experiment_replays_from_any_of_its_arms(home, simulated):
    with Lab(home=home) as lab:
        runs = {run.arm: run for run in lab.runs()}
        assert list(runs) == ["taught", "silent", "deranged", "random"]
        report = lab.replay(runs["deranged"].id[:12])
    assert report.same and report.run_id == simulated and [arm.name for arm in report.arms] == list(runs)
    assert report.arms[0].records > report.arms[0].calls > 0


@pytest.mark.slow
def test_a_run_kept_on_postgresql_replays_without_it(home, new_postgres_url):
    with Lab(home=home, db_url=new_postgres_url()) as lab:
        run_id = lab.teach_plan(plan(sizes=SMALL)).run_id
        assert lab.replay(run_id).same


def test_a_review_since_then_is_no_difference(home, simulated):
    with Lab(home=home) as lab:
        lab.review(simulated, to="approved", by="Ada", why="read")
        lab.teach_plan(plan(sizes=SMALL, controls="none"))
        assert lab.replay(simulated).same


def test_an_altered_answer_is_found_and_shown(home, simulated):
    altered = "UPDATE attempt SET raw = 'Answer: 1' WHERE run_id = ? AND phase = 'val-0' AND seq = (SELECT MIN(seq) "
    alter(home, altered + "FROM attempt WHERE run_id = ?)", simulated, simulated)
    with Lab(home=home) as lab:
        report = lab.replay(simulated)
    assert not report.same and [arm.same for arm in report.arms] == [False, True, True, True]
    (found,) = report.differences
    assert (found.arm, found.kind, found.differing) == ("taught", "attempts", 1)
    assert 'of val-0: raw: recorded "Answer: 1", now "' in found.examples[0]


def test_lost_and_added_records_are_counted(home, simulated):
    for table in ("diagnosis", "score"):
        alter(home, f"DELETE FROM {table} WHERE seq = (SELECT MIN(seq) FROM {table} WHERE run_id = ?)", simulated)
    with Lab(home=home) as lab:
        report = lab.replay(simulated)
    lost = {found.kind: (found.recorded, found.now, found.differing) for found in report.differences}
    assert {kind: now - recorded for kind, (recorded, now, _) in lost.items()} == {"diagnoses": 1, "scores": 1}
    assert all(found.examples[0].endswith("is new") for found in report.differences)


def test_an_altered_figure_of_the_report_is_found(home, simulated):
    alter(home, "UPDATE run_item SET value = replace(value, '\"demos\": ', '\"demos\": 1') WHERE item = 'report'")
    with Lab(home=home) as lab:
        report = lab.replay(simulated)
    assert [(found.arm, found.kind) for found in report.differences] == [("all", "report")]
    assert report.differences[0].examples[0].startswith("demos: recorded 1")


def test_a_cassette_that_was_tampered_with_is_found(home, simulated, tmp_path):
    path = tmp_path / "calls.jsonl"
    with Lab(home=home) as lab:
        lab.export_cassette(simulated, path)
        assert lab.replay(str(path)).same
    label = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    label["label"]["arms"][0]["made"]["attempts"]["digest"] = "0" * 64
    label["label"]["report"]["arms"][1]["gain"]["value"] = 0.5
    path.write_text(json.dumps(label) + "\n", encoding="utf-8")
    with Lab(home=tmp_path / "other") as lab:
        report = lab.replay(str(path))
    assert [(found.arm, found.kind, found.differing) for found in report.differences] == [
        ("taught", "attempts", None),
        ("silent", "report", 1),
    ]
    assert report.differences[1].examples == ("gain.value: recorded 0.5, now 0.0",)


def test_an_unfinished_experiment_is_refused_and_its_calls_still_travel(home, tmp_path):
    given = plan(sizes=SMALL)
    with Lab(home=home) as lab:
        stopped = lab.teach_plan(given, limits=Limits(max_calls=8))
        with pytest.raises(BadSetting, match="is stopped: only a finished experiment") as refused:
            lab.replay(stopped.run_id)
        assert "teach` command again" in refused.value.remedy
        assert lab.export_cassette(stopped.run_id, tmp_path / "half.jsonl").arms == {"taught": "stopped"}
        lab.teach_plan(given)
        assert lab.replay(stopped.run_id).same


def test_an_arm_that_is_not_finished_is_left_out_and_named(home):
    given = plan(sizes=SMALL, controls="free")
    with Lab(home=home) as lab:
        alone = lab.teach_plan(given.model_copy(update={"controls": "none"}))
        made = sum(line.calls for line in alone.spending)
        lab.teach_plan(given, limits=Limits(max_calls=made + 5))
        report = lab.replay(alone.run_id)
    assert report.same and [arm.name for arm in report.arms] == ["taught"]
    assert report.notes == ("The arm silent is stopped and was not replayed.",)


def test_the_trial_of_a_pack_is_refused(home, simulated):
    with Lab(home=home) as lab:
        pack = lab.report(simulated).pack
        tried = lab.apply_pack(pack, plan("measure", sizes={"test": 10}), unreviewed=True)
        with pytest.raises(BadSetting, match="tried a pack"):
            lab.replay(tried.run_id)


def test_other_problems_are_refused_and_none_are_fetched(home, tmp_path, monkeypatch):
    quiz = tmp_path / "quiz.jsonl"
    rows = [{"text": f"What is {n} + {n + 1}?", "gold": str(2 * n + 1)} for n in range(60)]
    quiz.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    given = plan(task=str(quiz), scorer="number", sizes=None)
    with Lab(home=home) as lab:
        run_id = lab.teach_plan(given).run_id
        assert lab.replay(run_id).same
        quiz.write_text("\n".join(map(json.dumps, rows[:-1])), encoding="utf-8")
        with pytest.raises(DataError, match=r"made on other problems of .*quiz"):
            lab.replay(run_id)
        quiz.unlink()
        with pytest.raises(DataNotFound, match=r"quiz\.jsonl"):
            lab.replay(run_id)
        path = tmp_path / "calls.jsonl"
        lab.export_cassette(run_id, path)
        label = json.loads(path.read_text(encoding="utf-8"))
        label["label"]["plan"] |= {"task": "gsm8k", "scorer": None}
        path.write_text(json.dumps(label), encoding="utf-8")
        monkeypatch.setattr("tutorkit.tasks.registry.user_cache_path", lambda _name: tmp_path / "no-downloads")
        monkeypatch.setattr("tutorkit.tasks.homes.urllib.request.urlopen", lambda *_, **__: pytest.fail("it fetches"))
        with pytest.raises(DataNotFound, match="a replay fetches nothing"):
            lab.replay(str(path))


def test_a_cassette_that_does_not_say_what_it_is_of_says_so(tmp_path):
    with Lab(home=tmp_path) as lab:
        with pytest.raises(BadSetting, match="does not say of which experiment"):
            lab.replay(str(EVALS / "cassettes" / "sum-plus-one.jsonl.gz"))
        with pytest.raises(DataNotFound, match="There is no cassette"):
            lab.replay("nothing.jsonl")
        (tmp_path / "odd.jsonl").write_text('{"cassette": 1, "label": {"run_id": "r"}}\n', encoding="utf-8")
        with pytest.raises(BadRow, match="plan: Field required"):
            lab.replay(str(tmp_path / "odd.jsonl"))


# Models that never say the same twice.


@pytest.fixture
def whimsical():
    """A model that numbers its answers: no two replies are alike, whatever was asked."""
    numbers = count(1)
    with serve_model(lambda _body: f"This is my reply number {next(numbers)}.\nAnswer: 1, 2") as server:
        yield server


def modelled(server, **over) -> Plan:
    return plan(student=f"openai/tiny@{server.url}", sizes={"train": 3, "val": 5, "test": 6}, **over)


def test_each_arm_hears_the_replies_that_it_heard(home, whimsical, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    given = modelled(whimsical, controls="free")
    with Lab(home=home, cache_mode="refresh") as lab:
        run_id = lab.teach_plan(given).run_id
        # Another run asks all of it anew: the cache now holds its replies.
        lab.teach_plan(given.model_copy(update={"repeat": 1, "controls": "none"}))
    asked = whimsical.calls
    path = tmp_path / "calls.jsonl.gz"
    with Lab(home=home) as lab:
        report = lab.replay(run_id)
        assert report.same, report.differences
        assert [note.split(" replies")[0] for note in report.notes] == [str(lab.export_cassette(run_id, path).rebuilt)]
        assert lab.replay(str(path)).same
    text = gzip.decompress(path.read_bytes()).decode()
    lines = [json.loads(line) for line in text.splitlines()[1:]]
    assert {name for line in lines for name in line.get("heard_by", ())} == {arm.run_id for arm in report.arms}
    assert whimsical.calls == asked
    assert SECRET not in text and "authorization" not in text.lower() and "headers" not in text.lower()
    with Lab(home=tmp_path / "elsewhere") as lab:
        taken = lab.import_cassette(path)
        assert (taken.run_id, taken.plan, taken.calls) == (run_id, given, len(lines))
        assert lab.import_cassette(path).new == 0


def test_a_run_that_left_nothing_in_the_cache_replays_from_its_own_records(home, whimsical):
    with Lab(home=home, cache_mode="live") as lab:
        run_id = lab.teach_plan(modelled(whimsical)).run_id
    asked = whimsical.calls
    shutil.rmtree(home / "runs")
    for path in home.glob("cache.sqlite*"):
        path.unlink()
    with Lab(home=home) as lab:
        assert lab.replay(run_id).same
    assert whimsical.calls == asked and not (home / "cache.sqlite").exists()


def test_what_a_provider_declined_is_declined_again(home, whimsical, tmp_path, monkeypatch):
    send = OpenAIProvider.send
    refusals = count()

    async def filtered(self, body, **arguments):
        if "%" in json.dumps(body):
            next(refusals)
            raise Refused("The filter says no.", data={"reached": True, "billed": False})
        return await send(self, body, **arguments)

    monkeypatch.setattr(OpenAIProvider, "send", filtered)
    path = tmp_path / "calls.jsonl"
    with Lab(home=home) as lab:
        run_id = lab.teach_plan(modelled(whimsical)).run_id
        refused = next(refusals)
        assert refused > 0
        lab.export_cassette(run_id, path)
        assert lab.replay(run_id).same
    with Lab(home=tmp_path / "elsewhere") as lab:
        assert lab.replay(str(path)).same
    assert next(refusals) == refused + 1


def test_tries_that_brought_no_reply_belong_to_the_bill(home, whimsical, tmp_path, monkeypatch):
    send = OpenAIProvider.send
    numbers = count(1)

    async def shaky(self, body, **arguments):
        if next(numbers) % 3 == 0:
            raise ProviderFailed("It fell over.", data={"transient": True, "reached": True, "retry_after": 0.0})
        return await send(self, body, **arguments)

    monkeypatch.setattr(OpenAIProvider, "send", shaky)
    path = tmp_path / "calls.jsonl"
    with Lab(home=home) as lab:
        run_id = lab.teach_plan(modelled(whimsical)).run_id
        failed = [call.id for call in lab.calls(run_id) if call.outcome == "error"]
        attempts = StoreSink(lab.store).find(Attempt, run_id=run_id)
        assert set(failed) & {name for attempt in attempts for name in attempt.call_ids}
        assert lab.replay(run_id).same
        lab.export_cassette(run_id, path)
    with Lab(home=tmp_path / "elsewhere") as lab:
        assert lab.replay(str(path)).same


# A person who taught.


def test_a_persons_replies_travel_and_the_inbox_is_not_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(EVALS.parents[1])
    path = tmp_path / "calls.jsonl.gz"
    with Lab(home=tmp_path / "home", cache_mode="replay") as lab:
        lab.import_cassette(EVALS / "cassettes" / "inbox-sum-plus-one.jsonl.gz")
        run_id = lab.teach_plan(real("inbox-sum-plus-one")).run_id
        lab.export_cassette(run_id, path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with Lab(home=tmp_path / "other") as lab:
        report = lab.replay(str(path))
    assert report.same and report.teacher == "inbox/evals/real_model/inbox"
    assert os.listdir(elsewhere) == []


def test_a_changed_prompt_of_a_person_names_its_node_and_asks_nobody(tmp_path, monkeypatch, change):
    monkeypatch.chdir(EVALS.parents[1])
    with Lab(home=tmp_path / "home", cache_mode="replay") as lab:
        lab.import_cassette(EVALS / "cassettes" / "inbox-sum-plus-one.jsonl.gz")
        run_id = lab.teach_plan(real("inbox-sum-plus-one")).run_id
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        change("tpd/extract_errors", "first leaves the correct path", "first leaves the right path")
        with pytest.raises(ReplayMiss) as missed:
            lab.replay(run_id)
    assert missed.value.message.startswith(
        f"extract_errors#0 of the run {run_id} (extract_errors): This call to inbox/"
    )
    assert "correct path" in missed.value.data["recorded"] and "right path" in missed.value.data["asked"]
    assert os.listdir(elsewhere) == []
