"""Counts in a directory: `+name` adds one, `=name` sets a gauge to 1, each answered when it is written."""

from __future__ import annotations

import sys
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram

from gateway import counting

_counters = Counter("motcua_tests", "Counted by the tests", ["what"])
_times = Histogram("motcua_tests_seconds", "Timed by the tests", ["what"], buckets=(1.0, 2.0))
_gauges = Gauge("motcua_tests_out", "Set by the tests", ["what"])


def main() -> None:
    slot = counting.Slot(Path(sys.argv[1]))
    print(slot.number, flush=True)
    for line in sys.stdin:
        doing, what = line[0], line[1:].strip()
        match doing:
            case "+":
                _counters.labels(what).inc()
            case "~":
                _times.labels(what).observe(1.5)
            case "=":
                _gauges.labels(what).set(1)
            case _:
                _gauges.labels(what).set(0)
        slot.write()
        print("done", flush=True)


main()
