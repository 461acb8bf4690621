"""The composition root: makes every part from the settings and hands each what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from redis import Redis

from bot import voices as chat_voices
from bot.notes import RedisNotes
from bot.telegram_line import TelegramLine
from bot.typing import Typing, on_telegram
from bot.voice import ChatVoice
from bot.windows import Windows
from bot.zalo_line import ZaloLine
from bot.zalo_tokens import ZaloTokens
from core.around import Around
from core.arriving import Patience
from core.clock import Deadline, now
from core.confirming import digits_of
from core.dialogues import BY_NAME, WORDS
from core.engine import Engine
from core.message import Network
from core.notices.alarm import Alarms
from core.notices.declaration_due import NotedDeclarations
from core.outbox.manners import Manners
from core.platform.ports import Platforms
from core.platform.remembered import remember
from core.robots import Limits
from core.standing import Standings
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.chats import StoredChats
from core.store.check_ins import StoredCheckIns
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.form_shelf import FormShelf
from core.store.inbox import Inbox
from core.store.old_links import OldLinks
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.pictures import StoredPictures
from core.store.proofs import StoredProofs
from core.store.readers import StoredReaders
from core.store.short_codes import ShortCodes
from core.store.talks import StoredTalks
from core.store.token_pairs import TokenShelf
from core.store.upkeep import Retention, Upkeep
from core.store.vault import Vault
from core.voice import Voice
from gateway import events, sms_providers, zalo_parts
from gateway.events import Events
from gateway.hearing import Hearing
from gateway.photos import photo_scans
from gateway.platform_parts import fhir_of, platforms_of, qrqg_of
from gateway.settings import Settings
from gateway.stand_ins import with_stand_ins
from gateway.stores import Stores, stores_of
from sms.texts import SmsVoice
from sms.whatsapp import WhatsAppVoice
from ussd.pages import UssdVoice
from web.simulator.app import StandIns

FORM_PATIENCE = 3.0
"""Seconds to wait for an edition of a form that this process has not seen yet."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything there is, made once in each process; nothing here has connected yet."""

    settings: Settings
    database: Database
    redis: Redis
    vault: Vault
    people: StoredPeople
    readers: StoredReaders
    chats: StoredChats
    talks: StoredTalks
    codes: ShortCodes
    look_ups: LookUps
    api_keys: ApiKeys
    inbox: Inbox
    outbox: Outbox
    manners: Manners
    deferred: Deferred
    upkeep: Upkeep
    platforms: Platforms
    engine: Engine
    ussd: UssdVoice
    sms: SmsVoice
    chat: Mapping[Network, ChatVoice]
    whatsapp: WhatsAppVoice
    hearing: Hearing
    events: Events
    notes: RedisNotes
    windows: Windows
    pictures: StoredPictures
    standings: Standings
    telegram: TelegramLine | None
    zalo: ZaloLine | None
    zalo_tokens: ZaloTokens | None
    zalo_shelf: TokenShelf
    stand_ins: StandIns | None
    platform_states: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Voices:
    """How we speak on each channel."""

    ussd: UssdVoice
    sms: SmsVoice
    chat: Mapping[Network, ChatVoice]
    whatsapp: WhatsAppVoice

    @property
    def by_network(self) -> dict[str, Voice]:
        """Those of all chats, by the name of their network."""
        return {"whatsapp": self.whatsapp} | {str(name): one for name, one in self.chat.items()}


def build(settings: Settings) -> House:
    """The house by these settings; what is not set up in development is played by the simulator."""
    settings, played = with_stand_ins(settings)
    stores = stores_of(settings)
    database, redis, vault = stores.database, stores.redis, stores.vault
    voices = _voices(settings)
    fhir, qrqg = fhir_of(settings, FormShelf(redis)), qrqg_of(settings)
    platforms = platforms_of(fhir, qrqg)
    # News is only what a platform says now; people are told the last known answer, with its age.
    remembering = remember(platforms, stores.memories, now)
    noted = NotedDeclarations(remembering.declarations, stores.ledger.take)
    remembering = replace(remembering, declarations=noted)
    alarms = Alarms(settings.station_table, voices.sms, settings.alarm_causes)
    check_ins = StoredCheckIns(database, vault, now, redis, stores.outbox, stores.deferred, alarms)
    telegram = _telegram(settings)
    talks = _talks(settings, stores, voices)
    around = Around(
        dialogues=BY_NAME,
        words=WORDS,
        platforms=remembering,
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
    engine = Engine(
        around,
        stores.sessions,
        patience=Patience(resume=settings.session_minutes * 60),
        limits=Limits(texts=((settings.texts_a_minute, 60.0), (settings.texts_an_hour, 3600.0))),
    )
    news = events.build(
        settings,
        database=database,
        vault=vault,
        clock=now,
        ledger=stores.ledger,
        readers=stores.readers,
        rounds=check_ins,
        codes=stores.codes,
        fhir=fhir,
        platforms=platforms,
        voices={"phone": voices.sms, **voices.chat, **_news_on_whatsapp(settings, voices)},
    )
    heard = voices.by_network | dict.fromkeys(sms_providers.names(settings), voices.sms)
    typing = Typing(on_telegram(telegram) if telegram else {})
    notes = RedisNotes(redis)
    shelf = zalo_parts.shelf(database, vault)
    tokens = zalo_parts.tokens(settings, shelf)
    return House(
        settings=settings,
        database=database,
        redis=redis,
        vault=vault,
        people=stores.people,
        readers=stores.readers,
        chats=stores.chats,
        talks=talks,
        codes=stores.codes,
        look_ups=LookUps(database, vault, now),
        api_keys=ApiKeys(database, now),
        inbox=stores.inbox,
        outbox=stores.outbox,
        manners=stores.manners,
        deferred=stores.deferred,
        upkeep=Upkeep(
            database,
            now,
            Retention(remembered=timedelta(days=settings.remember_days)),
            OldLinks(database, vault).name,
        ),
        platforms=remembering,
        engine=engine,
        ussd=voices.ussd,
        sms=voices.sms,
        chat=voices.chat,
        whatsapp=voices.whatsapp,
        hearing=Hearing(engine, heard, voices.sms, remembering.declarations, typing),
        events=news,
        notes=notes,
        windows=Windows(notes, vault.blind, now),
        pictures=StoredPictures(redis, vault, f"{settings.base_url}/bot/qr"),
        standings=Standings(remembering, now),
        telegram=telegram,
        zalo=zalo_parts.line(settings, tokens, played.zalo_token if played else ""),
        zalo_tokens=tokens,
        zalo_shelf=shelf,
        stand_ins=played,
        platform_states=lambda: {"fhir": fhir.state, "qrqg": qrqg.state},
    )


def _voices(settings: Settings) -> Voices:
    return Voices(
        ussd=UssdVoice(patience=settings.patience_ussd),
        sms=SmsVoice(patience=settings.patience_sms),
        chat=chat_voices.voices(settings.patience_chat),
        whatsapp=WhatsAppVoice(
            patience=settings.patience_chat, pictures=settings.twilio_whatsapp_qr_image
        ),
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


def _news_on_whatsapp(settings: Settings, voices: Voices) -> dict[Network, Voice]:
    """News comes when it comes, mostly after WhatsApp's window has closed: it takes a template."""
    return {"whatsapp": voices.whatsapp} if settings.twilio_whatsapp_content_sid else {}


def _telegram(settings: Settings) -> TelegramLine | None:
    token = settings.telegram_token.get_secret_value()
    return TelegramLine(token, api_url=settings.telegram_api_url) if token else None
