"""What binary data look like, so that a refusal can name it."""

from __future__ import annotations

import re

_Kinds = tuple[tuple[re.Pattern[bytes], str], ...]


def _kinds(*rows: tuple[bytes, str]) -> _Kinds:
    return tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in rows)


REGISTERED = "a record of a schema registry (Avro or Protobuf)"
PROTOBUF = "a Protobuf message"
_NEVER_TEXT = _kinds(
    (rb"\x89PNG", "a PNG picture"),
    (rb"\xff\xd8\xff", "a JPEG picture"),
    (rb"GIF8[79]a", "a GIF picture"),
    (rb"OggS\x00", "an Ogg file"),
    (rb"%PDF-", "a PDF document"),
    (rb"%!PS", "a PostScript document"),
    (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive, or an Office or EPUB document"),
    (rb"\xd0\xcf\x11\xe0", "an old Office document"),
    (rb"BZh[1-9]1AY", "a bzip2 archive"),
    (rb"\xfd7zXZ", "an xz archive"),
    (rb"7z\xbc\xaf", "a 7-Zip archive"),
    (rb"Rar!\x1a", "a RAR archive"),
    (rb"Obj\x01", "an Avro file"),
    (rb"PAR1", "a Parquet file"),
    (rb"SQLite format 3\x00", "a SQLite database"),
    (rb"\xac\xed\x00\x05", "a serialised Java object"),
    (rb"\x80[\x02-\x05][\x8c\x95}(\]c]", "a pickled Python object"),
    (rb"[\x81-\x8f\xde\xdf].{0,4}[\xa1-\xbf\xd9][a-z_]{2}", "a MessagePack object"),
    (rb"\x00\x00.{2}[^\x00]|\x03[\x00\x05].{16}", REGISTERED),
    (rb"[\xa1-\xb7\xbf](?:bid|curl|dbody|dtext|dhtml|etitle|gcontent|hheadline)[\x60-\x7b]", "a CBOR object"),
    (rb"\x04\x22\x4d\x18", "data compressed with LZ4"),
    (rb"\xff\x06\x00\x00sNaPpY|\x82SNAPPY", "data compressed with Snappy"),
    (rb"\xc3\x01.{8}", "an Avro record with a fingerprint"),
    (rb"..\x00\x00[\x01-\x13][A-Za-z_]{1,40}\x00", "a BSON document"),
)
"""How data start that are no article, even if few of their bytes are control characters, and what they are."""
_BINARY_KINDS = _kinds(
    (rb"RIFF....WEBP", "a WebP picture"),
    (rb"RIFF....(?:WAVE|AVI )", "a WAV or AVI file"),
    (rb"II\*\x00|MM\x00\*", "a TIFF picture"),
    (rb"BM....\x00\x00\x00\x00", "a BMP picture"),
    (rb"\x00\x00\x01\x00.\x00", "an icon"),
    (rb"\x00\x00\x00.ftyp(?:avif|heic|heix|mif1)", "an AVIF or HEIC picture"),
    (rb"\x00\x00\x00.ftyp", "an MP4 film"),
    (rb"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (rb"ID3|\xff[\xf2\xf3\xfb]", "an MP3 file"),
    (rb"fLaC", "a FLAC file"),
    (rb"wOF[F2]|\x00\x01\x00\x00\x00|OTTO", "a font"),
    (rb".{257}ustar", "a tar archive"),
    (rb"ARROW1", "an Arrow file"),
    (rb"ORC", "an ORC file"),
    (rb"\x7fELF|MZ|\xca\xfe\xba\xbe|\x00asm", "a program"),
    (rb"\x00.{4}", REGISTERED),
    (rb"[\xa1-\xb7\xbf][\x61-\x77][a-z_]{2}", "a CBOR object"),
    (rb"[\n\x12\x1a].{1,3}[\x20-\x7e]{4}", PROTOBUF),
)
"""How other binary data start, and what they are; only asked of bytes that are not text."""
_PROTOBUF_FIELD = re.compile(rb"[\n\x12\x1a]([\x80-\xff]{0,2}[\x00-\x7f])")
"""The head of the first, second or third field of a Protobuf message, with the length of its text."""


def never_text(head: bytes) -> str | None:
    """What data are that are no article, even if they may look like text; None if they may be one."""
    kinds = (kind for pattern, kind in _NEVER_TEXT if pattern.match(head))
    return next(kinds, PROTOBUF if _is_protobuf(head) else None)


def kind(head: bytes) -> str:
    """What binary data look like, in words."""
    return next((kind for pattern, kind in _BINARY_KINDS if pattern.match(head)), "binary data")


def _is_protobuf(head: bytes) -> bool:
    """Whether data are a text field of Protobuf, and right after it the head of another one."""
    field = _PROTOBUF_FIELD.match(head)
    if field is None:
        return False
    length = sum((byte & 0x7F) << (7 * number) for number, byte in enumerate(field[1]))
    return head[field.end() + length :].startswith((b"\x12", b"\x1a"))
