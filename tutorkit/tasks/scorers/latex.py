"""Mathematical equality of LaTeX and plain algebra: the scorer ``latex``.

Exact and rational comparison come first, in process. What they cannot settle goes to math-verify in a process of its
own: its time limit uses SIGALRM, which works on the main thread only, and it counts a time-out as *wrong*. A process
that is too slow is killed, and the answer is then ``unfinished``.
"""

from __future__ import annotations

import importlib.util
import json
import queue
import re
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path

from tutorkit.errors import MissingExtra
from tutorkit.tasks.scorers.answers import Ambiguous, Found, Reading, first_sentence, last_line, undressed
from tutorkit.tasks.scorers.base import Verdict, verdict
from tutorkit.tasks.scorers.numbers import Number, parse_number
from tutorkit.types import Problem

_WORKER = Path(__file__).with_name("latex_worker.py")
_START_SECONDS = 120.0
_LONGEST = 2000
_SEARCHED = 20_000
_MATHS = re.compile(r"\$\$?([^$]{1,2000})\$\$?|\\\(([^\n]{1,2000}?)\\\)|\\\[(.{1,2000}?)\\\]", re.DOTALL)
_PROSE = re.compile(r"(?<!\\)\b[A-Za-z]{3,}\s+[A-Za-z]{2,}")
_NUMERIC = re.compile(r"[-−+]?(?:[\d.,/\s]+|\\[dt]?frac\s?\{\d+\}\s?\{\d+\})(?:\\?%)?")
_IDLE = re.compile(r"\\left|\\right|\\[,;!: ]|\s|~")


@dataclass(frozen=True)
class LatexRule:
    """Equality as math-verify sees it: lenient on units (``5 cm`` is 5) and on ``x = `` in front of a value.

    Raises:
        MissingExtra: when math-verify is not installed.
    """

    timeout: float = 5.0
    _checker: _Checker = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if importlib.util.find_spec("math_verify") is None:
            raise MissingExtra("math-verify", "math", "Grading LaTeX and algebra")
        object.__setattr__(self, "_checker", _Checker())

    def read(self, problem: Problem, text: str) -> Found[str]:
        """Read the last formula between dollar signs or LaTeX brackets, else the text itself."""
        return _formula(text) or self._plain(text)

    def search(self, problem: Problem, raw: str) -> Found[str]:
        """Read the last formula of the text, else a last line that is no prose."""
        return _formula(raw[-_SEARCHED:]) or self._plain(last_line(raw))

    def compare(self, gold: Reading[str], answer: Reading[str]) -> Verdict:
        """Compare as text, then as numbers, then with math-verify."""
        wanted, given = _IDLE.sub("", gold.value), _IDLE.sub("", answer.value)
        if wanted == given:
            return verdict(True, "same formula")
        numbers = [_rational(formula) for formula in (gold.value, answer.value)]
        if numbers[0] and numbers[1] and numbers[0].percent == numbers[1].percent:
            return verdict(numbers[0].value == numbers[1].value, "as rational numbers")
        return self._checker.compare(gold.value, answer.value, seconds=self.timeout)

    def _plain(self, text: str) -> Found[str]:
        text = undressed(text)
        if _PROSE.search(text):
            text = undressed(first_sentence(text))
        if not text or _PROSE.search(text):
            return None
        return Reading(text, text) if len(text) <= _LONGEST else Ambiguous("the formula is too long")


def _formula(text: str) -> Reading[str] | None:
    found = [next(filter(None, match.groups()), "") for match in _MATHS.finditer(text)]
    formula = undressed(found[-1]) if found else ""
    return Reading(formula, formula) if formula else None


def _rational(formula: str) -> Number | None:
    number = parse_number(formula) if _NUMERIC.fullmatch(formula) else None
    return number if isinstance(number, Number) else None


class _Checker:
    """One worker process, started at the first use, killed when it is late, and started again after that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[str] | None = None
        self._replies: queue.SimpleQueue[str] = queue.SimpleQueue()

    def compare(self, gold: str, answer: str, *, seconds: float) -> Verdict:
        """Ask the worker; any thread may call this, one at a time gets through."""
        with self._lock:
            if self._worker is None and not self._start():
                return Verdict("unfinished", "math-verify did not start")
            reply = self._ask({"gold": gold, "answer": answer, "seconds": seconds}, seconds)
        if reply is None:
            return Verdict("unfinished", f"math-verify timed out after {seconds:g} s")
        if reply.get("unread"):
            return Verdict("invalid", f"math-verify cannot read the {reply['unread']}")
        return verdict(bool(reply.get("same")), "by math-verify")

    def _start(self) -> bool:
        # -P: the folder of the script holds a module `numbers`, which must not stand in for the standard one.
        worker = subprocess.Popen(  # noqa: S603 - our own file, no shell
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        replies: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_forward, args=(worker, replies), daemon=True).start()
        weakref.finalize(self, _end, worker)
        self._worker, self._replies = worker, replies
        return self._next(_START_SECONDS) is not None

    def _ask(self, question: dict[str, str | float], seconds: float) -> dict[str, object] | None:
        if self._worker is None or self._worker.stdin is None:
            return None
        try:
            self._worker.stdin.write(json.dumps(question) + "\n")
            self._worker.stdin.flush()
        except OSError:
            self._drop()
            return None
        reply = self._next(seconds)
        return None if reply is None else dict(json.loads(reply))

    def _next(self, seconds: float) -> str | None:
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            line = ""
        if line:
            return line
        self._drop()
        return None

    def _drop(self) -> None:
        if self._worker is not None:
            _end(self._worker)
        self._worker = None


def _forward(worker: subprocess.Popen[str], replies: queue.SimpleQueue[str]) -> None:
    """Pass the worker's lines on; an empty one says that it has gone."""
    if worker.stdout is not None:
        with worker.stdout as lines:
            for line in lines:
                replies.put(line)
    replies.put("")


def _end(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
    if worker.stdin is not None:
        try:
            worker.stdin.close()
        except OSError:
            worker.stdin = None
