"""Write a page for each teaching method, from its record, its docstrings and its cost formula.

Run by ``make docs``. Nothing on the pages is written by hand: ``tests/test_method_pages.py`` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill

from tutorkit.lab import Lab, Method, MethodFacts, Setting, facts_of
from tutorkit.lab.method_words import (
    LETTERS,
    calls_words,
    controls_words,
    leaves_words,
    needs_words,
    paper_words,
    review_words,
    setting_words,
    sizes_words,
    use_words,
    value_words,
)

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "methods"
INDEX = "README.md"


def main() -> None:
    """Write all pages; what no method stands behind any more goes."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return every page by its file name. Methods of other packages, without a paper page here, are left out."""
    with Lab() as lab:
        found = [facts_of(method) for method in lab.methods() if _is_ours(method)]
    return {INDEX: _index(found), **{f"{facts.method.name}.md": _page(facts) for facts in found}}


def _is_ours(method: Method) -> bool:
    return method.params.__module__.startswith("tutorkit.methods.")


def _index(found: Sequence[MethodFacts]) -> str:
    rows = [
        [
            f"[{facts.method.name}]({facts.method.name}.md)",
            facts.method.summary,
            use_words(facts),
            *calls_words(facts.default.calls),
            facts.default.fidelity,
        ]
        for facts in found
    ]
    columns = ["method", "what it does", "the student", "teacher calls", "student calls", "judge calls", "counts as"]
    when = [f"**[{facts.method.name}]({facts.method.name}.md)** {facts.method.when}" for facts in found]
    return _joined(
        "# Teaching methods",
        "Made by `make docs` from what the code says of itself; `tutorkit methods NAME` shows the same on a terminal.",
        _table(columns, rows),
        "Calls are those of the teaching in one run with the defaults, for 100 problems in each split of which the"
        " student gets 40 wrong at first; the pages say more. *Counts as* is what a run with the defaults is called:"
        " `paper` where it follows the published procedure as far as that is known, else a variant.",
        "## When to take which",
        *when,
        "[How methods are compared](../comparing.md) at equal budget, with DSPy's optimisers beside them.",
    )


def _page(facts: MethodFacts) -> str:
    method = facts.method
    link = f"[{paper_words(facts)}]({facts.link})" if facts.link else paper_words(facts)
    settings = [facts.default, *facts.settings]
    parameters = [
        [f"`{each.name}`", _code(value_words(each.default)), each.allowed, each.meaning] for each in facts.parameters
    ]
    return _joined(
        f"# {method.name}",
        method.summary,
        link,
        *_section("When to take it", method.when),
        *_section("What it does", *facts.about),
        *_section("How it runs", _graph(method), _LEGEND, _table(["node", "what it does"], facts.steps.items())),
        *_section("What it needs", _list(needs_words(facts))),
        *_section("What it costs", *facts.formula, LETTERS, sizes_words(facts), _settings(settings)),
        *_section("What it leaves", f"{leaves_words(method)} {_ALWAYS}"),
        *_section("Where it waits for review", f"{review_words(method)} [How to review](../review.md)."),
        *_section("Control arms", _list(controls_words(method))),
        *_section("What is known of the paper, and what is not", *facts.known),
        *_section("Parameters", _table(["`--set`", "default", "may be", "meaning"], parameters)),
        *_section("Try it, without a model", _command(method)),
    )


_LEGEND = "A dotted line is taken in some cases only, with some parameters or in some states."
_ALWAYS = (
    "Besides, every attempt, diagnosis, score and call is kept and can be followed back (`tutorkit show`,"
    " `tutorkit audit`)."
)


def _settings(settings: Sequence[Setting]) -> str:
    rows = [[_code(setting_words(each.params)), _code(each.fidelity), *calls_words(each.calls)] for each in settings]
    return _table(["`--set`", "counts as", "teacher", "student", "judge"], rows)


def _graph(method: Method) -> str:
    """Draw nodes and edges; ids of our own, since some words mean something to the drawing program."""
    names = {name: f"n{place}" for place, name in enumerate(["START", *method.nodes, "END"])}
    shapes = [
        f"{names['START']}([START])",
        *(f"{names[name]}[{name}]" for name in method.nodes),
        f"{names['END']}([END])",
    ]
    arrows = [f"{names[edge.source]} {'-.->' if edge.when else '-->'} {names[edge.target]}" for edge in method.edges]
    return "\n".join(["```mermaid", "flowchart TD", *(f"    {line}" for line in [*shapes, *arrows]), "```"])


def _command(method: Method) -> str:
    return f"```sh\ntutorkit teach {method.name} {method.example}\n```" if method.example else ""


def _section(title: str, *parts: str) -> list[str]:
    """Return a section; nothing where it would say nothing."""
    said = [part for part in parts if part]
    return [f"## {title}", *said] if said else []


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _code(words: str) -> str:
    return f"`{words}`"


def _joined(*parts: str) -> str:
    return "\n\n".join(map(_wrapped, parts)) + "\n"


def _wrapped(part: str) -> str:
    """Break the lines of a paragraph; tables, lists, drawings and headings stay."""
    return (
        part
        if part.startswith(("|", "- ", "```", "#"))
        else fill(part, 120, break_long_words=False, break_on_hyphens=False)
    )


if __name__ == "__main__":
    main()
