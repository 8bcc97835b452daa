"""One training, in a process of its own: ``python -m tutorkit.training.worker SPEC.json``.

Its memory is given back when it ends, and killing it loses nothing but its own work. On stdout it says one line of JSON
for each step; everything that libraries print goes to stderr, which the parent keeps in a file. When the parent dies,
its closed pipe ends this process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tutorkit.errors import TrainingFailed, TutorkitError
from tutorkit.models.local_names import parse_local
from tutorkit.models.providers.transformers_weights import Untyped, load_model
from tutorkit.training.registry import STAGES
from tutorkit.training.rows import Shaped
from tutorkit.training.spec import TrainingSpec


def train(spec: TrainingSpec, say: IO[str]) -> None:
    """Train, tell each step, and write the adapter.

    Raises:
        TrainingFailed: when rows do not fit into the settings' length.
        ConfigError: when the model cannot be loaded.
    """
    import torch
    from transformers import TrainerCallback, set_seed

    class Telling(TrainerCallback):  # type: ignore[misc]
        """Says each step's loss."""

        def on_log(self, _args: Untyped, state: Untyped, _control: Untyped, logs: Untyped = None, **_: Untyped) -> None:
            if logs and "loss" in logs:
                told = {"step": state.global_step, "steps": state.max_steps, "loss": float(logs["loss"])}
                say.write(json.dumps(told) + "\n")
                say.flush()

    torch.set_num_threads(1)
    set_seed(spec.settings.seed)
    model, tokenizer = load_model(parse_local(spec.base), models=Path(spec.models))
    _see_that_they_fit(spec, tokenizer)
    scratch = f"{spec.out}.scratch"
    trainer = STAGES[spec.stage].trainer(model, tokenizer, spec.rows, spec.settings, scratch)
    if len(trainer.train_dataset) != len(spec.rows):
        raise TrainingFailed(f"TRL kept {len(trainer.train_dataset)} of {len(spec.rows)} rows.")
    trainer.add_callback(Telling())
    trainer.train()
    trainer.model.save_pretrained(spec.out)


def _see_that_they_fit(spec: TrainingSpec, tokenizer: Untyped) -> None:
    """TRL cuts what is too long, from its end: the student would learn to stop before the answer."""
    long = [place for place, row in enumerate(spec.rows, start=1) if _length(row, tokenizer) > spec.settings.max_length]
    if long:
        raise TrainingFailed(
            f"{len(long)} of {len(spec.rows)} rows are longer than {spec.settings.max_length} tokens; the first is "
            f"number {long[0]}.",
            remedy="Give the student a longer one: transformers/NAME?max_length=1024.",
        )


def _length(row: Shaped, tokenizer: Untyped) -> int:
    endings = [row[name] for name in ("completion", "chosen", "rejected") if name in row]
    return max(len(_tokens([*row["prompt"], *ending], tokenizer)) for ending in endings)


def _tokens(messages: Sequence[dict[str, str]], tokenizer: Untyped) -> Sequence[int]:
    tokens: Sequence[int] = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False)
    return tokens


def _end_with_the_parent() -> None:
    """Wait until the pipe closes. Not by ``sys.stdin``: its lock, held here, would abort Python when all is done."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def main() -> int:
    """Run the training of the specification, and return the exit code."""
    # Python would print a traceback for Ctrl-C; the parent sees the signal.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    say = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    spec = TrainingSpec.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    try:
        train(spec, say)
    except TutorkitError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"trained in {time.perf_counter() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
