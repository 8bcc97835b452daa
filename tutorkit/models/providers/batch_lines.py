"""The lines of a batch file: OpenAI's, and by now that of vLLM and other servers.

A request is ``{"custom_id": …, "method": "POST", "url": "/v1/chat/completions", "body": …}``. Its result is
``{"custom_id": …, "response": {"status_code": 200, "body": …}, "error": null}``; a failed one has another status, or no
response, and says why in ``error`` or in the response's body. Sources: OpenAI's API reference, and
``vllm/entrypoints/openai/run_batch.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from tutorkit.errors import ModelError
from tutorkit.models.providers.batch_failures import ended_without_answer
from tutorkit.models.providers.batches import Line, Result
from tutorkit.models.providers.failures import not_the_protocol, status_failure, storable

ENDPOINT: Final = "/v1/chat/completions"
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000

_LONGEST_ID = "x" * 64


def request_line(line: Line) -> bytes:
    """Write one request."""
    record = {"custom_id": line.custom_id, "method": "POST", "url": ENDPOINT, "body": line.body}
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def line_size(body: Mapping[str, JsonValue]) -> int:
    """Return the bytes that a request's line takes at most."""
    return len(request_line(Line(_LONGEST_ID, body)))


def read_results(lines: Iterable[bytes], *, model: str) -> Iterator[Result]:
    """Read the lines of a result file. A line that is none is passed over: its request then has no result."""
    for line in lines:
        record = _mapping(_json(line))
        custom_id = record.get("custom_id")
        if isinstance(custom_id, str):
            yield _result(custom_id, record, model)


def _result(custom_id: str, record: Mapping[str, JsonValue], model: str) -> Result:
    response, error = _mapping(record.get("response")), record.get("error")
    status, body = response.get("status_code"), response.get("body")
    if status == 200 and isinstance(body, dict):
        return Result(custom_id, payload=storable(body))
    return Result(custom_id, failure=_failure(status, error or body, model))


def _failure(status: JsonValue, said: JsonValue, model: str) -> ModelError:
    code, words = _code_and_words(said)
    if code in ("batch_expired", "batch_cancelled"):
        return ended_without_answer(model=model, why=words or code, transient=code == "batch_expired")
    if isinstance(status, int) and 300 <= status < 600:
        return status_failure(status, model=model, code=code, words=words, headers={})
    return not_the_protocol(model=model, why=f"a result with neither a reply nor a status ({words or 'no words'})")


def _code_and_words(said: JsonValue) -> tuple[str, str]:
    if isinstance(said, str):
        return "", said.strip().rstrip(".")
    outer = _mapping(said)
    fields = _mapping(outer.get("error")) or outer
    words = str(fields.get("message") or fields.get("error") or "").strip().rstrip(".")
    return str(fields.get("code") or fields.get("type") or ""), words


def _json(line: bytes) -> JsonValue:
    try:
        record: JsonValue = json.loads(line, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return record


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
