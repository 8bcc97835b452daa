"""What a model can take: the table that decides how structure is asked for and which options are sent.

Sources, read in November 2026: the providers' API references and the installed packages. OpenAI's chat models: the
list of openai 2.54 and its ``chat.completions.create``; no schema before ``gpt-4o-2024-08-06``, no sampling options for
models that reason. Anthropic: API version 2026-10-21, and with it ``messages.create`` of anthropic 2.12, has no
sampling options for any model, and models from Claude 4.7 on refuse them in every version; schemas from Claude 4.5 on.
All others: what litellm 1.106 hands on; it makes a tool call of a schema where the model has nothing better.

A server that refuses a schema all the same is asked in words (``structured``). An option that it refuses is an error:
leaving it out would be another experiment. ``docs/capabilities.md`` shows the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from tutorkit.models.names import parse_model

_WILD = re.compile(r"[*?\[]")

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

_WORDS = Capabilities()
_TOOL = Capabilities(structure="tool")
_NATIVE = Capabilities(structure="native")
_REASONING = Capabilities(structure="native", sampling=False, output_limit="max_completion_tokens")
_CLAUDE = Capabilities(structure="native", sampling=False, seed=False)
_CLAUDE_TOOL = replace(_CLAUDE, structure="tool")
_HOSTED_CLAUDE = replace(_CLAUDE, sampling=True)

_OPENAI: tuple[tuple[str, Capabilities], ...] = (
    ("gpt-3.5*", _TOOL),
    ("gpt-4", _TOOL),
    ("gpt-4-*", _TOOL),
    ("gpt-4o-2024-05-13*", _TOOL),
    ("gpt-4o*-audio*", _TOOL),
    ("gpt-audio*", _TOOL),
    ("chatgpt-4o*", _WORDS),
    ("gpt-4o*-search*", replace(_NATIVE, sampling=False, seed=False)),
    ("gpt-5*-chat*", replace(_NATIVE, output_limit="max_completion_tokens")),
    ("chat-latest", replace(_NATIVE, output_limit="max_completion_tokens")),
    ("gpt-[5-9]*", _REASONING),
    ("o1-mini*", replace(_REASONING, structure="fenced")),
    ("o1-preview*", replace(_REASONING, structure="fenced")),
    ("o[1-9]*", _REASONING),
)

TABLE: tuple[tuple[str, Capabilities], ...] = (
    *((f"openai/{name}", row) for name, row in _OPENAI),
    # Every other OpenAI model, and the usual compatible servers: llama.cpp, vLLM, Ollama, LM Studio, SGLang.
    ("openai/*", _NATIVE),
    ("anthropic/claude-[23]*", _CLAUDE_TOOL),
    ("anthropic/claude-*-4-[01]*", _CLAUDE_TOOL),
    ("anthropic/claude-*-4-20*", _CLAUDE_TOOL),
    ("anthropic/*", _CLAUDE),
    ("local/*", _WORDS),
    ("transformers/*", _WORDS),
    ("scripted/native*", _NATIVE),
    ("scripted/tool*", _TOOL),
    # A deployment on Azure has any name; one that keeps its model's name has its model's row.
    ("azure/gpt-35*", _TOOL),
    *((f"azure/{name}", row) for name, row in _OPENAI),
    ("azure/*", _NATIVE),
    *((f"*/*claude-{name}*", _CLAUDE) for name in ("*-4[-.][789]", "opus-[5-9]", "sonnet-[5-9]", "haiku-[5-9]")),
    *((f"*/*claude-{name}*", _CLAUDE) for name in ("fable", "mythos")),
    ("bedrock/*claude*", _HOSTED_CLAUDE),
    ("bedrock/*", replace(_NATIVE, seed=False)),
    ("vertex_ai/*claude*", _HOSTED_CLAUDE),
    ("vertex_ai/gemini*", _NATIVE),
    ("gemini/*", _NATIVE),
    ("mistral/*", _TOOL),
    ("deepseek/deepseek-chat*", _TOOL),
    # The models that think refuse a forced tool call, and schemas are not to be had.
    ("deepseek/*", _WORDS),
    ("groq/openai/gpt-oss*", _NATIVE),
    ("groq/*", _TOOL),
    ("together_ai/*", _TOOL),
    ("xai/*", _NATIVE),
    ("fireworks_ai/*", _NATIVE),
    ("cohere/*", _WORDS),
    ("cohere_chat/*", _WORDS),
    ("ollama/*", _NATIVE),
    ("ollama_chat/*", _NATIVE),
    ("hosted_vllm/*", _NATIVE),
    ("lm_studio/*", _NATIVE),
    ("llamafile/*", _NATIVE),
    # OpenRouter leaves out what a model does not take, and does not say so.
    ("openrouter/openai/*", _NATIVE),
    ("openrouter/google/*", _NATIVE),
    ("openrouter/anthropic/*", _HOSTED_CLAUDE),
    ("openrouter/x-ai/*", _NATIVE),
)
"""Patterns of ``provider/name``; the first that fits counts. What none fits gets fenced JSON and every option."""


@lru_cache(maxsize=1024)
def capabilities(model: str) -> Capabilities:
    """Return what a model can take, by the first pattern that its ``provider/name`` fits.

    A model that was fine-tuned at OpenAI can take what its base model can.
    """
    ref = parse_model(model)
    bare = f"{ref.provider}/{ref.name.removeprefix('ft:')}"
    return next((row for pattern, row in TABLE if _fits(bare, pattern)), _WORDS)


def _fits(name: str, pattern: str) -> bool:
    """Match a pattern, by its plain beginning first: each comparison beyond that compiles a regular expression."""
    return name.startswith(_WILD.split(pattern, maxsplit=1)[0]) and fnmatchcase(name, pattern)
