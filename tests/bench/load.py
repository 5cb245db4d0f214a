"""`python -m tests.bench.load PORT CONNECTIONS COUNT [RATE]`: posts prepared requests and says how long each took.

The requests come as lines of JSON ([path, headers, body]) on standard input, ended by an empty line; then a word
starts it. With RATE (a second) they begin at their times, late or not, and lateness counts as waiting.
"""

import asyncio
import json
import re
import sys
import time

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
NO_BODY = (b"204", b"304")


class Client:
    def __init__(self, port: int, requests: list[bytes], rate: float) -> None:
        self._port = port
        self._requests = requests
        self._gap = 1 / rate if rate else 0.0
        self._next = 0
        self.took: list[float] = []
        self.statuses: dict[str, int] = {}

    async def work(self, started: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while self._next < len(self._requests):
            n, self._next = self._next, self._next + 1
            begin = time.perf_counter()
            if self._gap:
                begin = started + n * self._gap
                await asyncio.sleep(max(begin - time.perf_counter(), 0))
            writer.write(self._requests[n])
            head = await reader.readuntil(b"\r\n\r\n")
            status = head[9:12]
            found = LENGTH.search(head)
            if found and status not in NO_BODY:
                await reader.readexactly(int(found[1]))
            self.took.append(time.perf_counter() - begin)
            self.statuses[status.decode()] = self.statuses.get(status.decode(), 0) + 1
            if b"\r\nConnection: close" in head:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.close()


async def main(port: int, connections: int, requests: list[bytes], rate: float) -> None:
    client = Client(port, requests, rate)
    started = time.perf_counter()
    await asyncio.gather(*(client.work(started) for _ in range(connections)))
    passed = time.perf_counter() - started
    print(
        json.dumps({"rate": len(requests) / passed, "took": client.took, "statuses": client.statuses}),
        flush=True,
    )


def request(path: str, headers: dict[str, str], body: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: handrail.test", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/x-www-form-urlencoded"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


if __name__ == "__main__":
    prepared = [request(*json.loads(line)) for line in iter(sys.stdin.readline, "\n")]
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    port, connections, *rest = sys.argv[1:]
    asyncio.run(main(int(port), int(connections), prepared, float(rest[0]) if rest else 0.0))
