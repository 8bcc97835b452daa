"""Downloads from a set's public home, here a server of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tutorkit.errors import DataNotFound
from tutorkit.tasks import load_task
from tutorkit.tasks.homes import GITHUB, HOMES, download

ASKED: list[str] = []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        ASKED.append(self.path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    home = HOMES["svamp"]
    folder = tmp_path / "web" / home.repository / home.revision
    folder.mkdir(parents=True)
    row = {"Body": "He had 5 eggs.", "Question": "How many?", "Equation": "5.0", "Answer": 5.0, "Type": "Addition"}
    rows = [{**row, "ID": f"chal-{n}", "Body": f"Person {chr(65 + n)} {'so ' * n} had 5 eggs."} for n in range(20)]
    (folder / "SVAMP.json").write_text(json.dumps(rows))
    ASKED.clear()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_downloaded_once_and_kept(server: str, tmp_path: Path):
    first = load_task("svamp", cache_dir=tmp_path / "cache", base_url=server)
    again = load_task("svamp", cache_dir=tmp_path / "cache", base_url=server)
    assert first.digest == again.digest
    assert len(ASKED) == 1
    assert first.revision == HOMES["svamp"].revision
    assert first.source == "https://github.com/arkilpatel/SVAMP"


def test_the_users_folder_comes_first_and_what_it_lacks_is_downloaded(server: str, tmp_path: Path):
    (tmp_path / "data").mkdir()
    load_task("svamp", data_dir=tmp_path / "data", cache_dir=tmp_path / "cache", base_url=server)
    assert len(ASKED) == 1


def test_no_such_file_at_the_home(server: str, tmp_path: Path):
    with pytest.raises(DataNotFound, match="404"):
        download(HOMES["gsm8k"], HOMES["gsm8k"].files[0], cache=tmp_path / "cache", base_url=server)
    assert not list((tmp_path / "cache").rglob("*.jsonl"))


def test_without_network_both_remedies_are_named(tmp_path: Path):
    with pytest.raises(DataNotFound) as caught:
        load_task("gsm8k", data_dir=tmp_path, cache_dir=tmp_path / "cache", base_url="http://127.0.0.1:9")
    said = str(caught.value)
    assert f"gsm8k is not in {tmp_path} (train.jsonl or test.jsonl), and http://127.0.0.1:9/openai" in said
    assert "Connect to the network once" in said
    assert "--data DIR or TUTORKIT_DATA_DIR" in said
    with pytest.raises(DataNotFound, match="no web address"):
        load_task("gsm8k", cache_dir=tmp_path, base_url="file:///etc")


def test_every_home_is_pinned_to_a_commit():
    assert GITHUB.startswith("https://")
    for home in HOMES.values():
        assert len(home.revision) == 40
        assert home.files
