"""A provider's failures as our errors, with what the gateway must know of each.

``data`` of every error made here has: ``transient`` (a retry may help), ``reached`` (the provider saw the request),
``billed`` (False when it surely was not, None when nobody knows), ``retry_after`` (seconds that the provider asks for,
or None); and ``status`` where there was one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from pydantic import JsonValue

from tutorkit.errors import (
    AuthenticationFailed,
    ModelError,
    ModelNotFound,
    ProviderFailed,
    RateLimited,
    Refused,
    RequestRejected,
    TooLong,
    Unreachable,
)
from tutorkit.models.providers.rates import read_rates, seconds_until

_WORDS = 500
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
_FILTERED = frozenset({"content_filter", "content_policy_violation", "ContentPolicyViolationError"})
_LENGTH = re.compile(
    r"context.{0,8}(length|size|window)|prompt is too long|too many tokens|string_above_max_length", re.I
)
_NEVER_REACHED = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
_BY_STATUS: dict[int, type[ModelError]] = {
    401: AuthenticationFailed,
    403: AuthenticationFailed,
    404: ModelNotFound,
    408: Unreachable,
    409: ProviderFailed,
    413: TooLong,
    429: RateLimited,
}
_TRANSIENT = frozenset({408, 409, 429})


def reply_failure(status: int, content: bytes, *, headers: Mapping[str, str], model: str) -> ModelError:
    """Make the error of a reply with a status of 300 or above; what it says is read as far as it can be."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = {"message": content[:_WORDS].decode("utf-8", "replace")}
    inner = _inner(body)
    words = str(inner.get("message") or "")
    if status < 400:
        words = f"its address has moved to {headers.get('Location', 'somewhere else')}; use that as the base URL"
    return status_failure(
        status,
        model=model,
        code=str(inner.get("code") or inner.get("type") or ""),
        words=_clean(words),
        headers=headers,
    )


def sdk_failure(error: Exception, *, model: str, base_url: str) -> ModelError:
    """Turn an error of litellm, which has the shape of the openai SDK's, into ours."""
    status = getattr(error, "status_code", None)
    response = getattr(error, "response", None)
    if isinstance(status, int) and response is not None:
        return status_failure(
            status,
            model=model,
            code=_code(error),
            words=_words(error),
            headers=dict(getattr(response, "headers", None) or {}),
        )
    cause = error.__cause__
    reached = type(cause).__name__ not in _NEVER_REACHED
    return unreachable(model=model, base_url=base_url, why=str(cause or error) or type(cause).__name__, reached=reached)


def status_failure(status: int, *, model: str, code: str, words: str, headers: Mapping[str, str]) -> ModelError:
    """Make the error that an HTTP status stands for.

    Args:
        status: 300 and above.
        model: what was called.
        code: the provider's own word for the failure, or empty.
        words: what the provider said.
        headers: the reply's headers, by any case of their names.
    """
    kind = _kind(status, code=code, words=words)
    out_of_credit = code == "insufficient_quota" or status == 402
    data = {
        "model": model,
        "status": status,
        "code": code,
        "transient": (status in _TRANSIENT or status >= 500) and status != 501 and not out_of_credit,
        "reached": True,
        "billed": None if status >= 500 else False,
        "retry_after": retry_after(headers),
    }
    said = f": {words[:_WORDS]}" if words else ""
    remedy = "The account has no credit left: top it up, then run the same command again." if out_of_credit else None
    return kind(f"{model} answered {status}{said}.", remedy=remedy, data=data)


def unreachable(*, model: str, base_url: str, why: str, reached: bool) -> Unreachable:
    """Make the error for a call that brought no complete reply. ``reached``: whether the provider may have seen it."""
    where = f" at {base_url}" if base_url else ""
    return Unreachable(
        f"No answer from {model}{where}: {why.rstrip('.')}.",
        data={
            "model": model,
            "transient": True,
            "reached": reached,
            "billed": None if reached else False,
            "retry_after": None,
        },
    )


def not_the_protocol(
    *, model: str, why: str, tokens_in: int | None = None, tokens_out: int | None = None
) -> ProviderFailed:
    """Make the error for a reply that came with success and yet cannot be read."""
    return ProviderFailed(
        f"{model} answered something that is not its protocol: {why}.",
        data={
            "model": model,
            "transient": True,
            "reached": True,
            "billed": None,
            "retry_after": None,
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
        },
    )


def json_payload(content: bytes, *, model: str) -> JsonValue:
    """Read a reply's bytes.

    Raises:
        ProviderFailed: when they are not whole JSON.
    """
    try:
        payload: JsonValue = _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise not_the_protocol(model=model, why=f"broken JSON ({error})") from error
    return storable(payload) if b"\\ud" in content.lower() else payload


def storable(payload: JsonValue) -> JsonValue:
    """Replace half characters, which JSON's escapes can spell and UTF-8, so every file and database, cannot."""
    text = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    cleaned: JsonValue = json.loads(text)
    return cleaned


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the provider asks to wait, or None when it does not say.

    From either form of ``Retry-After`` (RFC 9110, 10.2.3), and else from the time at which a used-up rate is renewed.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in lower:
            return max(0.0, float(lower["retry-after-ms"]) / 1000)
        if "retry-after" in lower:
            return max(0.0, float(lower["retry-after"]))
    except ValueError:
        return _seconds_until(lower.get("retry-after", ""), lower)
    rates = read_rates(lower)
    return rates.wait if rates and rates.wait else None


def _seconds_until(date: str, headers: Mapping[str, str]) -> float | None:
    try:
        return seconds_until(parsedate_to_datetime(date), headers)
    except ValueError:
        return None


def _kind(status: int, *, code: str, words: str) -> type[ModelError]:
    if code in _FILTERED:
        return Refused
    # Only the words tell a request that is too long from one that is wrong; it concerns one item and not all.
    if status == 400 and _LENGTH.search(f"{code} {words}"):
        return TooLong
    return _BY_STATUS.get(status, ProviderFailed if status >= 500 else RequestRejected)


def _code(error: Exception) -> str:
    inner = _inner(getattr(error, "body", None))
    named = getattr(error, "code", None) or inner.get("code") or inner.get("type")
    return type(error).__name__ if type(error).__name__ in _FILTERED else str(named or "")


def _words(error: Exception) -> str:
    return _clean(str(_inner(getattr(error, "body", None)).get("message") or getattr(error, "message", "") or error))


def _clean(said: str) -> str:
    return said.encode("utf-8", "replace").decode().strip().rstrip(".")


def _inner(body: object) -> Mapping[str, object]:
    """Return what is in the envelope ``error``, where there is one."""
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error", body)
    return inner if isinstance(inner, Mapping) else {"message": inner}
