"""A server whose answers have no end, and which counts how much of them its clients took."""

import threading
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

ENDLESS_BYTES = 64 * 1024 * 1024
"""As good as endless: far more than any answer of a company."""
SPACES = b" " * 64 * 1024


class EndlessServer:
    """A server that answers each request with `start` and then spaces, until its client closes the connection."""

    def __init__(self) -> None:
        self.bytes_taken = 0
        self._answer = b""
        owner = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                while self.rfile.readline().strip():
                    pass
                owner.bytes_taken = 0
                with suppress(ConnectionError):
                    self.wfile.write(owner._answer)
                    while owner.bytes_taken < ENDLESS_BYTES:
                        self.wfile.write(SPACES)
                        owner.bytes_taken += len(SPACES)

        ThreadingTCPServer.daemon_threads = True
        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answers_with(self, start: str, status: int = 200) -> None:
        self._answer = f"HTTP/1.1 {status} Any\r\nConnection: close\r\n\r\n{start}".encode()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
