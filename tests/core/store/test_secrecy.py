"""Whoever reads the whole database learns nobody's name, number, code or words."""

from __future__ import annotations

import uuid

from sqlalchemy import inspect, text

from core.dialogues.prove import CODE
from core.message import Address, Channel, Page, Qr
from core.outbox.outgoing import Lane, Receipt, Status
from core.outbox.ports import Done, Sent
from core.people.accounts import Linked
from core.people.consent import Consent
from core.store.audit import LookUps
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.proofs import StoredProofs
from core.store.remembered import Memories
from core.store.short_codes import ShortCodes
from core.store.vault import Vault
from sms.texts import SmsVoice
from tests.core.store.conftest import Clock
from tests.core.store.messages import message, put

PHONE, CHAT, QID = "+84912345678", "700123456", "162979388586171101"
NAME, PAPER, SAID = "Ngô Thị Ánh Tuyết", "079190012345", "KB SOT HO"
SECRETS = (
    "912345678",
    "271828",
    CHAT,
    QID,
    NAME,
    "Tuyết",
    PAPER,
    SAID,
    "Không phát hiện",
    "pat-mother",
)


def everything(database: Database) -> str:
    """Every row of every table as text, binary columns both in hexadecimal and as they are."""
    pages = []
    with database.begin() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for value in row:
                    whole = bytes(value) if isinstance(value, bytes | memoryview) else None
                    shown = whole.decode("utf-8", "replace") if whole is not None else str(value)
                    pages.append(f"{table}: {shown} {whole.hex() if whole else ''}")
    return "\n".join(pages)


def live_a_little(database: Database, vault: Vault, clock: Clock) -> str:
    """One of everything; the short code that was given out."""
    people = StoredPeople(database, vault, clock)
    person = people.prove(Address("telegram", CHAT), PHONE)
    words = Consent("link", "Tôi đồng ý.", "vi", Channel.CHAT)
    people.link(person.id, Linked("pat-mother", QID, NAME, 1990), words)
    people.wrong("link", PHONE)
    inbox = Inbox(database, vault, clock)
    inbox.accept("kannel", "1", f"phone:{PHONE}", {"from": PHONE, "text": SAID})
    (waiting,) = inbox.claim(1)
    with database.begin() as connection:
        inbox.done(connection, waiting, {"text": f"Chào {NAME}"})
    code, _ = ShortCodes(database, vault, clock).code_for("pat-mother", QID, f"{PAPER}|{NAME}")
    page = Page(f"{NAME}: Không phát hiện", qr=Qr(PAPER, code))
    outbox = Outbox(database, vault, clock)
    put(
        database,
        outbox,
        message("obs-1/final", Address("phone", PHONE), page=page, person_id=person.id),
        message("obs-2/final", Address("telegram", CHAT), page=page, lane=Lane.URGENT),
    )
    sent, _ = outbox.claim(10)
    outbox.write([Done(sent, "twilio", Sent("SM1"))])
    outbox.settle(Receipt("twilio", "SM1", Status.DELIVERED))
    LookUps(database, vault, clock).record(
        key_id="k1", kind="code", outcome="found", subject=QID, place="Chốt số 3"
    )
    Deferred(database, vault, clock, new_id=lambda: uuid.UUID(int=7)).keep(
        "turn-1", {"address": PHONE, "talk": {"name": NAME, "said": SAID}}
    )
    Memories(database, vault, clock).keep("by-phone", PHONE, f'["{NAME}", "{PAPER}"]', clock())
    proofs = StoredProofs(database, vault, clock, outbox, SmsVoice(), randbelow=lambda _: 271828)
    proofs.send(Address("zalo", CHAT), PHONE, words=CODE, to=person)
    return code


def test_the_whole_database_names_nobody(database: Database, vault: Vault, clock: Clock) -> None:
    code = live_a_little(database, vault, clock)
    found = everything(database)
    for table in (
        "person",
        "address",
        "inbox",
        "outgoing",
        "short_code",
        "deferred",
        "remembered",
        "receipt",
        "proof",
    ):
        assert f"{table}: " in found, "there is something to be looked at"
    for secret in (*SECRETS, code):
        assert secret not in found
        assert secret.encode().hex() not in found
