"""A person, or any chat window, as teacher: each request is a file, and the reply is a file put beside it.

No key is needed, and there is no hurry: a run that waits for replies ends, and the same command goes on once they are
there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from tutorkit.canonical import digest
from tutorkit.errors import ReplyPending, UnusableOutput
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary, Rendered
from tutorkit.teachers.records import own_call

_REPLY_SUFFIXES = (".reply.json", ".reply.md", ".reply.txt")


class ReadReply(Protocol):
    """Reads a reply's text as a value of a schema."""

    def __call__(self, text: str, schema: type[SchemaT]) -> SchemaT:
        """Return the value.

        Raises:
            UnusableOutput: saying what does not fit.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class InboxTeacher:
    """Writes requests into ``folder`` and reads the replies from there."""

    folder: Path
    prompts: PromptLibrary
    read: ReadReply
    diagnoses_as: Literal["rule", "llm", "human"] = "human"

    @property
    def ref(self) -> str:
        """``inbox/DIR``, with the folder as it was given."""
        return f"inbox/{self.folder}"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Return the reply to a request if it is there, else put the request there.

        Raises:
            ReplyPending: when there is no reply, or none that fits; a note beside it then says what does not.
        """
        prompt = self.prompts.get(ask.prompt_id).render(ask.inputs)
        schema = ask.schema.model_json_schema()
        key = digest([prompt.digest, [message.content for message in prompt.messages], schema, ask.sample])
        name = f"{ask.purpose}-{key[:12]}"
        text = self._reply(name)
        if text is None:
            self._put_request(name, ask, prompt, schema)
            raise self._pending(name, f"The request {name}.request.md in {self.folder} waits for a reply.")
        value = self._read(name, text, ask.schema)
        return Reply(value=value, calls=(own_call(ask, text, ref=self.ref, prompts=self.prompts),))

    def _reply(self, name: str) -> str | None:
        for suffix in _REPLY_SUFFIXES:
            path = self.folder / f"{name}{suffix}"
            if path.is_file() and (text := path.read_text(encoding="utf-8").strip()):
                return text
        return None

    def _read(self, name: str, text: str, schema: type[SchemaT]) -> SchemaT:
        note = self.folder / f"{name}.problem.md"
        try:
            value = self.read(text, schema)
        except UnusableOutput as error:
            note.write_text(f"The reply to {name} does not fit:\n\n{error.message}\n", encoding="utf-8")
            raise self._pending(
                name,
                f"The reply to {name} in {self.folder} does not fit (see {note.name}): {error.message}",
                misfit=True,
            ) from error
        note.unlink(missing_ok=True)
        return value

    def _put_request(self, name: str, ask: Ask[Any], prompt: Rendered, schema: dict[str, Any]) -> None:
        path = self.folder / f"{name}.request.md"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            unfinished.write_text(request_text(name, ask.purpose, prompt, schema), encoding="utf-8")
            unfinished.replace(path)

    def _pending(self, name: str, message: str, *, misfit: bool = False) -> ReplyPending:
        return ReplyPending(
            message,
            remedy=f"Put the replies beside the requests in {self.folder} (each request says how) and run the same "
            "command again: it goes on where it stopped.",
            data={"files": [f"{name}.request.md"], "folder": str(self.folder), "misfit": misfit},
        )


def request_text(name: str, purpose: str, prompt: Rendered, schema: dict[str, Any]) -> str:
    """Write a request as a person reads it, or pastes it into a chat window."""
    parts = [f"# {purpose.replace('_', ' ').capitalize()}", ""]
    for message in prompt.messages:
        parts += [message.content, ""]
    parts += [
        "---",
        "",
        "Reply with one JSON object that fits this schema, and nothing else:",
        "",
        "```json",
        json.dumps(schema, indent=2, ensure_ascii=False),
        "```",
        "",
        f"(Save the reply beside this file as `{name}.reply.json`.)",
        "",
    ]
    return "\n".join(parts)
