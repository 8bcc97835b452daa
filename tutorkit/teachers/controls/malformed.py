"""A teacher that breaks its form now and then."""

from __future__ import annotations

from dataclasses import dataclass

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import UnusableOutput
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.teachers.controls.wrapping import Wrapping
from tutorkit.types import Call

RE_ASKS = 2
"""How often a reply that does not fit is asked for again; with a model it is the gateway that does so."""


@dataclass(frozen=True, kw_only=True)
class MalformedTeacher(Wrapping):
    """Breaks its reply to about every ``every``-th ask.

    Which asks these are depends on their inputs alone, so that a resumed run meets the same. Of two broken ones, about
    one is put right at the first re-ask and the other never.
    """

    every: int = 4

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Ask the wrapped teacher, and break its reply if it is this ask's turn.

        Raises:
            UnusableOutput: after two re-asks, with the records of all three replies.
        """
        reply = await self.base.call(ask)
        turn = int(digest([ask.purpose, dict(ask.inputs), ask.sample])[:12], 16) % (2 * self.every)
        if turn == 0:
            broken = tuple(self._broken(reply.calls[-1], attempt) for attempt in range(RE_ASKS + 1))
            attempts = tuple({"reply": call.reply, "error": str(call.error)} for call in broken)
            raise UnusableOutput(
                f"{self.ref} gave no usable {ask.schema.__name__} in {len(broken)} replies.",
                data={"attempts": attempts, "calls": (*reply.calls[:-1], *broken)},
            )
        if turn == 1:
            *earlier, last = reply.calls
            mended = self._own(last, attempt=1)
            return Reply(value=reply.value, calls=(*earlier, self._broken(last, 0), mended))
        return Reply(value=reply.value, calls=tuple(self._own(call, attempt=call.attempt) for call in reply.calls))

    def _broken(self, call: Call, attempt: int) -> Call:
        cut = call.reply[: len(call.reply) // 2]
        error = "The JSON ends too early."
        return self._own(call, attempt=attempt).model_copy(update={"reply": cut, "outcome": "invalid", "error": error})

    def _own(self, call: Call, *, attempt: int) -> Call:
        """Make the record of one reply; the wrapped teacher was paid once, so only the first costs anything."""
        changed: dict[str, object] = {
            "id": stable_id("call", self.ref, call.id, attempt),
            "model": self.ref,
            "attempt": attempt,
            "sent": {**call.sent, "said_by": call.model},
        }
        if attempt > call.attempt:
            changed |= {"tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0}
        return call.model_copy(update=changed)
