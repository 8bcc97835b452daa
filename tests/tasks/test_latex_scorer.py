"""LaTeX and algebra, with math-verify in a process that can be killed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tutorkit.errors import MissingExtra
from tutorkit.ports import Scorer
from tutorkit.tasks.scorers import latex, scorer
from tutorkit.tasks.scorers.base import TextScorer
from tutorkit.types import Grade, Problem

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def by_latex() -> Iterator[Scorer]:
    yield scorer("latex?timeout=30")


def grade(by: Scorer, gold: str, raw: str) -> Grade:
    return by.grade(Problem(id="p", task="t", text="?", gold=gold, scorer="latex", split="test", group="g"), raw)


@pytest.mark.parametrize(
    ("gold", "raw", "how"),
    [
        ("x^2 + 1", "Answer: $x^2+1$", "same formula"),
        ("1/2", "Answer: 0.5", "as rational numbers"),
        (r"\frac{1}{2}", r"Answer: $\frac12$", "by math-verify"),
        ("x^2+2x+1", "Thus the answer is $(x+1)^2$.", "by math-verify"),
        (r"2\sqrt{2}", r"So \boxed{\sqrt{8}}", "by math-verify"),
        ("sqrt(2)", r"Answer: \sqrt{2}", "by math-verify"),
        ("5", "The answer is x=5.", "by math-verify"),
        (r"\{1,2\}", r"Answer: $\{2,1\}$", "by math-verify"),
    ],
)
def test_equal_in_mathematics(by_latex: Scorer, gold: str, raw: str, how: str):
    given = grade(by_latex, gold, raw)
    assert given.outcome == "right"
    assert given.how.endswith(how)


@pytest.mark.parametrize(
    ("gold", "raw"), [("x^2", "Answer: $(x+1)^2$"), ("2", "Answer: 3"), ("[0,1]", "Answer: $[0,1)$")]
)
def test_unequal_in_mathematics(by_latex: Scorer, gold: str, raw: str):
    assert grade(by_latex, gold, raw).outcome == "wrong"


def test_prose_is_no_formula(by_latex: Scorer):
    assert grade(by_latex, "3", "I cannot work this out at all").outcome == "invalid"


def test_works_in_threads(by_latex: Scorer):
    with ThreadPoolExecutor(4) as pool:
        grades = pool.map(lambda n: grade(by_latex, f"x+{n}", f"Answer: ${n}+x$").outcome, range(8))
    assert set(grades) == {"right"}


def test_a_time_out_is_unfinished_and_its_process_is_killed():
    rule = latex.LatexRule(timeout=2)
    hasty = TextScorer(rule)
    late = grade(hasty, "9", "Answer: $9^{9^{9^{9^{9}}}}$")
    assert late.outcome == "unfinished"
    assert "timed out after 2 s" in late.how
    assert rule._checker._worker is None
    # Without the kill, this would be answered by the late reply to the question before.
    assert grade(hasty, "a+b", "Answer: $b+a$").outcome in {"right", "unfinished"}


def test_without_math_verify_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latex.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"tutorkit\[math\]"):
        scorer("latex")
    assert importlib.util.find_spec is latex.importlib.util.find_spec
