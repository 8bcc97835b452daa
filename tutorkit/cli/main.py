"""The command line: ``tutorkit COMMAND``. Every command takes ``--json``."""

from __future__ import annotations

import sys

import typer

from tutorkit.cli import (
    classroom,
    compare,
    diagnose,
    export,
    inspect,
    knowledge,
    methods,
    misconceptions,
    packs,
    practice,
    prices,
    programming,
    recordings,
    serve,
    teaching,
    tutor,
    tutor_eval,
)
from tutorkit.cli.show import fail
from tutorkit.errors import TutorkitError

app = typer.Typer(
    name="tutorkit",
    help="A teacher improves a student, and the evidence says by how much.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
teaching.add_to(app)
compare.add_to(app)
inspect.add_to(app)
methods.add_to(app)
packs.add_to(app)
export.add_to(app)
serve.add_to(app)
recordings.add_to(app)
prices.add_to(app)
classroom.add_to(app)
programming.add_to(app)
tutor.add_to(app)
tutor_eval.add_to(app)
misconceptions.add_to(app)
diagnose.add_to(app)
practice.add_to(app)
knowledge.add_to(app)


def run() -> None:
    """Run the command line; an error of ours becomes a message with what to do about it, and an exit code."""
    try:
        app()
    except TutorkitError as error:
        sys.exit(fail(error, as_json="--json" in sys.argv))
