"""A pack's student as a served model: its lessons before every conversation, the gateway behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from tutorkit.errors import BadSetting
from tutorkit.graphs.events import StopSignal, ignore
from tutorkit.lab.gateways import gateway_for, prices_for
from tutorkit.lab.participants import STUDENT_DEFAULTS, is_offline
from tutorkit.lab.plan import Limits, Sending
from tutorkit.models import AccountedGateway, Gateway, RunBudget, spent_by
from tutorkit.packs import lessons_for_student, load_pack
from tutorkit.packs.pack import refuse_program
from tutorkit.packs.protocol import Asked, NotAsked
from tutorkit.packs.serving import Address, serving
from tutorkit.ports import ChatReply
from tutorkit.prompting import PromptLibrary
from tutorkit.retrieval import choose, read_rule
from tutorkit.settings import Settings
from tutorkit.store import Store
from tutorkit.students.model import ModelStudent
from tutorkit.types import Lesson, Message, Pack, Question

_POLL_S = 0.1


@dataclass(frozen=True, kw_only=True)
class ServedStudent:
    """A model that answers as the taught student.

    A conversation of one question is asked exactly as the question is in a run, so that accuracy is the same. What came
    before the last question stands between the worked examples and it; the client's own system message after the
    lessons.
    """

    name: str
    student: ModelStudent
    lessons: tuple[Lesson, ...]
    rule: str

    async def reply(self, asked: Asked, *, hear: Callable[[str], None] | None = None) -> ChatReply:
        """Answer the last message of a conversation."""
        *before, last = asked.messages
        if last.role != "user":
            raise NotAsked("The last message is not the user's.", param="messages")
        question = Question(id="served", text=last.content)
        shown = choose(last.content, self.lessons, rule=self.rule)
        request, context = self.student.request(question, shown)
        messages = _with_conversation(request.messages, before)
        options = {**request.options, **_renamed(asked.options)}
        reply, _ = await self.student.chat.text(
            replace(request, messages=messages, options=options), context, hear=hear
        )
        return reply


def _with_conversation(rendered: tuple[Message, ...], before: list[Message]) -> tuple[Message, ...]:
    *start, question = rendered
    own = [message for message in start if message.role == "system"]
    demos = [message for message in start if message.role != "system"]
    said = [message.content for message in (*own, *before) if message.role == "system"]
    system = [Message(role="system", content="\n\n".join(said))] if said else []
    return (*system, *demos, *(message for message in before if message.role != "system"), question)


def _renamed(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {"max_tokens" if name == "max_completion_tokens" else name: value for name, value in options.items()}


async def serve_pack(
    folder: Path,
    *,
    student: str,
    address: Address,
    settings: Settings,
    store: Store,
    limits: Limits,
    stop: StopSignal,
    ready: Callable[[str, Pack], None],
    unreviewed: bool = False,
    retrieval: str | None = None,
    options: Mapping[str, JsonValue] | None = None,
) -> None:
    """Serve a pack's student until a stop is asked for.

    Args:
        folder: the pack's.
        student: the model that answers.
        address: where.
        settings: of the laboratory.
        store: where runs are kept.
        limits: where answering ends, over all times that this pack was served from this home; clients then get 429.
        stop: the wish to stop.
        ready: told the base URL and the pack, once it answers.
        unreviewed: also use lessons that nobody approved.
        retrieval: which lessons go along with a question (``tutorkit.retrieval``); the pack's own rule by default.
        options: sampling options where a client gives none.

    Raises:
        PackDamaged, NotApproved: as for ``apply_pack``.
        BadSetting: when the student is no model, the pack an optimiser's prompt, or the address may not be served.
    """
    pack = load_pack(folder)
    lessons = lessons_for_student(pack, unreviewed=unreviewed)
    refuse_program(pack.name, lessons, to="served")
    rule = retrieval or pack.retrieval
    read_rule(rule)
    if is_offline(student):
        raise BadSetting(
            f"{student} reads no questions over HTTP.", remedy="Serve a model: --student openai/gpt-4o-mini, local/…."
        )
    run_id = f"serve-{pack.digest[:16]}"
    budget = RunBudget(
        max_calls=limits.max_calls,
        max_usd=limits.max_usd,
        max_tokens=limits.max_tokens,
        spent=spent_by(settings.cache_path, run_id),
        price_of=prices_for(settings).of,
    )
    async with gateway_for(
        run_id, budget, settings=settings, store=store, sending=Sending(), listen=ignore, stop=stop
    ) as gateway:
        gateway.check(student)
        model = _model(student, pack, gateway, options or {})
        served = ServedStudent(name=pack.name, student=model, lessons=lessons, rule=rule)
        async with serving(served, address) as base_url:
            ready(base_url, pack)
            await _until(stop)


def _model(ref: str, pack: Pack, gateway: Gateway, options: Mapping[str, JsonValue]) -> ModelStudent:
    return ModelStudent(
        ref=ref,
        chat=AccountedGateway(gateway),
        prompts=PromptLibrary(),
        description=str(pack.provenance.get("task_description", "")),
        answer_format=str(pack.provenance.get("answer_format", "")),
        options={**STUDENT_DEFAULTS, **options},
    )


async def _until(stop: StopSignal) -> None:
    with suppress(asyncio.CancelledError):
        while not stop.requested:
            await asyncio.sleep(_POLL_S)
