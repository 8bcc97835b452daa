"""The identity of a request: what makes two requests the same, and which options are not a request's business."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from pydantic import JsonValue

from tutorkit.canonical import canonical_json, text_digest
from tutorkit.errors import BadSetting
from tutorkit.models.names import address

KEY_VERSION = "v1"

TRANSPORT_FIELDS = frozenset(
    {
        "api_key",
        "concurrency",
        "extra_headers",
        "headers",
        "max_retries",
        "metadata",
        "num_retries",
        "safety_identifier",
        "stream",
        "stream_options",
        "timeout",
        "user",
        "user_id",
    }
)
"""Fields of a body that change how it travels or who is told, never what is answered."""

_NOT_OPTIONS = frozenset(
    {
        "api_base",
        "api_key",
        "base_url",
        "concurrency",
        "extra_headers",
        "headers",
        "max_retries",
        "messages",
        "model",
        "n",
        "num_retries",
        "stream",
        "stream_options",
        "timeout",
    }
)


def cache_key(*, provider: str, base_url: str, body: Mapping[str, JsonValue], sample: int = 0) -> str:
    """Name a request by all that its answer depends on.

    The key covers the body as it is sent, unknown options included, without the transport fields; the provider; host,
    port and path of the base URL; and the number of the repeat. Two servers of one model name never share a key.

    Args:
        provider: the provider's name.
        base_url: where the request goes; scheme and credentials do not enter.
        body: the request's body, JSON values only.
        sample: which repeat of the same request this is, from 0.

    Returns:
        ``v1:`` and 64 hexadecimal digits.

    Raises:
        NotCanonical: when the body holds what has no canonical JSON form; there is no silent miss.
    """
    return identify(provider=provider, base_url=base_url, body=body, sample=sample)[0]


def identify(*, provider: str, base_url: str, body: Mapping[str, JsonValue], sample: int) -> tuple[str, str | None]:
    """Return a request's key (see ``cache_key``) and its body's canonical JSON, None where a part is not in the key."""
    kept = {name: value for name, value in body.items() if name not in TRANSPORT_FIELDS}
    text = canonical_json(kept)
    before, after = _frame(provider, base_url)
    key = f"{KEY_VERSION}:{text_digest(f'{before}{text}{after}{canonical_json(sample)}}}')}"
    return key, text if len(kept) == len(body) else None


@lru_cache(maxsize=256)
def _frame(provider: str, base_url: str) -> tuple[str, str]:
    """Return what stands before and after the body in the canonical JSON of a request's identity."""
    mark = canonical_json("the body")
    whole = canonical_json({"provider": provider, "address": address(base_url), "body": "the body", "sample": 0})
    before, _, after = whole.partition(mark)
    return before, after.removesuffix("0}")


def refuse_foreign_options(options: Mapping[str, JsonValue]) -> None:
    """Refuse options that are not about the answer: keys and addresses would end up in stored requests.

    Raises:
        BadSetting: naming the first such option.
    """
    for name in sorted(options):
        if name in _NOT_OPTIONS:
            raise BadSetting(
                f"{name!r} is not a sampling option of a request.",
                remedy="Keys, addresses and time-outs are the gateway's; repeats of a request differ in its sample.",
                data={"option": name},
            )
