"""The stand-in provider's answers for a whole run of a method: a student that is always wrong, a teacher that fits.

A request without a schema is a student's, and is answered by two numbers that depend on it alone. A request with one is
a teacher's: every field is filled with what its type allows, and texts with one rule, in a wording that differs by one
word from request to request; where the rule is shown already, no other principle is added to it. So nothing is learnt,
every problem is a mistake, and a run has all the work there can be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

RULE = "When you add column by column carry the ten over"
LETTERS = "abcdefghijklmnop"


def classroom(body: bytes) -> bytes:
    """Return the completion for a request's body: the same for the same body."""
    mark = sha256(body).hexdigest()
    asked = json.loads(body)
    form = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    if form is None:
        said = f"I add them.\nAnswer: {int(mark[:4], 16)}, {int(mark[4:8], 16)}"
    else:
        word = "".join(LETTERS[int(digit, 16)] for digit in mark[:8])
        found = filled(form, form.get("$defs", {}), f"{RULE} {word}.")
        if found.keys() == {"principles"} and RULE in asked["messages"][-1]["content"].partition("errors:")[0]:
            found["principles"] = []
        said = json.dumps(found)
    choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "message": {"role": "assistant", "content": said}}
    usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(said) // 4, "total_tokens": 0}
    reply = {"id": mark[:8], "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [choice]}
    return json.dumps({**reply, "usage": usage}).encode()


def filled(form: Mapping[str, Any], known: Mapping[str, Any], text: str, *, name: str = "") -> Any:
    """Return a value of a JSON schema; whatever names another record names the first principle."""
    if "$ref" in form:
        return filled(known[form["$ref"].rpartition("/")[2]], known, text, name=name)
    if "anyOf" in form:
        return filled(form["anyOf"][0], known, text, name=name)
    if "enum" in form:
        return form["enum"][0]
    match form["type"]:
        case "object":
            return {part: filled(inner, known, text, name=part) for part, inner in form["properties"].items()}
        case "array":
            return [filled(form["items"], known, text, name=name)]
        case "string":
            return "P1" if name.endswith(("_id", "_ids")) else text
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return 1
