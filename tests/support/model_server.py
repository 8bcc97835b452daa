"""A chat model on this machine, in a thread: deterministic, and it counts what it was asked."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class ModelServer:
    """What the server has seen. ``asked`` counts each request body."""

    url: str = ""
    asked: Counter = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        return sum(self.asked.values())


def completion(text: str, *, tokens: tuple[int, int] | None = (10, 5)) -> dict:
    """A whole reply; without ``tokens`` it does not say how many it took."""
    message = {"role": "assistant", "content": text}
    reply = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }
    if tokens is not None:
        told, made = tokens
        reply["usage"] = {"prompt_tokens": told, "completion_tokens": made, "total_tokens": told + made}
    return reply


Answer = str | tuple[int, dict]
"""A text, or a status and the whole JSON that goes with it."""


@contextmanager
def serve_model(answer: Callable[[dict], Answer]) -> Iterator[ModelServer]:
    """Serve ``answer`` as an OpenAI-compatible chat model."""
    seen = ModelServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                seen.asked[json.dumps(body, sort_keys=True)] += 1
            said = answer(body)
            status, payload = (200, {**completion(said), "model": body["model"]}) if isinstance(said, str) else said
            reply = json.dumps(payload).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_arguments) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments) -> None:
            """A client that is killed closes its connections in the middle."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
