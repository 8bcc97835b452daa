"""``tutor``: a conversation about one problem, in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, out, table, text
from tutorkit.lab import Lab, SessionLine, Tutor, TutorReply

_HOW = "An empty line asks for help; `bye` or Ctrl-D ends."


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(tutor)


def tutor(
    problem: Annotated[
        str | None, typer.Argument(help="What it is about: `52 - 18`, `1/2 + 1/3`, `2x+3=11`, … or an item as JSON.")
    ] = None,
    domain: Annotated[
        str | None, typer.Option("--domain", help="Draw a problem: sub, add, frac, … (`tutorkit misconceptions list`).")
    ] = None,
    learner: Annotated[str, typer.Option("--learner", help="Whose conversation it is, by a pseudonym.")] = "me",
    model: Annotated[
        str, typer.Option("--model", help="Who words what is said: rules (no key), local/MODEL, provider/model.")
    ] = "rules",
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
    assessment: Annotated[bool, typer.Option("--assessment", help="A test: no solution is shown.")] = False,
    resume: Annotated[str | None, typer.Option("--resume", help="Go on with a conversation, by its id.")] = None,
    say: Annotated[str | None, typer.Option("--say", help="Say this, print the reply, and end: for programs.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the conversations.")] = False,
    json: options.AsJson = False,
) -> None:
    """Be tutored on a problem: the tutor guides and does not tell. Nothing is lost when it is interrupted."""
    with Lab() as lab:
        if listed:
            _show_sessions(lab.sessions(), json=json)
            return
        opened = (
            Tutor.resume(resume, lab=lab)
            if resume
            else Tutor.open(
                lab.problem_for(problem, domain=domain),
                learner,
                lab=lab,
                model=model,
                language=language,
                assessment=assessment,
            )
        )
        with opened as session:
            if say is not None:
                _one_turn(session, say, json=json)
            else:
                _converse(session)


def _one_turn(session: Tutor, said: str, *, json: bool) -> None:
    session.catch_up()
    reply = session.reply(said)
    if json:
        as_json({"session": session.id, "reply": reply.text, "move": reply.move, "closed": reply.closed})
        return
    _show_reply(reply)
    text(f"Go on with: tutorkit tutor --resume {session.id}")


def _converse(session: Tutor) -> None:
    for turn in session.turns:
        text(turn.text if turn.role == "tutor" else f"> {turn.text}", bold=turn.role == "tutor")
    text(_HOW)
    if owed := session.catch_up():
        _show_reply(owed)
    try:
        while not session.is_closed:
            said = out.input("> ", markup=False).strip()
            with out.status("…"):
                reply = session.reply(said or "Can you give me a hint?")
            _show_reply(reply)
    except (EOFError, KeyboardInterrupt):
        text(f"\nKept. Go on with: tutorkit tutor --resume {session.id}")


def _show_reply(reply: TutorReply) -> None:
    text(reply.text or "Your teacher has joined and will write to you.", bold=True)


def _show_sessions(lines: list[SessionLine], *, json: bool) -> None:
    if json:
        as_json([line.model_dump(mode="json") for line in lines])
        return
    rows = [[line.id, line.learner, line.problem, str(line.turns), line.state] for line in lines]
    table("Conversations", ["id", "learner", "problem", "turns", "state"], rows)
    if not rows:
        text('There are none yet. Begin one with: tutorkit tutor "52 - 18"')
