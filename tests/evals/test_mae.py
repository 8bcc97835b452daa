"""The 55 misconceptions of middle-school algebra."""

from __future__ import annotations

import json

import pytest

from tutorkit.errors import BadRow, BadSetting, DataNotFound, EmptyData, MissingColumn
from tutorkit.evals.mae import load_mae, misconceptions_in, nearest_named, score_mae

ROW = {
    "Misconception": "adds the denominators",
    "Misconception ID": "MaE01",
    "Topic": "Number sense",
    "Example Number": 1,
    "Question": "1/2+1/3=",
    "Incorrect Answer": "2/5",
    "Correct Answer": "5/6",
    "Question image": "",
    "Learner Answer image": " ",
    "Correct Answer image": "",
    "Source": "",
    "Explanation": "",
}


def written(tmp_path, *rows):
    (tmp_path / "data.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


def test_a_row_is_read(tmp_path):
    (one,) = load_mae(written(tmp_path, ROW))
    assert (one.id, one.question, one.wrong, one.right, one.needs_image) == ("MaE01-1", "1/2+1/3=", "2/5", "5/6", False)
    (other,) = load_mae(written(tmp_path, {**ROW, "Learner Answer image": "MaE1-Ex1LA"}))
    assert other.needs_image


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataNotFound):
        load_mae(tmp_path)
    with pytest.raises(EmptyData):
        load_mae(written(tmp_path))
    with pytest.raises(MissingColumn) as missing:
        load_mae(written(tmp_path, {key: value for key, value in ROW.items() if key != "Topic"}))
    assert missing.value.data["missing"] == ["Topic"]
    bad = [ROW, {**ROW, "Misconception ID": "E1"}, {**ROW, "Question": ""}, {**ROW, "Misconception": "another"}]
    with pytest.raises(BadRow) as found:
        load_mae(written(tmp_path, *bad))
    assert found.value.data["rows"] == [2, 3, 4] and "in two ways" in str(found.value)


def test_the_nearest_other_example_is_by_words(tmp_path):
    rows = [
        ROW,
        {**ROW, "Example Number": 2, "Question": "1/4+2/3=", "Incorrect Answer": "3/7"},
        {**ROW, "Misconception ID": "MaE02", "Misconception": "x", "Topic": "Graphs", "Question": "Draw the line"},
        {**ROW, "Misconception ID": "MaE03", "Misconception": "y", "Topic": "Graphs", "Question": "Read the slope"},
    ]
    examples = load_mae(written(tmp_path, *rows))
    assert nearest_named(examples)[:2] == ("MaE01", "MaE01")
    assert nearest_named(examples, within_topic=True)[2:] == ("MaE03", "MaE02")
    with pytest.raises(BadSetting):
        nearest_named(examples[:1])


@pytest.mark.data
def test_the_shared_half(data_dir):
    examples = load_mae(data_dir)
    known = misconceptions_in(examples)
    assert len(examples) == 110 and len(known) == 55
    assert sum(example.needs_image for example in examples) == 20
    perfect = score_mae(examples, [example.misconception_id for example in examples])
    assert perfect.accuracy.value == perfect.macro_f1 == 1
    constant = score_mae(examples, ["MaE01"] * 110)
    assert constant.accuracy.value == pytest.approx(1 / 55)
    # Word overlap alone gets far, since both examples of a misconception are often of one wording.
    overall, within = (score_mae(examples, nearest_named(examples, within_topic=topic)) for topic in (False, True))
    assert 0.35 < overall.accuracy.value < within.accuracy.value < 0.55
