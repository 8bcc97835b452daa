"""The methods that compare texts, through the laboratory: with models at both ends, and what the report says."""

from __future__ import annotations

import json

import pytest
from support.bench import plan
from support.fixtures import FIXTURES
from support.model_server import serve_model

from tutorkit.lab import Lab
from tutorkit.store import StoreSink
from tutorkit.types import Call, PreferencePair, SFTExample

SIZES = {"train": 3, "val": 1, "test": 2}
REPLIES = {
    "Paraphrases": {"outputs": ["A witty remark.", "A wittier remark."]},
    "Rating": {"reason": "Good.", "score": 5.0},
    "Biases": {"biases": [{"evidence": "wrote", "group": "writers", "kind": "odd", "severity": 3}]},
    "Revision": {"revised_text": "Number nothing was said by somebody who was not asked.", "conceded": ["wrote"]},
}


def last(body) -> str:
    return body["messages"][-1]["content"]


class Model:
    """Writes another text every time, and prefers the one with the larger number in it."""

    def __init__(self):
        self.texts = 0
        self.seen = []

    def __call__(self, body):
        system = body["messages"][0]["content"]
        self.seen.append(system)
        if "critic. You are given a prompt" in system:
            numbers = [int(words.split()[0]) for words in last(body).split("Number ")[1:]]
            preferred = 1 if numbers[0] > numbers[1] else 2
            return json.dumps({"reason": "The number.", "preferred": preferred, "margin": 4})
        if "referee of a debate" in system:
            count = last(body).count("\nVersion ")
            return json.dumps(
                {"reason": "Later is better.", "bias_scores": [9.0 - 3 * place for place in range(count)]}
            )
        for name, opening in (
            ("Paraphrases", "accomplished writer"),
            ("Rating", "You rate texts"),
            ("Biases", "looks for bias"),
            ("Revision", "Answer by revising"),
        ):
            if opening in system:
                return json.dumps(REPLIES[name])
        self.texts += 1
        return f"Number {self.texts} is what I wrote about it, and nobody asked me to go on about that for long."


@pytest.mark.parametrize(
    ("method", "params", "purposes"),
    [
        ("small-but-funny", {"candidates": 3}, {"paraphrase", "answer", "compare_texts"}),
        ("ts-align", {"texts": 3}, {"answer", "rate_text", "compare_texts"}),
        ("ts-align", {"texts": 3, "shortlist": "teacher"}, {"answer", "rate_text"}),
        ("rldf", {"mode": "teacher"}, {"answer", "find_bias", "revise_text", "score_bias"}),
        ("rldf", {"mode": "self", "framing": "own"}, {"answer", "find_bias", "revise_text", "score_bias"}),
    ],
)
def test_models_at_both_ends_leave_rows(method, params, purposes, tmp_path):
    model = Model()
    with serve_model(model) as server, Lab(home=tmp_path) as lab:
        given = plan(
            method,
            task=FIXTURES[method].task,
            student=f"openai/weak@{server.url}",
            teacher=f"openai/strong@{server.url}",
            student_options={"temperature": 1.0},
            params={**params, "train": False},
            sizes=SIZES,
        )
        report = lab.teach_plan(given)
        assert (report.status, report.failed_items) == ("finished", 0)
        sink = StoreSink(lab.store)
        assert {call.purpose for call in sink.find(Call, run_id=report.run_id)} == purposes
        pairs = sink.find(PreferencePair, run_id=report.run_id)
        assert len(pairs) == (0 if params.get("shortlist") == "teacher" else 3)
        assert len(sink.find(SFTExample, run_id=report.run_id)) == (6 if method == "small-but-funny" else 0)
        for pair in pairs:
            assert pair.student.startswith("openai/weak") and pair.chosen != pair.rejected
    assert "planted" not in " ".join(model.seen)


def test_the_report_says_how_a_judge_compared_the_texts_and_that_it_is_simulated(tmp_path):
    fixture = FIXTURES["small-but-funny"]
    given = plan(
        "small-but-funny", task=fixture.task, student=fixture.student, params=fixture.params, sizes=fixture.sizes
    )
    with Lab(home=tmp_path) as lab:
        alone = lab.teach_plan(given)
    wins = next(note for note in alone.notes if "the judge" in note)
    assert wins.startswith("Simulated: Of 40 texts the judge rules found 40 better than the untaught student's (91% to")
    assert wins.endswith("It is also the critic that chose the pairs.")


def test_the_report_says_what_became_of_what_is_known(tmp_path):
    fixture = FIXTURES["rldf"]
    given = plan("rldf", task=fixture.task, student=fixture.student, params=fixture.params, sizes=fixture.sizes)
    with Lab(home=tmp_path) as lab:
        notes = lab.teach_plan(given).notes
    assert any(note.startswith("Simulated: Right on disambiguated problems: ") for note in notes)
