"""What `GET /metrics` shows: all that the processes of this machine count, and what waits in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.metrics_core import GaugeMetricFamily

from core.store.queues import Look, Queues
from gateway import counting

_log = structlog.get_logger("metrics")

PATIENCE = 2.0
"""Seconds for what must be asked of PostgreSQL; a scrape has ten by default."""

Ask = Callable[[], Sequence[Metric]]


def registry(*asked: Ask) -> CollectorRegistry:
    """What the page shows; what is `asked` is left out when the answer fails or is late."""
    page = CollectorRegistry()
    page.register(counting.collected())
    for ask in asked:
        page.register(InTime(ask))
    return page


@dataclass(eq=False)
class InTime:
    """Asks in a thread of its own, one question at a time, and waits no longer than `patience`."""

    ask: Ask
    patience: float = PATIENCE
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _asking: Future[Sequence[Metric]] | None = field(default=None, init=False)

    def collect(self) -> Iterable[Metric]:
        """Nothing when the answer fails, or does not come in time."""
        with self._lock:
            asking = self._asking
            if asking is None or asking.done():
                asking = self._asking = Future()
                # As a daemon: a server that never answers must not keep the process from ending.
                threading.Thread(target=self._run, args=(asking,), daemon=True).start()
        try:
            return asking.result(self.patience)
        except Exception as error:  # noqa: BLE001  (whatever ails the server, the rest is shown)
            _log.warning("metrics_left_out", error=type(error).__name__)
            return ()

    def _run(self, asking: Future[Sequence[Metric]]) -> None:
        try:
            asking.set_result(self.ask())
        except Exception as error:  # noqa: BLE001  (who waits is told)
            asking.set_exception(error)


def waiting(queues: Queues) -> Ask:
    """The gauges of the queues."""
    return lambda: _gauges(queues.look())


def _gauges(look: Look) -> Sequence[Metric]:
    lanes = look.outbox.items()
    return (
        gauge(
            "motcua_outbox_waiting",
            "Messages that wait to be sent, those for later among them",
            {lane: queue.waiting for lane, queue in lanes},
            "lane",
        ),
        gauge(
            "motcua_outbox_oldest_seconds",
            "How long the first message that is due has waited",
            {lane: queue.oldest for lane, queue in lanes},
            "lane",
        ),
        gauge(
            "motcua_outbox_failed_last_hour",
            "Messages that failed in the last hour",
            {"": look.failed},
        ),
        gauge("motcua_inbox_waiting", "Messages that came in and wait", {"": look.inbox.waiting}),
        gauge(
            "motcua_inbox_oldest_seconds",
            "How long the first of them has waited",
            {"": look.inbox.oldest},
        ),
        gauge(
            "motcua_kept_calls_waiting",
            "Kept calls that wait for their platform",
            look.kept,
            "platform",
        ),
        gauge("motcua_workers_alive", "Workers that live, on all machines", {"": look.workers}),
    )


def gauge(name: str, words: str, values: Mapping[str, float], label: str = "") -> Metric:
    """A gauge by the values of its label, or without one."""
    family = GaugeMetricFamily(name, words, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family
