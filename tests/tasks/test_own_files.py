"""Users' own files: every kind, every guess, and every way in which one can be wrong."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from tutorkit.errors import (
    BadRow,
    BadSetting,
    DataError,
    DataNotFound,
    DuplicateId,
    EmptyData,
    GoldRejected,
    MissingColumn,
    MissingExtra,
)
from tutorkit.tasks import Task, load_task

ROWS = [{"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(1, 41)]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(rows: list[dict[str, object]]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def csv_text(rows: list[dict[str, object]], delimiter: str = ",") -> str:
    return "\n".join([delimiter.join(rows[0]), *(delimiter.join(map(str, row.values())) for row in rows)])


def load(path: Path, **options: object) -> Task:
    return load_task(str(path), **options)  # type: ignore[arg-type]


def error(path: Path, **options: object) -> DataError:
    with pytest.raises(DataError) as caught:
        load(path, **options)
    return caught.value


def parquet_of(folder: Path) -> Path:
    arrow = importlib.import_module("pyarrow")
    importlib.import_module("pyarrow.parquet").write_table(arrow.Table.from_pylist(ROWS), folder / "sums.parquet")
    return folder / "sums.parquet"


def test_every_kind_of_file_gives_the_same_problems(tmp_path: Path):
    paths = [
        write(tmp_path, "sums.jsonl", lines(ROWS)),
        write(tmp_path, "sums.json", json.dumps(ROWS)),
        write(tmp_path, "sums.csv", b"\xef\xbb\xbf" + csv_text(ROWS).encode()),
        write(tmp_path, "sums.tsv", csv_text(ROWS, "\t").replace("\n", "\r\n")),
        parquet_of(tmp_path),
    ]
    tasks = [load(path) for path in paths]
    seen = {json.dumps(sorted((p.text, p.gold, p.split, p.scorer) for p in task.problems)) for task in tasks}
    assert len(seen) == 1
    assert len({task.digest for task in tasks}) == 1
    task = tasks[0]
    assert task.name == "sums"
    assert {problem.scorer for problem in task.problems} == {"number"}
    assert "Column 'question' read as text." in task.notes
    assert "Column 'answer' read as gold." in task.notes
    assert "Scorer: number, chosen from the gold answers." in task.notes


def test_without_a_split_column_the_file_is_divided_by_family(tmp_path: Path):
    rows = [{"text": f"item {n}", "gold": str(n), "group": f"g{n // 2}"} for n in range(60)]
    task = load(write(tmp_path, "own.jsonl", lines(rows)), sizes={"val": 20, "test": 40})
    turned = load(write(tmp_path, "own.jsonl", lines(rows[2:] + rows[:2])), sizes={"val": 20, "test": 40})
    assert len(task.split("val")) == 20
    assert len(task.split("test")) == 40
    assert not {p.group for p in task.split("val")} & {p.group for p in task.split("test")}
    assert {(p.text, p.split) for p in task.problems} == {(p.text, p.split) for p in turned.problems}


def test_a_small_file_still_has_both_sides(tmp_path: Path):
    task = load(write(tmp_path, "own.jsonl", lines(ROWS[:4])))
    assert (len(task.split("val")), len(task.split("test"))) == (1, 3)
    assert any("val: 1 problems, which is all there are" in note for note in task.notes)


def test_columns_are_mapped_and_everything_they_say_is_kept(tmp_path: Path):
    row = {
        "frage": "Which is red?", "loesung": "b", "nr": 7, "koennen": "colours; seeing", "seite": "validation",
        "familie": "f", "auswahl": ["grass", "blood"],
    }  # fmt: skip
    mapping = {
        "text": "frage", "gold": "loesung", "id": "nr", "skills": "koennen", "split": "seite", "group": "familie",
        "choices": "auswahl",
    }  # fmt: skip
    task = load(write(tmp_path, "own.json", json.dumps([row])), columns=mapping)
    problem = task.problems[0]
    assert (problem.id, problem.gold, problem.scorer, problem.split) == ("7", "B", "choice", "val")
    assert (problem.skills, problem.group) == (("colours", "seeing"), "f")
    assert [(c.label, c.text) for c in problem.choices] == [("A", "grass"), ("B", "blood")]


@pytest.mark.parametrize(
    "choices",
    [
        ["A) grass", "B) blood"],
        "grass|blood",
        "A. grass\nB. blood",
        '["grass", "blood"]',
        {"label": ["A", "B"], "text": ["grass", "blood"]},
        [{"label": "A", "text": "grass"}, {"label": "B", "text": "blood"}],
    ],
)
def test_options_in_every_usual_form(tmp_path: Path, choices: object):
    row = {"question": "Which is red?", "answer": "blood", "options": choices}
    problem = load(write(tmp_path, "own.jsonl", lines([row]))).problems[0]
    assert (problem.gold, [c.text for c in problem.choices]) == ("B", ["grass", "blood"])


@pytest.mark.parametrize(
    ("golds", "scorer"),
    [
        (["1", "2.5", "1,000", "3/4"], "number"),
        (["yes", "No"], "yes_no"),
        ([True, False], "yes_no"),
        (["Paris", "12"], "exact"),
    ],
)
def test_the_scorer_is_chosen_from_the_golds(tmp_path: Path, golds: list[object], scorer: str):
    rows = [{"question": f"q{n}", "answer": gold} for n, gold in enumerate(golds)]
    task = load(write(tmp_path, "own.jsonl", lines(rows)))
    assert {problem.scorer for problem in task.problems} == {scorer}
    chosen = load(write(tmp_path, "own.jsonl", lines(rows)), scorer="exact")
    assert {problem.scorer for problem in chosen.problems} == {"exact"}


def test_golds_are_kept_in_the_scorers_own_form(tmp_path: Path):
    rows = [{"question": "a", "answer": "1,000"}, {"question": "b", "answer": "$3.50"}]
    assert {p.gold for p in load(write(tmp_path, "own.jsonl", lines(rows))).problems} == {"1000", "3.5"}


def test_a_split_column_is_taken_whole_and_what_sizes_leave_out_is_told(tmp_path: Path):
    rows = [{"text": f"q{n}", "gold": n, "split": "train" if n < 300 else "test"} for n in range(310)]
    task = load(write(tmp_path, "own.jsonl", lines(rows)))
    assert (len(task.split("train")), len(task.split("test"))) == (300, 10)
    few = load(write(tmp_path, "own.jsonl", lines(rows)), sizes={"train": 5, "test": 5})
    assert len(few.problems) == 10
    assert "300 problems left out; ask for larger sizes to have them." in few.notes


def test_missing_file_and_unreadable_kind(tmp_path: Path):
    assert isinstance(error(tmp_path / "no.csv"), DataNotFound)
    found = error(write(tmp_path, "own.xlsx", "x"))
    assert "own.xlsx is none of the kinds that can be read: .jsonl, .json, .csv, .tsv, .parquet" in found.message


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path):
    path = write(tmp_path, "own.csv", "prompt,answer\nq,1\n")
    found = error(path, columns={"text": "promt"})
    assert isinstance(found, MissingColumn)
    assert "the column 'promt' is absent; it has 'prompt', 'answer'. Did you mean 'prompt'?" in found.message
    nothing = error(write(tmp_path, "two.csv", "alpha,beta\n1,2\n"))
    assert isinstance(nothing, MissingColumn)
    assert "no column looks like the text" in nothing.message
    with pytest.raises(BadSetting, match="not to question"):
        load(path, columns={"question": "prompt"})


@pytest.mark.parametrize(
    ("name", "content"), [("own.csv", ""), ("own.csv", "text,gold\n"), ("own.jsonl", "\n\n"), ("own.json", "[]")]
)
def test_an_empty_file(tmp_path: Path, name: str, content: str):
    found = error(write(tmp_path, name, content))
    assert isinstance(found, EmptyData)
    assert name in found.message


def test_not_utf8_names_the_line(tmp_path: Path):
    found = error(write(tmp_path, "own.csv", "text,gold\nok,1\nfünf,5\n".encode("latin-1")))
    assert isinstance(found, BadRow)
    assert "is not UTF-8: line 3 holds the byte 0xfc" in found.message
    assert "Save the file as UTF-8" in found.remedy


def test_broken_json_lines_are_all_named(tmp_path: Path):
    found = error(write(tmp_path, "own.jsonl", lines(ROWS[:2]) + '\n{"question": \n\n[1]\n'))
    assert isinstance(found, BadRow)
    assert "line 3: broken JSON" in found.message
    assert "line 5: no JSON object" in found.message
    assert found.data["rows"] == [3, 5]
    assert "broken JSON" in error(write(tmp_path, "own.json", '[{"a": 1},')).message
    assert "entry 2: no JSON object" in error(write(tmp_path, "list.json", '[{"a": 1}, 2]')).message


def test_csv_rows_are_counted_without_the_header(tmp_path: Path):
    found = error(write(tmp_path, "own.csv", 'text,gold\n"two\nlines",1\nshort\na,b,c\n'))
    assert found.data["rows"] == [2, 3]
    assert "row 2: 1 cells where the header has 2" in found.message
    assert "(the header is not counted)" in found.message
    assert "twice" in error(write(tmp_path, "twice.csv", "text,text,gold\na,b,1\n")).message
    assert "broken CSV" in error(write(tmp_path, "open.csv", 'text,gold\nq,1\n"never closed,2\n')).message


def test_duplicate_ids_empty_cells_and_unknown_splits(tmp_path: Path):
    double = error(write(tmp_path, "own.csv", "id,text,gold\n1,a,1\n2,b,2\n1,c,3\n"))
    assert isinstance(double, DuplicateId)
    assert "row 3: the id '1' is that of row 1 too" in double.message
    empty = error(write(tmp_path, "own.csv", "text,gold\n,1\nb,\nc,3\n"))
    assert "row 1: the text is empty; row 2: the gold answer is empty" in empty.message
    split = error(write(tmp_path, "own.csv", "text,gold,split\na,1,tset\n"))
    assert "the split 'tset' is none of train, probe, val, test" in split.message


def test_one_family_on_two_sides_is_a_leak(tmp_path: Path):
    found = error(write(tmp_path, "own.csv", "text,gold,split\nSame text,1,val\nsame text!,1,test\n"))
    assert "row 2: its group is that of row 1, which is in val, and it is in test" in found.message


def test_golds_that_the_scorer_rejects_are_all_named(tmp_path: Path):
    rows = "".join(f"q{n},{'x' if n % 2 else n}\n" for n in range(1, 61))
    found = error(write(tmp_path, "own.csv", "text,gold\n" + rows), scorer="number")
    assert isinstance(found, GoldRejected)
    assert found.data["rows"] == list(range(1, 61, 2))
    assert "row 1: the gold 'x' is not accepted by the scorer number" in found.message
    assert found.message.count("is not accepted") == 20
    assert "and 10 more" in found.message


def test_parquet_needs_its_extra_and_a_real_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert "is no Parquet file" in error(write(tmp_path, "own.parquet", "nonsense")).message

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("tutorkit.tasks.rows.importlib.import_module", absent)
    with pytest.raises(MissingExtra, match=r"tutorkit\[parquet\]"):
        load(write(tmp_path, "own.parquet", "nonsense"))


def test_public_tasks_take_no_columns():
    with pytest.raises(BadSetting, match="sums has its own columns"):
        load_task("sums", columns={"text": "question"})
