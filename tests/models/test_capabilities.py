"""The capability table: against the installed packages, and as the docs show it."""

from __future__ import annotations

import importlib.util
import inspect
import json
from pathlib import Path
from typing import get_args

import pytest

from tutorkit.models import Capabilities, capabilities
from tutorkit.models.capabilities import SAMPLING_OPTIONS, TABLE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "capabilities.md"


@pytest.mark.parametrize(
    ("model", "structure", "sampling", "seed", "limit"),
    [
        ("openai/gpt-4o-mini", "native", True, True, "max_tokens"),
        ("openai/gpt-4o-2024-05-13", "tool", True, True, "max_tokens"),
        ("openai/gpt-4-turbo", "tool", True, True, "max_tokens"),
        ("openai/gpt-4.1-nano", "native", True, True, "max_tokens"),
        ("openai/chatgpt-4o-latest", "fenced", True, True, "max_tokens"),
        ("openai/gpt-4o-search-preview", "native", False, False, "max_tokens"),
        ("openai/gpt-5.6-sol", "native", False, True, "max_completion_tokens"),
        ("openai/gpt-5.2-chat-latest", "native", True, True, "max_completion_tokens"),
        ("openai/o1-mini", "fenced", False, True, "max_completion_tokens"),
        ("openai/ft:o4-mini-2025-04-16:school::1", "native", False, True, "max_completion_tokens"),
        ("openai/ft:gpt-3.5-turbo-0125:school::1", "tool", True, True, "max_tokens"),
        ("openai/SmolLM2@http://127.0.0.1:1/v1", "native", True, True, "max_tokens"),
        ("azure/gpt-35-turbo", "tool", True, True, "max_tokens"),
        ("azure/gpt-5-mini", "native", False, True, "max_completion_tokens"),
        ("azure/our-deployment", "native", True, True, "max_tokens"),
        ("anthropic/claude-3-5-haiku-20241022", "tool", False, False, "max_tokens"),
        ("anthropic/claude-sonnet-4-5", "native", False, False, "max_tokens"),
        ("anthropic/claude-opus-5-5", "native", False, False, "max_tokens"),
        ("bedrock/eu.anthropic.claude-3-5-sonnet-20240620-v1:0", "native", True, False, "max_tokens"),
        ("bedrock/anthropic.claude-opus-4-8", "native", False, False, "max_tokens"),
        ("bedrock/amazon.nova-pro-v1:0", "native", True, False, "max_tokens"),
        ("vertex_ai/claude-sonnet-4-5@20250929", "native", True, False, "max_tokens"),
        ("vertex_ai/claude-haiku-5-5", "native", False, False, "max_tokens"),
        ("vertex_ai/gemini-2.5-pro", "native", True, True, "max_tokens"),
        ("openrouter/anthropic/claude-opus-4.7", "native", False, False, "max_tokens"),
        ("openrouter/meta-llama/llama-3.3-70b-instruct", "fenced", True, True, "max_tokens"),
        ("deepseek/deepseek-chat", "tool", True, True, "max_tokens"),
        ("deepseek/deepseek-v4-pro", "fenced", True, True, "max_tokens"),
        ("groq/openai/gpt-oss-120b", "native", True, True, "max_tokens"),
        ("groq/llama-3.3-70b-versatile", "tool", True, True, "max_tokens"),
        ("mistral/mistral-large-latest", "tool", True, True, "max_tokens"),
        ("ollama/llama3", "native", True, True, "max_tokens"),
        ("hosted_vllm/tiny@http://127.0.0.1:1/v1", "native", True, True, "max_tokens"),
        ("local/smollm2-135m-instruct", "fenced", True, True, "max_tokens"),
        ("transformers/smollm2-135m-instruct", "fenced", True, True, "max_tokens"),
        ("a-new-provider/model", "fenced", True, True, "max_tokens"),
    ],
)
def test_rows(model, structure, sampling, seed, limit):
    assert capabilities(model) == Capabilities(structure=structure, sampling=sampling, seed=seed, output_limit=limit)


def test_anthropics_sdk_has_no_sampling_options_and_no_row_of_its_models_has_any():
    from anthropic.resources.messages import AsyncMessages
    from anthropic.types.model import Model

    parameters = inspect.signature(AsyncMessages.create).parameters
    assert "messages" in parameters and "output_config" in parameters
    assert not SAMPLING_OPTIONS & set(parameters)
    names = [name for part in get_args(Model) for name in get_args(part)]
    assert len(names) > 10
    assert not [name for name in names if capabilities(f"anthropic/{name}").sampling]


def litellms_models() -> dict[str, dict]:
    spec = importlib.util.find_spec("litellm")
    found = json.loads((Path(spec.origin).parent / "model_prices_and_context_window_backup.json").read_text())
    return {name: facts for name, facts in found.items() if facts.get("mode") == "chat"}


def test_the_rows_of_openai_and_anthropic_agree_with_litellms_list():
    known = {
        f"{facts['litellm_provider']}/{name}": facts
        for name, facts in litellms_models().items()
        if facts["litellm_provider"] in ("openai", "anthropic") and not name.startswith("computer-use")
    }
    assert len(known) > 80
    for model, facts in known.items():
        has_schema = facts.get("supports_response_schema")
        assert has_schema is None or has_schema == (capabilities(model).structure == "native"), model
        if facts.get("supports_sampling_params") is False:
            assert not capabilities(model).sampling, model


def test_the_rows_of_hosted_claudes_agree_with_litellms_list():
    hosts = {"bedrock": "bedrock", "bedrock_converse": "bedrock", "vertex_ai-anthropic_models": "vertex_ai"}
    checked = 0
    for name, facts in litellms_models().items():
        host = hosts.get(facts["litellm_provider"])
        # Of the preview litellm says nothing there, and elsewhere that it takes none.
        if host is None or "claude" not in name or "mythos-preview" in name:
            continue
        model = name if name.startswith(f"{host}/") else f"{host}/{name}"
        assert capabilities(model).sampling == (facts.get("supports_sampling_params") is not False), model
        assert not capabilities(model).seed
        checked += 1
    assert checked > 100


def test_every_row_can_be_reached():
    for place, (pattern, row) in enumerate(TABLE):
        model = pattern.replace("*/*", "vertex_ai/").replace("[-.]", "-").replace("[789]", "7")
        for some_digits in ("[5-9]", "[23]", "[01]", "[1-9]"):
            model = model.replace(some_digits, some_digits[1])
        assert capabilities(model.replace("*", "-x" if model.endswith("-*") else "x")) == row, (place, pattern)


def table() -> str:
    """The table as the page shows it."""
    lines = ["| model | structure | sampling options | seed | output limit |", "|---|---|---|---|---|"]
    for pattern, row in (*TABLE, ("any other", Capabilities())):
        shown = pattern if pattern == "any other" else f"`{pattern}`"
        yes_or_no = ["yes" if flag else "no" for flag in (row.sampling, row.seed)]
        lines.append(f"| {shown} | {row.structure} | {' | '.join(yes_or_no)} | `{row.output_limit}` |")
    return "\n".join(lines)


def test_the_page_shows_the_table():
    assert table() in PAGE.read_text(encoding="utf-8"), f"put this into {PAGE.name}:\n{table()}"
