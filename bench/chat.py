"""Updates a second with a reply, and the time to it: ours beside a bare bot, on stand-ins for the networks.

Update → webhook → inbox → worker → conversation → outbox → the network's interface, over real
sockets, with PostgreSQL and Valkey. The stand-ins answer at once, so what is measured is ours; the
time ends when they have been asked, which leaves their own part out.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from bench import bare_bots
from bench import house as servers
from core.clock import now
from core.token_pairs import Pair
from gateway import logs, settings, wiring
from tests.peers.any_updates import AnyUpdates
from tests.peers.telegram import TelegramPeer
from tests.peers.zalo import APP_SECRET, CS, ZaloPeer
from tests.peers.zalo_events import APP_ID, OA_ID, OA_SECRET

CHATS = 40
UPDATES = 400
ONE_BY_ONE = 60
ROUNDS = 3
CLIENTS = 4
PATIENCE = 60.0
SECRET = "webhook-secret-of-the-bench"
BARE = "/bench/bot"
"""Where `bench.wsgi` has the bare bots."""

console = Console()


class Asked(list[Any]):
    """The calls that a stand-in was asked, and when those of one kind came."""

    def __init__(self, field: str, wanted: str) -> None:
        super().__init__()
        self.at: list[float] = []
        self._field, self._wanted = field, wanted

    def append(self, call: Any) -> None:
        if getattr(call, self._field) == self._wanted:
            self.at.append(time.perf_counter())


@dataclass
class Line:
    """One network: how an update is brought, and how many replies have come."""

    name: str
    asked: list[float]
    """When the stand-in was asked to send, one moment for each message."""
    bring: Callable[[int], tuple[bytes, dict[str, str]]]
    """Chat → body and headers of the next update."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"bare": [], "ours": []})
    rates: dict[str, list[float]] = field(default_factory=lambda: {"bare": [], "ours": []})


def main(arguments: list[str] | None = None) -> None:
    """Prints a table and the ratios; `arguments`: updates in a round, and rounds."""
    count, rounds = [*map(int, arguments or ()), *(UPDATES, ROUNDS)[len(arguments or ()) :]][:2]
    with (
        TelegramPeer() as telegram,
        ZaloPeer(now, per_minute=10**9) as zalo,
        servers.servers() as base,
        _running(base, telegram, zalo) as web,
    ):
        lines = [_telegram(telegram), _zalo(zalo)]
        for line in lines:
            for chat in range(CHATS):  # everybody has been met before
                _one(web, line, "bare", chat), _one(web, line, "ours", chat)
        for number in range(rounds):
            with console.status(f"round {number + 1} of {rounds}"):
                for line in lines:
                    for which in ("bare", "ours"):
                        line.rates[which].append(_many(web, line, which, count))
                        times = (_one(web, line, which, n % CHATS) for n in range(ONE_BY_ONE))
                        line.seconds[which] += times
    _print(lines, count * rounds)


@contextmanager
def _running(base: Mapping[str, str], telegram: TelegramPeer, zalo: ZaloPeer) -> Iterator[str]:
    """A web process and a worker that know the stand-ins; gives the web process's address."""
    access, refresh = zalo.pair()
    environment = {
        **base,
        "MOTCUA_LOG_LEVEL": "error",
        "MOTCUA_TELEGRAM_TOKEN": telegram.token,
        "MOTCUA_TELEGRAM_API_URL": telegram.url,
        "MOTCUA_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "MOTCUA_ZALO_APP_ID": APP_ID,
        "MOTCUA_ZALO_APP_SECRET": APP_SECRET,
        "MOTCUA_ZALO_OA_ID": OA_ID,
        "MOTCUA_ZALO_OA_SECRET": OA_SECRET,
        "MOTCUA_ZALO_API_URL": zalo.url,
        "MOTCUA_ZALO_OAUTH_URL": zalo.url,
        bare_bots.TELEGRAM: f"{telegram.url}/bot{telegram.token}",
        bare_bots.ZALO: zalo.url,
        bare_bots.ZALO_TOKEN: access,
    }
    with patch.dict(os.environ, environment):
        house = wiring.build(settings.load(join=False))
        logs.set_up(house.settings)
        until = now() + timedelta(hours=24)
        house.zalo_shelf.put(Pair(access, refresh, now(), until, now() + timedelta(days=90)))
        house.database.close()
    worker = subprocess.Popen([sys.executable, "-m", "bench.chat_worker"], env=environment)
    try:
        with servers.web(environment, threads=8) as web:
            yield web
    finally:
        worker.terminate()
        worker.wait(20)


