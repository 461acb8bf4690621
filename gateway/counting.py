"""What all processes of one machine count, together.

Each process counts in its memory, which costs a menu step nothing, and every few seconds leaves
what it has counted in the file of its slot: the first free one of the directory. The kernel frees
a slot when its process ends, however it ends, and whoever takes it next counts on from there: no
counter goes back, and there are never more files than processes at one time.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path
from typing import IO, Any

import structlog
from prometheus_client import REGISTRY, Metric
from prometheus_client.registry import Collector

from gateway.locks import is_held

_log = structlog.get_logger("counting")

EVERY = 5.0
"""Seconds between two writes: what a process has counted since is lost when it is killed."""
OURS = "motcua_"

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Family:
    """One metric: its samples by name and labels, each with the moment at which a gauge changed."""

    kind: str
    words: str
    samples: dict[tuple[str, Labels], tuple[float, float]] = field(default_factory=dict)


Counts = dict[str, Family]


class Slot:
    """The place in a directory that one process holds while it lives."""

    def __init__(self, directory: Path) -> None:
        """Takes it, with what was counted there before. Raises OSError."""
        self.directory = directory
        self.number, self._held = _take(directory)
        self._file = directory / f"{self.number}.json"
        before = _read(self._file)
        self._before = {name: one for name, one in before.items() if one.kind != "gauge"}
        self._last: Counts = {}
        self._written: Counts | None = None
        self._failed = False
        self._process = os.getpid()
        self._lock = threading.RLock()

    def counts(self) -> Counts:
        """What was counted in this slot until now."""
        with self._lock:
            self._last = together((_counted(self._last), self._before))
            return self._last

    def write(self) -> None:
        """Leaves it for the others, unless nothing has changed."""
        if self._process != os.getpid():
            return  # a fork, which does not hold the slot
        with self._lock:  # the last write may come while another one is under way
            self._write(self.counts())

    def _write(self, counts: Counts) -> None:
        if counts == self._written:
            return
        fresh = self._file.with_suffix(".new")
        try:
            fresh.write_text(_json(counts), encoding="utf-8")
            fresh.replace(self._file)
        except OSError as error:
            if not self._failed:
                _log.warning("metrics_not_written", error=type(error).__name__)
            self._failed = True
        else:
            self._failed, self._written = False, counts

    def keep_writing(self) -> None:
        """Writes until the process ends."""
        while True:
            self.write()
            time.sleep(EVERY)


@dataclass(frozen=True)
class Together:
    """What the processes of this machine have counted; gauges only of those that live."""

    slot: Slot

    def collect(self) -> Iterable[Metric]:
        """Read anew each time."""
        others = (
            _of(file)
            for file in self.slot.directory.glob("*.json")
            if file.stem != str(self.slot.number)
        )
        for name, family in together((self.slot.counts(), *others)).items():
            metric = Metric(name, family.words, family.kind)
            for (sample, labels), (value, _) in family.samples.items():
                metric.add_sample(sample, dict(labels), value)
            yield metric


@dataclass(frozen=True)
class Alone:
    """What this process has counted."""

    def collect(self) -> Iterable[Metric]:
        """Read anew each time."""
        return REGISTRY.collect()


_slots: list[Slot] = []
"""The one of this process, if it has one."""


def share(directory: Path) -> None:
    """From now on what this process counts is seen by the others of this machine.

    Where the directory cannot be used it counts alone, and its log says so.
    """
    try:
        slot = Slot(directory)
    except OSError as error:
        _log.warning("metrics_not_shared", directory=str(directory), error=type(error).__name__)
        return
    _slots[:] = [slot]
    Finalize(None, slot.write, exitpriority=0)  # as `atexit`, but also in a forked web process
    threading.Thread(target=slot.keep_writing, name="counting", daemon=True).start()


def collected() -> Collector:
    """What is counted on this machine, or else in this process alone."""
    return Together(_slots[0]) if _slots else Alone()


def together(all_counts: Iterable[Counts]) -> Counts:
    """Counters and histograms are added up; of a gauge the last change is what holds."""
    found: Counts = {}
    for counts in all_counts:
        for name, family in counts.items():
            if name not in found:
                found[name] = Family(family.kind, family.words, dict(family.samples))
                continue
            samples, is_gauge = found[name].samples, family.kind == "gauge"
            for key, (value, at) in family.samples.items():
                before, before_at = samples.get(key, (0.0, 0.0))
                if not is_gauge:
                    samples[key] = (before + value, 0.0)
                elif at > before_at:
                    samples[key] = (value, at)
    return found


def _counted(last: Mapping[str, Family]) -> Counts:
    """What is in this process's memory; `last` is what was found there the last time."""
    found: Counts = {}
    now = time.time()
    for metric in REGISTRY.collect():
        if not metric.name.startswith(OURS):
            continue
        family = found[metric.name] = Family(metric.type, metric.documentation)
        known = last[metric.name].samples if metric.name in last else {}
        for sample in metric.samples:
            if sample.name.endswith("_created"):
                continue
            key, at = (sample.name, tuple(sorted(sample.labels.items()))), 0.0
            if metric.type == "gauge":
                value, before_at = known.get(key, (None, 0.0))
                at = before_at if value == sample.value else now
            family.samples[key] = (sample.value, at)
    return found


def _take(directory: Path) -> tuple[int, IO[str]]:
    """The number of the first free slot, and the open file that holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        lock = (directory / f"{number}.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return number, lock
    raise AssertionError("numbers do not end")


def _of(file: Path) -> Counts:
    """What another process has left, or one that is gone."""
    counts = _read(file)
    if not is_held(file.with_suffix(".lock")):
        for family in counts.values():
            if family.kind == "gauge":
                family.samples.clear()
    return counts


def _json(counts: Counts) -> str:
    return json.dumps(
        {
            name: [one.kind, one.words, [[*key, *value] for key, value in one.samples.items()]]
            for name, one in counts.items()
        }
    )


def _read(file: Path) -> Counts:
    """Nothing when it is not there, or broken: a machine without power leaves such files."""
    try:
        left: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: Family(
                kind,
                words,
                {
                    (sample, tuple((label, said) for label, said in labels)): (value, at)
                    for sample, labels, value, at in samples
                },
            )
            for name, (kind, words, samples) in left.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
