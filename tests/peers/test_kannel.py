"""Texts go out and come in through a real Kannel (bearerbox, smsbox) and its fake SMS centre."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from core.gsm import is_gsm7
from gateway.ports import free_port
from tests.peers.conftest import running_gateway

pytestmark = pytest.mark.peers

SOON = 20.0
SHORT_NUMBER = "1022"
PATH_SECRET = "path-secret-of-the-kannel-tests"
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin
status-password = status
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = "{directory}/bearerbox.log"
dlr-storage = internal
sms-resend-retry = 2
sms-resend-freq = 2

group = smsc
smsc = fake
smsc-id = FAKE
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789+ "
log-file = "{directory}/smsbox.log"
http-request-retry = 3
http-queue-delay = 1

group = sendsms-user
username = gateway
password = gateway-password
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{web}/sms/kannel/{secret}/message?from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I&ts=%T"
"""


@dataclass
class SmsCentre:
    """Kannel's fakesmsc: whoever texts us speaks here, and what we send arrives here."""

    process: subprocess.Popen[bytes]
    log: Path
    seen: int = field(default=0)

    def brings(self, phone: str, text: str) -> None:
        """A person's text, in the alphabet that a telephone would choose."""
        kind, written = "text", text
        if not is_gsm7(text):
            kind, written = "ucs2", "".join(f"%{octet:02X}" for octet in text.encode("utf-16-be"))
        assert self.process.stdin is not None
        self.process.stdin.write(f"{phone} {SHORT_NUMBER} {kind} {written}\n".encode())
        self.process.stdin.flush()

    def received(self, phone: str) -> list[str]:
        """What was sent to this phone, as fakesmsc prints it."""
        printed = self.log.read_text(errors="replace").splitlines()
        return [line for line in printed if "Got message" in line and phone.lstrip("+") in line]


@dataclass(frozen=True)
class Connected:
    """A gateway, a Kannel and a network, all running."""

    gateway: Mapping[str, Any]
    network: SmsCentre


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """All of it, for these tests together."""
    directory = tmp_path_factory.mktemp("kannel")
    ports = {name: free_port() for name in ("admin", "smsbox", "smsc", "sendsms", "web")}
    settings = {
        "PORT": str(ports["web"]),
        "MOTCUA_KANNEL_URL": f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms",
        "MOTCUA_KANNEL_USERNAME": "gateway",
        "MOTCUA_KANNEL_PASSWORD": "gateway-password",
        "MOTCUA_KANNEL_FROM": SHORT_NUMBER,
        "MOTCUA_KANNEL_PATH_SECRET": PATH_SECRET,
    }
    with ExitStack() as in_the_end:
        network = _kannel(directory, ports, in_the_end)
        yield Connected(in_the_end.enter_context(running_gateway(directory, **settings)), network)


def _kannel(directory: Path, ports: Mapping[str, int], in_the_end: ExitStack) -> SmsCentre:
    """bearerbox, then smsbox, then the network behind them."""
    written = CONFIGURATION.format(
        directory=directory,
        secret=PATH_SECRET,
        **{
            name: f"http://127.0.0.1:{port}" if name == "web" else port
            for name, port in ports.items()
        },
    )
    configuration = directory / "kannel.conf"
    configuration.write_text(written)
    status = f"http://127.0.0.1:{ports['admin']}/status.txt?password=status"
    _start(("/usr/sbin/bearerbox", "-v", "4", str(configuration)), directory, in_the_end)
    _until(lambda: "running" in _read(status), "bearerbox did not start")
    _start(("/usr/sbin/smsbox", "-v", "4", str(configuration)), directory, in_the_end)
    _until(lambda: "smsbox" in _read(status), "smsbox did not connect")
    log = directory / "fakesmsc.log"
    centre = _start(
        ("/usr/lib/kannel/test/fakesmsc", "-v", "0", "-H", "127.0.0.1", "-r", str(ports["smsc"])),
        directory,
        in_the_end,
    )
    _until(lambda: "online" in _read(status), "fakesmsc did not connect")
    return SmsCentre(centre, log)


def _start(
    command: tuple[str, ...], directory: Path, in_the_end: ExitStack
) -> subprocess.Popen[bytes]:
    log = directory / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=directory
        )

    def stop() -> None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    in_the_end.callback(stop)
    return process


def _read(url: str) -> str:
    try:
        return httpx2.get(url, timeout=2).text
    except httpx2.HTTPError:
        return ""


def _until(done: Callable[[], Any], or_else: str) -> Any:
    """What `done` gives as soon as it gives something."""
    deadline = time.monotonic() + SOON
    while not (found := done()):
        assert time.monotonic() < deadline, or_else
        time.sleep(0.1)
    return found


def test_a_text_comes_in_and_its_answer_goes_out(connected: Connected) -> None:
    phone = "+84911000001"
    connected.network.brings(phone, "HELP")
    (answer, *_rest) = _until(lambda: connected.network.received(phone), "no answer came")
    assert "KB" in answer


def test_a_text_with_marks_arrives_whole(connected: Connected) -> None:
    phone = "+84911000002"
    connected.network.brings(phone, "Tình trạng")

    (answer, *_rest) = _until(lambda: connected.network.received(phone), "no answer came")
    assert "ho so suc khoe" in answer


def test_the_receipt_settles_what_was_sent(connected: Connected) -> None:
    phone = "+84911000003"
    with psycopg.connect(connected.gateway["database_url"], autocommit=True) as database:

        def delivered() -> int:
            (count,) = database.execute(
                "SELECT count(*) FROM outgoing WHERE provider = 'kannel' AND status = 'delivered'"
            ).fetchone() or (0,)
            return int(count)

        before = delivered()
        connected.network.brings(phone, "HELP")
        _until(lambda: connected.network.received(phone), "no answer came")
        _until(lambda: delivered() > before, "no receipt came")
