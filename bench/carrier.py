"""A stand-in that carries texts, in a process of its own: answers after 20 ms, and counts.

`python -m bench.carrier <port>`. `POST /send` takes JSON with `to`; `GET /seen` tells how many
came, when the first and the last of them, and when each urgent one came.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

ANSWERS_AFTER = 0.02


class Company:
    """Everything it has seen since it was last asked to forget."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.count = 0
        self.first = self.last = 0.0
        self.urgent: dict[str, float] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"GET"):
                    body = json.dumps(self._seen(head)).encode()
                else:
                    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                    self._take(await reader.readexactly(length))
                    await asyncio.sleep(ANSWERS_AFTER)
                    body = b'{"ref": "x"}'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _take(self, body: bytes) -> None:
        now = time.time()
        self.count += 1
        self.first = self.first or now
        self.last = now
        if b"urgent-" in body:
            self.urgent[json.loads(body)["text"]] = now

    def _seen(self, head: bytes) -> dict[str, object]:
        seen = {
            "count": self.count,
            "first": self.first,
            "last": self.last,
            "urgent": self.urgent,
        }
        if b"/forget" in head:
            self.forget()
        return seen


async def _main(port: int) -> None:
    server = await asyncio.start_server(Company().serve, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
