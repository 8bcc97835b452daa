"""Both batch protocols on this machine, in a thread: OpenAI's files and batches, and Anthropic's message batches."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Outcome = str | dict | int
"""What becomes of a request: ``ok``, ``expired``, ``cancelled``, ``missing``, ``twice``, ``broken``; or a status."""


@dataclass
class BatchServer:
    """What the server does, and what it has seen.

    ``looks`` is how often a batch is looked at, or listed, before it has ended. ``outcome`` decides about a request.
    ``refuse`` is the error with which every batch of OpenAI's fails as a whole. ``statuses`` are given out, one for
    each request whose name begins so, before anything is done; 0 does what is asked and loses the answer. ``victim``
    is killed at its ``kill_at``-th request, which is lost, or else done and not answered when ``kill_after``.
    """

    url: str = ""
    looks: int = 1
    outcome: Callable[[dict], Outcome] = lambda _body: "ok"
    answer: Callable[[dict], str] = lambda _body: "Hello."
    refuse: dict | None = None
    statuses: dict[str, list[int]] = field(default_factory=dict)
    victim: int = 0
    kill_at: int = 0
    kill_after: bool = False
    seen: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict] = field(default_factory=dict)
    handed_in: dict[str, list[dict]] = field(default_factory=dict)

    @property
    def model(self) -> str:
        return f"openai/tiny@{self.url}/v1"

    @property
    def claude(self) -> str:
        return f"anthropic/claude-opus-4-5@{self.url}"

    @property
    def asked(self) -> Counter:
        """How often each body was handed in."""
        bodies = (item.get("body") or item["params"] for items in self.handed_in.values() for item in items)
        return Counter(json.dumps(body, sort_keys=True) for body in bodies)

    @property
    def sizes(self) -> list[int]:
        """How many requests each batch had."""
        return [len(items) for items in self.handed_in.values()]

    def count(self, name: str) -> int:
        return sum(each.startswith(name) for each in self.seen)


def _chat(body: dict, text: str) -> dict:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


def _message(body: dict, text: str) -> dict:
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }


class _OpenAI:
    """The routes below /v1/files and /v1/batches."""

    def __init__(self, server: BatchServer) -> None:
        self.server = server

    def upload(self, name: str, content: bytes) -> dict:
        file_id = f"file-{len(self.server.files)}"
        self.server.files[file_id] = content
        return {"id": file_id, "object": "file", "bytes": len(content), "created_at": 0, "filename": name,
                "purpose": "batch", "status": "processed"}  # fmt: skip

    def create(self, given: dict) -> dict:
        name = f"batch_{len(self.server.batches)}"
        lines = [json.loads(line) for line in self.server.files[given["input_file_id"]].splitlines()]
        assert given["endpoint"] == "/v1/chat/completions"
        assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
        assert len({line["body"]["model"] for line in lines}) == 1
        self.server.handed_in[name] = lines
        self.server.batches[name] = {**given, "left": self.server.looks, "files": None}
        return self.shown(name)

    def shown(self, name: str) -> dict:
        kept, lines = self.server.batches[name], self.server.handed_in[name]
        ended = kept["left"] <= 0
        refused = self.server.refuse if ended else None
        if ended and kept["files"] is None:
            kept["files"] = self._results(name)
        out, err = kept["files"] or (None, None)
        return {
            "id": name,
            "object": "batch",
            "endpoint": kept["endpoint"],
            "completion_window": "24h",
            "created_at": 0,
            "input_file_id": kept["input_file_id"],
            "metadata": kept.get("metadata"),
            "status": "failed" if refused else "completed" if ended else "in_progress",
            "errors": {"object": "list", "data": [refused]} if refused else None,
            "output_file_id": None if refused else out,
            "error_file_id": None if refused else err,
            "request_counts": {"total": len(lines), "completed": len(lines) if ended else 0, "failed": 0},
        }

    def _results(self, name: str) -> tuple[str, str | None]:
        good, bad = [], []
        # The order of the results is not that of the requests.
        for line in reversed(self.server.handed_in[name]):
            outcome = self.server.outcome(line["body"])
            record = {"id": "r", "custom_id": line["custom_id"], "response": None, "error": None}
            if outcome in ("ok", "twice"):
                body = _chat(line["body"], self.server.answer(line["body"]))
                record["response"] = {"status_code": 200, "request_id": "q", "body": body}
                good += [record] * (2 if outcome == "twice" else 1)
            elif outcome in ("expired", "cancelled"):
                bad.append({**record, "error": {"code": f"batch_{outcome}", "message": f"It {outcome}."}})
            elif isinstance(outcome, int):
                body = {"error": {"message": "odd option", "code": "odd", "type": "t"}}
                bad.append({**record, "response": {"status_code": outcome, "request_id": "q", "body": body}})
            elif outcome == "broken":
                good.append("{broken")
        return self._file(good), self._file(bad) if bad else None

    def _file(self, records: list) -> str:
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        return self.upload("out.jsonl", "\n".join(lines).encode())["id"]


class _Anthropic:
    """The routes below /v1/messages/batches."""

    def __init__(self, server: BatchServer) -> None:
        self.server = server

    def create(self, given: dict) -> dict:
        name = f"msgbatch_{len(self.server.batches)}"
        self.server.handed_in[name] = given["requests"]
        self.server.batches[name] = {"left": self.server.looks}
        return self.shown(name)

    def shown(self, name: str) -> dict:
        total = len(self.server.handed_in[name])
        ended = self.server.batches[name]["left"] <= 0
        counts = {"processing": 0 if ended else total, "succeeded": total if ended else 0}
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {**counts, "errored": 0, "canceled": 0, "expired": 0},
            "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-02T00:00:00Z",
            # Nobody may follow this with the account's key.
            "results_url": "http://127.0.0.1:1/stolen",
        }

    def results(self, name: str) -> bytes:
        lines = []
        for item in reversed(self.server.handed_in[name]):
            outcome = self.server.outcome(item["params"])
            if outcome == "missing":
                continue
            if outcome == "broken":
                lines.append("{broken")
                continue
            if isinstance(outcome, dict):
                result = {"type": "errored", "error": {"type": "error", "error": outcome}}
            elif outcome in ("expired", "cancelled"):
                result = {"type": outcome.replace("cancelled", "canceled")}
            else:
                message = _message(item["params"], self.server.answer(item["params"]))
                result = {"type": "succeeded", "message": message}
            lines += [json.dumps({"custom_id": item["custom_id"], "result": result})] * (1 + (outcome == "twice"))
        return "\n".join(lines).encode()


def _page(server: BatchServer, shown: Callable[[str], dict], query: dict, cursor: str) -> dict:
    names = list(reversed(server.batches))
    if cursor in query:
        names = names[names.index(query[cursor][0]) + 1 :]
    limit = int(query["limit"][0])
    data = [_looked_at(server, shown, name) for name in names[:limit]]
    return {"object": "list", "data": data, "has_more": len(names) > limit, "first_id": None, "last_id": None}


def _looked_at(server: BatchServer, shown: Callable[[str], dict], name: str) -> dict | None:
    if name not in server.batches:
        return None
    answer = shown(name)
    server.batches[name]["left"] -= 1
    return answer


def _openai(server: BatchServer, asked: _Asked) -> bytes | dict | None:
    openai = _OpenAI(server)
    match (asked.method, asked.parts):
        case ("POST", ["files"]):
            form = message_from_bytes(f"Content-Type: {asked.kind}\r\n\r\n".encode() + asked.body)
            file = next(part for part in form.get_payload() if part.get_filename())
            return openai.upload(file.get_filename(), file.get_payload(decode=True))
        case ("GET", ["files", file_id, "content"]):
            return server.files[file_id]
        case ("POST", ["batches"]):
            return openai.create(json.loads(asked.body))
        case ("GET", ["batches"]):
            return _page(server, openai.shown, asked.query, "after")
        case ("GET", ["batches", name]):
            return _looked_at(server, openai.shown, name)
        case ("POST", ["chat", "completions"]):
            given = json.loads(asked.body)
            return _chat(given, server.answer(given))
    return None


def _anthropic(server: BatchServer, asked: _Asked) -> bytes | dict | None:
    anthropic = _Anthropic(server)
    match (asked.method, asked.parts):
        case ("POST", ["messages", "batches"]):
            return anthropic.create(json.loads(asked.body))
        case ("GET", ["messages", "batches"]):
            return _page(server, anthropic.shown, asked.query, "after_id")
        case ("GET", ["messages", "batches", name]):
            return _looked_at(server, anthropic.shown, name)
        case ("GET", ["messages", "batches", name, "results"]):
            return anthropic.results(name) if name in server.batches else None
    return None


@dataclass(frozen=True)
class _Asked:
    """One request to the server."""

    method: str
    path: str
    query: dict
    kind: str
    body: bytes

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")[1:]


def _answer(server: BatchServer, asked: _Asked) -> tuple[int, bytes | dict | None]:
    """Do what is asked, and return status and reply; None when no reply may be given."""
    name = f"{asked.method} {asked.path}"
    server.seen.append(name)
    dies = server.victim and len(server.seen) == server.kill_at
    if dies and not server.kill_after:
        os.kill(server.victim, signal.SIGKILL)
        return 0, None
    planned = next((statuses for begun, statuses in server.statuses.items() if statuses and name.startswith(begun)), [])
    status = planned.pop(0) if planned else 200
    if status not in (0, 200):
        return status, {"error": {"message": "trouble", "type": "t"}}
    reply = (_anthropic if asked.parts[0] == "messages" else _openai)(server, asked)
    if dies:
        os.kill(server.victim, signal.SIGKILL)
    if dies or status == 0:
        return 0, None
    return (200, reply) if reply is not None else (404, {"error": {"message": "no such thing", "type": "t"}})


@contextmanager
def serve_batches(**settings) -> Iterator[BatchServer]:
    """Serve both protocols."""
    server = BatchServer(**settings)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path)
            kind = self.headers.get("Content-Type", "")
            with lock:
                server.headers.append({key.lower(): value for key, value in self.headers.items()})
                status, reply = _answer(server, _Asked(self.command, path.path, parse_qs(path.query), kind, body))
            if reply is None:
                self.close_connection = True
                return
            content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", f"application/{'octet-stream' if content is reply else 'json'}")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_arguments) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments) -> None:
            """A client that is killed closes its connections in the middle."""

    http = Server(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