def _telegram(peer: TelegramPeer) -> Line:
    drawn = AnyUpdates(1)
    for chat in range(CHATS):
        peer.chat(700_000 + chat)

    def bring(chat: int) -> tuple[bytes, dict[str, str]]:
        _id, update = drawn.last_word("telegram", chat)
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        return json.dumps(update).encode(), headers

    peer.calls = asked = Asked("method", "sendMessage")
    return Line("telegram", asked.at, bring)


def _zalo(peer: ZaloPeer) -> Line:
    drawn = AnyUpdates(2, oa_id=OA_ID, app_id=APP_ID)
    for chat in range(CHATS):
        peer.acts(drawn.zalo_id(chat))

    def bring(chat: int) -> tuple[bytes, dict[str, str]]:
        _id, event = drawn.last_word("zalo", chat)
        body = json.dumps(event).encode()
        return body, peer.events.signed(body)

    peer.calls = asked = Asked("path", CS)
    return Line("zalo", asked.at, bring)


def _path(line: Line, which: str) -> str:
    return f"{BARE}/{line.name}" if which == "bare" else f"/bot/{line.name}/webhook"


def _post(wire: http.client.HTTPConnection, line: Line, which: str, chat: int) -> None:
    body, headers = line.bring(chat)
    wire.request("POST", _path(line, which), body, headers)
    answer = wire.getresponse()
    answer.read()
    assert answer.status == 200, answer.status


def _wire(web: str) -> http.client.HTTPConnection:
    parts = urlsplit(web)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)


def _many(web: str, line: Line, which: str, count: int) -> float:
    """Updates a second with a reply: from the first update to the last reply."""
    before, began = len(line.asked), time.perf_counter()

    def client(number: int) -> None:
        wire = _wire(web)
        for one in range(number, count, CLIENTS):
            _post(wire, line, which, one % CHATS)
        wire.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    _until(lambda: len(line.asked) - before >= count, 0.02)
    return count / (line.asked[before + count - 1] - began)


def _one(web: str, line: Line, which: str, chat: int) -> float:
    """Seconds from bringing an update until the network is asked to send the reply."""
    before = len(line.asked)
    wire = _wire(web)
    wire.connect()
    began = time.perf_counter()
    _post(wire, line, which, chat)
    _until(lambda: len(line.asked) > before, 0.002)
    wire.close()
    time.sleep(0.02)  # what else is done about it (old buttons retired) belongs to nobody's time
    return line.asked[before] - began


def _until(what: Callable[[], bool], pause: float) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            raise SystemExit("a reply never came")
        time.sleep(pause)


def _print(lines: list[Line], updates: int) -> None:
    table = Table("network", "bot", "updates a second", "to the reply, p50 ms", "p95 ms")
    for line in lines:
        for which in ("bare", "ours"):
            times = line.seconds[which]
            table.add_row(
                line.name,
                which,
                f"{median(line.rates[which]):,.0f}",
                f"{median(times) * 1000:.1f}",
                f"{quantiles(times, n=20)[18] * 1000:.1f}",
            )
    console.print(table)
    for line in lines:
        pairs = zip(line.rates["bare"], line.rates["ours"], strict=True)
        ratios = sorted(ours / bare for bare, ours in pairs)
        slower = median(line.seconds["ours"]) / median(line.seconds["bare"])
        console.print(
            f"{line.name}: ratio {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}), "
            f"to the reply {slower:.1f} times the bare bot's; {updates:,} updates each, "
            f"{CLIENTS} clients, {CHATS} chats, one web process, one worker",
            soft_wrap=True,
        )
