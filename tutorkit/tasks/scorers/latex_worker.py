"""The process in which math-verify runs: a line of JSON in, a line of JSON out. It is a script, never imported."""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
from importlib import import_module
from importlib.util import find_spec

from math_verify import LatexExtractionConfig, parse, verify

_MEMORY_BYTES = 2 * 1024**3
_GRACE_SECONDS = 5


def main() -> None:
    """Answer until the input ends."""
    logging.disable(logging.CRITICAL)
    _limit_memory()
    _reply({"ready": True})
    for line in sys.stdin:
        question = json.loads(line)
        if hasattr(signal, "alarm"):
            # Should the parent be gone and not kill us, SIGALRM's default action does.
            signal.alarm(int(question["seconds"]) + _GRACE_SECONDS)
        _reply(_answer(question["gold"], question["answer"]))


def _answer(gold: str, answer: str) -> dict[str, object]:
    try:
        wanted, given = _parsed(gold), _parsed(answer)
        if not wanted or not given:
            return {"unread": "answer" if wanted else "gold answer"}
        return {"same": verify(wanted, given, timeout_seconds=None)}
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError):
        return {"unread": "answer"}


def _parsed(text: str) -> list[object]:
    # LaTeX only: math-verify's reader for plain expressions goes through eval().
    text = re.sub(r"(?<!\\)\bsqrt\s?\(([^()]{1,200})\)", r"\\sqrt{\1}", text)
    text = re.sub(r"(?<![\\a-z])(pi|infty|le|ge)\b", r"\\\1 ", text)
    text = text.replace("**", "^").replace("<=", r" \le ").replace(">=", r" \ge ").replace("*", r" \cdot ")
    found: list[object] = parse(
        f"${text}$", extraction_config=[LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=None
    )
    return found


def _limit_memory() -> None:
    if find_spec("resource") is None:  # Windows
        return
    resource = import_module("resource")
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _reply(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
