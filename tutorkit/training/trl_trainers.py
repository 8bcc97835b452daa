"""TRL's trainers, with the settings that a CPU and a small model take. Imports nothing until one is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tutorkit.models.providers.transformers_weights import Untyped
from tutorkit.training.rows import Shaped
from tutorkit.training.settings import LoraSettings


def sft(model: Untyped, tokenizer: Untyped, rows: Sequence[Shaped], settings: LoraSettings, folder: str) -> Untyped:
    """Make the trainer that imitates; of prompt and completion, only the completion enters the loss."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    args = SFTConfig(learning_rate=settings.rate, completion_only_loss=True, **_common(settings, folder))
    return SFTTrainer(
        model=model,
        args=args,
        train_dataset=Dataset.from_list(list(rows)),
        processing_class=tokenizer,
        peft_config=_lora(settings),
    )


def dpo(model: Untyped, tokenizer: Untyped, rows: Sequence[Shaped], settings: LoraSettings, folder: str) -> Untyped:
    """Make the trainer that prefers; what it is held near is the model without the new adapter."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    args = DPOConfig(learning_rate=settings.dpo_rate, beta=settings.beta, **_common(settings, folder))
    return DPOTrainer(
        model=model,
        args=args,
        train_dataset=Dataset.from_list(list(rows)),
        processing_class=tokenizer,
        peft_config=_lora(settings),
    )


def _lora(settings: LoraSettings) -> Untyped:
    from peft import LoraConfig

    return LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules="all-linear", task_type="CAUSAL_LM")


def _common(settings: LoraSettings, folder: str) -> dict[str, Any]:
    return {
        "output_dir": folder,
        "num_train_epochs": settings.epochs,
        "per_device_train_batch_size": settings.batch,
        "lr_scheduler_type": "cosine",
        "max_length": settings.max_length,
        "seed": settings.seed,
        "data_seed": settings.seed,
        # TRL turns both on; on a CPU the first loses accuracy and the second time.
        "bf16": False,
        "gradient_checkpointing": False,
        "use_cpu": True,
        "save_strategy": "no",
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
    }
