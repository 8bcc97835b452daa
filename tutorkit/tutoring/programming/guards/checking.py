"""All that is looked for in what is about to be said about a program."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tutorkit.tutoring.programming.exercises import Case, Exercise
from tutorkit.tutoring.programming.guards.constructs import CALLS, constructs_in, constructs_named, names_in, untaught
from tutorkit.tutoring.programming.guards.leaks import is_quote, is_value, overlap, spliced
from tutorkit.tutoring.programming.guards.snippets import Code, code_in, parsed
from tutorkit.tutoring.programming.guards.verdicts import finds_fault, finds_right
from tutorkit.tutoring.programming.planning import HIDDEN_FROM
from tutorkit.tutoring.programming.redacting import REDACTED, redacted
from tutorkit.types import Record

ObjectionKind = Literal[
    "verdict", "snippet", "untaught", "overlap", "solves", "hidden_input", "secret", "length", "questions"
]

OVERLAP = 0.5
_SNIPPET_RUNG = 5
_SOLUTION_RUNG = 7
_MOST_SENTENCES = 4
_SENTENCE = re.compile(r"[.!?…](?=\s|$)")


class Objection(Record):
    """An objection to a text. ``what`` is a sentence for whoever words it anew, and quotes nothing of the solution."""

    kind: ObjectionKind
    what: str
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the guards may know of the round: the exercise, the program, its verdict and the rung."""

    exercise: Exercise
    code: str
    verdict: Literal["right", "wrong"] | None
    rung: int


def objections(
    text: str, seen: Checked, *, passing: Callable[[Exercise, Sequence[str]], Sequence[bool]]
) -> tuple[Objection, ...]:
    """Look through what is about to be said.

    Args:
        text: what is about to be said.
        seen: about what.
        passing: runs programs and tells which pass: ``Runner.passing``.

    Raises:
        SandboxMissing: when nothing can be contained here: a text with code in it is not said unlooked at.
    """
    code = code_in(text)
    found = [*_verdict(code, seen), *_form(code, seen), *_taught(code, seen), *_hidden(text, seen), *_secret(text)]
    if seen.rung < _SOLUTION_RUNG and seen.verdict != "right":
        found += _leak(code, seen, passing)
    return tuple(found)


def _verdict(code: Code, seen: Checked) -> Iterator[Objection]:
    if seen.verdict == "right" and (where := finds_fault(code.words)):
        yield Objection(kind="verdict", what="The program passes all its tests: do not call it wrong.", where=where)
    if seen.verdict == "wrong" and (where := finds_right(code.words)):
        yield Objection(kind="verdict", what="The program fails tests: do not call it right.", where=where)


def _form(code: Code, seen: Checked) -> Iterator[Objection]:
    for block in (*code.fenced, *code.loose):
        if not is_quote(block, seen.code) and seen.rung not in (_SNIPPET_RUNG, _SOLUTION_RUNG):
            yield Objection(kind="snippet", what="Show no code but the learner's own at this point.", where=block)
    if len(_SENTENCE.findall(code.words)) > _MOST_SENTENCES and seen.rung < _SNIPPET_RUNG:
        yield Objection(kind="length", what=f"Say it in at most {_MOST_SENTENCES - 1} sentences.")
    if code.words.count("?") > 1 and seen.rung < _SNIPPET_RUNG:
        yield Objection(kind="questions", what="Ask at most one question.")


def _taught(code: Code, seen: Checked) -> Iterator[Objection]:
    used = set(constructs_named(code.words))
    for piece in (*code.fenced, *code.inline, *code.loose):
        if (tree := parsed(piece)) is not None:
            used |= constructs_in(tree)
        if (name := piece.strip(".()")) in CALLS and name not in names_in(seen.code):
            used.add(f"{name}()")
    shown = (part for case in seen.exercise.cases for part in (case.call, case.equals or ""))
    trees = [parsed(each) for each in (seen.code, seen.exercise.starter, *shown)]
    own = {name for tree in trees if tree is not None for name in constructs_in(tree)}
    own |= constructs_named(seen.exercise.text)
    if strange := untaught(used, taught=seen.exercise.taught, own=own):
        names = ", ".join(sorted(strange))
        yield Objection(kind="untaught", what=f"The course has not had {names} yet: do without.", where=names)


def _hidden(text: str, seen: Checked) -> Iterator[Objection]:
    if seen.rung >= HIDDEN_FROM:
        return
    open_text = "\n".join(
        (seen.exercise.text, seen.code, seen.exercise.analogy, *(case.as_text() for case in seen.exercise.visible))
    )
    for case in seen.exercise.cases:
        if case.hidden and (where := _shown(case, text, open_text)):
            yield Objection(kind="hidden_input", what="Use no input of a hidden test.", where=where)
            return


def _secret(text: str) -> Iterator[Objection]:
    clean = redacted(text)
    if clean != text and clean.count(REDACTED) > text.count(REDACTED):
        yield Objection(kind="secret", what="Repeat no key, password or address.")


def _leak(
    code: Code, seen: Checked, passing: Callable[[Exercise, Sequence[str]], Sequence[bool]]
) -> Iterator[Objection]:
    for piece in code.all:
        shares = [overlap(piece, solution, own=seen.code) for solution in seen.exercise.solutions]
        if max(shares) >= OVERLAP:
            yield Objection(kind="overlap", what="Your code is too much like the solution.", where=piece)
            return
    calls = {"".join(case.call.split()) for case in seen.exercise.cases}
    pieces = [
        each
        for each in code.all
        if not is_value(each) and not is_quote(each, seen.code) and "".join(each.split()) not in calls
    ]
    candidates = [each for piece in pieces for each in spliced(piece, seen.code, function=seen.exercise.function)]
    right = passing(seen.exercise, list(dict.fromkeys(candidates)))
    if any(right):
        yield Objection(kind="solves", what="Put into the learner's program, your code solves the exercise.")


def _shown(case: Case, text: str, open_text: str) -> str | None:
    """Return the part of a hidden case that a text shows and that the learner could not have seen elsewhere."""
    squeezed, known = "".join(text.split()), "".join(open_text.split())
    if (call := "".join(case.call.split())) in squeezed and call not in known:
        return case.call
    for literal in _literals(case.call):
        plain = "".join(literal.split())
        if len(plain) < 2 or plain in known:
            continue
        spaced = r"\s*".join(re.escape(sign) for sign in plain)
        if re.search(rf"(?<!\w)(?<!\d\.){spaced}(?!\w|\.\d)", text):
            return literal
    return None


def _literals(call: str) -> list[str]:
    """Return the arguments of a call that are written out, as texts; a text without its quotes too."""
    found: list[str] = []
    for node in ast.walk(ast.parse(call, mode="eval")):
        if not isinstance(node, ast.Call):
            continue
        for argument in node.args:
            try:
                value = ast.literal_eval(argument)
            except (ValueError, TypeError, SyntaxError):
                continue
            found.append(ast.unparse(argument))
            if isinstance(value, str) and len(value) > 2:
                found.append(value)
    return found
