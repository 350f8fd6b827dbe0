"""A TCP proxy on the loopback interface that can be made to fail: resets, a black hole, latency."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

CHUNK_BYTES = 65_536
MAX_CHUNKS_IN_FLIGHT = 256
"""Chunks read but not yet written, in one direction of one connection."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""A value of SO_LINGER with which closing a socket sends a reset."""


class FaultProxy:
    """Forwards connections to a local port. ``latency`` (seconds, each way) can be changed at any time."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.target = target
        self.latency = 0.0
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._serve, name="fault-proxy", daemon=True)

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._writers) // 2

    def start(self) -> None:
        """Return once the proxy listens."""
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", self.port))
        self.port = int(server.sockets[0].getsockname()[1])
        self._server = server
        self._thread.start()

    def stop(self) -> None:
        """Close the proxy and every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def reset(self) -> None:
        """Reset every open connection."""
        self._loop.call_soon_threadsafe(self._break)

    @contextmanager
    def black_hole(self) -> Iterator[None]:
        """Forward nothing, in either direction, while the context is open; connections stay open."""
        self._loop.call_soon_threadsafe(self._passing.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._passing.set)

    def _serve(self) -> None:
        self._loop.run_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, upstream_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, upstream_writer}
        for source, sink in ((reader, upstream_writer), (upstream, writer)):
            queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MAX_CHUNKS_IN_FLIGHT)
            for work in (self._read(source, queue), self._write(queue, sink)):
                task = self._loop.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _read(self, source: asyncio.StreamReader, queue: asyncio.Queue[tuple[float, bytes]]) -> None:
        data = b"?"
        while data:
            try:
                data = await source.read(CHUNK_BYTES)
            except OSError:
                data = b""
            await queue.put((self._loop.time() + self.latency, data))

    async def _write(self, queue: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await self._passing.wait()
                if not data:
                    break
                sink.write(data)
                await sink.drain()
        self._writers.discard(sink)
        sink.close()

    def _break(self) -> None:
        for writer in self._writers:
            connection: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        self._writers.clear()

    async def _close(self) -> None:
        self._server.close()
        self._break()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.05)
