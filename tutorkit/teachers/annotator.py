"""Any deterministic tool as teacher: it says which properties an item has, and nothing else.

The pattern of TSMMG (BMC Biology 2025), whose teachers are tools and small models that annotate molecules. The tools
here annotate words; ``annotator/words`` and ``annotator/words-recounted`` tell the same properties in two ways, so that
data which one labelled can be checked by the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from pydantic import JsonValue

from tutorkit.errors import UnknownName
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks.strings import condition
from tutorkit.teachers.records import own_call

PREFIX = "annotator/"
PURPOSE = "annotate"

_WORD = re.compile(r"[a-z]{1,100}")


class Tool(Protocol):
    """Tells one property of an item. The same version tells the same of the same item, always."""

    @property
    def name(self) -> str:
        """The tool's name."""
        ...

    @property
    def version(self) -> str:
        """The tool's version: it moves when a value may change."""
        ...

    @property
    def tells(self) -> str:
        """The property's name."""
        ...

    def measure(self, item: str) -> str | None:
        """Return the property's value; None for an item that this tool cannot measure."""
        ...

    def says(self, value: str) -> str:
        """Say that something has this value, as what follows "something that"."""
        ...


@dataclass(frozen=True, kw_only=True)
class WordTool:
    """Tells one property of a word of small letters."""

    name: str
    tells: str
    function: Callable[[str], str]
    version: str = "1"

    def measure(self, item: str) -> str | None:
        """Measure a word; anything else has no value."""
        return self.function(item) if _WORD.fullmatch(item) else None

    def says(self, value: str) -> str:
        """Say it as the task ``strings`` does."""
        return condition(self.tells, value)


def _recounted(word: str, letters: str) -> str:
    return str(sum(1 for letter in word if letter in letters))


TOOLS: Mapping[str, tuple[Tool, ...]] = MappingProxyType(
    {
        "words": (
            WordTool(name="len", tells="length", function=lambda word: str(len(word))),
            WordTool(name="slice", tells="first", function=lambda word: word[0]),
            WordTool(name="slice", tells="last", function=lambda word: word[-1]),
            WordTool(name="regex", tells="vowels", function=lambda word: str(len(re.findall("[aeiou]", word)))),
        ),
        "words-recounted": (
            WordTool(name="walk", tells="length", function=lambda w: _recounted(w, "abcdefghijklmnopqrstuvwxyz")),
            WordTool(name="walk", tells="first", function=lambda w: next(iter(w))),
            WordTool(name="walk", tells="last", function=lambda w: next(iter(reversed(w)))),
            WordTool(name="walk", tells="vowels", function=lambda w: _recounted(w, "aeiou")),
        ),
    }
)
"""The tools by the name of their set."""


def told_by(item: str, tools: tuple[Tool, ...], *, wanted: frozenset[str]) -> list[JsonValue]:
    """Return what the tools say of an item: property, value, the value in words, tool and its version.

    Args:
        item: what is annotated.
        tools: who annotates.
        wanted: the properties to tell; the others are left out.
    """
    measured = [(tool, tool.measure(item)) for tool in tools if tool.tells in wanted]
    return [
        {"property": tool.tells, "value": value, "says": tool.says(value), "tool": tool.name, "version": tool.version}
        for tool, value in measured
        if value is not None
    ]


@dataclass(frozen=True, kw_only=True)
class AnnotatorTeacher:
    """A set of tools that stands in the place of a teacher, without a model and without cost."""

    ref: str
    tools: tuple[Tool, ...]
    prompts: PromptLibrary
    diagnoses_as: Literal["rule", "llm", "human"] = "rule"

    def annotate(self, item: str) -> dict[str, str]:
        """Return the properties of an item with their values; none for an item that no tool can measure."""
        measured = {tool.tells: tool.measure(item) for tool in self.tools}
        return {name: value for name, value in measured.items() if value is not None}

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Annotate the item of the inputs.

        Raises:
            UnknownName: when something else is asked for than to annotate.
        """
        if ask.purpose != PURPOSE:
            raise UnknownName(f"purpose of {self.ref}", ask.purpose, (PURPOSE,))
        wanted = ask.inputs["properties"]
        names = frozenset(str(name) for name in wanted) if isinstance(wanted, list) else frozenset[str]()
        said = told_by(str(ask.inputs["item"]), self.tools, wanted=names)
        value = ask.schema.model_validate({"annotations": said})
        return Reply(value=value, calls=(own_call(ask, value, ref=self.ref, prompts=self.prompts),))


def build_annotator(ref: str, *, prompts: PromptLibrary) -> AnnotatorTeacher:
    """Build the annotator of a name: ``annotator/words``.

    Raises:
        UnknownName: when there is no such set of tools.
    """
    name = ref.removeprefix(PREFIX)
    if name not in TOOLS:
        raise UnknownName("set of annotating tools", name, tuple(TOOLS))
    return AnnotatorTeacher(ref=PREFIX + name, tools=TOOLS[name], prompts=prompts)
