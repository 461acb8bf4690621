"""`make bench`: everything we measure, one after the other."""

from __future__ import annotations

import sys

from bench import crowded, grown, inside, memory, platform, qr, sms, ussd
from gateway import text_cost

BENCHES = {
    "ussd": ussd.main,
    "inside": inside.main,
    "qr": qr.main,
    "platform": platform.main,
    "crowd": crowded.main,
    "memory": memory.main,
    "grown": grown.main,
    "sms": sms.main,
    "cost": text_cost.main,
}
TAKE_MORE = {
    "ussd": ussd.main,
    "platform": platform.main,
    "crowd": crowded.main,
    "memory": memory.main,
    "grown": grown.main,
}


def main(names: list[str]) -> None:
    """Runs the benches named, or all; numbers after one name are for that bench alone:
    `platform 100 10`, `ussd 1 2 4`."""
    if len(names) > 1 and names[0] in TAKE_MORE and names[1] not in BENCHES:
        TAKE_MORE[names[0]](names[1:])
        return
    for name, bench in BENCHES.items():
        if not names or name in names:
            bench()


if __name__ == "__main__":
    main(sys.argv[1:])
