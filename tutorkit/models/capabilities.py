"""What a model can take: the small table that decides how structure is asked for and which options are sent.

Sources: the providers' API references, and the installed SDKs (anthropic 2.12's ``messages.create`` has no sampling
options). A model that no pattern names gets the last row of its provider, or fenced JSON and every option.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from tutorkit.models.names import parse_model

StructureMode = Literal["native", "tool", "fenced"]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model can take.

    ``structure`` is the best way to ask it for JSON of a schema. ``sampling`` tells whether it takes temperature, top_p
    and their like; ``seed`` whether it takes a seed; ``output_limit`` is its own name for the limit on output tokens.
    """

    structure: StructureMode = "fenced"
    sampling: bool = True
    seed: bool = True
    output_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


SAMPLING_OPTIONS = frozenset({"temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "logit_bias"})

_REASONING = Capabilities(structure="native", sampling=False, output_limit="max_completion_tokens")
_ANTHROPIC_TOOL = Capabilities(structure="tool", sampling=False, seed=False)

_TABLE: tuple[tuple[str, Capabilities], ...] = (
    ("openai/gpt-3.5*", Capabilities(structure="tool")),
    ("openai/gpt-4", Capabilities(structure="tool")),
    ("openai/gpt-4-*", Capabilities(structure="tool")),
    ("openai/gpt-5*-chat*", Capabilities(structure="native", output_limit="max_completion_tokens")),
    ("openai/gpt-[5-9]*", _REASONING),
    ("openai/o[1-9]*", _REASONING),
    # Every other OpenAI model, and the usual compatible servers: llama.cpp, vLLM, Ollama, LM Studio, SGLang.
    ("openai/*", Capabilities(structure="native")),
    ("anthropic/claude-[23]*", _ANTHROPIC_TOOL),
    ("anthropic/claude-*-4-[01]*", _ANTHROPIC_TOOL),
    ("anthropic/claude-*-4-20*", _ANTHROPIC_TOOL),
    ("anthropic/*", Capabilities(structure="native", sampling=False, seed=False)),
    ("scripted/native*", Capabilities(structure="native")),
    ("scripted/tool*", Capabilities(structure="tool")),
    ("gemini/*", Capabilities(structure="native")),
    ("mistral/*", Capabilities(structure="tool")),
    ("deepseek/*", Capabilities(structure="tool")),
    ("groq/*", Capabilities(structure="tool")),
    ("together_ai/*", Capabilities(structure="tool")),
)


@lru_cache(maxsize=1024)
def capabilities(model: str) -> Capabilities:
    """Return what a model can take, by the first pattern that its ``provider/name`` fits."""
    ref = parse_model(model)
    bare = f"{ref.provider}/{ref.name}"
    return next((row for pattern, row in _TABLE if fnmatchcase(bare, pattern)), Capabilities())
