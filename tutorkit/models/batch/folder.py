"""Batches as files in a folder, for a server that is run by hand: ``vllm run-batch``, or OpenAI's web page.

``ID.jsonl`` holds the requests, ``ID.out.jsonl`` beside it the results. A run whose results are not there yet ends as
waiting, and the same command goes on once they are.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from tutorkit.errors import BadSetting, ReplyPending
from tutorkit.models.batch.journal import BY_HAND
from tutorkit.models.providers.batch_lines import MOST_BYTES, MOST_REQUESTS, line_size, read_results, request_line
from tutorkit.models.providers.batches import Found, Line, Progress, Result


class FolderBatches:
    """Batch files in one folder.

    Args:
        folder: it is made when it is not there.
    """

    discounted = False
    one_model = True
    most_requests = MOST_REQUESTS
    most_bytes = MOST_BYTES

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return f"{BY_HAND}{self._folder.resolve()}"

    def size(self, body: Mapping[str, JsonValue]) -> int:
        """Return the bytes that a request's line takes."""
        return line_size(body)

    async def newest(self) -> str | None:
        """Nobody else writes here."""
        return None

    async def submit(self, local_id: str, lines: Sequence[Line]) -> str:
        """Write a batch's file, as a whole or not at all.

        Raises:
            BadSetting: when it cannot be written.
        """
        path = self._requests(local_id)
        unfinished = path.with_suffix(".part")
        with _folder_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(b"".join(map(request_line, lines)))
            unfinished.replace(path)
        return local_id

    async def find(self, local_id: str, *, count: int, after: str | None, apart_from: Collection[str]) -> Found:
        """See whether the file was written."""
        return Found(local_id if self._requests(local_id).exists() else None)

    async def look(self, remote_id: str) -> Progress | None:
        """See whether the results are there.

        Raises:
            ReplyPending: when they are not, saying which command makes them.
        """
        requests, results = self._requests(remote_id), self._results(remote_id)
        if not requests.exists():
            return None
        with _folder_errors(self._folder):
            lines = requests.read_bytes().splitlines()
            there = results.exists() and results.stat().st_size > 0
        if there:
            return Progress(done=len(lines), total=len(lines), ended=True)
        model = str(json.loads(lines[0])["body"]["model"])
        command = shlex.join(["vllm", "run-batch", "-i", str(requests), "-o", str(results), "--model", model])
        raise ReplyPending(
            f"The batch {requests} ({len(lines)} requests to {model}) waits for its results in {results.name}.",
            remedy=f"Run `{command}`, then the same command as before: it goes on where it stopped.",
            data={"files": [requests.name], "folder": str(self._folder), "misfit": False},
        )

    async def results(self, remote_id: str) -> AsyncIterator[Result]:
        """Return the results."""
        with _folder_errors(self._folder):
            lines = self._results(remote_id).read_bytes().splitlines()
        for result in read_results(lines, model=f"The batch {remote_id}"):
            yield result

    async def aclose(self) -> None:
        """Nothing is open."""

    def _requests(self, local_id: str) -> Path:
        return self._folder / f"{local_id}.jsonl"

    def _results(self, local_id: str) -> Path:
        return self._folder / f"{local_id}.out.jsonl"


@contextmanager
def _folder_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadSetting(
            f"The batch folder {folder} cannot be used: {error.strerror or error}.",
            remedy="Give a folder that may be written.",
            data={"folder": str(folder)},
        ) from error
