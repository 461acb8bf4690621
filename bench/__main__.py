"""`make bench`: everything we measure, one after the other."""

from __future__ import annotations

import sys

from bench import qr, ussd

BENCHES = {"ussd": ussd.main, "qr": qr.main}


def main(names: list[str]) -> None:
    """Runs the benches named, or all."""
    for name, bench in BENCHES.items():
        if not names or name in names:
            bench()


if __name__ == "__main__":
    main(sys.argv[1:])
