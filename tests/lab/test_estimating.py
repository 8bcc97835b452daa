"""What an estimate promises is what a run takes, and what nobody knows it does not pretend to know."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from support.bench import chains, plan
from support.model_server import serve_model
from test_resume import weak_student

from tutorkit.errors import BadSetting, UnknownName, UnknownPrice
from tutorkit.lab import Lab, Limits
from tutorkit.lab.estimates.estimate import NOTHING, Span, exactly
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.models.prices import PRICES_DATE

TPD = find_method("tpd")
SIZES = {"train": 3, "val": 12, "test": 10}
SAID = {
    "Instruction": {"instruction": "Work it out in order.", "steps": ["Begin on the right."]},
    "ErrorNote": {
        "analysis": "The ten was lost.",
        "first_wrong_step": None,
        "evidence": "",
        "error_summary": "A ten was not carried.",
        "cause": "no carry",
        "confidence": None,
    },
    "Principles": {"principles": [{"text": "When a column passes nine, carry the ten.", "covers_error_ids": []}]},
    "Violations": {"violations": [{"principle_id": "P1", "evidence": "", "violated": True}]},
    # No demo is ever right, so each is asked for again as often as the method allows.
    "Demo": {"solution": "It is nothing.", "final_answer": "nothing", "principles_used": []},
    "Refined": {"instruction": "Carry the ten.", "principles_kept": []},
}


KNOWN = {problem.text: problem.gold for problem in chains(0, SIZES).problems[::2]}


def answer(body: dict) -> str:
    """Answer as a student who knows every other problem, or as a teacher who never gets a demo right."""
    if body["model"] == "weak":
        gold = KNOWN.get(body["messages"][-1]["content"])
        return f"I know this one.\nAnswer: {gold}" if gold else weak_student(body)
    return json.dumps(SAID[body["response_format"]["json_schema"]["name"]])


@pytest.fixture
def server():
    with serve_model(answer) as seen:
        yield seen


@pytest.fixture
def priced(server, tmp_path, monkeypatch):
    """Give both models of the server a price."""
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({f"openai/weak@{server.url}": [1, 2], f"openai/strong@{server.url}": [10, 20]}))
    monkeypatch.setenv("TUTORKIT_PRICES", str(path))


def models(server, **over):
    student, teacher = f"openai/weak@{server.url}", f"openai/strong@{server.url}"
    return plan(**{"student": student, "teacher": teacher, "sizes": SIZES, "controls": "all", **over})


def taken(lab, report) -> dict[tuple[str, str], Counter]:
    """Count what each role took in each arm."""
    found: dict[tuple[str, str], Counter] = {}
    for arm in report.arms:
        for call in lab.calls(arm.run_id):
            counts = found.setdefault((arm.name, call.role), Counter())
            counts["requests"] += call.attempt == 0
            if not call.cache_hit:
                counts["calls"] += 1
                counts["tokens_in"] += call.tokens_in
                counts["tokens_out"] += call.tokens_out
                counts["usd"] += call.cost_usd
    return found


def inside(number: float, span: Span) -> bool:
    return span.low - 1e-9 <= number <= span.high + 1e-9


def line(report, arm: str, role: str):
    return next(each for each in report.lines if (each.arm, each.role) == (arm, role))


def wrong_in(lab, run_id: str) -> int:
    from tutorkit.store import answers_of_run

    answers = answers_of_run(lab.store, run_id=run_id)
    return sum(each.phase == "val-0" and each.outcome in ("wrong", "invalid") for each in answers)


@pytest.mark.parametrize("mode", ["cache", "refresh", "live"])
def test_a_run_ends_inside_the_range_of_every_role_and_arm(server, priced, tmp_path, mode):
    with Lab(home=tmp_path / "home", cache_mode=mode) as lab:
        before = lab.estimate(models(server))
        assert server.calls == 0
        report = lab.teach_plan(models(server))
        found = taken(lab, report)
        wrong = wrong_in(lab, report.run_id)
    assert {(each.arm, each.role) for each in before.lines} == set(found)
    for key, counts in found.items():
        promised = line(before, *key)
        assert inside(counts["requests"], promised.requests), key
        assert inside(counts["calls"], promised.calls), key
        assert counts["usd"] <= promised.usd.high
    paid = sum(counts["calls"] for counts in found.values())
    assert inside(paid, before.total.calls)
    assert {role: inside(sum(c["calls"] for k, c in found.items() if k[1] == role), figures.calls)
            for role, figures in before.roles.items()} == {"teacher": True, "student": True}  # fmt: skip
    # The most that is promised does come: this teacher's demos are all refused, and the student answers all there is.
    cost = TPD.cost(read_params(TPD, {}), Sizes(val=SIZES["val"], wrong=(wrong,)))
    assert 0 < wrong < SIZES["val"] and cost.again == min(8, wrong) - 4
    assert found["taught", "teacher"]["requests"] == cost.teacher + cost.again
    assert found["taught", "student"]["requests"] == line(before, "taught", "student").requests.high


def test_the_range_is_the_formulas(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        report = lab.estimate(models(server))
        alone = lab.estimate(models(server, params={"mode": "instruction_only"}, controls="none"))
    most = TPD.cost(read_params(TPD, {}), Sizes(val=12, wrong=(12,)))
    assert [line(report, arm, "teacher").requests for arm in ("taught", "deranged", "random")] == [
        Span(low=1, high=most.teacher + most.again)
    ] * 3
    assert line(report, "taught", "student").requests == Span(low=12 + 10, high=12 + 10 + 10)
    assert line(alone, "taught", "teacher").requests == Span(low=1, high=1)
    assert line(alone, "taught", "student").requests == Span(low=10, high=20)


def test_each_round_may_take_as_much_as_the_first(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        once, twice = (lab.estimate(models(server, params={"rounds": rounds})) for rounds in (1, 2))
    assert line(twice, "taught", "teacher").requests.high == 2 * line(once, "taught", "teacher").requests.high - 1
    assert line(twice, "taught", "student").requests.high == line(once, "taught", "student").requests.high + 12


def test_a_stopped_run_knows_its_wrong_answers_and_ends_at_the_formulas_figure(server, tmp_path):
    given = models(server, teacher="rules", controls="none")
    with Lab(home=tmp_path) as lab:
        # The instruction and the whole practice, and not one call more.
        halted = lab.teach_plan(given, limits=Limits(max_calls=1 + 12))
        wrong = wrong_in(lab, halted.run_id)
        left = lab.estimate(given, limits=Limits(max_calls=100))
        before = Counter(call.role for call in lab.calls(halted.run_id))
        finished = lab.teach_plan(given)
        after = Counter(call.role for call in lab.calls(halted.run_id))
        nothing = lab.estimate(given)
    cost = TPD.cost(read_params(TPD, {}), Sizes(val=12, wrong=(wrong,)))
    assert 0 < wrong < 12 and left.wrong == exactly(wrong)
    teacher, student = line(left, "taught", "teacher"), line(left, "taught", "student")
    assert teacher.requests == Span(low=0, expected=cost.teacher - 1, high=cost.teacher - 1 + cost.again)
    assert after["teacher"] - before["teacher"] == teacher.requests.expected
    assert after["student"] - before["student"] == student.requests.expected == student.calls.high == 20
    assert (teacher.state, line(nothing, "taught", "teacher").state) == ("begun", "finished")
    assert left.limits[0].spent == 13 and left.limits[0].most == 13 + left.total.calls.high
    assert not any(note.startswith("Prices") for note in finished.notes)
    assert nothing.total.calls == nothing.total.requests == NOTHING and nothing.total.usd == NOTHING


def test_after_a_recorded_run_the_sizes_are_measured_and_the_untaught_test_is_free(server, priced, tmp_path):
    with Lab(home=tmp_path / "home") as lab:
        fresh = lab.estimate(models(server))
        report = lab.teach_plan(models(server))
        found = taken(lab, report)
        again = models(server, repeat=1)
        known = lab.estimate(again)
        # What a reply of another run was cut off at is no answer: it is asked for once more.
        with sqlite3.connect(lab.settings.cache_path) as cache:
            keys = [call.key for call in lab.calls(report.run_id) if call.role == "student"]
            cache.execute("UPDATE reply SET finish = 'length' WHERE key = ?", (keys[-1],))
            cache.execute("UPDATE reply SET finish = 'length' WHERE key = ?", (keys[12],))
        cut = lab.estimate(again)
    assert any(note.startswith("Prices: your file") and note == known.prices for note in report.notes)
    assert {size.n for size in fresh.sizes} == {0} and fresh.total.usd.expected is None
    # Untaught are the test, once for all arms, and the practice under the silent teacher.
    answered = sum(counts["calls"] for (_, role), counts in found.items() if role == "student")
    assert {size.kind: size.n for size in known.sizes if size.role == "student"} == {
        "answer, untaught": 10 + 12,
        "answer, with lessons": answered - (10 + 12),
    }
    for size in known.sizes:
        assert size.n > 0 and (size.tokens_in, size.tokens_out) == (exactly(10), exactly(5))
    assert {each.sizes for each in known.lines} == {"measured", "free"}
    # Of 10 + 12 + 10 questions the first 10 are known to be recorded, in every arm; the rest is 10 tokens in, 5 out.
    for arm in ("taught", "silent", "deranged", "random"):
        student = line(known, arm, "student")
        assert student.recorded == 10 and student.calls.high == 22
        assert student.usd.high == pytest.approx(22 * (10 * 1 + 5 * 2) / 1e6)
    teacher = line(known, "taught", "teacher")
    assert (
        teacher.calls.expected == TPD.cost(read_params(TPD, {}), Sizes(val=12, wrong=(known.wrong.expected,))).teacher
    )
    assert teacher.usd.expected == pytest.approx(teacher.calls.expected * (10 * 10 + 5 * 20) / 1e6)
    assert known.wrong_share == pytest.approx(known.wrong.expected / 12, abs=0.05) and known.wrong_share_n >= 10
    assert line(cut, "taught", "student").recorded == 9


def test_how_the_cache_is_used_decides_what_is_called(server, priced, tmp_path):
    given = models(server)
    found = {}
    for mode in ("cache", "refresh", "live", "replay"):
        with Lab(home=tmp_path / "home", cache_mode=mode) as lab:
            found[mode] = lab.estimate(given)
    lows = {mode: line(report, "random", "student").calls.low for mode, report in found.items()}
    assert lows == {"cache": 0, "refresh": 22, "live": 22, "replay": 0}
    assert found["replay"].total.usd == NOTHING and line(found["replay"], "taught", "student").requests.high == 32
    assert line(found["replay"], "taught", "student").calls == NOTHING
    # The untaught test of a later arm is the first one's: it is expected to be called once.
    assert line(found["cache"], "taught", "student").calls.low == 22


def test_a_control_that_asks_the_paid_teacher_is_paid_for(server, priced, tmp_path):
    with Lab(home=tmp_path / "home") as lab:
        report = lab.estimate(models(server))
    costs = {arm: line(report, arm, "teacher").usd.high for arm in ("taught", "silent", "deranged", "random")}
    assert costs["silent"] == 0 and costs["taught"] == costs["deranged"] == costs["random"] > 0


def test_unknown_stays_unknown(tmp_path):
    given = plan(
        student="openai/tiny@https://proxy.example.com/v1", teacher="anthropic/claude-sonnet-4-5", controls="all"
    )
    with Lab(home=tmp_path / "home") as lab:
        report = lab.estimate(given)
        with pytest.raises(UnknownPrice, match=r"proxy\.example\.com"):
            lab.estimate(given, limits=Limits(max_usd=5))
    assert line(report, "taught", "student").usd is None and report.roles["student"].usd is None
    assert report.total.usd is None and report.total.known_usd == line(report, "taught", "teacher").usd.low > 0
    assert PRICES_DATE in report.prices and "proxy" not in report.prices
    assert any("ANTHROPIC_API_KEY" in note for note in report.notes)


def test_without_a_limit_on_the_reply_the_most_is_unknown(server, priced, tmp_path):
    given = models(server, student_options={"max_tokens": None})
    with Lab(home=tmp_path / "home") as lab:
        report = lab.estimate(given, limits=Limits(max_usd=5))
    student = line(report, "taught", "student")
    assert student.tokens_out.high is None and student.usd.high is None and student.usd.low > 0
    assert report.limits[0].covered is None


def test_a_limit_is_held_against_the_most_that_can_come(server, priced, tmp_path):
    with Lab(home=tmp_path / "home") as lab:
        most = lab.estimate(models(server)).total.usd.high
        for allowed, covered in ((most, True), (most - 0.01, False)):
            (check,) = lab.estimate(models(server), limits=Limits(max_usd=allowed)).limits
            assert (check.name, check.covered, check.most) == ("max_usd", covered, pytest.approx(most))


def test_a_batch_is_estimated_at_half_the_price_and_says_so(tmp_path):
    given = plan(student="openai/gpt-4.1-nano", teacher="anthropic/claude-haiku-4-5", sizes=SIZES, controls="none")
    with Lab(home=tmp_path) as lab:
        one_by_one, batch = lab.estimate(given), lab.estimate(given, batch=True)
    assert batch.total.usd.high == pytest.approx(one_by_one.total.usd.high / 2)
    assert batch.total.calls == one_by_one.total.calls
    assert any("half" in note for note in batch.notes)
    assert not any("half" in note for note in one_by_one.notes)


def contents(home: Path) -> dict[str, int]:
    """Count the rows of every table under a home folder."""
    found = {}
    for path in sorted(home.rglob("*.sqlite")):
        with sqlite3.connect(path) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                (rows,) = connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()
                found[f"{path.relative_to(home)}:{table}"] = rows
    return found


def test_nothing_is_called_and_nothing_written(server, priced, tmp_path):
    home = tmp_path / "home"
    with Lab(home=home) as lab:
        lab.estimate(models(server))
        assert not home.exists() and server.calls == 0
        lab.teach_plan(models(server, controls="none"))
    rows, asked = contents(home), server.calls
    files = {path for path in home.rglob("*") if path.suffix in ("", ".sqlite", ".json", ".md")}
    with Lab(home=home) as lab:
        lab.estimate(models(server, repeat=1, controls="all"))
        lab.estimate(models(server, teacher=f"inbox/{tmp_path / 'inbox'}"))
        assert len(lab.runs()) == 1
    assert contents(home) == rows and server.calls == asked and not (tmp_path / "inbox").exists()
    assert {path for path in home.rglob("*") if path.suffix in ("", ".sqlite", ".json", ".md")} == files


async def test_it_works_inside_a_running_loop(server, tmp_path):
    with Lab(home=tmp_path) as lab:
        assert lab.estimate(models(server)).total.calls.high > 0


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"task": "chain"}, UnknownName),
        ({"student": "sim/two-bug"}, UnknownName),
        ({"student": "tiny"}, UnknownName),
        ({"teacher": "rulse"}, UnknownName),
        ({"teacher": "control/silence"}, UnknownName),
        ({"params": {"mode": "all"}}, BadSetting),
        ({"student": "sim/two-bugs", "student_options": {"temperature": 1}}, BadSetting),
        ({"teacher": "inbox/"}, BadSetting),
    ],
)  # fmt: skip
def test_what_a_run_refuses_an_estimate_refuses(tmp_path, over, error):
    with Lab(home=tmp_path) as lab, pytest.raises(error):
        lab.estimate(plan(**over))


def test_ranges_add_up_and_what_is_unknown_stays_so():
    some, open_ended = Span(low=1, expected=2, high=3), Span(low=1, high=None)
    assert some + open_ended == Span(low=2, high=None)
    assert some.times(exactly(10)) == Span(low=10, expected=20, high=30)
    assert NOTHING.times(open_ended) == NOTHING
    assert some.less(2) == Span(low=0, expected=0, high=1)
    assert Span(low=1.5, expected=2.4, high=2.1).whole() == Span(low=1, expected=2, high=3)
