"""Secrets for a developer's machine: made once, kept in one private file, the same ever after."""

import base64
import fcntl
import json
import os
import secrets as randomness
from collections.abc import Callable, Iterable
from pathlib import Path

FILE_NAME = "development.json"
API_KEYS = ("officer_key", "operator_key")
"""These have the form of an API key, and are kept as such when the web process starts."""


def development_values(
    var: Path,
    *,
    secrets: Iterable[str],
    random_bytes: Callable[[int], bytes] = randomness.token_bytes,
) -> dict[str, str]:
    """The kept value of each named secret; those without one are made and kept.

    Safe when two processes start at the same time: both get the same values.
    """
    wanted = list(secrets)
    var.mkdir(parents=True, exist_ok=True)
    with (var / f"{FILE_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = var / FILE_NAME
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in wanted if name not in kept]
        if missing:
            kept |= {name: _make(name, random_bytes) for name in missing}
            write_private(path, json.dumps(kept, indent=2) + "\n")
    return {name: kept[name] for name in wanted}


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it, from its first byte on."""
    passing = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)


def _make(name: str, random_bytes: Callable[[int], bytes]) -> str:
    if name == "field_keys":
        return "dev:" + base64.b64encode(random_bytes(32)).decode()
    if name in API_KEYS:
        return f"mc_{name.removesuffix('_key')}_{random_bytes(24).hex()}"
    return base64.urlsafe_b64encode(random_bytes(24)).decode()
