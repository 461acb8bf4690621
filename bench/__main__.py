"""`make bench`: everything we measure, one after the other."""

from __future__ import annotations

import sys

from bench import platform, qr, ussd

BENCHES = {"ussd": ussd.main, "qr": qr.main, "platform": platform.main}


def main(names: list[str]) -> None:
    """Runs the benches named, or all; what follows one name is for that bench: `platform 100 10`."""
    if len(names) > 1 and names[0] == "platform":
        platform.main(names[1:])
        return
    for name, bench in BENCHES.items():
        if not names or name in names:
            bench()


if __name__ == "__main__":
    main(sys.argv[1:])
