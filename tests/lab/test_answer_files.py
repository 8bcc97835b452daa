"""A class's answers out of files as teachers have them."""

import pytest

from tutorkit.errors import BadRow, DataError, DataNotFound, EmptyData, MissingColumn
from tutorkit.lab.answer_files import looks_like_date, read_answers


def read(tmp_path, text, *, encoding="utf-8"):
    path = tmp_path / "answers.csv"
    path.write_bytes(text.encode(encoding))
    return read_answers(path)


def told(file):
    return {each.pupil: [(a.item["domain"], a.answer) for a in each.answers] for each in file.pupils}


def test_one_line_for_each_answer(tmp_path):
    file = read(
        tmp_path,
        'pupil,item,answer\nAda,52 - 18,46\nBen,1/2 + 1/3,2/5\nAda,"{""domain"": ""add"", ""a"": 4, ""b"": 3}",7\n',
    )
    assert told(file) == {"Ada": [("sub", "46"), ("add", "7")], "Ben": [("frac", "2/5")]}
    assert [each.lines for each in file.pupils] == [(2, 4), (3,)] and file.bad == ()


def test_one_line_for_each_pupil(tmp_path):
    file = read(tmp_path, "name,52 - 18,47 + 26,1/2 + 1/3\nAda,46,63,\nBen,34,,2/5\n")
    assert told(file) == {"Ada": [("sub", "46"), ("add", "63")], "Ben": [("sub", "34"), ("frac", "2/5")]}
    assert file.pupils[1].lines == (3, 3)


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_what_spreadsheets_write_is_read(tmp_path, delimiter):
    text = (
        delimiter.join(("Student", "Question", "Response")) + "\r\n" + delimiter.join(("Ada", "52 - 18", "46")) + "\r\n"
    )
    assert told(read(tmp_path, text, encoding="utf-8-sig")) == {"Ada": [("sub", "46")]}


def test_working_is_taken_line_by_line_and_pupils_may_be_left_out(tmp_path):
    file = read(tmp_path, 'item,answer,working\n52 - 18,46,"8 - 2 = 6\n\n5 - 1 = 4"\n73 - 25,52,\n')
    (one,) = file.pupils
    assert one.answers[0].steps == ("8 - 2 = 6", "5 - 1 = 4") and one.answers[1].steps == ()
    assert one.lines == (2, 5)


def test_bad_lines_are_told_with_number_and_reason_and_the_rest_is_read(tmp_path):
    file = read(
        tmp_path,
        "pupil,item,answer\nAda,52 - 18,46\nAda,house,3\n,52 - 18,46\nBen,,4\nBen,02-Jan,1\n\nBen,73 - 25,52\n",
    )
    assert told(file) == {"Ada": [("sub", "46")], "Ben": [("sub", "52")]}
    assert [(each.line, each.why.split(" (")[0]) for each in file.bad] == [
        (3, "'house' is no item that can be read"),
        (4, "the pupil is missing"),
        (5, "the item is missing"),
        (6, "'02-Jan' is no item that can be read"),
    ]
    assert "date" in file.bad[3].why and file.pupils[1].lines == (8,)


def test_a_heading_that_is_no_item_is_told_and_the_other_columns_are_read(tmp_path):
    file = read(tmp_path, "pupil,52 - 18,mark\nAda,46,B\n,34,A\n")
    assert told(file) == {"Ada": [("sub", "46")]}
    assert [each.line for each in file.bad] == [1, 3] and "column 3" in file.bad[0].why


def test_a_short_line_has_no_answer(tmp_path):
    file = read(tmp_path, "pupil,item,answer\nAda,52 - 18\n")
    assert told(file) == {"Ada": [("sub", "")]}


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", EmptyData, "is empty"),
        ("pupil,item,answer\n", EmptyData, "no answer that can be used"),
        ("pupil,item,answer\nAda,house,3\n", EmptyData, "Line 2: 'house'"),
        ("pupil,mark\nAda,B\n", MissingColumn, "neither item and answer, nor items"),
        ('pupil,item,answer\nAda,"52 - 18,46\n', BadRow, "broken CSV from line 2"),
    ],
)
def test_a_file_of_no_use_is_refused_with_what_is_wanted(tmp_path, text, error, words):
    with pytest.raises(error, match=words) as caught:
        read(tmp_path, text)
    assert caught.value.remedy and isinstance(caught.value, DataError)


def test_other_encodings_and_no_file_at_all_are_told(tmp_path):
    with pytest.raises(BadRow, match="not UTF-8"):
        read(tmp_path, "pupil,item,answer\nÄda,52 - 18,46\n", encoding="latin-1")
    with pytest.raises(DataNotFound, match=r"nothing\.csv"):
        read_answers(tmp_path / "nothing.csv")


def test_what_a_spreadsheet_makes_of_a_fraction_is_known():
    assert all(map(looks_like_date, ["02-Jan", "2. Jan", "2024-02-01", "1-Okt"]))
    assert not any(map(looks_like_date, ["1/2", "-3", "January", "3 - 4", "x - 3", "-3 - (-5)"]))
