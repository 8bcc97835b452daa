"""The public home of each problem set: a file at a pinned commit, downloaded once and kept."""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tutorkit.errors import DataNotFound

GITHUB = "https://raw.githubusercontent.com"
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a problem set lives. ``files`` are paths in the repository, whose last part is the local name."""

    repository: str
    revision: str
    licence: str
    files: tuple[str, ...]


_BBH_REVISION = "9ee07bd481feebf959a6b59d61ea57bdcf30964d"

HOMES: Mapping[str, Home] = {
    "gsm8k": Home(
        repository="openai/grade-school-math",
        revision="3101c7d5072418e28b9008a6636bde82a006892c",
        licence="MIT",
        files=("grade_school_math/data/train.jsonl", "grade_school_math/data/test.jsonl"),
    ),
    "svamp": Home(
        repository="arkilpatel/SVAMP",
        revision="689d7ccac74b9983a2ac7cc3b264f441b99e7c53",
        licence="MIT (its seed problems are ASDiv-A's, CC BY-NC 4.0)",
        files=("SVAMP.json",),
    ),
    "aqua": Home(
        repository="google-deepmind/AQuA",
        revision="26b64ed1f22208c6742f47df547dfd65088ec30d",
        licence="Apache-2.0",
        files=("dev.json", "test.json"),
    ),
    "commonsenseqa": Home(
        repository="kojima-takeshi188/zero_shot_cot",
        revision="5ef330fcdeec0cd26aee27943504f91f8ec1c33c",
        licence="MIT",
        files=("dataset/CommonsenseQA/train_rand_split.jsonl", "dataset/CommonsenseQA/dev_rand_split.jsonl"),
    ),
    "strategyqa": Home(
        repository="swarnaHub/ExplanationIntervention",
        revision="f3b0d67d1e96387ce695e47230f429f5e6814823",
        licence="MIT",
        files=("datasets/strategyqa_dataset/train.json", "datasets/strategyqa_dataset/dev.json"),
    ),
    "bbh": Home(
        repository="suzgunmirac/BIG-Bench-Hard", revision=_BBH_REVISION, licence="MIT", files=("bbh/{task}.json",)
    ),
}


def download(home: Home, file: str, *, cache: Path, base_url: str = GITHUB) -> Path:
    """Return the local copy of a file, fetched at the first use and written whole or not at all.

    Args:
        home: whose file it is.
        file: one of its paths.
        cache: the folder that keeps downloads.
        base_url: the server, so that a mirror can stand in.

    Raises:
        DataNotFound: when it cannot be had; the message says from where and why.
    """
    kept = cache / home.repository.replace("/", "+") / home.revision[:12] / Path(file).name
    if kept.is_file():
        return kept
    url = f"{base_url.rstrip('/')}/{home.repository}/{home.revision}/{file}"
    if not url.startswith(("https://", "http://")):
        raise DataNotFound(f"{url} is no web address.", data={"url": url})
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response:  # noqa: S310 - the scheme was checked above
            body = response.read()
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(error, urllib.error.HTTPError):
            reason = f"the server says {error.code}"
            error.close()
        raise DataNotFound(
            f"{url} cannot be downloaded ({reason}).",
            remedy="Connect to the network once, or give a folder that holds it with --data DIR or TUTORKIT_DATA_DIR.",
            data={"url": url},
        ) from error
    _write_whole(kept, body)
    return kept


def _write_whole(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".download-")
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    Path(temporary).replace(path)
