"""A model in this process: its names and keys, who is answered with whom, and what is refused; no torch is needed."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from tutorkit.errors import ConfigError, MissingExtra, ProviderFailed, RequestRejected, TooLong, UnknownName
from tutorkit.models import Gateway, Prices
from tutorkit.models.local_names import adapter_digest, adapter_folder, folder_digest, parse_local
from tutorkit.models.providers import ProviderSettings, transformers_local, transformers_replies, transformers_weights
from tutorkit.models.providers.transformers_local import BATCH, TransformersProvider
from tutorkit.ports import ChatRequest
from tutorkit.types import Message

SMOL = "transformers/smollm2-135m-instruct"
ADAPTER = "0123456789abcdef" * 2


def ask(text: str = "Hi", *, model: str = SMOL, sample: int = 0, **options) -> ChatRequest:
    given = {"temperature": 0.0, "max_tokens": 8, **options}
    return ChatRequest(model=model, messages=(Message(role="user", content=text),), options=given, sample=sample)


def save_adapter(folder, *, weights: bytes = b"w", rank: int = 16, base: str = "/one/home"):
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(weights)
    config = {"r": rank, "lora_alpha": 32, "base_model_name_or_path": base}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


class Tokenizer:
    chat_template = "yes"

    def apply_chat_template(self, messages, **_):
        return [ord(letter) for letter in messages[-1]["content"]]


class Config:
    max_position_embeddings = 64


class Model:
    config = Config()


class Writing:
    """Stands in for the model: says how many were answered together; can wait, and can fail."""

    def __init__(self):
        self.batches = []
        self.loaded = []
        self.go = threading.Event()
        self.go.set()
        self.fails = None

    def load(self, name, *, models):
        self.loaded.append(name.weights)
        return Model(), Tokenizer()

    def write(self, rows, *, model, tokenizer):
        self.go.wait(10)
        self.batches.append(len(rows))
        if self.fails:
            raise self.fails
        for row in rows:
            row.tokens = [1, 2]
            row.text = "".join(map(chr, row.prompt)).upper()
            row.finish = "length" if row.text == "LONG" else "stop"


@pytest.fixture
def writing(monkeypatch):
    made = Writing()
    monkeypatch.setattr(transformers_local, "load_model", made.load)
    monkeypatch.setattr(transformers_local, "check_weights", lambda name, *, models: None)
    monkeypatch.setattr(transformers_local, "write", made.write)
    return made


def gateway(tmp_path, **options) -> Gateway:
    settings = {"transformers": ProviderSettings(folder=tmp_path / "models")}
    return Gateway(cache=tmp_path / "c.sqlite", settings=settings, **options)


def test_a_name_tells_base_adapters_and_training():
    name = parse_local(f"{SMOL}+{ADAPTER}+{ADAPTER[::-1]}?epochs=2&rank=8")
    assert (name.base, name.adapters) == ("smollm2-135m-instruct", (ADAPTER, ADAPTER[::-1]))
    assert name.options == "epochs=2&rank=8"
    assert name.ref == f"{SMOL}+{ADAPTER}+{ADAPTER[::-1]}?epochs=2&rank=8"
    assert parse_local("transformers//models/a+b").base == "/models/a+b"


@pytest.mark.parametrize("model", ["transformers/gpt-2", "transformers/models/mine", f"{SMOL}+0123"])
def test_a_name_that_is_neither_known_nor_an_absolute_path_is_refused(model):
    with pytest.raises(UnknownName):
        parse_local(model)


def test_how_a_student_is_trained_does_not_enter_its_requests():
    provider = TransformersProvider(ProviderSettings())
    assert provider.body(ask(model=f"{SMOL}?epochs=9")) == provider.body(ask())


def test_two_weights_never_share_a_body():
    provider = TransformersProvider(ProviderSettings())
    models = {provider.body(ask(model=model))["model"] for model in (SMOL, f"{SMOL}+{ADAPTER}")}
    assert len(models) == 2


def test_a_folder_with_other_weights_is_another_model(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"one")
    provider = TransformersProvider(ProviderSettings())
    before = provider.body(ask(model=f"transformers/{folder}"))
    (folder / "model.safetensors").write_bytes(b"another")
    after = provider.body(ask(model=f"transformers/{folder}"))
    assert before["model"] == after["model"] == str(folder)
    assert before["weights"] != after["weights"] == folder_digest(folder)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"config\.json"):
        folder_digest(tmp_path)


def test_repeats_of_a_sampled_request_have_seeds_of_their_own_and_greedy_ones_none():
    provider = TransformersProvider(ProviderSettings())
    seeds = [
        provider.body(ask(temperature=0.7, sample=sample, seed=seed))["seed"] for sample in (0, 1) for seed in (0, 1)
    ]
    assert len(set(seeds)) == 4
    assert provider.body(ask(temperature=0.7, sample=1)) == provider.body(ask(temperature=0.7, sample=1))
    assert "seed" not in provider.body(ask(sample=1))


def test_an_adapter_is_named_by_weights_and_scale_and_not_by_where_it_was_made(tmp_path):
    first = adapter_digest(save_adapter(tmp_path / "a"))
    assert first == adapter_digest(save_adapter(tmp_path / "b", base="/another/home"))
    assert first != adapter_digest(save_adapter(tmp_path / "c", weights=b"x"))
    assert first != adapter_digest(save_adapter(tmp_path / "d", rank=8))


def test_without_torch_the_extra_is_named(tmp_path, monkeypatch):
    found = transformers_weights.importlib.util.find_spec
    monkeypatch.setattr(
        transformers_weights.importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    with pytest.raises(MissingExtra, match="torch") as caught:
        TransformersProvider(ProviderSettings(folder=tmp_path)).check(SMOL)
    assert "tutorkit[local]" in str(caught.value)


def test_adapters_that_are_missing_or_changed_are_refused_before_anything_begins(tmp_path):
    with pytest.raises(ConfigError, match="are not in"):
        transformers_weights.check_adapter(tmp_path, ADAPTER)
    name = adapter_digest(save_adapter(tmp_path / "made"))
    kept = save_adapter(adapter_folder(tmp_path, name))
    assert transformers_weights.check_adapter(tmp_path, name) == kept
    (kept / "adapter_model.safetensors").write_bytes(b"rot")
    with pytest.raises(ConfigError, match="damaged"):
        transformers_weights.check_adapter(tmp_path, name)


def test_a_converted_model_that_was_damaged_is_not_whole(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    sha = transformers_weights.file_sha256(tmp_path / "model.safetensors")
    (tmp_path / "converted.json").write_text(json.dumps({"sha256": sha}))
    assert transformers_weights._is_whole(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"weighty")
    assert not transformers_weights._is_whole(tmp_path)


async def test_a_reply_comes_with_its_usage_and_its_ending_and_costs_nothing(tmp_path, writing):
    async with gateway(tmp_path) as chat:
        short, long = await asyncio.gather(chat.complete(ask("hi")), chat.complete(ask("long")))
    assert (short.text, short.tokens_in, short.tokens_out, short.finish_reason) == ("HI", 2, 2, "stop")
    assert (long.text, long.finish_reason, long.cost_usd) == ("LONG", "length", 0.0)
    assert Prices().known(f"{SMOL}+{ADAPTER}").source == "local"


async def test_what_arrives_together_is_answered_together_in_batches(tmp_path, writing):
    async with gateway(tmp_path, concurrency=64) as chat:
        replies = await asyncio.gather(*(chat.complete(ask(f"q{n}")) for n in range(BATCH + 5)))
    assert [reply.text for reply in replies] == [f"Q{n}" for n in range(BATCH + 5)]
    assert writing.batches == [BATCH, 5]
    assert writing.loaded == ["smollm2-135m-instruct"]


async def test_two_models_are_never_in_one_batch_and_the_two_last_ones_stay_loaded(tmp_path, writing):
    async with gateway(tmp_path) as chat:
        for turn in range(2):
            both = [chat.complete(ask(f"{turn}", model=model)) for model in (SMOL, f"{SMOL}+{ADAPTER}")]
            await asyncio.gather(*both)
    assert writing.batches == [1, 1, 1, 1]
    assert writing.loaded == ["smollm2-135m-instruct", f"smollm2-135m-instruct+{ADAPTER}"]


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"logit_bias": {}}, RequestRejected, "logit_bias"),
        ({"temperature": -1}, RequestRejected, "temperature cannot be -1"),
        ({"top_p": 2}, RequestRejected, "top_p cannot be 2"),
        ({"max_tokens": 0}, RequestRejected, "max_tokens cannot be 0"),
        ({"max_tokens": 100}, TooLong, "context length of 64"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_those_beside_it_are_answered(tmp_path, writing, options, kind, says):
    async with gateway(tmp_path) as chat:
        refused, fine = await asyncio.gather(
            chat.complete(ask("hello", **options)), chat.complete(ask("hi")), return_exceptions=True
        )
    assert isinstance(refused, kind) and says in str(refused)
    assert fine.text == "HI"


async def test_a_failure_of_the_model_is_an_error_of_each_call_and_not_a_hang(tmp_path, writing):
    writing.fails = RuntimeError("not enough memory")
    provider = TransformersProvider(ProviderSettings())
    bodies = [provider.body(ask(f"q{n}")) for n in range(2)]
    found = await asyncio.gather(*map(provider.send, bodies), return_exceptions=True)
    await provider.aclose()
    assert [type(error) for error in found] == [ProviderFailed, ProviderFailed]
    assert "not enough memory" in str(found[0])


async def test_whoever_no_longer_waits_is_not_answered(writing):
    provider = TransformersProvider(ProviderSettings())
    writing.go.clear()
    first = asyncio.create_task(provider.send(provider.body(ask("first"))))
    await asyncio.sleep(0.05)
    gone, kept = (asyncio.create_task(provider.send(provider.body(ask(text)))) for text in ("gone", "kept"))
    await asyncio.sleep(0)
    gone.cancel()
    writing.go.set()
    await asyncio.gather(first, kept)
    await provider.aclose()
    assert gone.cancelled() and writing.batches == [1, 1]


def test_a_row_that_nobody_waits_for_stops_at_once():
    row = transformers_replies.Row(
        prompt=[1], max_tokens=9, temperature=0, top_p=1, top_k=0, seed=0, stop=(), wanted=lambda: False
    )
    transformers_replies._add(row, 7, ends=frozenset(), tokenizer=None)
    assert (row.finish, row.tokens) == ("abandoned", [])


class Letters:
    """Decodes a token as the letter of that number."""

    def decode(self, tokens, *, skip_special_tokens):
        return "".join(map(chr, tokens))


def written(text: str, *, stop: tuple[str, ...] = (), max_tokens: int = 50) -> transformers_replies.Row:
    row = transformers_replies.Row(
        prompt=[1], max_tokens=max_tokens, temperature=0, top_p=1, top_k=0, seed=0, stop=stop, wanted=lambda: True
    )
    for letter in text:
        if not row.finish:
            transformers_replies._add(row, ord(letter), ends=frozenset({ord("$")}), tokenizer=Letters())
    return row


@pytest.mark.parametrize(
    ("row", "text", "finish", "tokens"),
    [
        (written("abc$def"), "abc", "stop", 4),
        (written("abcdef", max_tokens=3), "abc", "length", 3),
        (written("ab\nQ: x", stop=("\nQ:",)), "ab", "stop", 5),
        (written("abc$", max_tokens=4), "abc", "stop", 4),
    ],
)
def test_a_reply_ends_at_its_end_its_limit_or_a_stop_text(row, text, finish, tokens):
    assert (row.text, row.finish, len(row.tokens)) == (text, finish, tokens)
