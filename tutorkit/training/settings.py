"""How a student is trained: the settings of LoRA, and how a student's name states those off their default."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutorkit.errors import BadSetting


class LoraSettings(BaseModel):
    """Settings of one training. The defaults were tried on SmolLM2-135M with about a hundred examples.

    LoRA trains two thin matrices of ``rank`` beside every linear layer, whose product is scaled by ``alpha / rank``
    (arXiv 2106.09685, section 4.1). ``beta`` is DPO's (arXiv 2305.18290, equation 7): how far the student may move from
    where it began.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=2, ge=1, le=1000)
    rate: float = Field(default=1e-3, gt=0, le=1, allow_inf_nan=False)
    dpo_rate: float = Field(default=1e-4, gt=0, le=1, allow_inf_nan=False)
    batch: int = Field(default=4, ge=1, le=1024)
    rank: int = Field(default=16, ge=1, le=1024)
    alpha: int = Field(default=32, ge=1, le=4096)
    max_length: int = Field(default=512, ge=16, le=1_000_000)
    beta: float = Field(default=0.1, gt=0, le=100, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0, lt=2**31)


def read_options(options: str) -> LoraSettings:
    """Read the settings of a student's name: ``epochs=3&rank=8``; nothing given leaves the defaults.

    Raises:
        BadSetting: for a setting that there is not, that is given twice, or whose value does not fit.
    """
    given: dict[str, Any] = {}
    for option in filter(None, options.split("&")):
        name, _, value = option.partition("=")
        if name in given:
            raise _unfit(f"{name} is given twice", name)
        given[name] = value
    try:
        return LoraSettings.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        why = "there is no such setting" if fault["type"] == "extra_forbidden" else fault["msg"]
        raise _unfit(f"{name}: {why}", name) from error


def _unfit(why: str, name: str) -> BadSetting:
    return BadSetting(
        f"A training setting does not fit. {why}.",
        remedy=f"There are {', '.join(LoraSettings.model_fields)}, given as in transformers/NAME?epochs=3&rank=8.",
        data={"setting": name},
    )
