"""Python's memory in a process that runs for long."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 20_000
"""So many new objects are let gather before the dead ones that hold each other are looked for."""


def settle() -> None:
    """What is loaded by now stays: Python need not look through it over and over for dead objects.

    A busy worker sends 4 % more, and nobody waits for those looks (docs/measured.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
