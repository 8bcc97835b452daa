"""Where the weights of a model of this process come from: found, converted once, loaded, adapters merged into them."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from filelock import FileLock

from tutorkit.errors import ConfigError, MissingExtra
from tutorkit.models.local_names import SMOLLM2, LocalName, adapter_digest, adapter_folder, file_sha256
from tutorkit.models.local_server import SMOLLM2_SHA256, smollm2_path

Untyped: TypeAlias = Any
"""What a package without types hands out: a model, a tokenizer, a tensor."""

ANSWERING = ("torch", "transformers", "safetensors")
_CONVERTED, _WEIGHTS = "converted.json", "model.safetensors"


def require(packages: Sequence[str], *, purpose: str) -> None:
    """See that packages of the extra ``local`` are installed; none is imported.

    Raises:
        MissingExtra: naming the first that is not.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, "local", purpose)


def check_weights(name: LocalName, *, models: Path) -> None:
    """See that a model can be loaded, without loading it.

    Raises:
        MissingExtra: when a package that it takes is not installed.
        ConfigError: when its files, or one of its adapters, are not there.
    """
    adapters = ("peft",) if name.adapters else ()
    converts = ("gguf",) if name.base == SMOLLM2 and not _converted(models).is_dir() else ()
    require((*ANSWERING, *adapters, *converts), purpose="A model in this process")
    if name.base == SMOLLM2:
        if converts:
            smollm2_path()
    elif not (Path(name.base) / "config.json").is_file():
        raise ConfigError(
            f"There is no model in the folder {name.base}.",
            remedy="Give the absolute path of a folder with config.json and weights as safetensors.",
            data={"folder": name.base},
        )
    for adapter in name.adapters:
        check_adapter(models, adapter)


def check_adapter(models: Path, name: str) -> Path:
    """Return the folder of an adapter, after seeing that its weights are those that its name promises.

    Raises:
        ConfigError: when it is not there or has been changed.
    """
    folder = adapter_folder(models, name)
    try:
        found = adapter_digest(folder)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The trained weights {name} are not in {folder.parent}.",
            remedy="Run the teaching again that made them, in the same home: it trains only what is missing.",
            data={"adapter": name},
        ) from error
    if found != name:
        raise ConfigError(
            f"The trained weights in {folder} are damaged: their digest is {found}.",
            remedy="Delete the folder, and run the teaching again that made them.",
            data={"adapter": name, "found": found},
        )
    return folder


def load_model(name: LocalName, *, models: Path) -> tuple[Untyped, Untyped]:
    """Load a model and its tokenizer, in 32-bit floats on the CPU, with its adapters merged into its weights.

    Args:
        name: the model.
        models: the home's folder of models.

    Raises:
        MissingExtra, ConfigError: as ``check_weights``.
    """
    check_weights(name, models=models)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    # It would be drawn across the run's own.
    disable_progress_bar()
    # More threads spin while they wait for each other: on a busy machine two are many times slower than one.
    torch.set_num_threads(1)
    folder = _smollm2(models) if name.base == SMOLLM2 else Path(name.base)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    if name.adapters:
        from peft import PeftModel

        for adapter in name.adapters:
            model = PeftModel.from_pretrained(model, check_adapter(models, adapter)).merge_and_unload()
    return model.eval(), tokenizer


def _converted(models: Path) -> Path:
    return models / f"{SMOLLM2}-{SMOLLM2_SHA256[:12]}"


def _smollm2(models: Path) -> Path:
    """Return SmolLM2 as transformers reads it, converted from the package's file at first use (538 MB)."""
    folder = _converted(models)
    models.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _convert(smollm2_path(), folder)
    return folder


def _is_whole(folder: Path) -> bool:
    try:
        noted = json.loads((folder / _CONVERTED).read_text(encoding="utf-8"))
        return bool(noted["sha256"] == file_sha256(folder / _WEIGHTS))
    except (OSError, ValueError, KeyError):
        return False


def _convert(gguf: Path, folder: Path) -> None:
    """Write a GGUF model as safetensors; the folder appears when all is written."""
    import torch
    import transformers

    torch.set_num_threads(1)
    where: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, **where)
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **where)
    # Its numbers are plain floats by now, but it still thinks that it is quantised, and would refuse to be saved.
    for owner, mark in ((model, "hf_quantizer"), (model.config, "quantization_config")):
        if hasattr(owner, mark):
            delattr(owner, mark)
    model.is_quantized = False
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="converting-") as made:
        model.save_pretrained(made)
        tokenizer.save_pretrained(made)
        noted = {"sha256": file_sha256(Path(made) / _WEIGHTS), "gguf_sha256": SMOLLM2_SHA256}
        (Path(made) / _CONVERTED).write_text(json.dumps(noted), encoding="utf-8")
        whole = Path(made) / "whole"
        whole.mkdir()
        for path in list(Path(made).iterdir()):
            if path != whole:
                os.replace(path, whole / path.name)
        os.replace(whole, folder)
