"""How a model that runs in this process is named: ``transformers/BASE``, and ``+DIGEST`` for each adapter on it.

``BASE`` is a model that a package brings along, or the absolute path of a folder. An adapter is named by the digest of
its weights, so two weights never share a name, and no reply of one is ever taken for the other's. ``?epochs=2&rank=8``
behind it is how the student is trained (``training.settings``); it changes nothing in what the model answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tutorkit.canonical import digest
from tutorkit.errors import ConfigError, UnknownName
from tutorkit.models.names import parse_model

PROVIDER = "transformers"
SMOLLM2 = "smollm2-135m-instruct"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"

_DIGITS = 32
_SHAPE = re.compile(rf"(?P<base>[^?]+?)(?P<adapters>(?:\+[0-9a-f]{{{_DIGITS}}})*)(?:\?(?P<options>.*))?")


@dataclass(frozen=True, kw_only=True)
class LocalName:
    """A local model's name, taken apart. ``adapters`` are applied in their order, each on what the ones before made."""

    base: str
    adapters: tuple[str, ...] = ()
    options: str = ""

    @property
    def weights(self) -> str:
        """The name without the options: what decides what the model answers."""
        return "".join((self.base, *(f"+{adapter}" for adapter in self.adapters)))

    @property
    def ref(self) -> str:
        """The whole name, as ``parse_local`` takes it."""
        return f"{PROVIDER}/{self.weights}" + (f"?{self.options}" if self.options else "")


def is_local(model: str) -> bool:
    """Tell whether a name means a model that runs in this process and can be trained."""
    return model.startswith(f"{PROVIDER}/")


@lru_cache(maxsize=1024)
def parse_local(model: str) -> LocalName:
    """Take the name of a model of this process apart.

    Raises:
        UnknownName: when its base is neither known nor an absolute path.
    """
    match = _SHAPE.fullmatch(parse_model(model).name)
    if match is None or not (match["base"] == SMOLLM2 or match["base"].startswith("/")):
        raise UnknownName("model of this process", model, [f"{PROVIDER}/{SMOLLM2}", f"{PROVIDER}//FOLDER/OF/A/MODEL"])
    adapters = tuple(match["adapters"].split("+")[1:])
    return LocalName(base=match["base"], adapters=adapters, options=match["options"] or "")


def adapter_folder(models: Path, name: str) -> Path:
    """Return where the adapter of a digest is kept under the home's folder of models."""
    return models / "adapters" / name


def adapter_digest(folder: Path) -> str:
    """Name an adapter by its weights, and by the two figures that scale them; paths in its settings do not enter.

    Raises:
        OSError, ValueError: when its files cannot be read.
    """
    config = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    scale = [config.get("r"), config.get("lora_alpha")]
    return digest([file_sha256(folder / ADAPTER_WEIGHTS), *scale])[:_DIGITS]


def folder_digest(folder: Path) -> str:
    """Name a folder's model by all that decides its replies: weights, settings and tokenizer.

    The digest is worked out once for each state of the files, as their sizes and times tell it.

    Raises:
        ConfigError: when there is no model with safetensors in the folder.
    """
    files = sorted(path for path in folder.glob("*") if path.suffix in (".safetensors", ".json", ".jinja", ".model"))
    if not (folder / "config.json").is_file() or not any(path.suffix == ".safetensors" for path in files):
        raise ConfigError(
            f"There is no model in {folder}: it needs config.json and weights as safetensors.",
            remedy="Give the absolute path of a folder that `save_pretrained` or a download wrote.",
            data={"folder": str(folder)},
        )
    return _digest_of(tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=64)
def _digest_of(files: tuple[tuple[str, int, int], ...]) -> str:
    return digest([[Path(name).name, file_sha256(Path(name))] for name, _size, _time in files])[:_DIGITS]


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
