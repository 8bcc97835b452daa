"""The pages of the methods: made from what the code says, true to it, and their commands run."""

from __future__ import annotations

import re
import shlex
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tutorkit.lab import Lab, facts_of
from tutorkit.methods.registry import find_method, method_names
from tutorkit.methods.vocabulary import Cost, Method, Paper, Params, Sizes

REPO = Path(__file__).resolve().parent.parent
FOLDER = REPO / "docs" / "methods"
OURS = [name for name in method_names() if find_method(name).params.__module__.startswith("tutorkit.methods.")]
every_method = pytest.mark.parametrize("name", OURS)


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    spec = spec_from_file_location("method_pages", REPO / "tools" / "method_pages.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def page(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_the_committed_pages_are_what_the_code_says(made):
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert committed.keys() == made.keys(), "run make docs"
    assert [name for name, text in made.items() if committed[name] != text] == [], "run make docs"
    assert set(committed) == {"README.md", *(f"{name}.md" for name in OURS)}


@every_method
def test_a_method_says_all_that_somebody_needs_who_has_to_choose(name):
    facts = facts_of(find_method(name))
    assert 2 <= facts.method.when.count(". ") + 1 <= 4 and facts.method.when.endswith(".")
    assert facts.link and facts.about and facts.known and facts.formula
    assert facts.steps.keys() == facts.method.nodes.keys() and all(facts.steps.values())
    assert all(parameter.meaning for parameter in facts.parameters)
    assert "Take it " in page(name) and facts.link in page(name)


@every_method
def test_a_graph_shows_every_edge_and_marks_the_conditional_ones(name):
    method = find_method(name)
    drawn = re.search(r"```mermaid\n(.*?)```", page(name), flags=re.DOTALL)[1]
    labels = dict(re.findall(r"(n\d+)\(?\[(\w+)\]", drawn))
    arrows = [(labels[a], labels[b], how == "-.->") for a, how, b in re.findall(r"(n\d+) (-\.?->) (n\d+)", drawn)]
    assert arrows == [(edge.source, edge.target, edge.when is not None) for edge in method.edges]


@every_method
def test_the_command_of_a_page_runs_offline_and_leaves_the_rows_that_the_page_promises(name, tutorkit):
    (command,) = re.findall(r"```sh\n(tutorkit teach .*)\n```", page(name))
    report = tutorkit(*shlex.split(command)[1:], "--controls", "none", "--json").json
    taught = report["arms"][0]
    assert report["simulated"] and taught["taught"]["value"] > taught["untaught"]["value"]
    with Lab() as lab:
        left = {kind for kind, counts in lab.row_counts(report["run_id"]).items() if sum(counts.values())}
    # Pairs for the teacher are left with mode=m2 only.
    assert left == (set() if name == "lbt" else set(find_method(name).rows))


def test_links_of_the_pages_lead_somewhere():
    for path in FOLDER.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_worked_example_is_what_the_formula_gives():
    # 1 draft, 2 for each of 40 mistakes, 40/8 batches, 4 demos, 1 for the instruction; a demo may fail 4 times.
    assert facts_of(find_method("tpd")).default.calls == Cost(teacher=91, student=100, again=4)
    assert "| `defaults` | `paper` | 91 – 95 | 100 | 0 |" in page("tpd")
    # 100 rationales and 40, 20 and 10 rewritten ones; three rounds over val and train.
    assert facts_of(find_method("undo")).default.calls == Cost(teacher=170, student=600)
    assert "of those of train the student gets 40 wrong in the\nfirst round, then 20, 10." in page("undo")
    # Nothing here depends on what is wrong, and the panel pays.
    assert "with 100 problems in each split, whatever the student gets wrong" in " ".join(page("lbt").split())
    assert "Other students may take part (--panel)" in page("lbt") and "--panel" not in page("tpd")


@pytest.mark.parametrize(
    ("name", "setting", "fidelity"),
    [
        ("tpd", {"rounds": 2}, "variant:outer-rounds"),
        ("undo", {"progressive": False}, "variant:targeted-once"),
        ("arte", {"mode": "export"}, "paper"),
        ("kid", {"masks": 0}, "variant:plain-fine-tuning"),
        ("cemal", {"quota": 10}, "variant:quota"),
        ("think-tuning", {"train": False}, "paper"),
    ],
)
def test_settings_that_are_another_variant_are_told(name, setting, fidelity):
    found = {str(dict(each.params)): each.fidelity for each in facts_of(find_method(name)).settings}
    assert found[str(setting)] == fidelity


def test_what_a_student_must_be_able_to_do_is_told_and_what_asks_less():
    assert "- The student must answer, go on from given steps and be trained (sim/… or local/…).\n" in page("score")
    assert "- With train=false it must only answer and go on from given steps.\n" in page("score")
    assert "- With student_use=in_context it must only answer.\n" in page("undo")
    assert "- The student must answer.\n" in page("tpd")
    assert "- A judge takes part with scored_by=judge (--judge; else the teacher).\n" in page("strategies")


def test_the_list_takes_at_most_two_lines_a_method_on_a_narrow_terminal(tutorkit, monkeypatch):
    from tutorkit.cli import show

    monkeypatch.setattr(show.out, "width", 80)
    lines = tutorkit("methods").out.splitlines()
    assert len(lines) <= 2 * len(method_names()) + 4 and max(map(len, lines)) <= 80
    for name in method_names():
        start = next(place for place, line in enumerate(lines) if line.startswith(f"{name} "))
        said = [lines[start], *([lines[start + 1]] if lines[start + 1].startswith(" ") else [])]
        assert " ".join(" ".join(said).split()) == f"{name} {find_method(name).summary}"


@every_method
def test_a_method_is_shown_whole_on_a_narrow_terminal(name, tutorkit, monkeypatch):
    from tutorkit.cli import show

    monkeypatch.setattr(show.out, "width", 80)
    shown = tutorkit("methods", name).out
    command = f"tutorkit teach {name} {find_method(name).example}"
    assert command in shown.splitlines()
    assert max(len(line) for line in shown.splitlines() if line != command) <= 80
    said = " ".join(shown.split())
    facts = facts_of(find_method(name))
    for words in (facts.method.when, *facts.about, *facts.known, *facts.formula, facts.link):
        assert " ".join(words.split()) in said


def test_as_json_nothing_is_left_out(tutorkit):
    (shown,) = tutorkit("methods", "undo", "--json").json
    assert {"name", "version", "summary", "paper", "nodes", "artefacts", "params"} <= shown.keys()
    assert shown["paper"]["link"] == "https://arxiv.org/abs/2504.02521" and shown["rows"] == ["sft"]
    assert shown["settings"][0] == {
        "set": {},
        "fidelity": "paper",
        "needs": ["train"],
        "calls": {"teacher": 170, "student": 600, "judge": 0, "again": 0, "student_again": 0},
    }
    assert ["identify_errors", "evaluate", True] in shown["edges"]
    assert shown["cost"]["sizes"]["wrong"] == [40, 20, 10]


class Bare(Params):
    """No parameters."""


def test_a_method_of_somebody_else_that_says_little_is_shown_too():
    bare = Method(
        name="bare",
        version="1",
        summary="Nothing.",
        paper=Paper("None", "none", 2026),
        params=Bare,
        fidelity=lambda _: "paper",
        nodes={"one": lambda state, deps: state},
        edges=(),
        artefacts=(),
        cost=lambda params, sizes: Cost(teacher=sum(sizes.wrong), student=0),
    )
    facts = facts_of(bare)
    assert (facts.link, facts.known, facts.parameters, facts.settings) == (None, (), (), ())
    assert facts.default.calls.teacher == 40 and facts.sizes == Sizes(
        train=100, probe=100, val=100, test=100, wrong=(40,)
    )
