"""Exports rows of fine-tuning data and trains on them for one step in TRL's own trainers.

Needs the extras ``local`` and ``parquet``: ``pip install 'tutorkit[local,parquet]'``. Nothing is downloaded: the model
has two layers of random weights, and the tokenizer is trained on the rows. Prints, for each file, the rows that the
trainer kept and the loss of the step; the exit code is 1 when a trainer loses a row or its loss is no number.

    python evals/exports/trl_accepts.py
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, load_dataset
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from tutorkit.lab import Lab
from tutorkit.store import StoreSink
from tutorkit.types import Message, PreferencePair, Problem, RLExample, Run, SFTExample

ROWS = 12
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}"
    "{% if m.role == 'assistant' %}<eos>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<pad>", "<eos>", "<|user|>", "<|assistant|>", "<|system|>"]
STEP: dict[str, Any] = {
    "max_steps": 1,
    "per_device_train_batch_size": 4,
    "report_to": "none",
    "use_cpu": True,
    "bf16": False,
    "save_strategy": "no",
    "logging_steps": 1,
    "gradient_checkpointing": False,
    "disable_tqdm": True,
    "seed": 0,
}


def main() -> int:
    """Export, load and train; return the exit code."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder, Lab(home=folder) as lab:
        StoreSink(lab.store).put(*_records())
        lab.review_rows("made-by-hand", to="approved", by="trl_accepts.py", why="made by hand for this trial")
        tokenizer = _tokenizer()
        trials: tuple[tuple[str, str | None, Callable[[Dataset, PreTrainedTokenizerFast, str], Any]], ...] = (
            ("trl-sft", None, _sft),
            ("parquet", "sft", _sft),
            ("trl-dpo", None, _dpo),
            ("rl", None, _grpo),
        )
        results = []
        for name, kind, make in trials:
            report = lab.export("made-by-hand", name, kind=kind, to=Path(folder) / name / f"train{_suffix(name)}")
            rows = load_dataset(_suffix(name)[1:].replace("jsonl", "json"), data_files=report.path, split="train")
            trainer = make(rows, tokenizer, folder)
            kept = len(trainer.train_dataset)
            loss = trainer.train().training_loss
            results.append(kept == report.rows and math.isfinite(loss))
            sys.stdout.write(f"{name}: {report.rows} rows, {kept} kept by {type(trainer).__name__}, loss {loss:.4f}\n")
    return 0 if all(results) else 1


def _suffix(name: str) -> str:
    return ".parquet" if name == "parquet" else ".jsonl"


def _records() -> Sequence[Run | Problem | SFTExample | PreferencePair | RLExample]:
    run = Run(
        id="made-by-hand",
        method="none",
        method_version="1",
        fidelity="variant:by-hand",
        task="sums",
        student="sim/none",
        teacher="rules",
        params={},
        seed=0,
        data_digest="0" * 64,
        prompt_digests={},
        versions={},
    )
    made: list[Run | Problem | SFTExample | PreferencePair | RLExample] = [run]
    for n in range(1, ROWS + 1):
        text = f"What is {n} + {n}?"
        asked, told = Message(role="user", content=text), Message(role="assistant", content=f"Answer: {2 * n}")
        common: dict[str, Any] = {
            "run_id": run.id,
            "problem_id": f"p-{n}",
            "split": "train",
            "data": {"answer": str(n)},
        }
        made += [
            Problem(
                id=f"p-{n}", task="sums", text=text, gold=str(2 * n), scorer="number", split="train", group=f"g-{n}"
            ),
            SFTExample(id=f"sft-{n}", messages=(Message(role="system", content="Add."), asked, told), **common),
            PreferencePair(
                id=f"pair-{n}", prompt=text, chosen=told.content, rejected=f"Answer: {n}", unit="output",
                both_orders=True, **common,
            ),
            RLExample(
                id=f"rl-{n}", messages=(asked,), prefix_steps=("First add.",) if n % 2 else (), reward_spec="answer",
                **common,
            ),
        ]  # fmt: skip
    return made


def _tokenizer() -> PreTrainedTokenizerFast:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet)
    made.train_from_iterator(["What is 1 + 2? Answer: 3"] * 20, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", padding_side="left")
    fast.chat_template = TEMPLATE
    return fast


def _model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
    )
    return LlamaForCausalLM(config)


def _sft(rows: Dataset, tokenizer: PreTrainedTokenizerFast, folder: str) -> SFTTrainer:
    args = SFTConfig(output_dir=folder, **STEP)
    return SFTTrainer(model=_model(tokenizer), args=args, train_dataset=rows, processing_class=tokenizer)


def _dpo(rows: Dataset, tokenizer: PreTrainedTokenizerFast, folder: str) -> DPOTrainer:
    args = DPOConfig(output_dir=folder, **STEP)
    model, reference = _model(tokenizer), _model(tokenizer)
    reference.load_state_dict(model.state_dict())
    return DPOTrainer(model=model, ref_model=reference, args=args, train_dataset=rows, processing_class=tokenizer)


def _grpo(rows: Dataset, tokenizer: PreTrainedTokenizerFast, folder: str) -> GRPOTrainer:
    args = GRPOConfig(output_dir=folder, num_generations=2, max_completion_length=4, **STEP)
    return GRPOTrainer(
        model=_model(tokenizer),
        args=args,
        train_dataset=rows,
        processing_class=tokenizer,
        reward_funcs=_right,
    )


def _right(completions: list[Any], answer: list[str | None], **_: object) -> list[float]:
    """Reward an answer that ends as the gold does; the gold arrives as a column of the file.

    A model with random weights is never right: a little is given for length, so that there is something to learn.
    """
    said = [completion[-1]["content"] for completion in completions]
    return [
        float(bool(gold) and text.endswith(str(gold))) + len(text) / 100
        for text, gold in zip(said, answer, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())
