"""People dial over SMPP: a USSD centre, a real Kannel and a gateway that runs, and octets between them.

Kannel's configuration is the one that operators are given (docs/kannel-ussd.conf).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose, Status
from gateway import settings, wiring
from tests.peers.conftest import running_gateway
from tests.peers.kannel import start_kannel
from tests.peers.processes import quiet_port, until
from tests.peers.ussd.centre import (
    NOTIFIED,
    PASSWORD,
    UCS2,
    USER,
    Centre,
    Subscriber,
    running_centre,
)
from tests.ussd.kannel_calls import CONFIGURATION

pytestmark = pytest.mark.peers

PATH_SECRET = "path-secret-of-the-ussd-tests"


@dataclass(frozen=True)
class Connected:
    """All of it, running."""

    centre: Centre
    directory: Path

    def subscriber(self, phone: str, session: int = 0x2A) -> Subscriber:
        return Subscriber(self.centre, phone, session)


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    directory = tmp_path_factory.mktemp("ussd")
    ports = {standard: quiet_port() for standard in (13000, 13001, 13013)}
    web = quiet_port()
    with ExitStack() as in_the_end:
        centre = in_the_end.enter_context(running_centre())
        configuration = filled_in(centre.port, web, directory)
        for standard, ours in ports.items():
            configuration = configuration.replace(str(standard), str(ours))
        kannel = start_kannel(configuration, ports[13000], directory, in_the_end)
        until(centre.is_bound, "Kannel did not bind")
        until(lambda: "online" in kannel.status(), "the link is not up")
        our_settings = {
            "PORT": str(web),
            "MOTCUA_KANNEL_PATH_SECRET": PATH_SECRET,
            "MOTCUA_KANNEL_URL": f"http://127.0.0.1:{ports[13013]}/cgi-bin/sendsms",
            "MOTCUA_KANNEL_USERNAME": "gateway",
            "MOTCUA_KANNEL_PASSWORD": "gateway-pw",
            "MOTCUA_KANNEL_USSD_SMSC": "USSD1",
            "MOTCUA_KANNEL_USSD_FROM": "1022",
            "MOTCUA_KANNEL_USSD_LIMIT": "182",
            "MOTCUA_KANNEL_USSD_NUMBERED": "true",
        }
        in_the_end.enter_context(running_gateway(directory, **our_settings))
        yield Connected(centre, directory)


def filled_in(operator_port: int, web: int, directory: Path) -> str:
    """The configuration that operators are given, with our own in place of the braces."""
    braces = {
        "admin_password": "status",
        "operator_host": "127.0.0.1",
        "operator_port": str(operator_port),
        "operator_user": USER,
        "operator_password": PASSWORD,
        "gateway_user": "gateway",
        "gateway_password": "gateway-pw",
        "gateway": f"http://127.0.0.1:{web}",
        "path_secret": PATH_SECRET,
    }
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert set(re.findall(r"\{(\w+)\}", text)) == braces.keys()
    return text.format(**braces).replace("/var/log/kannel", str(directory)) + "\n"


def test_a_call_goes_from_the_menu_to_a_goodbye(connected: Connected) -> None:
    caller = connected.subscriber("+84911000101")
    caller.dials("*1022#").sees("9 English").waits()
    caller.types("9").sees("9 Tieng Viet", "2 My status").waits()
    caller.types("2").sees("1 I agree").waits()
    caller.types("2").sees("nothing was looked up").is_over()


def test_what_is_dialled_with_the_code_is_said_at_once(connected: Connected) -> None:
    """Up to where something must be read: nobody agrees unseen."""
    caller = connected.subscriber("+84911000102")
    caller.dials("*1022*2*1#").sees("1 Dong y").waits()
    caller.dials("*1022*9*7#").sees("province").waits()


def test_who_hangs_up_is_told_nothing_and_may_go_on_later(connected: Connected) -> None:
    caller = connected.subscriber("+84911000103")
    caller.dials("*1022#").types("2").sees("1 Dong y").hangs_up()
    caller.dials("*1022#").sees("1 Lam tiep", "2 Menu").waits()
    assert caller.was_shown() == 3
    caller.types("1").sees("1 Dong y").waits()


def test_a_hop_that_the_network_repeats_is_answered_alike_and_changes_nothing(
    connected: Connected,
) -> None:
    """Heard twice, the second 2 would have refused what the first one led to."""
    caller = connected.subscriber("+84911000104")
    caller.dials("*1022#").types("2").sees("1 Dong y")
    caller.repeats().sees("1 Dong y").waits()
    caller.types("2").is_over()


def test_the_same_answer_twice_is_two_answers(connected: Connected) -> None:
    caller = connected.subscriber("+84911000105")
    caller.dials("*1022#").types("2").sees("1 Dong y").types("2").is_over()


def test_who_wants_accents_reads_and_writes_them(connected: Connected) -> None:
    caller = connected.subscriber("+84911000106")
    caller.dials("*1022#").types("8", "3").sees("Tieng Viet co dau")
    caller.types("2").sees("Tình trạng").waits()
    assert caller.page is not None
    assert caller.page.coding == UCS2
    assert caller.page.carries(0x0501, b"\x02")
    assert "Tình trạng".encode("utf-16-be").hex() in caller.page.octets
    caller.types("Tình trạng").sees("Cho phép tra hồ sơ sức khỏe").waits()
    assert caller.page.coding == UCS2
    assert 70 < len(caller.page.text) <= 80  # more than a text holds, and in one piece


def test_two_people_with_the_same_session_number_do_not_meet(connected: Connected) -> None:
    english, vietnamese = (connected.subscriber(f"+8491100020{one}") for one in (1, 2))
    english.dials("*1022#")
    vietnamese.dials("*1022#")
    english.types("9").sees("My status")
    vietnamese.types("2").sees("Dong y")
    english.types("2").sees("I agree")
    vietnamese.types("2").is_over()
    english.types("0").sees("My status").waits()


def test_many_dial_at_once(connected: Connected) -> None:
    def calls(number: int) -> int:
        caller = connected.subscriber(f"+849110003{number:02d}", session=number)
        caller.dials("*1022#").types("9", "2").sees("I agree").types("2").is_over()
        return caller.was_shown()

    with ThreadPoolExecutor(10) as telephones:
        assert list(telephones.map(calls, range(20))) == [4] * 20


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("+84911000401", "Ket qua xet nghiem da co."),
        ("+84911000402", "Kết quả xét nghiệm đã có."),
        ("+84911000403", "{Ket qua} " * 15 + "x" * 2),
    ],
)
def test_a_notice_is_shown_to_who_has_not_dialled(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, phone: str, text: str
) -> None:
    environment = json.loads((connected.directory / "var" / "run.json").read_text())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    house = wiring.build(settings.load())
    address = Address("phone", phone)
    message = Outgoing(f"peers:{phone}", address, Channel.USSD, Page(text), Purpose.RESULT)
    with house.database.begin() as connection:
        house.outbox.put(connection, message)
    (page,) = until(lambda: connected.centre.shown(phone), "no notice came")
    assert (page.text, page.operation, page.sender) == (text, NOTIFIED, "1022")
    assert page.carries(0x0501, b"\x03")
    assert (page.session, page.receipt) == (None, 0)
    until(lambda: house.outbox.status(message.id) is Status.SENT, "nobody knows that it was taken")
    # What the telephone confirms is no answer, and gets none.
    connected.subscriber(phone).confirms()
    connected.subscriber("+84911000409").dials("*1022#")
    assert connected.centre.shown(phone) == [page]
    house.database.close()
    house.redis.close()


def test_kannel_writes_down_nothing_personal(connected: Connected) -> None:
    """The last one here: what all the others left in the logs."""
    caller = connected.subscriber("+84911000501")
    caller.dials("*1022#").types("2", "1", "079190099999")
    logs = {
        path.name: path.read_text(errors="replace") for path in connected.directory.glob("*.log")
    }
    assert {"bearerbox.log", "smsbox-ussd.log", "gateway.log"} <= logs.keys()
    for name, written in logs.items():
        for hidden in ("84911000501", "079190099999", PATH_SECRET):
            assert hidden not in written, name
