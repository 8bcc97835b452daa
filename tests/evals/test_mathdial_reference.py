"""The figures of the human teachers, against another implementation and against what is known of the whole file.

Half of the official test file is at hand. What it gives is checked exactly; the whole's published line only as far as a
half can tell: which way of counting students gives which line.
"""

from __future__ import annotations

import json
import math
import re

import pytest

from tutorkit.evals.mathdial import already_at_first, load_mathdial, score_talks, success_at, talks_of, telling_at

WHOLE_N, HALF_N = 599, 293
# The whole test file, k = 1..7. The first has everyone but the teacher as the student, the second only "Student".
EVERYONE = {
    "success": (0.361, 0.474, 0.594, 0.688, 0.766, 0.811, 0.863),
    "telling": (0.027, 0.042, 0.050, 0.057, 0.077, 0.087, 0.097),
}
LABELLED = {
    "success": (0.342, 0.447, 0.558, 0.648, 0.720, 0.761, 0.811),
    "telling": (0.028, 0.043, 0.052, 0.060, 0.082, 0.092, 0.104),
}


def plain(rows, is_student, k) -> tuple[float, float]:
    """Count again, in another way: over strings, without any of the package's code."""
    success = telling = 0
    for row in rows:
        gold = float(row["ground_truth"].replace("\\n", "\n").split("\n")[-1].replace(",", ""))
        place = {"teacher": -1, "student": -1}
        first = {"teacher": math.inf, "student": math.inf}
        for said in row["conversation"].split("|EOM|"):
            who, _, text = said.partition(":")
            role = "teacher" if who == "Teacher" else "student" if is_student(who) else None
            if role is None:
                continue
            place[role] += 1
            found = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))]
            if any(abs(number - gold) < 1e-7 for number in found):
                first[role] = min(first[role], place[role])
        success += first["student"] <= k
        telling += first["teacher"] <= min(first["student"], k)
    return success / len(rows), telling / len(rows)


@pytest.fixture
def raw(data_dir):
    return [json.loads(line) for line in (data_dir / "mathdial" / "test.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.data
@pytest.mark.parametrize("students", ["everyone", "labelled"])
def test_the_half_gives_what_another_count_gives(data_dir, raw, students):
    talks = talks_of(load_mathdial(data_dir).rows, students=students)
    is_student = {"everyone": lambda who: True, "labelled": lambda who: who == "Student"}[students]
    for k in range(9):
        success, telling = plain(raw, is_student, k)
        assert success_at(talks, k).value == pytest.approx(success)
        assert telling_at(talks, k).value == pytest.approx(telling)
    assert already_at_first(talks).value == pytest.approx(plain(raw, is_student, 0)[0])


@pytest.mark.data
def test_the_half_itself(data_dir):
    talks = talks_of(load_mathdial(data_dir).rows)
    assert [round(success_at(talks, k).value, 3) for k in range(1, 8)] == [
        *(0.348, 0.461, 0.584, 0.689, 0.761, 0.809),
        0.867,
    ]
    assert [round(telling_at(talks, k).value, 3) for k in range(1, 8)] == [
        *(0.031, 0.041, 0.048, 0.051, 0.072, 0.078),
        0.092,
    ]


def far(half: float, whole: float) -> float:
    """How many standard errors a half lies from the whole, if its rows were drawn from it without replacement."""
    error = math.sqrt(whole * (1 - whole) / HALF_N * (WHOLE_N - HALF_N) / (WHOLE_N - 1))
    return abs(half - whole) / error


@pytest.mark.data
def test_each_way_of_counting_students_gives_its_own_line_of_the_whole_and_not_the_other(data_dir):
    rows = load_mathdial(data_dir).rows
    lines = {"everyone": EVERYONE, "labelled": LABELLED}
    for students, own in lines.items():
        other = lines["labelled" if students == "everyone" else "everyone"]
        talks = talks_of(rows, students=students)
        success = [success_at(talks, k).value for k in range(1, 8)]
        telling = [telling_at(talks, k).value for k in range(1, 8)]
        assert max(map(far, success, own["success"])) < 2
        assert max(map(far, telling, own["telling"])) < 2
        assert max(map(far, success, other["success"])) > 3


@pytest.mark.data
def test_what_is_counted_strictly_agrees_better_with_what_the_teachers_said_of_the_end(data_dir):
    rows = load_mathdial(data_dir).rows
    pairs = [(talk, row) for talk, row in zip(talks_of(rows), rows, strict=True) if row.self_correctness]
    found, missed = ([one for one, row in pairs if (row.self_correctness == "No") is end] for end in (False, True))

    def balanced(matching) -> float:
        return (
            success_at(found, 99, matching=matching).value + 1 - success_at(missed, 99, matching=matching).value
        ) / 2

    assert balanced("strict") > balanced("compat") + 0.03
    report = score_talks(talks_of(rows), ks=(7,))
    lines = {(line.tutor, line.matching): line for line in report.lines}
    for way in ("compat", "strict"):
        never, human, tells = (lines[name, way] for name in ("never helps", "as recorded", "always tells"))
        assert never.success[0].value < human.success[0].value < tells.success[0].value
        assert human.telling[0].value < tells.telling[0].value
