"""Texts go out and come in through a real Kannel (bearerbox, smsbox) and its fake SMS centre."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.gsm import is_gsm7
from tests.peers.conftest import running_gateway
from tests.peers.kannel import start_kannel
from tests.peers.processes import quiet_port, start, until

pytestmark = pytest.mark.peers

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
ADDRESSED = ("-v", "0", "-H", "127.0.0.1", "-r")
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
    ports = {name: quiet_port() for name in ("admin", "smsbox", "smsc", "sendsms", "web")}
    settings = {
        "PORT": str(ports["web"]),
        "MOTCUA_KANNEL_URL": f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms",
        "MOTCUA_KANNEL_USERNAME": "gateway",
        "MOTCUA_KANNEL_PASSWORD": "gateway-password",
        "MOTCUA_KANNEL_FROM": SHORT_NUMBER,
        "MOTCUA_KANNEL_PATH_SECRET": PATH_SECRET,
    }
    with ExitStack() as in_the_end:
        network = _network(directory, ports, in_the_end)
        yield Connected(in_the_end.enter_context(running_gateway(directory, **settings)), network)


def _network(directory: Path, ports: Mapping[str, int], in_the_end: ExitStack) -> SmsCentre:
    """Kannel, and the network behind it."""
    web = {"web": f"http://127.0.0.1:{ports['web']}"}
    written = CONFIGURATION.format(directory=directory, secret=PATH_SECRET, **{**ports, **web})
    kannel = start_kannel(written, ports["admin"], directory, in_the_end)
    centre = start((FAKESMSC, *ADDRESSED, str(ports["smsc"])), directory, in_the_end)
    until(lambda: "online" in kannel.status(), "fakesmsc did not connect")
    return SmsCentre(centre, directory / "fakesmsc.log")


def test_a_text_comes_in_and_its_answer_goes_out(connected: Connected) -> None:
    phone = "+84911000001"
    connected.network.brings(phone, "HELP")
    (answer, *_rest) = until(lambda: connected.network.received(phone), "no answer came")
    assert "KB" in answer


def test_a_text_with_marks_arrives_whole(connected: Connected) -> None:
    phone = "+84911000002"
    connected.network.brings(phone, "Tình trạng")

    (answer, *_rest) = until(lambda: connected.network.received(phone), "no answer came")
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
        until(lambda: connected.network.received(phone), "no answer came")
        until(lambda: delivered() > before, "no receipt came")
