"""The small tables, and how a model's name is read."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from tutorkit.errors import BadSetting
from tutorkit.models import ModelRef, Price, Prices, capabilities, is_loopback, parse_model
from tutorkit.models.prices import FREE


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("openai/gpt-4o", ("openai", "gpt-4o", None)),
        ("openai/org/Model-7B@http://127.0.0.1:8080/v1", ("openai", "org/Model-7B", "http://127.0.0.1:8080/v1")),
        ("vertex_ai/claude-3-5-sonnet@20240620", ("vertex_ai", "claude-3-5-sonnet@20240620", None)),
        ("openrouter/meta/llama:free", ("openrouter", "meta/llama:free", None)),
        ("openai/a@b@https://h/v1", ("openai", "a@b", "https://h/v1")),
    ],
)
def test_names(model, parts):
    assert parse_model(model) == ModelRef(provider=parts[0], name=parts[1], base_url=parts[2])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/v1", "http://localhost", "http://[::1]:8080/v1", "http://127.9.9.9/"]
)
def test_loopback(url):
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://192.168.0.2/v1", "https://localhost.evil.com", "https://127.0.0.1.evil.com", ""]
)
def test_not_loopback(url):
    assert not is_loopback(url)


def test_prices_are_known_unknown_or_nothing():
    prices = Prices()
    assert prices.cost("openai/gpt-4o", tokens_in=1_000_000, tokens_out=100_000) == pytest.approx(3.5)
    assert prices.of("openai/gpt-4o-2024-08-06") == prices.of("openai/gpt-4o")
    assert prices.of("anthropic/claude-haiku-4-5-20251001") == Price(1.0, 5.0)
    assert prices.of("openai/gpt-4o-audio-preview") is None
    assert prices.cost("openai/gpt-4o", tokens_in=None, tokens_out=3) is None
    assert prices.cost("openai/never-heard-of", tokens_in=1, tokens_out=1) is None
    assert prices.of("openai/gpt-4o@https://proxy.example.com/v1") is None
    assert prices.of("openai/gpt-4o@http://127.0.0.1:1/v1") == FREE
    assert prices.cost("openai/tiny@http://127.0.0.1:1/v1", tokens_in=None, tokens_out=None) == 0.0


def test_overrides_come_first(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"openai/gpt-4o": [1, 2.5], "openai/tiny@http://127.0.0.1:1/v1": [7, 7]}))
    prices = Prices.from_file(path)
    assert prices.of("openai/gpt-4o") == prices.of("openai/gpt-4o@https://proxy.example.com/v1") == Price(1.0, 2.5)
    assert prices.of("openai/tiny@http://127.0.0.1:1/v1") == Price(7.0, 7.0)
    assert prices.of("openai/tiny@http://127.0.0.1:2/v1") == FREE


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-haiku-4-5-20251001"])
def test_a_batch_costs_half_of_the_list_price_at_the_providers_own_endpoints(model):
    prices = Prices()
    full = prices.cost(model, tokens_in=1000, tokens_out=500)
    assert full > 0
    assert prices.cost(model, tokens_in=1000, tokens_out=500, batch=True) == full / 2
    own = Prices({model: Price(3.0, 4.0)})
    assert own.cost(model, tokens_in=1_000_000, tokens_out=0, batch=True) == 1.5


def test_elsewhere_a_batch_costs_what_is_known_of_it():
    prices = Prices({"openai/tiny": Price(2.0, 2.0), "mistral/large": Price(2.0, 2.0)})
    for model in ("openai/tiny@https://proxy.example.com/v1", "openai/tiny@http://127.0.0.1:1/v1", "mistral/large"):
        assert prices.cost(model, tokens_in=1_000_000, tokens_out=0, batch=True) == 2.0
    assert prices.cost("openai/never-heard-of", tokens_in=1, tokens_out=1, batch=True) is None
    assert prices.cost("local/smollm2-135m-instruct", tokens_in=1, tokens_out=1, batch=True) == 0.0


def test_a_price_is_looked_up_once_and_an_unknown_one_again_and_again(monkeypatch):
    prices = Prices()
    model = "mistral/never-heard-of"
    assert prices.of(model) is None
    costs = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    monkeypatch.setitem(sys.modules, "litellm", SimpleNamespace(model_cost={model: costs}))
    assert prices.known(model) == (Price(1.0, 2.0), "litellm")
    monkeypatch.delitem(sys.modules, "litellm")
    assert prices.of(model) == Price(1.0, 2.0)


def test_where_a_price_comes_from_is_known():
    prices = Prices({"openai/gpt-4o": Price(1.0, 1.0), "mine/model": Price(7.0, 7.0)})
    sources = {model: known.source for model, known in prices.listed().items()}
    assert (sources["openai/gpt-4o"], sources["mine/model"], sources["openai/o3"]) == ("yours", "yours", "table")
    assert prices.known("openai/gpt-4o-2024-08-06").source == "table"
    assert prices.known("openai/tiny@http://127.0.0.1:1/v1").source == "local"
    assert prices.known("openai/never-heard-of") is None


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"a/b": 1}', '{"a/b": [1]}', '{"a/b": [1, -2]}', '{"a/b": ["1", 2]}', '{"a/b": [true, 2]}']
)
def test_a_damaged_price_file_is_said(tmp_path, content):
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(BadSetting, match=r"prices\.json"):
        Prices.from_file(path)
    with pytest.raises(BadSetting, match="cannot be read"):
        Prices.from_file(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("model", "structure", "sampling"),
    [
        ("openai/gpt-4o-mini", "native", True),
        ("openai/gpt-4-turbo", "tool", True),
        ("openai/gpt-3.5-turbo", "tool", True),
        ("openai/gpt-5.2", "native", False),
        ("openai/gpt-5-chat-latest", "native", True),
        ("openai/o3", "native", False),
        ("openai/SmolLM2@http://127.0.0.1:1/v1", "native", True),
        ("anthropic/claude-3-5-haiku-20241022", "tool", False),
        ("anthropic/claude-opus-4-1-20250805", "tool", False),
        ("anthropic/claude-sonnet-4-20250514", "tool", False),
        ("anthropic/claude-sonnet-4-5", "native", False),
        ("anthropic/claude-opus-5", "native", False),
        ("ollama/llama3", "native", True),
    ],
)
def test_capabilities(model, structure, sampling):
    found = capabilities(model)
    assert (found.structure, found.sampling) == (structure, sampling)
