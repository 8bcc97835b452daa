"""What docs/spock.md shows is run, and what it says of the codes is so."""

from __future__ import annotations

import re
from pathlib import Path

from tutorkit.tutoring.spock import ALLOWED, shipped_scaffolds

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "spock.md").read_text(encoding="utf-8")


def test_the_python_runs_and_comes_to_the_end(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code, "spock.md", "exec"), {})
    codes = [line[:6].rsplit(" ", 1)[0] for line in capsys.readouterr().out.splitlines()]
    assert codes == ["a 1 x", "b 3 y", "f 8 x", "b 3 y", "b 3 z"]


def test_the_table_is_the_table_and_every_scaffold_is_named():
    rows = re.findall(r"^\| ([a-g]) [^|]*\| ([\d, ]+) \|", PAGE, flags=re.MULTILINE)
    assert {evaluation: tuple(actions.split(", ")) for evaluation, actions in rows} == dict(ALLOWED)
    assert all(f"`{scaffold.id}`" in PAGE for scaffold in shipped_scaffolds())
