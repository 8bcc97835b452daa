"""What the README and the docs show is run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
README = (REPO / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[str]:
    shown = [block for block in blocks("sh") if not block.startswith("# needs")]
    return [line for block in shown for line in block.splitlines() if line.startswith("tutorkit ")]


def test_the_commands_of_the_readme_run(tutorkit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 6
    for command in commands():
        shown = tutorkit(*shlex.split(command)[1:])
        assert shown.code == 0, f"{command}\n{shown.err}"


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_of_the_readme_runs(code, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert "value=" in capsys.readouterr().out


def test_what_the_readme_says_the_demo_prints_is_what_it_prints(tutorkit):
    shown = " ".join(tutorkit("demo").out.split())
    (promised,) = blocks("text")
    headline = " ".join(promised.split("\n\n")[0].split())
    assert headline in shown
    report = tutorkit("demo", "--json").json
    for arm in report["arms"]:
        row = next(line for line in promised.splitlines() if line.strip().startswith(f"{arm['name']} "))
        figures = [float(word) for word in row.split()[1:]]
        assert figures[:3] == pytest.approx(
            [arm["untaught"]["value"], arm["taught"]["value"], arm["gain"]["value"]], abs=0.005
        )


def test_links_inside_the_repository_lead_somewhere():
    for page in [REPO / "README.md", REPO / "CONTRIBUTING.md", *(REPO / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_settings_that_the_readme_names_are_those_that_there_are():
    from tutorkit.settings import Settings

    named = {name.removeprefix("TUTORKIT_").lower() for name in re.findall(r"`(TUTORKIT_\w+)`", README)}
    assert named == set(Settings.model_fields)
