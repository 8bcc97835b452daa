"""A model in this very process, by transformers: the one kind of model that can also be trained here.

torch is imported, and the model loaded, at the first call that needs it: a replay needs neither.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.errors import ModelError, TutorkitError
from tutorkit.models.capabilities import capabilities
from tutorkit.models.local_names import PROVIDER, SMOLLM2, folder_digest, parse_local
from tutorkit.models.providers.base import Hear, Parsed, ProviderSettings, Sent
from tutorkit.models.providers.chat_wire import chat_body, read_chat
from tutorkit.models.providers.failures import status_failure
from tutorkit.models.providers.transformers_replies import Row, prompt_tokens, rejected, write
from tutorkit.models.providers.transformers_weights import Untyped, check_weights, load_model
from tutorkit.ports import ChatRequest

BATCH = 16
_KEPT_MODELS = 2  # the student before and after its training
_GATHER_S = 0.005
_USUAL_LIMIT = 512
_KNOWN = frozenset({"model", "weights", "messages", "temperature", "top_p", "top_k", "max_tokens", "seed", "stop"})
_PAYLOAD_FINISH = {"stop": "stop", "length": "length"}


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A body that waits for its reply."""

    body: Mapping[str, JsonValue]
    reply: asyncio.Future[JsonValue]


class TransformersProvider:
    """Models that run in this process: ``transformers/smollm2-135m-instruct``, ``transformers//FOLDER``, with adapters.

    What arrives together is answered together, at most ``BATCH`` at once. Everything runs on one thread of its own, so
    that whoever waits can go on with other things.

    Args:
        settings: ``folder`` is the home's folder of models; without one nothing can be loaded.
    """

    name = PROVIDER
    base_url = ""
    own_address = False
    account = None

    def __init__(self, settings: ProviderSettings) -> None:
        self._models = settings.folder or Path("models")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transformers")
        self._loaded: OrderedDict[str, tuple[Untyped, Untyped]] = OrderedDict()
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    def body(self, request: ChatRequest) -> dict[str, JsonValue]:
        """Return the request's body exactly as ``send`` sends it.

        The body of a folder's model holds the digest of its weights: the folder may hold others tomorrow. A sampled
        request has a seed, which its number decides: the same repeat is the same reply, and the next one another.
        """
        name = parse_local(request.model)
        body = chat_body(request, model=name.weights, can=capabilities(request.model))
        if name.base != SMOLLM2:
            body["weights"] = folder_digest(Path(name.base))
        if body.get("temperature", 1.0) != 0:
            body["seed"] = int(digest([body.get("seed", 0), request.sample])[:8], 16)
        return body

    def check(self, model: str) -> None:
        """See that the model's files and the packages that run it are there.

        Raises:
            UnknownName: for a model that is neither known nor a folder.
            MissingExtra: when the extra ``local`` is not installed.
            ConfigError: when its files are not there, or damaged.
        """
        check_weights(parse_local(model), models=self._models)

    async def send(self, body: Mapping[str, JsonValue], *, hear: Hear | None = None) -> Sent:
        """Make one call, together with those that wait; the text is heard when it is whole."""
        reply: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(body, reply))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        payload = await reply
        if hear is not None:
            hear(self.read(payload).text)
        return Sent(payload)

    def read(self, payload: JsonValue) -> Parsed:
        """Read a raw reply."""
        return read_chat(payload, model=PROVIDER)

    def batches(self) -> None:
        """There is no batch API here."""

    async def aclose(self) -> None:
        """Give up what is under way, and give the models' memory back."""
        if self._working is not None:
            for waiting in self._waiting:
                waiting.reply.cancel()
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        self._loaded.clear()

    async def _work(self) -> None:
        """Answer whatever waits, as many at once as ask the same model, until nobody waits."""
        while self._waiting:
            await asyncio.sleep(_GATHER_S)
            self._waiting = [waiting for waiting in self._waiting if not waiting.reply.done()]
            batch = [item for item in self._waiting if item.body["model"] == self._waiting[0].body["model"]][:BATCH]
            self._waiting = [waiting for waiting in self._waiting if waiting not in batch]
            if batch:
                await self._answer(batch)

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        replies: Sequence[JsonValue | TutorkitError] = [_broken(batch[0].body, "it was given up")] * len(batch)
        try:
            replies = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)
        except TutorkitError as error:
            replies = [error] * len(batch)
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            # torch reports a lack of memory as a RuntimeError.
            replies = [_broken(batch[0].body, f"{type(error).__name__}: {error}")] * len(batch)
        finally:
            for waiting, reply in zip(batch, replies, strict=True):
                if waiting.reply.done():
                    continue
                if isinstance(reply, TutorkitError):
                    waiting.reply.set_exception(reply)
                else:
                    waiting.reply.set_result(reply)

    def _write(self, batch: Sequence[_Waiting]) -> list[JsonValue | TutorkitError]:
        """Answer a batch; this runs in the thread."""
        name = str(batch[0].body["model"])
        model, tokenizer = self._model(name)
        made: list[Row | TutorkitError] = []
        for waiting in batch:
            try:
                made.append(_row(waiting, model=model, tokenizer=tokenizer))
            except ModelError as error:
                made.append(error)
        rows = [row for row in made if isinstance(row, Row)]
        if rows:
            write(rows, model=model, tokenizer=tokenizer)
        return [_payload(name, row) if isinstance(row, Row) else row for row in made]

    def _model(self, name: str) -> tuple[Untyped, Untyped]:
        if name not in self._loaded:
            while len(self._loaded) >= _KEPT_MODELS:
                self._loaded.popitem(last=False)
            self._loaded[name] = load_model(parse_local(f"{PROVIDER}/{name}"), models=self._models)
        self._loaded.move_to_end(name)
        return self._loaded[name]


