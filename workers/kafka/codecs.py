"""Decompresses record batches up to a limit, so that a small batch cannot take all memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

import cramjam
import lz4.frame
import zstandard

from workers.fault_points import fault_point

MAX_BYTES = 64 * 1024 * 1024
"""The largest batch, decompressed. Producers limit theirs to about a megabyte before they compress it."""
GZIP_FORMAT = 31
"""``zlib``'s number for the gzip format with any window."""
XERIAL_HEADER = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
"""What Java's producers write before their snappy blocks; others write one bare block."""


class UndecodableError(ValueError):
    """A batch cannot be decompressed, or only to more than the limit."""


@fault_point("decompress")
def decompress(codec: int, data: bytes, limit: int = MAX_BYTES) -> bytes:
    """The decompressed data. ``codec`` is Kafka's number for it.

    Raises:
        UndecodableError: it is larger than the limit, or the codec is unknown.
        Exception: the libraries' own errors for data that they cannot decode.
    """
    if codec not in DECOMPRESS:
        raise UndecodableError(f"unknown codec {codec}")
    decompressed = DECOMPRESS[codec](data, limit)
    if len(decompressed) > limit:
        raise _too_large(limit)
    return decompressed


def _gzip(data: bytes, limit: int) -> bytes:
    """All members, as Java reads them: bytes after the last one that begin no other are ignored."""
    out = bytearray()
    while data and len(out) <= limit:
        member = zlib.decompressobj(GZIP_FORMAT)
        try:
            out += member.decompress(data, limit + 1 - len(out))
        except zlib.error:
            if not out:
                raise
            break
        data = member.unused_data
    return bytes(out)


def _snappy(data: bytes, limit: int) -> bytes:
    blocks = list(_snappy_blocks(data))
    if sum(map(_snappy_length, blocks)) > limit:
        raise _too_large(limit)
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _snappy_length(block: bytes) -> int:
    """The decompressed length, which a block begins with, seven bits to a byte."""
    length = 0
    for number, byte in enumerate(block[:5]):
        length |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            break
    return length


def _snappy_blocks(data: bytes) -> Iterator[bytes]:
    if not data.startswith(XERIAL_HEADER[:8]):
        yield data
        return
    position = len(XERIAL_HEADER)
    while position < len(data):
        (length,) = struct.unpack_from(">i", data, position)
        position += 4
        if not 0 < length <= len(data) - position:
            raise UndecodableError(f"a snappy block of {length} bytes")
        yield data[position : position + length]
        position += length


def _lz4(data: bytes, limit: int) -> bytes:
    return bytes(lz4.frame.LZ4FrameDecompressor().decompress(data, max_length=limit + 1))


def _zstd(data: bytes, limit: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        return bytes(reader.read(limit + 1))


DECOMPRESS: dict[int, Callable[[bytes, int], bytes]] = {1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
"""By Kafka's number of the codec. Each returns more than the limit, or raises, if there is more."""


def _too_large(limit: int) -> UndecodableError:
    return UndecodableError(f"it decompresses to more than {limit} bytes")
