"""Every format that fine-tuning data can be written in and checked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from tutorkit.errors import UnknownName
from tutorkit.exports import row_faults, shapes
from tutorkit.exports.row_faults import Example
from tutorkit.store import ROW_KINDS, AnyRow, CallFacts, RowKind
from tutorkit.types import PreferencePair, RLExample, SFTExample

Json = dict[str, JsonValue]

OPENAI_FILE_BYTES: Final = 512 * 2**20
OPENAI_EXAMPLE_TOKENS: Final = 65_536
"""Tokens of one example with which the GPT-4.1 and GPT-4o models train; what is longer is cut, not refused."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A row with what stands beside it in the store."""

    kind: RowKind
    row: AnyRow
    gold: str | None
    calls: Mapping[str, CallFacts]


@dataclass(frozen=True, kw_only=True)
class Format:
    """What one target takes.

    ``shape`` makes an example of a row, ``faults`` yields what the target would refuse in one. ``form`` says of what
    form an example is, where all of a file must be of one. ``outputs`` names the better and the worse output.
    ``at_least`` and ``max_bytes`` are the target's limits for a file, ``max_tokens`` its limit for an example.
    ``fields`` describes the columns. ``lineage`` tells whether where a row came from stands in a file beside, since the
    target takes no more columns.
    """

    name: str
    reader: str
    kinds: tuple[RowKind, ...]
    shape: Callable[[Source], Json]
    faults: Callable[[Example], Iterator[str]]
    fields: Mapping[str, str]
    suffix: str = ".jsonl"
    form: Callable[[Example], str] | None = None
    outputs: tuple[str, str] | None = None
    at_least: int = 1
    max_bytes: int | None = None
    max_tokens: int | None = None
    lineage: bool = True
    notes: tuple[str, ...] = field(default=())


def _sft(make: Callable[[SFTExample], Json]) -> Callable[[Source], Json]:
    return lambda source: make(source.row) if isinstance(source.row, SFTExample) else {}


def _pair(make: Callable[[PreferencePair], Json]) -> Callable[[Source], Json]:
    return lambda source: make(source.row) if isinstance(source.row, PreferencePair) else {}


def _rl(source: Source) -> Json:
    return shapes.rl(source.row, source.gold) if isinstance(source.row, RLExample) else {}


def _whole(source: Source) -> Json:
    return shapes.whole(source.kind, source.row, source.calls)


def _kind_of(example: Example) -> str:
    return f"rows of the kind {example.get('kind')}"


_OWN_FIELDS: Final = MappingProxyType(
    {
        "kind": "`sft`, `preference` or `rl`; one of them in a file",
        "messages; or prompt, chosen, rejected": "the texts, without tags, and what else the kind has",
        "problem_id, split": "the problem that the row is about, and its split",
        "student, lesson_ids, source_attempt_ids, round": "whom the row was made for, from what, and when in the run",
        "calls": "the calls behind the row: role, prompt with digest, model asked for and model served",
        "audit, flags": "what a person decided, and what a reader must know",
        "data": "what the method kept besides",
    }
)
_OPENAI_NOTES: Final = (
    "The format is read by OpenAI, Azure, Together, Fireworks and others. Azure wants a byte order mark before the "
    "first line, which the others refuse: add it for Azure.",
)
_EVERY_FORMAT: Final = (
    Format(
        name="openai-sft",
        reader="supervised fine-tuning at OpenAI and services that take its format",
        kinds=("sft",),
        shape=_sft(shapes.openai_sft),
        faults=row_faults.openai_sft_faults,
        fields={"messages": "the conversation; only the assistant's last message has `weight` 1 and is learnt"},
        at_least=10,
        max_bytes=OPENAI_FILE_BYTES,
        max_tokens=OPENAI_EXAMPLE_TOKENS,
        notes=_OPENAI_NOTES,
    ),
    Format(
        name="openai-dpo",
        reader="direct preference optimization at OpenAI and services that take its format",
        kinds=("preference",),
        shape=_pair(shapes.openai_dpo),
        faults=row_faults.openai_dpo_faults,
        fields={
            "input": "what was asked",
            "preferred_output": "the better output",
            "non_preferred_output": "the worse output",
        },
        outputs=("preferred_output", "non_preferred_output"),
        at_least=10,
        max_bytes=OPENAI_FILE_BYTES,
        max_tokens=OPENAI_EXAMPLE_TOKENS,
        notes=_OPENAI_NOTES,
    ),
    Format(
        name="trl-sft",
        reader="TRL's SFTTrainer",
        kinds=("sft",),
        shape=_sft(shapes.trl_sft),
        faults=row_faults.trl_sft_faults,
        fields={"prompt": "the conversation before the answer", "completion": "the answer, which is learnt"},
        form=row_faults.texts_or_chats,
    ),
    Format(
        name="trl-dpo",
        reader="TRL's DPOTrainer",
        kinds=("preference",),
        shape=_pair(shapes.trl_dpo),
        faults=row_faults.trl_dpo_faults,
        fields={"prompt": "what was asked", "chosen": "the better output", "rejected": "the worse output"},
        form=row_faults.texts_or_chats,
        outputs=("chosen", "rejected"),
    ),
    Format(
        name="rl",
        reader="TRL's GRPOTrainer, which gives every column but the prompt to the reward function",
        kinds=("rl",),
        shape=_rl,
        faults=row_faults.rl_faults,
        fields={
            "prompt": "what is asked; steps done before stand at its end as the assistant's words",
            "answer": "the problem's gold answer, for the reward alone; null where there is none",
            "problem_id": "the problem",
            "reward_spec": "how what comes is rewarded",
            "prefix_steps": "the steps done before",
            "reference_step": "the teacher's next step, where there is one",
            "bad_step": "the student's own wrong step, where there is one",
            "hard": "whether the student failed here",
        },
        form=row_faults.texts_or_chats,
    ),
    Format(
        name="jsonl",
        reader="tutorkit and your own programs",
        kinds=tuple(ROW_KINDS),
        shape=_whole,
        faults=row_faults.whole_faults,
        fields=_OWN_FIELDS,
        form=_kind_of,
        lineage=False,
    ),
    Format(
        name="parquet",
        reader="tutorkit, pandas, `datasets` and your own programs",
        kinds=tuple(ROW_KINDS),
        shape=_whole,
        faults=row_faults.whole_faults,
        fields={**_OWN_FIELDS, "data": "what the method kept besides, as JSON text"},
        suffix=".parquet",
        form=_kind_of,
        lineage=False,
    ),
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({one.name: one for one in _EVERY_FORMAT})


def find_format(name: str) -> Format:
    """Return a format by its name.

    Raises:
        UnknownName: when there is none of that name.
    """
    if name not in FORMATS:
        raise UnknownName("export format", name, list(FORMATS))
    return FORMATS[name]