def _row(waiting: _Waiting, *, model: Untyped, tokenizer: Untyped) -> Row:
    """Read a body.

    Raises:
        RequestRejected: for an option that this provider does not have, or a value that the option cannot have.
        TooLong: when it does not fit into the model's context.
    """
    body = waiting.body
    name = f"{PROVIDER}/{body['model']}"
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise rejected(name, f"it does not take the option {unknown[0]}")
    max_tokens = int(_number(body, "max_tokens", _USUAL_LIMIT, low=1))
    stop = body.get("stop") or []
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list):
        raise rejected(name, f"stop cannot be {stops!r}")
    return Row(
        prompt=prompt_tokens(_messages(body), model=model, tokenizer=tokenizer, max_tokens=max_tokens, name=name),
        max_tokens=max_tokens,
        temperature=_number(body, "temperature", 1.0, low=0.0),
        top_p=_number(body, "top_p", 1.0, low=0.0, high=1.0),
        top_k=int(_number(body, "top_k", 0, low=0)),
        # The whole request decides, so that two questions with one seed do not draw the same numbers.
        seed=int(digest(dict(body))[:15], 16),
        stop=tuple(str(text) for text in stops if text),
        wanted=lambda: not waiting.reply.done(),
    )


def _messages(body: Mapping[str, JsonValue]) -> list[dict[str, str]]:
    messages = body["messages"]
    turns = messages if isinstance(messages, list) else []
    return [{"role": str(turn["role"]), "content": str(turn["content"])} for turn in turns if isinstance(turn, dict)]


def _number(
    body: Mapping[str, JsonValue], option: str, otherwise: float, *, low: float, high: float = math.inf
) -> float:
    value = body.get(option)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise rejected(f"{PROVIDER}/{body['model']}", f"{option} cannot be {value!r}")
    return value


def _payload(name: str, row: Row) -> JsonValue:
    return {
        "model": name,
        "choices": [
            {
                "index": 0,
                "finish_reason": _PAYLOAD_FINISH.get(row.finish),
                "message": {"role": "assistant", "content": row.text},
            }
        ],
        "usage": {"prompt_tokens": len(row.prompt), "completion_tokens": len(row.tokens)},
    }


def _broken(body: Mapping[str, JsonValue], why: str) -> ModelError:
    return status_failure(500, model=f"{PROVIDER}/{body['model']}", code="", words=why, headers={})
