"""The server under the double: threads, loopback only, and connections that break on command."""

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

HANG, RESET = "hang", "reset"
HANG_LIMIT_S = 60.0


def end_badly(how: str) -> Response:
    """A response that never reaches the client: the server hangs or resets instead."""
    return Response(status=418, headers={"X-Double-Ending": how})


class _Handler(WSGIRequestHandler):
    def run_wsgi(self) -> None:
        super().run_wsgi()
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


class _Breaking:
    """A WSGI app around the API that carries out `end_badly`."""

    def __init__(self, app: Any, released: threading.Event) -> None:
        self._app = app
        self._released = released

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(self._app, environ)
        how = headers.get("X-Double-Ending")
        if how is None:
            start(status, list(headers))
            return body
        if how == HANG:
            self._released.wait(HANG_LIMIT_S)
        _reset(environ["werkzeug.socket"])
        raise ConnectionResetError("the double cut the connection")


class Server:
    """Serves one WSGI app from start to stop. All its threads and sockets are gone after `stop`."""

    def __init__(self, app: Any) -> None:
        self.released = threading.Event()
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1",
            0,
            _Breaking(app, self.released),
            threaded=True,
            request_handler=_Handler,
        )
        self._server.daemon_threads = False  # type: ignore[attr-defined]  # stop waits for them
        self._server.request_queue_size = 128
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _reset(connection: socket.socket) -> None:
    """Close with RST, as a dying peer does, and not with an orderly end."""
    linger_no_time = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)
    os.close(connection.detach())
