"""Prompts are files: load one, check it, render it strictly, know it by its digest.

A prompt file has a YAML head between two lines of ``---`` and two parts, ``[system]`` and ``[user]``, in Jinja syntax.
Whatever text is put into a prompt is data: it is fenced when it is rendered, so that a pupil's answer which reads like
an order stays an answer. Inputs that the head lists as ``trusted`` are put in as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tutorkit.canonical import digest
from tutorkit.errors import PromptInvalid, PromptNotFound
from tutorkit.ports import Ask, CallContext, ChatRequest, SchemaT
from tutorkit.types import Message, Role

_OPEN, _CLOSE = "<data>", "</data>"


class PromptHead(BaseModel):
    """The head of a prompt file: what it is for, what it takes, what must come back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: str
    inputs: tuple[str, ...]
    output: str
    paper: str
    trusted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """A prompt with its inputs filled in."""

    prompt_id: str
    digest: str
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Prompt:
    """One prompt file. ``digest`` changes with any change to the file."""

    prompt_id: str
    head: PromptHead
    system: str
    user: str
    digest: str

    def render(self, inputs: Mapping[str, JsonValue]) -> Rendered:
        """Fill in the inputs.

        Args:
            inputs: exactly the inputs that the head names.

        Raises:
            PromptInvalid: when an input is missing or unexpected, or the template uses a field that an input lacks.
        """
        missing = sorted(set(self.head.inputs) - set(inputs))
        unexpected = sorted(set(inputs) - set(self.head.inputs))
        if missing or unexpected:
            faults = [f"lacks {', '.join(missing)}"] * bool(missing)
            faults += [f"was given {', '.join(unexpected)}, which it does not take"] * bool(unexpected)
            raise PromptInvalid(
                f"The prompt {self.prompt_id} {' and '.join(faults)}.",
                data={"prompt_id": self.prompt_id, "missing": missing, "unexpected": unexpected},
            )
        values = {name: value if name in self.head.trusted else _as_data(value) for name, value in inputs.items()}
        try:
            parts = [(role, _template(text).render(values).strip()) for role, text in self._parts]
        except (TemplateError, TypeError) as error:
            raise PromptInvalid(
                f"The prompt {self.prompt_id} cannot be rendered: {error}.", data={"prompt_id": self.prompt_id}
            ) from error
        messages = [
            Message(role="system" if role == "system" else "user", content=text) for role, text in parts if text
        ]
        return Rendered(self.prompt_id, self.digest, tuple(messages))

    @property
    def _parts(self) -> tuple[tuple[str, str], ...]:
        return ("system", self.system), ("user", self.user)


