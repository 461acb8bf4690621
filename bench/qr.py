"""What a personal QR costs the first time, and when it is asked for again."""

from __future__ import annotations

import time
from statistics import median

from rich.console import Console

from core.qr.image import png

ROUNDS = 200


def main() -> None:
    """Prints the median of a first and of a repeated drawing, in milliseconds."""
    first: list[float] = []
    again: list[float] = []
    for number in range(ROUNDS):
        payload = f"0010930{number:05d}|NGUYEN VAN A|1987-01-18|0|1629793885861{number:05d}|<1<00<0123232422"
        for times in (first, again):
            began = time.perf_counter()
            png(payload)
            times.append((time.perf_counter() - began) * 1000)
    Console().print(
        f"personal QR: first {median(first):.2f} ms, again {median(again):.4f} ms "
        f"(median of {ROUNDS})"
    )
