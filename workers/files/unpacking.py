"""Takes the compression off a file while it is read, and remembers where it is damaged."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Protocol

import zstandard

from workers.clean.input.wrappers import MAX_LAYERS

READ_BYTES = 128 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_FEED_BYTES = {_GZIP: 16 * 1024, _ZSTD: 2 * 1024}
"""Packed bytes that are unpacked at a time: so few that what comes out of them fits into memory, whatever they are."""
_XML_ENCODING = re.compile(r"""\A(<\?xml\s+version\s*=\s*["'][\d.]*["'])\s+encoding\s*=\s*["'][^"'<>]*["']""")
"""The encoding in the first line of XML, which is that of the file no more once its bytes are UTF-8."""
_MAX_DECLARATION_BYTES = 400
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Unpacked:
    """The bytes of a file without gzip and zstd around them, whatever its name.

    Several streams after one another count as one. Where the data are damaged or end early, the bytes end, and
    ``damage`` says why.

    Args:
        read: reads up to so many bytes; none at the end.
        advance: is called with the number of bytes that were read.
    """

    def __init__(self, read: Callable[[int], bytes], advance: Callable[[int], object]) -> None:
        self.damage = ""
        self._read = read
        self._advance = advance

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces of any length but 0."""
        chunks = self._raw()
        for _ in range(MAX_LAYERS):
            head, chunks = _peeked(chunks, len(_ZSTD))
            if head.startswith(_GZIP):
                chunks = self._unpacked(chunks, "gzip", _GZIP, lambda: zlib.decompressobj(wbits=31))
            elif head.startswith(_ZSTD):
                chunks = self._unpacked(chunks, "zstd", _ZSTD, lambda: zstandard.ZstdDecompressor().decompressobj())
            else:
                break
        return _as_utf8(chunks)

    def _raw(self) -> Iterator[bytes]:
        try:
            while chunk := self._read(READ_BYTES):
                self._advance(len(chunk))
                yield chunk
        except OSError as error:
            self.damage = error.strerror or str(error)

    def _unpacked(
        self, chunks: Iterator[bytes], name: str, magic: bytes, make: Callable[[], _Unpacker]
    ) -> Iterator[bytes]:
        unpacker, started = make(), False
        try:
            for packed in _pieces(chunks, _FEED_BYTES[magic]):
                while packed:
                    if not started and not (packed := packed.lstrip(b"\0")):  # tapes and disks fill up with zeros
                        break
                    started = True
                    if unpacked := unpacker.decompress(packed):
                        yield unpacked
                    packed = b""
                    if unpacker.eof:
                        packed, unpacker, started = unpacker.unused_data, make(), False
        except (zlib.error, zstandard.ZstdError) as error:
            self.damage = self.damage or f"its {name} data are damaged ({error})"
        else:
            if started:
                self.damage = self.damage or f"its {name} data end too early"


class ChunkReader(io.RawIOBase):
    """Chunks as a file, to be read through ``io.BufferedReader``."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what there is of the current chunk, and return how much it is."""
        if not self._left:
            self._left = memoryview(next(self._chunks, b""))
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _peeked(chunks: Iterator[bytes], count: int) -> tuple[bytes, Iterator[bytes]]:
    """At least so many of the first bytes, if there are, and all chunks."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= count:
            break
    return head, chain([head] if head else [], chunks)


def _pieces(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    return (chunk[start : start + size] for chunk in chunks for start in range(0, len(chunk), size))


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """JSON and XML in UTF-16, as PowerShell writes it, in UTF-8, so that it can be split; anything else as it is."""
    head, chunks = _peeked(chunks, 4)
    encoding = _UTF16.get(head[:2])
    if not encoding or head[2:4].strip(b"\0") not in (b"{", b"[", b"<"):
        return chunks
    head, chunks = _peeked(chunks, _MAX_DECLARATION_BYTES)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    texts = (decoder.decode(chunk, final=not chunk) for chunk in chain(_rest(chunks), [b""]))
    start = _XML_ENCODING.sub(r"\1", decoder.decode(head[2:]), count=1)
    return (text.encode("utf-8", "replace") for text in chain([start], texts) if text)


def _rest(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """All chunks but the first."""
    next(chunks, None)
    return chunks
