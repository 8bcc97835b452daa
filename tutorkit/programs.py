"""A prompt program: whole messages with a place for the question, in which a student is asked instead of in our prompt.

An optimiser of another project leaves its prompt in its own form. Rewritten into ours it would be another prompt, and
what it gains could not be measured. So a lesson carries it as it is, and the reply is read in its form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tutorkit.types import Lesson, Message

DATA = "program"
"""Under this name a lesson's data hold its program."""

SLOT = "<<the question>>"
"""Stands in the last message where the question goes."""

_HEADER = re.compile(r"\[\[ ## (\w+) ## \]\]")


@dataclass(frozen=True)
class Program:
    """Messages of which the last one holds ``SLOT``."""

    messages: tuple[Message, ...]

    def asking(self, question: str) -> tuple[Message, ...]:
        """Return the messages in which this question is asked."""
        *before, last = self.messages
        return (*before, last.model_copy(update={"content": last.content.replace(SLOT, question)}))

    def as_data(self) -> list[JsonValue]:
        """Return it as a lesson's data hold it."""
        return [message.model_dump(mode="json") for message in self.messages]


def program_of(lessons: Sequence[Lesson]) -> Program | None:
    """Return the program of the last lesson that carries one; None where none does."""
    for lesson in reversed(lessons):
        messages = lesson.data.get(DATA)
        if isinstance(messages, list):
            return Program(tuple(Message.model_validate(message) for message in messages))
    return None


def read_program_answer(reply: str) -> str | None:
    """Return the answer of a reply in DSPy's form, as our scorers read it: what stands under its first answer header.

    None where there is no ``[[ ## answer ## ]]``: then the reply is to be graded as a whole.
    """
    found: list[str] | None = None
    for line in reply.splitlines():
        header = _HEADER.match(line.strip())
        if header is None:
            if found is not None:
                found.append(line)
        elif found is not None:
            break
        elif header[1] == "answer":
            found = [line.strip()[header.end() :]]
    return None if found is None else as_answer("\n".join(found))


def as_answer(text: str) -> str:
    """Return the text of an answer field as our scorers read it: with the word before it, once."""
    answer = text.strip()
    return answer if "answer:" in answer.lower() else f"Answer: {answer}"
