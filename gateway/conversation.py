"""The conversation: the engine, and all that its steps can ask of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.telegram_line import TelegramLine
from core.around import Around
from core.arriving import Patience
from core.clock import Deadline, now
from core.confirming import digits_of
from core.dialogues import BY_NAME, WORDS
from core.engine import Engine
from core.notices.alarm import Alarms
from core.platform.ports import Platforms
from core.robots import Limits
from core.store.check_ins import StoredCheckIns
from core.store.proofs import StoredProofs
from core.store.talks import StoredTalks
from gateway.photos import photo_scans
from gateway.platform_parts import Clients
from gateway.settings import Settings
from gateway.stores import Stores
from gateway.voices import Voices

FORM_PATIENCE = 3.0
"""Seconds to wait for an edition of a form that this process has not seen yet."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The engine, and what it shares with other parts of the house."""

    engine: Engine
    talks: StoredTalks
    check_ins: StoredCheckIns


def conversation_of(
    settings: Settings,
    *,
    stores: Stores,
    voices: Voices,
    clients: Clients,
    platforms: Platforms,
    telegram: TelegramLine | None,
) -> Conversation:
    """The conversation of a house by these settings; people are told what `platforms` answers."""
    database, vault = stores.database, stores.vault
    talks = _talks(settings, stores, voices)
    check_ins = _check_ins(settings, stores, voices)
    fhir = clients.fhir
    around = Around(
        dialogues=BY_NAME,
        words=WORDS,
        platforms=platforms,
        people=stores.people,
        codes=stores.codes,
        proofs=StoredProofs(database, vault, now, stores.outbox, voices.sms),
        chats=stores.chats,
        forms=lambda name: fhir.form_named(name, deadline=Deadline.after(FORM_PATIENCE)),
        later=stores.deferred,
        talks=talks,
        scans=photo_scans(settings, telegram),
        check_ins=check_ins,
        service_code=settings.service_code,
        remind_after=timedelta(minutes=settings.remind_minutes),
        confirm=digits_of(lambda seed: vault.blind("confirm", seed)),
    )
    return Conversation(_engine(settings, around, stores), talks, check_ins)


def _engine(settings: Settings, around: Around, stores: Stores) -> Engine:
    return Engine(
        around,
        stores.sessions,
        patience=Patience(resume=settings.session_minutes * 60),
        limits=Limits(texts=((settings.texts_a_minute, 60.0), (settings.texts_an_hour, 3600.0))),
    )


def _talks(settings: Settings, stores: Stores, voices: Voices) -> StoredTalks:
    return StoredTalks(
        stores.database,
        stores.vault,
        now,
        stores.outbox,
        voices.by_network,
        settings.talk_hours_read,
        timedelta(minutes=settings.talk_minutes),
    )


def _check_ins(settings: Settings, stores: Stores, voices: Voices) -> StoredCheckIns:
    return StoredCheckIns(
        stores.database,
        stores.vault,
        now,
        stores.redis,
        stores.outbox,
        stores.deferred,
        Alarms(settings.station_table, voices.sms, settings.alarm_causes),
    )
