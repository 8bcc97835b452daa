"""Write replies for several prompts at once: each as it would be alone, whoever else is answered beside it.

A loop of our own, since ``generate`` draws all rows of a batch from one stream of random numbers: then a reply would
depend on its neighbours. Here each row has a stream, a limit and stop texts of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2 import TemplateError

from tutorkit.errors import ModelError
from tutorkit.models.providers.failures import status_failure
from tutorkit.models.providers.transformers_weights import Untyped


@dataclass(kw_only=True)
class Row:
    """One reply to be written, and what has been written of it.

    ``temperature`` 0 takes the likeliest token. ``seed`` starts the row's own stream of random numbers. ``wanted``
    tells whether anybody still waits for it.
    """

    prompt: Sequence[int]
    max_tokens: int
    temperature: float
    top_p: float
    top_k: int
    seed: int
    stop: tuple[str, ...]
    wanted: Callable[[], bool]
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    finish: Literal["", "stop", "length", "abandoned"] = ""


def prompt_tokens(
    messages: Sequence[dict[str, str]], *, model: Untyped, tokenizer: Untyped, max_tokens: int, name: str
) -> list[int]:
    """Return a chat as the model reads it, up to where it is its turn to speak.

    Raises:
        RequestRejected: when the model's chat template does not take these messages.
        TooLong: when prompt and reply together do not fit into the model's context.
    """
    if not tokenizer.chat_template:
        raise rejected(name, "it has no chat template, so it cannot be asked in messages")
    try:
        tokens = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=False)
    except TemplateError as error:
        raise rejected(name, f"its chat template refuses the messages: {error}") from error
    room = getattr(model.config, "max_position_embeddings", None)
    if room is not None and len(tokens) + max_tokens > room:
        why = f"{len(tokens)} tokens and a reply of {max_tokens} do not fit into its context length of {room}"
        raise rejected(name, why)
    return [int(token) for token in tokens]


def rejected(name: str, why: str) -> ModelError:
    """Make the error of a request that this model cannot take, as a server would have made it."""
    return status_failure(400, model=name, code="", words=why, headers={})


def write(rows: Sequence[Row], *, model: Untyped, tokenizer: Untyped) -> None:
    """Write the rows' replies into them, one token of each at a time; a row that is done takes no more work.

    Args:
        rows: what is to be written; changed in place.
        model: a causal language model.
        tokenizer: its own; its padding token is never attended to.
    """
    import torch

    ends = _end_tokens(model, tokenizer)
    streams = {id(row): torch.Generator().manual_seed(row.seed) for row in rows}
    longest = max(len(row.prompt) for row in rows)
    padding = [longest - len(row.prompt) for row in rows]
    pad = tokenizer.pad_token_id
    given = torch.tensor([[pad] * pads + list(row.prompt) for pads, row in zip(padding, rows, strict=True)])
    mask = torch.tensor([[0] * pads + [1] * len(row.prompt) for pads, row in zip(padding, rows, strict=True)])
    cache: Any = None
    alive = list(rows)
    with torch.inference_mode():
        while alive:
            places = (mask.cumsum(-1) - 1).clamp(min=0)[:, -given.shape[1] :]
            out = model(
                input_ids=given, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True,
                logits_to_keep=1,
            )  # fmt: skip
            cache = out.past_key_values
            for row, logits in zip(alive, out.logits[:, -1].float(), strict=True):
                _add(row, _choose(logits, row, streams[id(row)]), ends=ends, tokenizer=tokenizer)
            going = [place for place, row in enumerate(alive) if not row.finish]
            if len(going) < len(alive):
                alive = [alive[place] for place in going]
                mask = mask[going]
                if alive:
                    cache.batch_select_indices(torch.tensor(going))
            given = torch.tensor([[row.tokens[-1]] for row in alive])
            mask = torch.cat([mask, mask.new_ones((len(alive), 1))], dim=1)


def _add(row: Row, token: int, *, ends: frozenset[int], tokenizer: Untyped) -> None:
    if not row.wanted():
        row.finish = "abandoned"
        return
    row.tokens.append(token)
    if token in ends:
        row.text, row.finish = _text(row.tokens[:-1], tokenizer), "stop"
        return
    if row.stop or len(row.tokens) == row.max_tokens:
        row.text = _text(row.tokens, tokenizer)
    found = [at for at in (row.text.find(stop) for stop in row.stop) if at >= 0]
    if found:
        row.text, row.finish = row.text[: min(found)], "stop"
    elif len(row.tokens) == row.max_tokens:
        row.finish = "length"


def _choose(logits: Untyped, row: Row, stream: Untyped) -> int:
    import torch

    if row.temperature == 0:
        return int(logits.argmax())
    scaled = (logits / row.temperature).double()
    if row.top_k:
        least = scaled.topk(min(row.top_k, scaled.numel())).values[-1]
        scaled = scaled.masked_fill(scaled < least, -torch.inf)
    shares, order = scaled.softmax(-1).sort(descending=True, stable=True)
    # The likeliest tokens that together reach top_p; the one that reaches it is in.
    shares = shares.masked_fill(shares.cumsum(-1) - shares >= row.top_p, 0.0)
    return int(order[torch.multinomial(shares, 1, generator=stream)])


def _end_tokens(model: Untyped, tokenizer: Untyped) -> frozenset[int]:
    said = getattr(model.generation_config, "eos_token_id", None)
    ends = said if isinstance(said, list) else [said]
    return frozenset(int(token) for token in (*ends, tokenizer.eos_token_id) if token is not None)


def _text(tokens: Sequence[int], tokenizer: Untyped) -> str:
    return str(tokenizer.decode(tokens, skip_special_tokens=True))
