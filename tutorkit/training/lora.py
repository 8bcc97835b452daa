"""Trains a model of this machine by LoRA, each stage in a child process, and keeps what came of it by its digest.

A training's folder holds ``spec.json`` (what was trained, the rows in full), ``training.log`` (what the libraries said)
and, once all is done, ``trained.json``: the names of the adapters. The adapters themselves are in the home's folder of
models, each under the digest of its weights, where the provider finds them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tutorkit.canonical import digest
from tutorkit.errors import RunInterrupted, TrainingFailed
from tutorkit.models.local_names import adapter_digest, adapter_folder, parse_local
from tutorkit.models.providers.transformers_weights import ANSWERING, require
from tutorkit.ports import Asked, TrainingData
from tutorkit.training.registry import staged
from tutorkit.training.settings import read_options
from tutorkit.training.spec import TrainingSpec

logger = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "tutorkit.training.worker")
PACKAGES = (*ANSWERING, "accelerate", "datasets", "peft", "trl")
MARKER, LOG, SPEC = "trained.json", "training.log", "spec.json"
_LAST_LINES = 12
_ENDS_WITHIN_S = 5.0


@dataclass(frozen=True, kw_only=True)
class TrainingStep:
    """One step of a training that is under way. ``loss`` is the mean over the step's batch."""

    stage: str
    step: int
    steps: int
    loss: float


def log_step(step: TrainingStep) -> None:
    """Tell a step by the usual logging."""
    logger.info("training (%s): step %d of %d, loss %.4f", step.stage, step.step, step.steps, step.loss)


@dataclass(frozen=True, kw_only=True)
class LoraTrainer:
    """Trains models of this process; implements ``ports.Trainer``.

    ``models`` is the home's folder of models. ``tell`` hears of each step. ``worker`` is the command of the child,
    which gets the path of the specification, and ``packages`` what it needs.
    """

    models: Path
    tell: Callable[[TrainingStep], None] = log_step
    worker: tuple[str, ...] = WORKER
    packages: tuple[str, ...] = PACKAGES

    async def train(self, rows: Sequence[TrainingData], *, base: str, folder: Path, asked: Asked) -> str:
        """Train on the examples and then on the pairs, and return the name of the model with its new adapters.

        A stage that is finished is not trained again; one that was broken off begins anew.

        Raises:
            TrainingFailed: naming a row that cannot be trained on, or with the last lines that the child wrote.
            BadSetting: for a training setting in ``base`` that does not fit.
            MissingExtra: when the packages that train are not installed.
            RunInterrupted: when Ctrl-C ended the child.
        """
        name = parse_local(base)
        settings = read_options(name.options)
        for stage, shaped in staged(rows, asked).items():
            spec = TrainingSpec(
                stage=stage,
                base=replace(name, options="").ref,
                settings=settings,
                rows=shaped,
                models=str(self.models.resolve()),
                out=str((folder / stage / "adapter").resolve()),
            )
            name = replace(name, adapters=(*name.adapters, await self._stage(spec, folder / stage)))
        return name.ref

    async def _stage(self, spec: TrainingSpec, folder: Path) -> str:
        """Train one stage, if it is not done yet, and return its adapter's name."""
        asked_for = digest(spec.model_dump(mode="json", exclude={"models", "out"}))
        done = _read_marker(folder, asked_for)
        if done is not None and _is_there(self.models, done):
            return done
        require(self.packages, purpose="Training a model")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / SPEC).write_text(spec.model_dump_json(indent=1), encoding="utf-8")
        losses = await self._run(spec, folder)
        adapter = self._keep(Path(spec.out), folder)
        _write_atomically(
            folder / MARKER,
            {"spec": asked_for, "adapter": adapter, "rows": len(spec.rows), "losses": losses},
        )
        return adapter

    async def _run(self, spec: TrainingSpec, folder: Path) -> list[float]:
        """Run the child to its end, and return the loss of each step."""
        losses: list[float] = []
        logger.info("training %s (%s) on %d rows; %s", spec.base, spec.stage, len(spec.rows), folder / LOG)
        async with self._child(folder) as child:
            assert child.stdout is not None
            async for line in child.stdout:
                told = json.loads(line)
                losses.append(told["loss"])
                self.tell(TrainingStep(stage=spec.stage, **told))
            code = await child.wait()
        if code == -signal.SIGINT:
            raise RunInterrupted("The training was interrupted; it will begin anew.", data={"folder": str(folder)})
        if code != 0:
            raise _failed(folder, code)
        return losses

    @asynccontextmanager
    async def _child(self, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start the child; however the block is left, it has ended then."""
        with (folder / LOG).open("wb") as log:
            child = await asyncio.create_subprocess_exec(
                *self.worker,
                str(folder / SPEC),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"},
            )
        try:
            yield child
        finally:
            if child.returncode is None:
                await _end(child)

    def _keep(self, made: Path, folder: Path) -> str:
        """Move an adapter to where the provider finds it; another that is the same may be there already."""
        try:
            name = adapter_digest(made)
        except (OSError, ValueError) as error:
            raise TrainingFailed(
                f"The training wrote no adapter that can be read: {error}.", data={"folder": str(folder)}
            ) from error
        kept = adapter_folder(self.models, name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not _is_there(self.models, name):
            shutil.rmtree(kept, ignore_errors=True)
            with suppress(OSError):
                os.replace(made, kept)
        if not _is_there(self.models, name):
            raise TrainingFailed(f"The adapter could not be kept in {kept}.", data={"folder": str(folder)})
        shutil.rmtree(made, ignore_errors=True)
        return name


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), _ENDS_WITHIN_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _read_marker(folder: Path, asked_for: str) -> str | None:
    """Return the adapter of a stage that was finished with this very specification."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return str(marker["adapter"]) if marker["spec"] == asked_for else None
    except (OSError, ValueError, KeyError):
        return None


def _is_there(models: Path, name: str) -> bool:
    try:
        return adapter_digest(adapter_folder(models, name)) == name
    except (OSError, ValueError):
        return False


def _write_atomically(path: Path, content: object) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(content), encoding="utf-8")
    os.replace(scratch, path)


def _failed(folder: Path, code: int) -> TrainingFailed:
    said = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = said[-1] if said else "it said nothing"
    why = f"was killed by signal {-code} (is there memory enough?)" if code < 0 else f"ended with code {code}"
    return TrainingFailed(
        f"The training {why}: {last}",
        remedy=f"See {folder / LOG}. What was taught so far is kept; the same command trains anew.",
        data={"folder": str(folder), "code": code, "log": said[-_LAST_LINES:]},
    )
