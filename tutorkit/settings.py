"""Settings: what a machine or an account decides, from ``TUTORKIT_*`` variables. What a run decides is an argument."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path, user_state_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CacheMode = Literal["cache", "live", "refresh", "replay"]
Trace = Literal["off", "otel"]


class Settings(BaseSettings):
    """Where things are kept, and how models are reached.

    Every field is an environment variable with the prefix ``TUTORKIT_``: ``home`` is ``TUTORKIT_HOME``.
    """

    model_config = SettingsConfigDict(env_prefix="TUTORKIT_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=lambda: user_data_path("tutorkit"), description="Database, cache, checkpoints and packs."
    )
    db_url: str | None = Field(default=None, description="Database; a SQLite file in the home folder when left out.")
    data_dir: Path | None = Field(default=None, description="Folder that holds the public datasets.")
    cache_mode: CacheMode = Field(default="cache", description="What to do with recorded model replies.")
    concurrency: int = Field(default=16, ge=1, le=512, description="Model calls under way at once, to one account.")
    limits: Path | None = Field(default=None, description="JSON file of requests and tokens per minute, by provider.")
    limits_dir: Path = Field(
        default_factory=lambda: user_state_path("tutorkit") / "limits",
        description="What all processes of this machine know of the accounts that they call.",
    )
    timeout_s: float = Field(default=120.0, gt=0, description="Seconds until a model call is given up.")
    prices: Path | None = Field(default=None, description="JSON file of prices per million tokens, by model.")
    trace: Trace = Field(default="off", description="Mirror runs to OpenTelemetry; OTEL_* variables say where to.")
    trace_content: bool = Field(default=False, description="Mirror what models and learners wrote, too.")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.db_url or f"sqlite:///{self.home / 'tutorkit.sqlite'}"

    @property
    def cache_path(self) -> Path:
        """The file of recorded model replies."""
        return self.home / "cache.sqlite"

    @property
    def models_path(self) -> Path:
        """The folder of models that run in this process, and of what they were trained to."""
        return self.home / "models"

    def run_folder(self, run_id: str) -> Path:
        """The folder of one run's checkpoint and lock."""
        return self.home / "runs" / run_id
