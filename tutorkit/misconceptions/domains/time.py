"""The time between two times of day, right and wrong."""

from __future__ import annotations

from random import Random
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tutorkit.misconceptions.vocabulary import Domain, Kind, Rule, Skill
from tutorkit.misconceptions.work import Work, WorkStep
from tutorkit.types import Record

ClockTime = Annotated[str, Field(pattern=r"^(?:1?[0-9]|2[0-3]):[0-5][0-9]$")]


class ElapsedTime(Record):
    """The time from one time of day to a later one of the same day; the answer is ``hours:minutes``, as in ``1:05``."""

    domain: Literal["time"] = "time"
    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _goes_forward(self) -> ElapsedTime:
        if _read(self.end) < _read(self.start):
            raise ValueError("the end is before the start")
        return self

    @property
    def text(self) -> str:
        """The item as it is written."""
        return f"the time from {self.start} to {self.end}"


_SKILL = "minutes_of_an_hour"


def _read(time: str) -> tuple[int, int]:
    hours, _, minutes = time.partition(":")
    return int(hours), int(minutes)


def _elapsed(item: ElapsedTime, borrowed: int) -> Work:
    """Subtract minutes from minutes and hours from hours, a borrowed hour having so many minutes."""
    (hour, minute), (end_hour, end_minute) = _read(item.start), _read(item.end)
    steps: list[WorkStep] = []
    if end_minute < minute:
        text = f"{end_minute} minutes are fewer than {minute}, so I borrow one hour, that is {borrowed} minutes."
        steps.append(WorkStep(text, str(borrowed), _SKILL, ok=borrowed == 60))
        end_hour, end_minute = end_hour - 1, end_minute + borrowed
    hours, minutes = end_hour - hour, end_minute - minute
    answer = f"{hours}:{minutes:02d}"
    steps += [
        WorkStep(f"Minutes: {end_minute} − {minute} = {minutes}.", str(minutes)),
        WorkStep(f"Hours: {end_hour} − {hour} = {hours}.", str(hours)),
        WorkStep(f"So {item.text} is {answer}.", answer),
    ]
    return Work(answer, tuple(steps))


def solve(item: ElapsedTime) -> Work:
    """Work the item out rightly."""
    return _elapsed(item, 60)


def _base_hundred(item: ElapsedTime) -> Work:
    return _elapsed(item, 100)


def draw(rng: Random) -> ElapsedTime:
    """Times on full five minutes, at most six hours apart; in more than half of the items an hour is borrowed."""
    while True:
        start, minutes = 5 * rng.randrange(6 * 12, 18 * 12), 5 * rng.randrange(4, 73)
        end = start + minutes
        if rng.random() < 0.7 or end % 60 < start % 60:
            return ElapsedTime(start=f"{start // 60}:{start % 60:02d}", end=f"{end // 60}:{end % 60:02d}")


DOMAIN = Domain(
    id="time",
    title="Times of day",
    kinds=(Kind(ElapsedTime, solve, draw),),
    skills=(
        Skill(
            "minutes_of_an_hour",
            "Borrowing an hour",
            "Time does not go by hundreds. When there are too few minutes, borrow one hour and turn it into as many "
            "minutes as an hour has before you subtract; or go on to the next full hour first.",
        ),
    ),
    rules=(
        Rule(
            name="base_100",
            kind=ElapsedTime,
            procedure=_base_hundred,
            skill="minutes_of_an_hour",
            title="Takes an hour for a hundred minutes",
            impasse="an hour is to be borrowed",
            prior=0.25,
        ),
    ),
)
