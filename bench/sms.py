"""Texts: how many a second come in and are answered, and how many segments a second are cut."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote_plus

import httpx2
import smsutil
from rich.console import Console
from rich.table import Table

from bench import house, load
from bench.company import NAME, Company, company
from core.gsm import segments
from core.text import LANGUAGES
from gateway.settings import Settings
from gateway.text_cost import ACCENTS, every_text
from sms.texts import SmsVoice

CLIENTS = 4
SECONDS = 1.0
"""For so long texts come in as fast as they are taken, in each round."""
ROUNDS = 5
PHONES = 500
"""Phones of each client, all of them known already; one writes twice in a round at the most."""
GENTLE = 200
"""Texts one by one, each answered before the next, to see how long one takes."""
THREADS: int = Settings.model_fields["web_threads"].default
SPLITS = 20
PATIENCE = 120.0
"""Seconds for the last answer of a round."""

console = Console()


def main() -> None:
    """`python -m bench sms`."""
    with (
        house.servers() as environment,
        tempfile.TemporaryDirectory() as folder,
        ExitStack() as end,
    ):
        other = end.enter_context(company(Path(folder)))
        environment |= other.settings(house.SECRET)
        base = end.enter_context(house.web(environment, threads=THREADS, log=subprocess.DEVNULL))
        end.enter_context(_worker(environment))
        ran = Ran(base, other)
        with console.status("everybody is met for the first time"):
            ran.introduce()
        for number in range(ROUNDS):
            with console.status(f"round {number + 1} of {ROUNDS}"):
                ran.one_round(number)
        with console.status("one by one"):
            took = ran.one_by_one()
    _print(ran, took)
    _print_splits()


def text_in(url: str, run: str, client: int, count: int) -> bytes:
    """The `count`-th text of a client: from one phone after the other, each with an id of its own."""
    form = f"id={run}-{client}-{count}&from=%2B{_phone(client, count)[1:]}&text=HELP"
    return load.form_request(url, form.encode())


def _phone(client: int, count: int) -> str:
    return f"+84912{client:02d}{count % PHONES:04d}"


@dataclass
class Ran:
    """What was measured: bare handler and texts by turns, and until when all were answered."""

    base: str
    company: Company
    bare: list[load.Load] = field(default_factory=list)
    taken: list[load.Load] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    """Texts a second, from the first that came in to the last answer that went out."""
    lost: int = 0

    @property
    def url(self) -> str:
        return f"{self.base}/sms/{NAME}/{house.SECRET}/message"

    def introduce(self) -> None:
        """Every phone writes once: to meet somebody costs more than to answer."""
        with httpx2.Client() as client:
            for number in range(CLIENTS):
                for phone in range(PHONES):
                    self._post(client, f"first-{number}-{phone}", _phone(number, phone))
        self._wait(CLIENTS * PHONES)

    def one_round(self, number: int) -> None:
        """The bare handler, then texts for so long, then nothing until the last is answered."""
        bare = self.base + house.BARE
        self.bare.append(_run(bare, partial(text_in, bare, str(number)), b"CON "))
        before, began = self.company.count(), time.monotonic()
        loaded = _run(self.url, partial(text_in, self.url, str(number)), b"200 OK")
        self.taken.append(loaded)
        count = len(loaded.milliseconds)
        self.lost += self._wait(before + count)
        last = self.company.taken()[-1][0]
        self.answered.append(count / (last - began))

    def one_by_one(self) -> Sequence[float]:
        """Milliseconds from a text that comes in to its answer at the company."""
        took = []
        with httpx2.Client() as client:
            for number in range(GENTLE):
                before, began = self.company.count(), time.monotonic()
                self._post(client, f"gentle-{number}", _phone(number % CLIENTS, number))
                self._wait(before + 1)
                took.append((self.company.taken()[-1][0] - began) * 1000)
        return took

    def _post(self, client: httpx2.Client, id: str, phone: str) -> None:
        form = f"id={id}&from={quote_plus(phone)}&text=HELP"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        client.post(self.url, content=form, headers=kind).raise_for_status()

    def _wait(self, count: int) -> int:
        """Until the company has so many; how many never came."""
        give_up = time.monotonic() + PATIENCE
        while (missing := count - self.company.count()) > 0 and time.monotonic() < give_up:
            time.sleep(0.002)
        return missing


@contextmanager
def _worker(environment: Mapping[str, str]) -> Iterator[None]:
    """One worker process, as in production."""
    command = [sys.executable, "-m", "gateway", "worker"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=dict(environment), stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _run(url: str, make: load.Make, expect: bytes) -> load.Load:
    return load.run(url, make, expect=expect, clients=CLIENTS, seconds=SECONDS)


def _print(ran: Ran, took: Sequence[float]) -> None:
    table = Table("what", "per second", "p50 ms", "p99 ms", "wrong answers")
    for name, loads in (("bare Flask handler", ran.bare), ("a text taken in", ran.taken)):
        figures = (
            median(one.per_second for one in loads),
            median(one.percentile(50) for one in loads),
            median(one.percentile(99) for one in loads),
        )
        per_second, *times = figures
        wrong = sum(one.wrong for one in loads)
        table.add_row(name, f"{per_second:,.0f}", *(f"{one:.1f}" for one in times), str(wrong))
    hundredths = quantiles(took, n=100)
    answered = f"{median(ran.answered):,.0f}"
    alone = (f"{hundredths[49]:.1f}", f"{hundredths[98]:.1f}")
    table.add_row("answered, the answer with the company", answered, *alone, "")
    console.print(table)
    pairs = list(zip(ran.bare, ran.taken, strict=True))
    ratios = sorted(taken.per_second / bare.per_second for bare, taken in pairs)
    console.print(
        f"taken in: {median(ratios):.2f} of the bare handler (from {ratios[0]:.2f} to "
        f"{ratios[-1]:.2f}); answered from {min(ran.answered):,.0f} to {max(ran.answered):,.0f} a "
        f"second, {ran.lost} lost of {sum(len(one.milliseconds) for one in ran.taken):,}; 1 web "
        f"worker, {THREADS} threads, 1 worker process, {CLIENTS} clients; the times of the last row "
        f"are of {GENTLE} texts one by one",
        soft_wrap=True,
    )


def our_texts() -> list[str]:
    """Every text of ours as it is sent: in every language, with accents and without."""
    voice = SmsVoice()
    return [
        page.text
        for built in every_text()
        for language in LANGUAGES
        for accents in ACCENTS
        for page in voice.pages(built.screen, language=language, accents=accents)
    ]


def _print_splits() -> None:
    texts = our_texts()
    theirs = [len(smsutil.split(text).parts) for text in texts]
    ours = [len(segments(text)) for text in texts]
    assert ours == theirs, "we and smsutil do not agree"
    rates: dict[str, list[float]] = {"ours": [], "smsutil": []}
    for _round in range(SPLITS):
        for name, split in (("ours", segments), ("smsutil", smsutil.split)):
            rates[name].append(sum(ours) / _seconds(split, texts))
    ratios = sorted(one / other for one, other in zip(rates["ours"], rates["smsutil"], strict=True))
    console.print(
        f"segments: {median(rates['ours']):,.0f} a second, smsutil {median(rates['smsutil']):,.0f}: "
        f"{median(ratios):.1f} times as many (from {ratios[0]:.1f} to {ratios[-1]:.1f}); {len(texts)} "
        f"texts of ours, {sum(ours)} segments, counted alike",
        soft_wrap=True,
    )


def _seconds(split: Callable[[str], object], texts: Sequence[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        split(text)
    return time.perf_counter() - began
