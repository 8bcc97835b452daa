"""A pack in a form that other programs take: a prompt, a DSPy program, an Inspect solver."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from pydantic import JsonValue

from tutorkit.errors import BadSetting, PackError
from tutorkit.packs.pack import refuse_program
from tutorkit.packs.prompt import render_prompt
from tutorkit.prompting import PromptLibrary
from tutorkit.students.model import PROMPT_ID, prompt_inputs, with_demos
from tutorkit.students.tags import without_tags
from tutorkit.types import Lesson, Message, Pack, Question

PackForm = Literal["prompt", "messages", "dspy", "inspect"]
FORMS: Final[tuple[PackForm, ...]] = get_args(PackForm)
"""``prompt`` is a text; ``messages`` the turns before a question, as chat models take them, in JSON."""

_PROGRAMS: Final[Mapping[PackForm, str]] = MappingProxyType({"dspy": "dspy_program.py", "inspect": "inspect_solver.py"})
_LESSONS: Final = "taught.json"
_QUESTION: Final = "?"


def export_pack(pack: Pack, lessons: Sequence[Lesson], *, form: str, folder: Path) -> tuple[Path, ...]:
    """Write a pack in another form, and return the files.

    Args:
        pack: what is exported.
        lessons: those of its lessons that a student may be given.
        form: one of ``FORMS``.
        folder: where to; made when it is not there. Files of the same names are replaced.

    Raises:
        BadSetting: for another form, or a pack that holds an optimiser's whole prompt.
        PackError: when nothing can be written there.
    """
    refuse_program(pack.name, lessons, to="exported")
    written = {name: content.encode() for name, content in _files(pack, lessons, form).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in written.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise PackError(
            f"The pack cannot be exported to {folder}: {error.strerror}.",
            remedy="Give a folder that you may write to.",
            data={"folder": str(folder)},
        ) from error
    return tuple(folder / name for name in written)


def _files(pack: Pack, lessons: Sequence[Lesson], form: str) -> dict[str, str]:
    match form:
        case "prompt":
            return {"prompt.md": render_prompt(pack.instruction, lessons)}
        case "messages":
            return {"messages.json": _json(_messages(pack, lessons))}
        case "dspy":
            return {_PROGRAMS["dspy"]: _program("dspy"), _LESSONS: _json(_for_dspy(pack, lessons))}
        case "inspect":
            taught: dict[str, JsonValue] = {"messages": _messages(pack, lessons)}
            return {_PROGRAMS["inspect"]: _program("inspect"), _LESSONS: _json(taught)}
        case unknown:
            raise BadSetting(f"A pack has no form {unknown!r}.", remedy=f"Use one of {', '.join(FORMS)}.")


def _messages(pack: Pack, lessons: Sequence[Lesson]) -> list[JsonValue]:
    """Return what stands before a question when the taught student is asked it, word for word."""
    *before, _ = with_demos(_rendered(pack, lessons), lessons)
    return [message.model_dump() for message in before]


def _rendered(pack: Pack, lessons: Sequence[Lesson]) -> Sequence[Message]:
    inputs = prompt_inputs(
        Question(id="", text=_QUESTION),
        lessons,
        description=str(pack.provenance.get("task_description", "")),
        answer_format=str(pack.provenance.get("answer_format", "")),
    )
    return PromptLibrary().get(PROMPT_ID).render(inputs).messages


def _for_dspy(pack: Pack, lessons: Sequence[Lesson]) -> dict[str, JsonValue]:
    """Return a signature's instructions, and demos with the fields of a chain of thought."""
    *before, _ = _rendered(pack, lessons)
    demos: list[JsonValue] = [
        {
            "question": str(lesson.data.get("problem", "")),
            "reasoning": without_tags(str(lesson.data.get("solution", ""))),
            "answer": str(lesson.data.get("answer", "")),
        }
        for lesson in lessons
        if lesson.kind == "demo"
    ]
    return {"instructions": "\n\n".join(message.content for message in before), "demos": demos}


def _program(form: PackForm) -> str:
    return files("tutorkit.packs.programs").joinpath(f"{_PROGRAMS[form]}.txt").read_text(encoding="utf-8")


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
