"""The composition root: makes every part from the settings and hands each what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from redis import Redis

from bot import voices as chat_voices
from bot.notes import RedisNotes
from bot.telegram_line import TelegramLine
from bot.voice import ChatVoice
from bot.windows import Windows
from bot.zalo_line import ZaloLine
from bot.zalo_tokens import ZaloTokens
from core.around import Around
from core.clock import Deadline, now
from core.confirming import digits_of
from core.dialogues import BY_NAME, WORDS
from core.engine import Engine
from core.listening import Patience
from core.message import Network
from core.notices.alarm import Alarms
from core.notices.declaration_due import NotedDeclarations
from core.notices.isolation import linked
from core.outbox.manners import Manners
from core.platform.auth import Credentials
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Platforms
from core.platform.qrqg import Qrqg, QrqgSettings
from core.platform.remembered import remember
from core.robots import Limits
from core.standing import Standings
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.chats import StoredChats
from core.store.check_ins import StoredCheckIns
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.events import StoredEvents
from core.store.form_shelf import FormShelf
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.pictures import StoredPictures
from core.store.proofs import StoredProofs
from core.store.readers import StoredReaders
from core.store.remembered import Memories
from core.store.sessions import RedisSessions
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
from gateway.settings import Settings
from gateway.stand_ins import with_stand_ins
from gateway.ussd_lines import pushing
from sms.texts import SmsVoice
from sms.whatsapp import WhatsAppVoice
from ussd.pages import UssdVoice
from web.simulator.app import StandIns

SESSION_DAYS = 30
"""Days a session is remembered, so that a returning person costs no database query."""

REDIS_SECONDS = 2.0
"""Seconds to wait for Redis before a turn is given up."""

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


def build(settings: Settings) -> House:
    """The house by these settings; what is not set up in development is played by the simulator."""
    settings, played = with_stand_ins(settings)
    secret = settings.secret_key.get_secret_value().encode()
    vault = Vault(settings.field_key_ring, secret)
    database = Database(settings.sqlalchemy_url)
    redis = Redis.from_url(
        settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    silent = timedelta(days=settings.number_days)
    inbox = Inbox(database, vault, now)
    manners = settings.manners
    shape = pushing(settings)
    outbox = Outbox(database, vault, now, decent=manners.decent, silent=silent, shape=shape)
    ledger = StoredEvents(database, vault, now, inbox=inbox, outbox=outbox)
    people = StoredPeople(
        database, vault, now, silent=silent, linked=lambda who: ledger.take(linked(who, now()))
    )
    readers = StoredReaders(database, vault, now, silent)
    codes = ShortCodes(database, vault, now, hours=settings.short_code_hours)
    deferred = Deferred(database, vault, now, patience=timedelta(days=settings.keep_trying_days))
    fhir, qrqg = _fhir(settings, FormShelf(redis)), _qrqg(settings)
    platforms = Platforms(
        citizens=fhir,
        vaccinations=fhir,
        tests=fhir,
        declarations=fhir,
        corrections=fhir.corrections,
        risks=fhir.areas,
        qr=qrqg,
    )
    # News is only what a platform says now; people are told the last known answer, with its age.
    memories = Memories(database, vault, now, days=settings.remember_days)
    remembering = remember(platforms, memories, now)
    ussd = UssdVoice(patience=settings.patience_ussd)
    sms = SmsVoice(patience=settings.patience_sms)
    chat = chat_voices.voices(settings.patience_chat)
    whatsapp = WhatsAppVoice(patience=settings.patience_chat)
    notes = RedisNotes(redis)
    noted = NotedDeclarations(remembering.declarations, ledger.take)
    remembering = replace(remembering, declarations=noted)
    sessions = RedisSessions(redis, vault, keep_seconds=SESSION_DAYS * 86400)
    alarms = Alarms(settings.station_table, sms, settings.alarm_causes)
    check_ins = StoredCheckIns(database, vault, now, redis, outbox, deferred, alarms)
    chats = StoredChats(database, vault, now, sessions)
    talks = StoredTalks(
        database,
        vault,
        now,
        outbox,
        {"whatsapp": whatsapp} | {str(name): voice for name, voice in chat.items()},
        settings.talk_hours_read,
        timedelta(minutes=settings.talk_minutes),
    )
    telegram = _telegram(settings)
    around = Around(
        dialogues=BY_NAME,
        words=WORDS,
        platforms=remembering,
        people=people,
        codes=codes,
        proofs=StoredProofs(database, vault, now, outbox, sms),
        chats=chats,
        forms=lambda name: fhir.form_named(name, deadline=Deadline.after(FORM_PATIENCE)),
        later=deferred,
        talks=talks,
        scans=photo_scans(settings, telegram),
        check_ins=check_ins,
        service_code=settings.service_code,
        remind_after=timedelta(minutes=settings.remind_minutes),
        confirm=digits_of(lambda seed: vault.blind("confirm", seed)),
    )
    engine = Engine(
        around,
        sessions,
        patience=Patience(resume=settings.session_minutes * 60),
        limits=Limits(texts=((settings.texts_a_minute, 60.0), (settings.texts_an_hour, 3600.0))),
    )
    news = events.build(
        settings,
        database=database,
        vault=vault,
        clock=now,
        ledger=ledger,
        readers=readers,
        rounds=check_ins,
        codes=codes,
        fhir=fhir,
        platforms=platforms,
        voices={"phone": sms, **chat, **_news_on_whatsapp(settings, whatsapp)},
    )
    voices: dict[str, Voice] = {"whatsapp": whatsapp}
    voices.update({str(network): voice for network, voice in chat.items()})
    voices |= dict.fromkeys(sms_providers.names(settings), sms)
    shelf = zalo_parts.shelf(database, vault)
    tokens = zalo_parts.tokens(settings, shelf)
    return House(
        settings=settings,
        database=database,
        redis=redis,
        vault=vault,
        people=people,
        readers=readers,
        chats=chats,
        talks=talks,
        codes=codes,
        look_ups=LookUps(database, vault, now),
        api_keys=ApiKeys(database, now),
        inbox=inbox,
        outbox=outbox,
        manners=manners,
        deferred=deferred,
        upkeep=Upkeep(database, now, Retention(remembered=timedelta(days=settings.remember_days))),
        platforms=remembering,
        engine=engine,
        ussd=ussd,
        sms=sms,
        chat=chat,
        whatsapp=whatsapp,
        hearing=Hearing(engine, voices, sms, remembering.declarations),
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


def _news_on_whatsapp(settings: Settings, voice: Voice) -> dict[Network, Voice]:
    """News comes when it comes, mostly after WhatsApp's window has closed: it takes a template."""
    return {"whatsapp": voice} if settings.twilio_whatsapp_content_sid else {}


