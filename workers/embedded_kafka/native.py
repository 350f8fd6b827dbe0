"""The native libraries in Kafka's jars, unpacked before Kafka starts.

By default each library unpacks itself when it is first needed. If the disk is full just then, Kafka stays up and
refuses every message of that codec until it is restarted, even once there is room again.
"""

from __future__ import annotations

import os
import platform
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Library:
    """A native library: the jar that has it, its entry for each platform, and the option that says where it is."""

    jar: str
    entries: dict[tuple[str, str], str]
    option: str


LINUX, LINUX_ARM, MAC, MAC_ARM = (
    ("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64"), ("Darwin", "arm64"),
)  # fmt: skip
LIBRARIES = (
    Library(
        "zstd-jni-*.jar",
        {
            LINUX: "linux/amd64/libzstd-jni-*.so",
            LINUX_ARM: "linux/aarch64/libzstd-jni-*.so",
            MAC: "darwin/x86_64/libzstd-jni-*.dylib",
            MAC_ARM: "darwin/aarch64/libzstd-jni-*.dylib",
        },
        "-DZstdNativePath={file}",
    ),
    Library(
        "snappy-java-*.jar",
        {
            LINUX: "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
            LINUX_ARM: "org/xerial/snappy/native/Linux/aarch64/libsnappyjava.so",
            MAC: "org/xerial/snappy/native/Mac/x86_64/libsnappyjava.dylib",
            MAC_ARM: "org/xerial/snappy/native/Mac/aarch64/libsnappyjava.dylib",
        },
        "-Dorg.xerial.snappy.lib.path={folder}",
    ),
)
"""lz4-java does without its library, and gzip is part of Java."""


def options(jars: str, folder: Path) -> list[str]:
    """Java's options to use the libraries, after unpacking those that are not in the folder yet.

    On another platform, or with other jars, a library is left to unpack itself.

    Args:
        jars: the class path.
        folder: the directory for the libraries.

    Raises:
        OSError: the folder cannot be written, for example because the disk is full.
    """
    if platform.system() == "Linux" and platform.libc_ver()[0] != "glibc":
        return []
    here = (platform.system(), platform.machine())
    found = []
    for library in LIBRARIES:
        jar = next((jar for jar in jars.split(os.pathsep) if fnmatch(os.path.basename(jar), library.jar)), None)
        if jar and here in library.entries and (file := _unpack(jar, library.entries[here], folder)):
            found.append(library.option.format(file=file, folder=folder))
    return found


def _unpack(jar: str, pattern: str, folder: Path) -> Path | None:
    """The file of a jar's entry; None if it has none."""
    with zipfile.ZipFile(jar) as archive:
        entry = next((entry for entry in archive.infolist() if fnmatch(entry.filename, pattern)), None)
        if entry is None:
            return None
        file = folder / os.path.basename(entry.filename)
        if not (file.exists() and file.stat().st_size == entry.file_size):
            folder.mkdir(exist_ok=True)
            new = file.with_suffix(".new")
            new.write_bytes(archive.read(entry))
            new.replace(file)
    return file
