"""``code``: programming exercises, tests in a sandbox, and help that does not give the solution away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import EXIT_FAILED, as_json, table, text
from tutorkit.lab import Lab
from tutorkit.lab.programming import (
    CodeHelp,
    CodeReply,
    check_exercises,
    exercises_in,
    program_in,
)

_code = typer.Typer(help="Help with programming homework.", no_args_is_help=True, rich_markup_mode=None)

Exercises = Annotated[
    Path | None, typer.Option("--exercises", help="A YAML file of exercises, in place of the built-in ones.")
]
_WORDS = {"right": "All tests pass.", "wrong": "Some tests fail.", None: "It was not run."}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _code.command("exercises")(code_exercises)
    _code.command("help")(code_help)
    _code.command("check")(code_check)
    app.add_typer(_code, name="code")


def code_exercises(exercises: Exercises = None, json: options.AsJson = False) -> None:
    """List the exercises."""
    found = exercises_in(exercises)
    if json:
        shown = [{"id": each.id, "text": each.text, "starter": each.starter} for each in found]
        return as_json(shown)
    table("Exercises", ["id", "what is asked"], [[each.id, each.text] for each in found])
    return None


def code_help(
    exercise: Annotated[str, typer.Argument(help="The exercise's id (`tutorkit code exercises`).")],
    program: Annotated[Path, typer.Argument(help="The learner's Python file.")],
    say: Annotated[str, typer.Option("--say", help="What the learner asks.")] = "",
    learner: Annotated[str, typer.Option("--learner", help="Whose program it is, by a pseudonym.")] = "me",
    model: Annotated[
        str, typer.Option("--model", help="Who words what is said: rules (no key), local/MODEL, provider/model.")
    ] = "rules",
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
    assessment: Annotated[bool, typer.Option("--assessment", help="A test: no solution is shown.")] = False,
    exercises: Exercises = None,
    json: options.AsJson = False,
) -> None:
    """Run a program's tests in a sandbox and help with it, one rung further each time it is asked."""
    code = program_in(program)
    with (
        Lab() as lab,
        CodeHelp.open(
            exercise,
            learner,
            home=lab,
            model=model,
            language=language,
            assessment=assessment,
            exercises=exercises,
        ) as helping,
    ):
        reply = helping.help(code, said=say)
    if json:
        as_json(
            {
                "verdict": reply.verdict,
                "tests": list(reply.tests),
                "move": reply.move,
                "rung": reply.rung,
                "stop": reply.stop,
                "text": reply.text,
            }
        )
        return
    _show(reply)


def code_check(exercises: Exercises = None, json: options.AsJson = False) -> None:
    """Run the solutions of all exercises against their tests: for whoever writes exercises."""
    found = exercises_in(exercises)
    wrong = check_exercises(found)
    if json:
        as_json({"exercises": len(found), "wrong": {name: list(faults) for name, faults in wrong.items()}})
    else:
        for name, faults in wrong.items():
            for fault in faults:
                text(f"{name}: {fault}")
        text(f"{len(found) - len(wrong)} of {len(found)} exercises hold.")
    if wrong:
        raise typer.Exit(EXIT_FAILED)


def _show(reply: CodeReply) -> None:
    rows = [[each.case, each.outcome, each.got or ""] for each in reply.tests]
    table("Tests", ["test", "outcome", "gave"], rows)
    text(_WORDS[reply.verdict])
    text(reply.text, bold=True)
