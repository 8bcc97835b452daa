"""What moves a cache key, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorkit.errors import BadSetting, NotCanonical
from tutorkit.models.request import TRANSPORT_FIELDS, cache_key, refuse_foreign_options

BODY = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Teach."}, {"role": "user", "content": "7 - 3 ="}],
    "temperature": 0.5,
    "max_tokens": 20,
    "seed": 1,
    "stop": ["\n"],
    "min_p": 0.1,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": {"type": "object"}}},
}
URL = "https://api.openai.com/v1"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def key(body=BODY, *, provider="openai", base_url=URL, sample=0) -> str:
    return cache_key(provider=provider, base_url=base_url, body=body, sample=sample)


def test_golden_keys():
    """A key that changes makes every recorded call worthless: bump the version when it must."""
    assert key() == "v1:6840e11a623ed5065e13bbada20cc93d20540c1d1226bc32bdb18639b98269bb"
    assert key(sample=3) == "v1:81220959c075272e2e6280287cd831f649a4424202e8a92334f796031d0c5421"
    assert (
        key({"model": "tiny", "messages": []}, base_url="http://127.0.0.1:8080/v1")
        == "v1:5ef2c60f095082c6699692a7434a81930c75daaca0a7f52d8ba501d04f6d9a49"
    )
    assert (
        key({"model": "c", "messages": []}, provider="anthropic", base_url="https://api.anthropic.com")
        == "v1:8355707f638a35cf57acdf1c25254e4b5a8e110cb471b4cf3f8d71f38236f9a0"
    )


@given(st.sampled_from(sorted(BODY)), JSON)
def test_every_field_of_the_body_moves_the_key(name, value):
    changed = {**BODY, name: value}
    assert (key(changed) == key()) == (type(value) is type(BODY[name]) and value == BODY[name])


@given(st.text(min_size=1).filter(lambda name: name not in TRANSPORT_FIELDS and name not in BODY), JSON)
def test_an_unknown_option_moves_the_key(name, value):
    assert key({**BODY, name: value}) != key()


@given(st.dictionaries(st.sampled_from(sorted(TRANSPORT_FIELDS)), JSON))
def test_no_transport_field_moves_the_key(fields):
    assert key({**BODY, **fields}) == key()


def test_the_order_of_names_is_nothing_and_the_order_of_messages_is_something():
    assert key(dict(reversed(BODY.items()))) == key()
    assert key({**BODY, "messages": BODY["messages"][::-1]}) != key()


def test_whole_and_broken_numbers_differ():
    assert key({**BODY, "temperature": 1}) != key({**BODY, "temperature": 1.0})


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:8080/v1",
        "https://api.openai.com/v2",
        "https://api.openai.com:8443/v1",
        "https://eu.openai.com/v1",
    ],
)
def test_two_servers_of_one_model_name_never_share_a_key(other):
    assert key(base_url=other) != key()


@pytest.mark.parametrize(
    "same", ["https://me:secret@api.openai.com/v1/", "http://API.openai.com:80/v1", "https://api.openai.com:443/v1"]
)
def test_credentials_scheme_and_a_default_port_are_not_the_address(same):
    assert key(base_url=same) == key()


def test_provider_and_sample_move_the_key():
    assert len({key(), key(provider="azure"), key(sample=1), key(sample=2)}) == 4


@pytest.mark.parametrize("value", [float("nan"), object(), {1: "a"}, {"a", "b"}])
def test_what_cannot_be_hashed_is_an_error(value):
    with pytest.raises(NotCanonical):
        key({**BODY, "odd": value})


def test_an_address_that_is_none_is_refused():
    for odd in ("api.openai.com", "ftp://x/y", "http://", "http://host:port/"):
        with pytest.raises(BadSetting, match="base URL"):
            key(base_url=odd)


def test_keys_and_addresses_are_no_options():
    refuse_foreign_options({"temperature": 0, "min_p": 0.1, "user": "u"})
    with pytest.raises(BadSetting, match="'api_key' is not a sampling option"):
        refuse_foreign_options({"temperature": 0, "api_key": "sk-1"})