def _credentials(settings: Settings) -> Credentials | None:
    if not settings.platform_token_url:
        return None
    return Credentials(
        settings.platform_token_url,
        settings.platform_client_id,
        settings.platform_client_secret.get_secret_value(),
    )


def _fhir(settings: Settings, shelf: FormShelf) -> Fhir:
    systems = FhirSystems(
        cccd=settings.fhir_system_cccd,
        cmnd=settings.fhir_system_cmnd,
        passport=settings.fhir_system_passport,
        bhyt=settings.fhir_system_bhyt,
        qid=settings.fhir_system_qid,
        idempotency=settings.fhir_system_idempotency,
        ticket=settings.fhir_system_ticket,
        correction=settings.fhir_system_correction,
        flag=settings.fhir_system_flag,
        risk=settings.fhir_system_risk,
        check_in_form=settings.fhir_form_checkin,
        condition=settings.fhir_system_condition,
        vaccine_passport=settings.fhir_type_vaccine_passport,
    )
    return Fhir(
        FhirSettings(
            url=settings.platform_fhir_url,
            credentials=_credentials(settings),
            systems=systems,
            form_url=settings.fhir_form_general,
        ),
        shelf=shelf,
    )


def _qrqg(settings: Settings) -> Qrqg:
    return Qrqg(QrqgSettings(url=settings.qrqg_url, credentials=_credentials(settings)))


def _telegram(settings: Settings) -> TelegramLine | None:
    token = settings.telegram_token.get_secret_value()
    return TelegramLine(token, api_url=settings.telegram_api_url) if token else None
