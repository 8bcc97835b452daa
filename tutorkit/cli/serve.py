"""``serve``: answer as a taught student, to any program that talks to OpenAI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import text
from tutorkit.lab import Address, Lab, Limits, Pack


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    pack: Annotated[Path, typer.Argument(help="The pack's folder.")],
    student: Annotated[str, typer.Option("--student", help="The model that answers: local/MODEL or provider/model.")],
    host: Annotated[str, typer.Option("--host", help="Where to listen; beyond this machine a key is needed.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = 8765,
    key: Annotated[
        str | None, typer.Option("--key", envvar="TUTORKIT_SERVE_KEY", help="What clients must send as API key.")
    ] = None,
    retrieval: Annotated[
        str | None, typer.Option("--retrieval", help="Lessons for a question: all, top-3, top-3 above 0.2.")
    ] = None,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Also use lessons that nobody approved.")] = False,
    student_set: options.StudentSet = None,
    max_calls: options.MaxCalls = None,
    max_usd: options.MaxUsd = None,
) -> None:
    """Serve a pack's taught student on an OpenAI-compatible endpoint (chat completions, streaming) until Ctrl-C."""
    with Lab() as lab:
        lab.serve_pack(
            pack,
            student=student,
            address=Address(host=host, port=port, key=key),
            ready=lambda url, served: _show(url, served, student=student, locked=key is not None),
            unreviewed=unreviewed,
            retrieval=retrieval,
            options=options.pairs(student_set, "--student-set"),
            limits=Limits(max_calls=max_calls, max_usd=max_usd),
        )
    text("Stopped.")


def _show(url: str, pack: Pack, *, student: str, locked: bool) -> None:
    text(f"{student} answers with {pack.name} at {url}", bold=True)
    text(f"In a program: base_url={url!r}, api_key={'the key' if locked else 'anything'}, any model name.")
    measured = pack.provenance.get("student")
    if measured != student:
        text(f"The pack was measured with {measured}. What it gains {student}, `tutorkit pack apply` says.")
    text("Ctrl-C ends it.")
