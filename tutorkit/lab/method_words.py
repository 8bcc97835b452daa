"""What there is to know of a method, in sentences: for the command line and for the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from tutorkit.lab.method_facts import PROBLEMS, MethodFacts, Setting
from tutorkit.methods.vocabulary import Cost, Method

_ABILITIES = {
    "go_on": "go on from given steps",
    "write": "write other things than answers",
    "say": "be sent whole messages",
    "train": "be trained (sim/… or local/…)",
}
_ROWS = {"sft": "examples to imitate", "preference": "preference pairs", "rl": "examples to reinforce"}


LETTERS = "n and V stand for the problems of train and val, W for the wrong answers of a round, R and K for rounds."
"""What the letters mean that cost formulas share; a formula says what is its own."""


def setting_words(params: Mapping[str, JsonValue]) -> str:
    """Write parameters as ``--set`` takes them; the defaults for none."""
    return " ".join(f"{name}={value_words(value)}" for name, value in params.items()) or "defaults"


def value_words(value: JsonValue) -> str:
    """Write a parameter's value as ``--set`` takes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def paper_words(facts: MethodFacts) -> str:
    """Name the paper: its title, reference and year."""
    paper = facts.method.paper
    return f"{paper.title}. {paper.ref} ({paper.year})"


def sizes_words(facts: MethodFacts) -> str:
    """Say for which sizes the calls of the worked example are counted."""
    return (
        f"Calls of the teaching in one run, with {PROBLEMS} problems in each split{_wrong_words(facts)}. Measuring the"
        f" student on test (2 × {PROBLEMS} calls) and the control arms come on top. A range ends with the calls that"
        " there can be at most."
    )


def _wrong_words(facts: MethodFacts) -> str:
    if not facts.sizes.wrong:
        return ", whatever the student gets wrong"
    first, *later = facts.sizes.wrong
    then = f" in the first round, then {', '.join(map(str, later))}" if later else ""
    return f"; of those of {facts.method.practice} the student gets {first} wrong{then}"


def calls_words(calls: Cost) -> tuple[str, str, str]:
    """Write the calls of teacher, student and judge, as a range where more can come."""
    return (
        _range(calls.teacher, calls.again),
        _range(calls.student, calls.student_again),
        f"{calls.judge:,}",
    )


def _range(least: int, more: int) -> str:
    return f"{least:,} – {least + more:,}" if more else f"{least:,}"


def needs_words(facts: MethodFacts) -> tuple[str, ...]:
    """Say what the student must be able to do, which settings ask less of it, and who else takes part."""
    said = [f"The student must {_abilities(facts.default)}."]
    instead = facts.method.instead
    said += [f"With {setting_words(instead)} it must only answer."] if instead else []
    for setting in facts.settings:
        if setting.needs < facts.default.needs and setting.params != instead:
            said.append(f"With {setting_words(setting.params)} it must only {_abilities(setting)}.")
    judged = [setting_words(each.params) for each in (facts.default, *facts.settings) if each.calls.judge]
    if facts.default.calls.judge:
        said.append("A judge takes part (--judge); without one the teacher judges, counted apart.")
    elif judged:
        said.append(f"A judge takes part with {' or '.join(judged)} (--judge; else the teacher).")
    said += ["Other students may take part (--panel), each at the cost of the student's own calls."] * facts.panel
    return tuple(said)


def _abilities(setting: Setting) -> str:
    *before, last = ["answer", *(words for need, words in _ABILITIES.items() if need in setting.needs)]
    return f"{', '.join(before)} and {last}" if before else last


def use_words(facts: MethodFacts) -> str:
    """Say in a few words what becomes of the student: it is trained, it reads, or one or the other."""
    if "train" not in facts.default.needs:
        return "reads"
    reads = any(setting.params.get("student_use") == "in_context" for setting in facts.settings)
    return "is trained, or reads" if reads else "is trained"


def leaves_words(method: Method) -> str:
    """Say which lessons and rows a method leaves."""
    lessons = f"lessons ({', '.join(method.artefacts)})" if method.artefacts else ""
    rows = f"rows of fine-tuning data ({', '.join(_ROWS[kind] for kind in method.rows)})" if method.rows else ""
    said = " and ".join(part for part in (lessons, rows) if part)
    return f"{said[:1].upper()}{said[1:]}." if said else "Scores alone."


def review_words(method: Method) -> str:
    """Say before which nodes a run waits that was begun with ``--review``."""
    if not method.review_points:
        return (
            "Nowhere: a run of this method cannot wait for review. Its lessons and rows are reviewed when it is over."
        )
    return f"With --review the taught arm waits before {' and '.join(method.review_points)}, until all is decided."


def controls_words(method: Method) -> tuple[str, ...]:
    """Say of each control arm what it is with this method."""
    said = ["silent: a teacher that says nothing. Does the procedure alone do it?"]
    if method.deranged:
        said.append("deranged: a teacher that teaches what the student does not lack. Does it matter what is taught?")
    if method.random_target:
        aim = setting_words(method.random_target)
        said.append(f"random: the same effort without a look at the errors ({aim}). Does it matter where it goes?")
    return tuple(said)
