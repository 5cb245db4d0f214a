"""A light Twilio: takes texts after a set time, keeps connections open, and counts each text exactly.

`python -m tests.bench.stub PORT`. It judges nothing; the double of the tests does that. Beside the API:
`POST /-/reset?delay_ms=50` starts a new count, `GET /-/count` tells it, `GET /-/arrivals` lists every text with
the moment it came (seconds since 1970).
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from urllib.parse import unquote_plus

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
FIELDS = re.compile(rb"(?:^|&)(To|Body)=([^&]*)")
TAKEN = (
    '{"sid":"SM%032x","status":"accepted","num_segments":"1","error_code":null,"error_message":null,'
    '"direction":"outbound-api","date_created":"Mon, 26 Oct 2026 13:00:00 +0000","uri":"/"}'
)


class Count:
    """What came since the last reset."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.texts: Counter[tuple[bytes, bytes]] = Counter()
        self.arrivals: list[tuple[bytes, float]] = []
        self.connections = 0

    def take(self, form: bytes) -> bytes:
        fields = dict(FIELDS.findall(form))
        self.texts[fields.get(b"To", b""), fields.get(b"Body", b"")] += 1
        self.arrivals.append((fields.get(b"Body", b""), time.time()))
        return (TAKEN % (len(self.arrivals) | time.time_ns() << 64)).encode()

    def summary(self) -> dict[str, float]:
        moments = [at for _, at in self.arrivals]
        return {
            "taken": len(moments),
            "distinct": len(self.texts),
            "most": max(self.texts.values(), default=0),
            "first_at": min(moments, default=0.0),
            "last_at": max(moments, default=0.0),
            "connections": self.connections,
        }


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests on it come one after the other."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._count.connections += 1

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            found = LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._read) < whole:
                return
            body, self._read = self._read[end + 4 : whole], self._read[whole:]
            self._answer(head[: head.find(b"\r")], body)

    def _answer(self, line: bytes, body: bytes) -> None:
        method, target, _ = line.split(b" ", 2)
        if target.startswith(b"/-/"):
            self._write(b"200 OK", self._told(target))
        elif method == b"POST":
            answer, delay_s = self._count.take(body), self._count.delay_s
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, self._write, b"201 Created", answer)
            else:
                self._write(b"201 Created", answer)
        else:
            self._write(b"404 Not Found", b"{}")

    def _told(self, target: bytes) -> bytes:
        if target.startswith(b"/-/reset"):
            self._count.__init__()  # type: ignore[misc]
            self._count.delay_s = int(target.rpartition(b"=")[2]) / 1000
            return b"{}"
        if target == b"/-/arrivals":
            return json.dumps(
                [[unquote_plus(body.decode()), at] for body, at in self._count.arrivals]
            ).encode()
        return json.dumps(self._count.summary()).encode()

    def _write(self, status: bytes, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )


async def main(port: int) -> None:
    count = Count()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(count), "127.0.0.1", port, backlog=1024
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
