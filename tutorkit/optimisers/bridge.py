"""From an optimiser's thread to the run's own loop: it asks as if it called a model, and the run makes the call.

An optimiser is a program that calls and waits. So it works in a thread, and each of its requests is an item of the
node's map: recorded, counted against the allowance, remembered for a resumed run, and stopped by Ctrl-C.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from typing import TypeVar

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import AllowanceSpent, ModelError, RunInterrupted, TutorkitError
from tutorkit.methods import Deps
from tutorkit.methods.vocabulary import Mapped, StudentDesk, TeacherDesk
from tutorkit.types import Message, Role

ResultT = TypeVar("ResultT")


class Bridge:
    """Asks for an optimiser; one request at a time, since what an allowance cuts off must not depend on threads.

    ``call_ids`` are the calls that were made for it, and ``unsaid`` counts requests that came to nothing, by their
    error's code. ``gave_up`` says why the optimiser left the program as it was, where it did.
    """

    def __init__(self, deps: Deps, loop: asyncio.AbstractEventLoop) -> None:
        self._deps = deps
        self._loop = loop
        self._under_way: Future[Mapped] | None = None
        self.halt: TutorkitError | None = None
        self.call_ids: dict[str, None] = {}
        self.unsaid: dict[str, int] = {}
        self.gave_up = ""
        self._said: dict[str, Mapped] = {}

    def ask(
        self, role: Role, messages: Sequence[Message], *, purpose: str, options: Mapping[str, JsonValue], sample: int
    ) -> str:
        """Return the reply of the teacher or the student; the same request is made once in a run.

        Raises:
            AllowanceSpent: when the role's share is used up. The optimiser may go on with what it has.
            ModelError: when this one request came to nothing for good.
            TutorkitError: whatever stops the run; from then on for every request.
        """
        if self.halt is not None:
            raise self.halt
        name = digest([role, purpose, [message.model_dump() for message in messages], dict(options), sample])
        if name in self._said:
            return self._text(name, self._said[name])
        desk: StudentDesk | TeacherDesk = self._deps.student if role == "student" else self._deps.teacher

        async def said(_: str) -> JsonValue:
            spoken = await desk.say(messages, purpose=purpose, options=options, sample=sample)
            return {"text": spoken.text, "calls": [*spoken.call_ids]}

        asked = self._deps.map(said, [name], key=str)
        self._under_way = asyncio.run_coroutine_threadsafe(_as_coroutine(asked), self._loop)
        try:
            self._said[name] = self._under_way.result()
            return self._text(name, self._said[name])
        except CancelledError as error:
            self.halt = RunInterrupted("The run was interrupted while an optimiser was at work; its calls are kept.")
            raise self.halt from error
        except TutorkitError as error:
            if not isinstance(error, AllowanceSpent | _Unsaid):
                self.halt = error
            raise

    @property
    def ended(self) -> bool:
        """Whether there is no use in asking on: an allowance is used up, or the run stops."""
        return self.halt is not None or AllowanceSpent.code in self.unsaid

    def close(self) -> None:
        """Answer no more: what is still asked is refused."""
        self.halt = self.halt or RunInterrupted("The optimiser's work has ended.")
        if self._under_way is not None:
            self._under_way.cancel()

    def _text(self, name: str, found: Mapped) -> str:
        for failure in found.failed:
            self.unsaid[failure.code] = self.unsaid.get(failure.code, 0) + 1
            kind = AllowanceSpent if failure.code == AllowanceSpent.code else _Unsaid
            raise kind(failure.message)
        kept = found.done[name]
        reply = kept if isinstance(kept, dict) else {}
        calls = reply["calls"]
        self.call_ids.update(dict.fromkeys(str(call_id) for call_id in calls) if isinstance(calls, list) else {})
        return str(reply["text"])


class _Unsaid(ModelError):
    """One request came to nothing for good, and the others go on."""


async def in_thread(deps: Deps, work: Callable[[Bridge], ResultT]) -> tuple[ResultT, Bridge]:
    """Let an optimiser work in a thread, and return what it found and what it asked.

    Raises:
        TutorkitError: what stopped the run, whatever the optimiser made of it.
    """
    bridge = Bridge(deps, asyncio.get_running_loop())
    working = asyncio.ensure_future(asyncio.to_thread(work, bridge))
    try:
        await asyncio.wait([working])
    finally:
        stopped = bridge.halt
        bridge.close()
    if stopped is not None:
        working.exception()
        raise stopped
    return working.result(), bridge


async def _as_coroutine(asked: object) -> Mapped:
    """Wait for a map; a thread can hand over a coroutine only."""
    return await asked  # type: ignore[misc,no-any-return]
