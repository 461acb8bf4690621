"""A whole line for texts: a message centre, a real Kannel, a gateway that runs, and its rows to look at.

Kannel's configuration is the one that operators are given (docs/kannel-sms.conf), with shorter pauses.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from core.message import Address, Channel, Inbound, Page
from core.outbox.outgoing import Outgoing, Purpose, Status
from core.store.tables import inbox
from gateway import settings, wiring
from gateway.ports import free_port
from tests.conftest import ROOT
from tests.peers.conftest import running_gateway
from tests.peers.kannel import Kannel, start_kannel
from tests.peers.processes import until
from tests.peers.sms.centre import PASSWORD, SHORT_NUMBER, USER, Centre, running_centre

CONFIGURATION: Final = ROOT / "docs" / "kannel-sms.conf"
PATH_SECRET = "path-secret-of-the-sms-line-tests"
PORTS = (13000, 13001, 13013)
"""Those of the configuration: admin, smsbox, sendsms."""
PAUSES: Final[Mapping[str, int]] = {
    "sms-resend-freq": 1,
    "reconnect-delay": 1,
    "http-queue-delay": 1,
}


@dataclass
class Line:
    """All of it, running."""

    centre: Centre
    gateway: Mapping[str, Any]
    house: wiring.House
    directory: Path
    kannel: Kannel

    def sends(self, phone: str, text: str) -> str:
        """Puts a text of ours into the outbox, and gives its id."""
        return self.sends_all({phone: text})[phone]

    def sends_all(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Puts texts into the outbox, all at once; gives their ids by number."""
        messages = [
            Outgoing(
                key=f"peers:{uuid.uuid4()}",
                address=Address("phone", phone),
                channel=Channel.SMS,
                page=Page(text),
                purpose=Purpose.RESULT,
            )
            for phone, text in texts.items()
        ]
        with self.house.database.begin() as connection:
            for message in messages:
                self.house.outbox.put(connection, message)
        return {message.address.value: message.id for message in messages}

    def becomes(self, message: str, wanted: Status) -> None:
        """Waits until this message has got so far."""
        until(lambda: self.house.outbox.status(message) is wanted, f"it never became {wanted}")

    def heard(self, phone: str) -> list[str]:
        """What this person's texts said, as they are stored, the oldest first."""
        person = self.house.vault.blind("inbox.person", f"phone:{phone}")
        with self.house.database.begin() as connection:
            query = select(inbox).where(inbox.c.person_key == person).order_by(inbox.c.id)
            rows = connection.execute(query).all()
        return [
            said
            for row in rows
            for said in Inbound.from_json(
                self.house.vault.open_json(row.body, f"inbox.body:{row.provider}:{row.provider_id}")
            ).said
        ]

    def is_up(self) -> bool:
        """Whether Kannel holds the link to the centre."""
        return self.centre.is_bound() and "online" in self.kannel.status()


@contextmanager
def running_line(directory: Path, **more: str) -> Iterator[Line]:
    """All of it until the block ends; `more` are settings of the gateway."""
    ports = {standard: free_port() for standard in PORTS}
    web = free_port()
    with ExitStack() as in_the_end:
        centre = in_the_end.enter_context(running_centre())
        configuration = filled_in(centre.port, web, directory)
        for standard, ours in ports.items():
            configuration = configuration.replace(str(standard), str(ours))
        kannel = start_kannel(configuration, ports[13000], directory, in_the_end)
        until(centre.is_bound, "Kannel did not bind")
        environment = {
            "PORT": str(web),
            "MOTCUA_KANNEL_PATH_SECRET": PATH_SECRET,
            "MOTCUA_KANNEL_URL": f"http://127.0.0.1:{ports[13013]}/cgi-bin/sendsms",
            "MOTCUA_KANNEL_USERNAME": "gateway",
            "MOTCUA_KANNEL_PASSWORD": "gateway-pw",
            "MOTCUA_KANNEL_FROM": SHORT_NUMBER,
            **more,
        }
        gateway = in_the_end.enter_context(running_gateway(directory, **environment))
        house = in_the_end.enter_context(joined_house(directory))
        yield Line(centre, gateway, house, directory, kannel)


@contextmanager
def joined_house(directory: Path) -> Iterator[wiring.House]:
    """The house of a gateway that runs there, in this process: to put messages in, and to look."""
    environment = json.loads((directory / "var" / "run.json").read_text())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        house = wiring.build(settings.load())
        try:
            yield house
        finally:
            house.database.close()
            house.redis.close()


def filled_in(operator_port: int, web: int, directory: Path) -> str:
    """The configuration that operators are given, with our own in place of the braces."""
    braces = {
        "admin_password": "status",
        "operator_host": "127.0.0.1",
        "operator_port": str(operator_port),
        "operator_user": USER,
        "operator_password": PASSWORD,
        "operator_rate": "100",
        "gateway_user": "gateway",
        "gateway_password": "gateway-pw",
        "gateway": f"http://127.0.0.1:{web}",
        "path_secret": PATH_SECRET,
    }
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert set(re.findall(r"\{(\w+)\}", text)) == braces.keys()
    for name, seconds in PAUSES.items():
        text, changed = re.subn(rf"^{name} = \d+$", f"{name} = {seconds}", text, flags=re.M)
        assert changed == 1, name
    spool = directory / "spool"
    for folder in ("store", "dlr"):
        (spool / folder).mkdir(parents=True)
    text = text.format(**braces).replace("/var/spool/kannel", str(spool))
    return text.replace("/var/log/kannel", str(directory)) + "\n"
