"""The gates against quoting, for many texts and many items: what they find, and that each item is read once."""

from __future__ import annotations

from random import Random

from support.bench import bench

from tutorkit.methods._nodes import seen_items
from tutorkit.methods._nodes.seen_items import SeenItems, ngrams, numbers, words
from tutorkit.methods._nodes.verify import instruction_faults, plain, principle_faults
from tutorkit.tasks import load_task
from tutorkit.types import Problem, Step

WORDS = ("the", "sum", "of", "a", "number", "is", "answer", "yes", "take", "12", "3", "40")


def some_text(draw: Random, length: int) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(length))


def some_problem(draw: Random, name: str) -> Problem:
    gold = draw.choice(["yes", "12", "3", "40", "the sum", "a-3", "", None])
    steps = tuple(Step(text=some_text(draw, 9)) for _ in range(draw.randrange(2)))
    text = some_text(draw, draw.randrange(4, 14))
    return Problem(
        id=name, task="t", text=text, gold=gold, scorer="exact", split="val", group=name, steps=steps, skills=()
    )


def one_by_one(text: str, problems: list[Problem]) -> tuple[str, ...]:
    """What a principle's gate must find, by looking at the items one after another."""
    mine, quoted = ngrams(text, 8), numbers(plain(text))
    folded = f" {' '.join(words(plain(text)))} "
    found: dict[str, str] = {}
    for problem in problems:
        gold = words(problem.gold or "")
        needle = f" {' '.join(gold)} " if len(gold) > 1 else f" answer is {gold[0] if gold else chr(0)} "
        shared = quoted & (numbers(problem.text) | numbers(problem.gold or ""))
        if any(mine & ngrams(part, 8) for part in (problem.text, *(step.text for step in problem.steps))):
            found.setdefault("copies", f"copies 8 words in a row from {problem.id}")
        if shared:
            found.setdefault("quotes", f"quotes the number {min(shared)} of {problem.id}")
        if needle in folded:
            found.setdefault("states", f"states the gold of {problem.id}")
    return tuple(found[kind] for kind in ("copies", "quotes", "states") if kind in found)


def test_what_is_found_is_what_is_found_one_by_one():
    draw, kinds = Random(1), set()
    for _ in range(300):
        problems = [some_problem(draw, f"p{number}") for number in range(draw.randrange(6))]
        source = draw.choice(problems).text if problems and draw.random() < 0.5 else ""
        text = f"{source} {some_text(draw, draw.randrange(1, 9))}"
        expected = one_by_one(text, problems)
        assert principle_faults(text, problems) == principle_faults(text, SeenItems(problems)) == expected
        kinds.update(fault.split()[0] for fault in expected)
    assert kinds == {"copies", "quotes", "states"}


class Counted(tuple):
    """Problems that count how often somebody went through them."""

    times = 0

    def __iter__(self):
        type(self).times += 1
        return super().__iter__()


def test_the_items_are_gone_through_once_however_many_texts_there_are():
    Counted.times = 0
    seen = SeenItems(Counted(load_task("chains", sizes={"val": 30}).problems))
    for name in ("ones", "tens", "hundreds", "thousands"):
        assert principle_faults(f"When you add two numbers, carry what is over to the {name} first.", seen) == ()
        assert instruction_faults(f"Work the {name} out and write them down before you begin the next.", seen) == ()
    assert 0 < Counted.times <= 4


async def test_tpd_goes_through_its_items_once_for_all_its_principles(tmp_path, monkeypatch):
    read = []
    runs_of = seen_items._runs_of
    monkeypatch.setattr(seen_items, "_runs_of", lambda problem, n: (read.append(problem.id), runs_of(problem, n))[1])
    found = bench(tmp_path, params={"batch": 1})
    assert (await found.run()).status == "finished"
    # The first instruction, all principles together, the refined instruction.
    assert max(read.count(name) for name in set(read)) <= 3
