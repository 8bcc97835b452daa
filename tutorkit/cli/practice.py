"""``practice``: questions that adapt to one learner, in the terminal."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.knowledge import show_known
from tutorkit.cli.show import as_json, out, text
from tutorkit.errors import DataError
from tutorkit.lab import Feedback, Lab, Practice, PracticeQuestion

_HOW = "`?` gives a hint, an empty line says that you do not know, `bye` or Ctrl-D ends."
_WHY = {"review": "a review", "practice": "practice", "easier": "something easier"}
_ENDS = ("bye", "quit", "exit")
_ENDED = {
    "items": "These were all questions of this session.",
    "minutes": "The time is up.",
    "mastered": "Everything here is mastered, and nothing is due.",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(practice)


def practice(
    learner: Annotated[str, typer.Option("--learner", help="Who practises, by a pseudonym.")] = "me",
    domain: Annotated[
        str | None, typer.Option("--domain", help="What is practised: sub, add, frac, …; that of the open session.")
    ] = None,
    items: Annotated[int | None, typer.Option("--items", min=1, help="How many questions; 10 by default.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.1, help="The most minutes of answering.")] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", help="Answer the open question, show the next, and end: for programs.")
    ] = None,
    json: options.AsJson = False,
) -> None:
    """Practise: reviews that are due, and what is worth most; no key. Nothing is lost when it is interrupted."""
    with Lab() as lab, Practice.open(learner, domain=domain, items=items, minutes=minutes, lab=lab) as session:
        if json or answer is not None:
            _one_step(session, answer, json=json)
        else:
            _practise(session)


def _one_step(session: Practice, answer: str | None, *, json: bool) -> None:
    question = session.question()
    feedback = None
    if answer is not None and question is not None:
        feedback = session.answer(answer)
        question = session.question()
    if json:
        known = [line.model_dump(mode="json") for line in session.known()]
        as_json({"feedback": feedback, "question": question, "ended": session.why_ended, "known": known})
        return
    if feedback is not None:
        _show_feedback(feedback)
    if question is None:
        _show_end(session)
    else:
        _show_question(question)


def _practise(session: Practice) -> None:
    if session.answered:
        text(f"Going on after {session.answered} questions.")
    text(_HOW)
    try:
        while (question := session.question()) is not None:
            _show_question(question)
            if not _answered(session):
                text("Kept. The same command goes on from here.")
                break
    except (EOFError, KeyboardInterrupt):
        text("\nKept. The same command goes on from here.")
    _show_end(session)


def _answered(session: Practice) -> bool:
    """Take lines until one is an answer, and say what it is worth; False when the learner wants to stop."""
    began = time.monotonic()
    while True:
        said = out.input("> ", markup=False).strip()
        if said.lower() in _ENDS:
            return False
        if said in ("?", "hint"):
            text(session.hint().text)
            continue
        try:
            _show_feedback(session.answer(said, seconds=time.monotonic() - began))
        except DataError as error:
            text(f"{error.message} {error.remedy}")
            continue
        return True


def _show_question(question: PracticeQuestion) -> None:
    text(f"\n{question.number} of {question.of} · {_WHY[question.why]}")
    text(question.text, bold=True)


def _show_feedback(feedback: Feedback) -> None:
    text(feedback.text)
    for step in feedback.steps:
        text(f"  {step}")
    if feedback.principle:
        text(feedback.principle)


def _show_end(session: Practice) -> None:
    if session.why_ended:
        text(f"\n{_ENDED[session.why_ended]}")
    show_known(session.known())
