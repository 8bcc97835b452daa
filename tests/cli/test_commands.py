"""Every command, as a person types it and as a program reads it."""

from __future__ import annotations

import json

import pytest

TEACH = [
    "teach",
    "tpd",
    "--task",
    "chains",
    "--student",
    "sim/two-bugs",
    "--teacher",
    "rules",
    "--val",
    "30",
    "--test",
    "40",
]


@pytest.fixture
def taught(tutorkit):
    return tutorkit(*TEACH, "--controls", "free", "--json").json


def test_the_demo_says_who_gained_what_against_which_controls(tutorkit):
    shown = tutorkit("demo")
    assert shown.code == 0
    words = " ".join(shown.out.split())
    assert "Simulated student sim/two-bugs: 36% → 100% right on 200 held-out problems" in words
    assert "(simulated), 95 % intervals" in words
    for needed in ("taught", "silent", "deranged", "random", "constant", "carry the ten", "precision 1.00", "$0.0000"):
        assert needed in words
    again = tutorkit("demo", "--json").json
    assert again["arms"][0]["gain"]["low"] > 0.5
    assert [arm["gain"]["value"] for arm in again["arms"][1:3]] == [0, 0]


def test_another_seed_is_another_experiment(tutorkit):
    one, two = (tutorkit("demo", "--seed", seed, "--json").json for seed in ("1", "2"))
    assert one["run_id"] != two["run_id"] and one["data_digest"] != two["data_digest"]


def test_a_finished_experiment_is_taken_as_it_is(tutorkit, taught):
    again = tutorkit(*TEACH, "--controls", "free", "--json").json
    assert again == taught
    other = tutorkit(*TEACH, "--controls", "free", "--repeat", "1", "--json").json
    assert other["run_id"] != taught["run_id"] and other["arms"][0]["gain"] == taught["arms"][0]["gain"]


def test_runs_and_show(tutorkit, taught):
    runs = tutorkit("runs", "--json").json
    assert [(run["arm"], run["status"]) for run in runs] == [("taught", "finished"), ("silent", "finished")]
    assert taught["run_id"] in tutorkit("runs").out
    shown = tutorkit("show", taught["run_id"][:10], "--calls", "--lessons")
    assert shown.code == 0 and "tpd/extract_errors" in shown.out and "principle" in shown.out
    as_data = tutorkit("show", taught["run_id"], "--calls", "--json").json
    assert len(as_data["calls"]) == sum(line["calls"] for line in taught["spending"]) - _calls_of_others(tutorkit, runs)
    assert as_data["report"] == taught


def _calls_of_others(tutorkit, runs) -> int:
    return sum(len(tutorkit("show", run["id"], "--calls", "--json").json["calls"]) for run in runs[1:])


def test_audit_follows_a_principle_to_its_attempts_and_calls(tutorkit, taught):
    principle = taught["principles"][0]
    chain = tutorkit("audit", principle["id"], "--json").json
    assert chain["run"]["id"] == taught["run_id"]
    assert len(chain["attempts"]) == principle["sources"] and len(chain["diagnoses"]) == principle["sources"]
    assert {call["prompt_id"] for call in chain["calls"]} >= {"tpd/extract_errors", "tpd/generate_principles"}
    assert all(len(call["prompt_digest"]) == 64 for call in chain["calls"]) and chain["missing"] == []
    words = tutorkit("audit", principle["id"]).out
    assert "first wrong step" in words and "gold:" in words


def test_review_decides_and_the_pack_follows(tutorkit, taught):
    apply = ["pack", "apply", taught["pack"], "--task", "chains", "--student", "sim/two-bugs", "--test", "40"]
    refused = tutorkit(*apply)
    assert refused.code == 1 and "that nobody approved" in refused.err and "--unreviewed" in refused.err
    unreviewed = tutorkit(*apply, "--unreviewed", "--json").json
    assert unreviewed["gain"]["low"] > 0 and unreviewed["not_approved"] == unreviewed["lessons"]

    reviewed = tutorkit("review", taught["run_id"], "--to", "approved", "--by", "Ada", "--why", "read them all")
    assert reviewed.code == 0 and "is approved by Ada" in reviewed.out
    applied = tutorkit(*apply, "--json").json
    assert applied["not_approved"] == 0 and applied["gain"] == unreviewed["gain"]
    assert "approved by Ada: read them all" in tutorkit("audit", taught["principles"][0]["id"]).out
    assert tutorkit("review", taught["run_id"], "--to", "fine", "--by", "Ada", "--why", "x").code == 2


def test_pack_show_gives_the_prompt(tutorkit, taught):
    shown = tutorkit("pack", "show", taught["pack"])
    assert shown.code == 0 and "Worked examples" in shown.out and "sim/two-bugs" in shown.out
    assert tutorkit("pack", "show", taught["pack"], "--json").json["name"] == taught["run_id"]


def test_lists_and_prompts(tutorkit):
    assert {"chains", "gsm8k", "conventions"} <= {task["name"] for task in tutorkit("tasks", "--json").json}
    assert "bbh/navigate" in tutorkit("tasks").out
    method = next(m for m in tutorkit("methods", "--json").json if m["name"] == "tpd")
    assert method["paper"]["ref"] == "arXiv:2401.13849" and "max_principles" in method["params"]["properties"]
    assert "max_principles" in tutorkit("methods", "tpd").out
    prompt = tutorkit("prompt", "show", "tpd/extract_errors")
    assert "first leaves the correct path" in prompt.out
    assert len(tutorkit("prompt", "show", "tpd/extract_errors", "--json").json["digest"]) == 64


def test_doctor_changes_nothing(tutorkit, monkeypatch, tmp_path):
    home = tmp_path / "not" / "there"
    monkeypatch.setenv("TUTORKIT_HOME", str(home))
    checks = {check["subject"]: check for check in tutorkit("doctor", "--json").json}
    assert checks["home"]["status"] == "ok" and checks["OPENAI_API_KEY"]["status"] == "optional"
    assert checks["method tpd"]["status"] == "ok" and not home.exists()
    monkeypatch.setenv("TUTORKIT_DATA_DIR", str(home))
    wrong = tutorkit("doctor")
    assert wrong.code == 1 and "is no folder" in wrong.out


def test_no_run_yet(tutorkit):
    assert "Try: tutorkit demo" in tutorkit("runs").out
    assert tutorkit("show").code == 2


def test_show_takes_the_newest_experiment_or_says_which_it_could_be(tutorkit, taught):
    assert tutorkit("show", "--json").json["run"]["id"] == taught["run_id"]
    ambiguous = tutorkit("show", "tpd-")
    assert ambiguous.code == 2 and "2 runs begin with 'tpd-'" in ambiguous.err


def test_a_file_of_ones_own_is_a_task(tutorkit, tmp_path):
    rows = [{"q": f"What is {n} + {n + 1}?", "a": str(2 * n + 1)} for n in range(60)]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    shown = tutorkit(
        "teach", "tpd", "--task", str(path), "--map", "text=q", "--map", "gold=a", "--scorer", "number",
        "--student", "sim/two-bugs", "--teacher", "rules", "--controls", "none", "--json",
    )  # fmt: skip
    report = shown.json
    assert report["status"] == "finished" and report["problems"]["test"] > 0
    assert report["arms"][0]["outcomes"]["untaught"] == {"invalid": report["problems"]["test"]}
