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


@contextmanager
def serve_model(answer: Callable[[dict], str]) -> Iterator[ModelServer]:
    """Serve ``answer`` as an OpenAI-compatible chat model."""
    seen = ModelServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                seen.asked[json.dumps(body, sort_keys=True)] += 1
            message = {"role": "assistant", "content": answer(body)}
            reply = json.dumps(
                {
                    "id": "c",
                    "object": "chat.completion",
                    "created": 0,
                    "model": body["model"],
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
                }
            ).encode()
            self.send_response(200)
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