@dataclass(frozen=True)
class PromptLibrary:
    """All prompt files under some packages; an earlier package hides a later one's prompt of the same id."""

    packages: tuple[str, ...] = ("tutorkit.prompts",)

    def get(self, prompt_id: str) -> Prompt:
        """Load and check one prompt.

        Raises:
            PromptNotFound: when no package holds it.
            PromptInvalid: when the file is not well formed.
        """
        if prompt_id not in self._files:
            raise PromptNotFound(
                f"There is no prompt {prompt_id!r}.",
                remedy=f"There is: {', '.join(self.ids()) or 'none'}.",
                data={"prompt_id": prompt_id, "known": list(self.ids())},
            )
        if prompt_id not in self._parsed:
            self._parsed[prompt_id] = parse_prompt(prompt_id, self._files[prompt_id].read_text(encoding="utf-8"))
        return self._parsed[prompt_id]

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all prompts, sorted."""
        return tuple(sorted(self._files))

    def digests(self, group: str) -> dict[str, str]:
        """Return the digest of every prompt whose id begins with ``group/``."""
        return {name: self.get(name).digest for name in self.ids() if name.startswith(f"{group}/")}

    @cached_property
    def _parsed(self) -> dict[str, Prompt]:
        """The prompts that were asked for so far: a run asks for each one hundreds of times."""
        return {}

    @cached_property
    def _files(self) -> dict[str, Traversable]:
        found: dict[str, Traversable] = {}
        for package in reversed(self.packages):
            for folder in files(package).iterdir():
                if folder.is_dir():
                    names = [entry for entry in folder.iterdir() if entry.name.endswith(".md")]
                    found.update({f"{folder.name}/{entry.name.removesuffix('.md')}": entry for entry in names})
        return found


def parse_prompt(prompt_id: str, text: str) -> Prompt:
    """Read a prompt file's text.

    Raises:
        PromptInvalid: saying what is wrong with the file.
    """

    def invalid(what: str) -> PromptInvalid:
        return PromptInvalid(
            f"The prompt file {prompt_id}.md {what}.",
            remedy="A prompt file is a YAML head between two lines of ---, then [system] and [user].",
            data={"prompt_id": prompt_id},
        )

    text = text.replace("\r\n", "\n")
    head_text, separator, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not separator:
        raise invalid("has no head")
    before, system_mark, rest = f"\n{body}".partition("\n[system]\n")
    system, user_mark, user = rest.partition("\n[user]\n")
    if before.strip() or not system_mark or not user_mark:
        raise invalid("must hold [system] and then [user], each on a line of its own")
    try:
        head = PromptHead.model_validate(yaml.safe_load(head_text))
    except (yaml.YAMLError, ValidationError) as error:
        raise invalid(f"has a head that does not fit: {error}") from error
    _check_variables(head, (system, user), invalid=invalid)
    return Prompt(prompt_id, head, system, user, digest(text))


@dataclass(frozen=True)
class _Data:
    """Text that must not be taken for an instruction; however a template puts it out, it comes out fenced."""

    _text: str

    def __str__(self) -> str:
        inner = self._text.replace(_OPEN, "<data_>").replace(_CLOSE, "</data_>")
        return f"{_OPEN}\n{inner}\n{_CLOSE}" if "\n" in inner else f"{_OPEN}{inner}{_CLOSE}"

    def __bool__(self) -> bool:
        return bool(self._text)


def _as_data(value: JsonValue) -> object:
    if isinstance(value, str):
        return _Data(value)
    if isinstance(value, Mapping):
        return {key: _as_data(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_as_data(inner) for inner in value]
    return value


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    # A filter could reach into the text behind the fence: only counting is left.
    environment.filters = {"length": len}
    return environment


_ENVIRONMENT = _environment()


@cache
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def _check_variables(head: PromptHead, texts: tuple[str, ...], *, invalid: Callable[[str], PromptInvalid]) -> None:
    if strangers := sorted(set(head.trusted) - set(head.inputs)):
        raise invalid(f"trusts {', '.join(strangers)}, which it does not take")
    used: set[str] = set()
    for text in texts:
        try:
            used |= meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
        except TemplateSyntaxError as error:
            raise invalid(f"has a fault in its template: {error}") from error
    if undeclared := sorted(used - set(head.inputs)):
        raise invalid(f"uses {', '.join(undeclared)}, which its head does not name")


def request_of(
    ask: Ask[SchemaT], prompts: PromptLibrary, *, model: str, options: Mapping[str, JsonValue]
) -> tuple[ChatRequest, CallContext]:
    """Return the request by which a model is asked for what an ask wants, and what it is for.

    Raises:
        PromptNotFound: when there is no such prompt.
        PromptInvalid: when the inputs are not the prompt's.
    """
    prompt = prompts.get(ask.prompt_id).render(ask.inputs)
    request = ChatRequest(model=model, messages=prompt.messages, options=options, sample=ask.sample)
    context = CallContext(
        role=ask.role,
        purpose=ask.purpose,
        prompt_id=prompt.prompt_id,
        prompt_digest=prompt.digest,
        about=ask.about,
    )
    return request, context


def request_as_it_is(
    messages: Sequence[Message],
    *,
    model: str,
    options: Mapping[str, JsonValue],
    role: Role,
    purpose: str,
    about: tuple[str, ...] = (),
    sample: int = 0,
) -> tuple[ChatRequest, CallContext]:
    """Return the request for messages that somebody else's program wrote, and what it is for."""
    request = ChatRequest(model=model, messages=tuple(messages), options=options, sample=sample)
    said = digest([message.model_dump() for message in messages])
    context = CallContext(role=role, purpose=purpose, prompt_id=f"program/{purpose}", prompt_digest=said, about=about)
    return request, context
