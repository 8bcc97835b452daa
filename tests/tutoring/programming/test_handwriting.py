"""What is read from a page: how deep lines stand, how well it was read, and that nothing counts unconfirmed."""

from __future__ import annotations

import random

import pytest
from pydantic import ValidationError
from support.boxes import needs_box
from support.mutants import mutant, runner

from tutorkit.errors import NotConfirmed, SubmissionInvalid
from tutorkit.prompting import PromptLibrary
from tutorkit.tutoring.programming.exercises import built_in_exercises
from tutorkit.tutoring.programming.handwriting import (
    Box,
    Line,
    Reading,
    Span,
    Transcription,
    confirm,
    indent_levels,
    is_logical_fix,
    logical_fix_rate,
    normalised_distance,
    read_page,
    text_to_use,
    transcribed,
)
from tutorkit.tutoring.programming.handwriting.indentation import INDENT_MEAN
from tutorkit.tutoring.programming.results import RunReport

PAGE = 1200.0
PROGRAMS = [code for each in built_in_exercises() for code in (*each.solutions, each.analogy)]


def levels_of(code: str) -> list[int]:
    return [(len(line) - len(line.lstrip())) // 4 for line in code.splitlines() if line.strip()]


def boxes(code: str, *, jitter: float, unit: float = INDENT_MEAN, seed: int = 0) -> list[Box]:
    """Write a program on a page, by a hand that does not hit the left edge of a level each time."""
    rng = random.Random(seed)
    lines = [line for line in code.splitlines() if line.strip()]
    return [
        Box(
            text=line.strip(),
            left=90 + PAGE * (unit * level + rng.gauss(0, jitter)),
            top=40.0 * number,
            width=15.0 * len(line),
            height=rng.uniform(22, 32),
        )
        for number, (line, level) in enumerate(zip(lines, levels_of(code), strict=True))
    ]


def share_right(*, jitter: float, unit: float = INDENT_MEAN, repeats: int = 10) -> float:
    right = total = 0
    for number, code in enumerate(PROGRAMS):
        for repeat in range(repeats):
            read = transcribed(boxes(code, jitter=jitter, unit=unit, seed=1000 * number + repeat), page_width=PAGE)
            pairs = zip([line.indent for line in read.lines], levels_of(code), strict=True)
            right += sum(a == b for a, b in pairs)
            total += len(read.lines)
    return right / total


def test_levels_are_found_on_a_jittered_page():
    # One standard deviation is an eighth of an indent here; these figures stand in docs/programming-help.md.
    assert share_right(jitter=0.005) == 1.0
    assert share_right(jitter=0.010) >= 0.98
    assert share_right(jitter=0.007, unit=0.06) >= 0.98
    # It has its limits, which are worth knowing.
    assert share_right(jitter=0.020) < 0.95


def test_a_dedent_goes_back_to_the_nearest_level_that_is_open():
    at = [0.0, 0.08, 0.16, 0.24]
    lefts = [at[0], at[1], at[2], at[3], at[1], at[2], at[0], at[1]]
    assert indent_levels([1000 * left for left in lefts], page_width=1000) == [0, 1, 2, 3, 1, 2, 0, 1]
    assert indent_levels([], page_width=1000) == [] and indent_levels([500.0], page_width=1000) == [0]


def test_wide_and_narrow_hands():
    assert indent_levels([100, 300, 500, 300, 100], page_width=1000) == [0, 1, 2, 1, 0]
    assert indent_levels([100, 106, 96, 103], page_width=1000) == [0, 0, 0, 0]


def test_a_wrong_indentation_is_read_as_it_stands():
    code = "def f(xs):\n    total = 0\n    for x in xs:\n    total += x\n        return total"
    read = transcribed(boxes(code, jitter=0.003), page_width=PAGE)
    assert read.as_text() == code


def test_lines_are_taken_from_top_to_bottom():
    read = transcribed(list(reversed(boxes("a\nb\nc", jitter=0))), page_width=PAGE)
    assert [line.text for line in read.lines] == ["a", "b", "c"]


def test_lines_that_are_unsure_are_uncertain():
    unsure = Box(text="x = l", left=90, top=0, width=50, height=20, confidence=0.4)
    sure = Box(text="y = 1", left=90, top=40, width=50, height=20, confidence=0.95)
    assert transcribed([unsure, sure], page_width=PAGE).uncertain_spans == (Span(line=0, start=0, end=5),)


def test_nothing_is_used_before_it_is_confirmed():
    read = Transcription(
        lines=(Line(text="def f():"), Line(text="return l", indent=1)), uncertain_spans=(span(1, 7, 8),)
    )
    with pytest.raises(NotConfirmed) as caught:
        text_to_use(read)
    assert caught.value.data["uncertain"] == [{"line": 1, "start": 7, "end": 8}]
    corrected = confirm(read, by="kim", lines=[read.lines[0], Line(text="return 1", indent=1)])
    assert text_to_use(corrected) == "def f():\n    return 1" and corrected.uncertain_spans == ()
    assert text_to_use(confirm(read, by="kim")) == "def f():\n    return l"
    assert read.confirmed is None


def span(line, start, end):
    return Span(line=line, start=start, end=end)


@pytest.mark.parametrize("spans", [(span(1, 0, 1),), (span(0, 0, 9),), (span(0, 2, 2),)])
def test_an_uncertain_passage_stands_in_its_line(spans):
    with pytest.raises(ValidationError):
        Transcription(lines=(Line(text="x = 1"),), uncertain_spans=spans)


def test_nobody_confirms_by_an_empty_name():
    with pytest.raises(ValidationError):
        confirm(Transcription(lines=()), by="")


@pytest.mark.parametrize(
    ("gold", "read", "distance"),
    [
        ("", "", 0.0),
        ("abc", "abc", 0.0),
        ("abc", "", 1.0),
        ("kitten", "sitting", 3 / 7),
        ("x = 1", "x == 1", 1 / 6),
        ("ab", "ba", 1.0),
        ("flaw", "lawn", 2 / 4),
    ],
)
def test_the_distance_is_levenshteins_over_the_longer_text(gold, read, distance):
    assert normalised_distance(gold, read) == pytest.approx(distance)
    assert normalised_distance(read, gold) == pytest.approx(distance)


@needs_box
def test_a_mistake_that_was_mended_while_reading_is_noticed():
    wrong = mutant("factorial-boundary")
    gold = runner().test(wrong.exercise, wrong.code)
    mended = runner().test(wrong.exercise, wrong.code.replace("range(1, n)", "range(1, n + 1)"))
    misread = runner().test(wrong.exercise, wrong.code.replace("product = 1", "product = l"))
    faithful = runner().test(wrong.exercise, wrong.code + "\n# a smudge\n")
    right = runner().test(wrong.exercise, wrong.exercise.reference)
    assert is_logical_fix(gold, mended) and not is_logical_fix(gold, misread) and not is_logical_fix(gold, faithful)
    pairs = [(gold, mended), (gold, misread), (gold, faithful), (right, right)]
    # Programs that are right have no mistake that could vanish.
    assert logical_fix_rate(pairs) == pytest.approx(1 / 3)
    assert logical_fix_rate([(right, right)]) is None and logical_fix_rate([]) is None


def test_what_was_not_run_was_not_mended():
    refused = RunReport(results=(), refused="too large")
    assert not is_logical_fix(refused, refused)


class Reader:
    def __init__(self, *lines):
        self.reading = Reading.model_validate({"lines": list(lines)})
        self.asked = []

    async def read(self, image, *, media_type, messages):
        self.asked.append((image, media_type, messages))
        return self.reading


async def test_a_page_is_read_and_waits_for_its_writer():
    reader = Reader(
        {"text": "if x = 1:\x1b[2J", "indent": 0, "confidence": 0.9, "uncertain": ["x = 1", "not there"]},
        {"text": "  return l", "indent": 3, "confidence": 0.7, "uncertain": []},
    )
    image = b"\x89PNG\r\n\x1a\n...."
    read = await read_page(reader, image, prompts=PromptLibrary())
    assert read.confirmed is None and read.uncertain_spans == (span(0, 3, 8),)
    # Nothing is mended, whatever Python would say of it.
    assert [(line.text, line.indent) for line in read.lines] == [("if x = 1:�[2J", 0), ("return l", 3)]
    (asked,) = reader.asked
    assert asked[:2] == (image, "image/png")
    assert "Never mend anything" in asked[2][0].content and "Repair no logic" in asked[2][0].content


@pytest.mark.parametrize("image", [b"", b"GIF89a", b"%PDF-1.7", b"\xff\xd8\xff" + bytes(5_000_001)])
async def test_what_is_no_picture_is_refused(image):
    reader = Reader()
    with pytest.raises(SubmissionInvalid):
        await read_page(reader, image, prompts=PromptLibrary())
    assert reader.asked == []
