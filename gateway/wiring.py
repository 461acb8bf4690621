"""The composition root: makes every part from the settings and hands each what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis

from bot.notes import RedisNotes
from bot.telegram_line import TelegramLine
from bot.typing import Typing, on_telegram
from bot.voice import ChatVoice
from bot.windows import Windows
from bot.zalo_line import ZaloLine
from bot.zalo_tokens import ZaloTokens
from core.clock import now
from core.engine import Engine
from core.message import Network
from core.outbox.manners import Manners
from core.platform.ports import Platforms
from core.standing import Standings
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.chats import StoredChats
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.old_links import OldLinks
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.pictures import StoredPictures
from core.store.readers import StoredReaders
from core.store.short_codes import ShortCodes
from core.store.talks import StoredTalks
from core.store.token_pairs import TokenShelf
from core.store.upkeep import Retention, Upkeep
from core.store.vault import Vault
from gateway import events, sms_providers, zalo_parts
from gateway.conversation import conversation_of
from gateway.events import Events
from gateway.hearing import Hearing
from gateway.platform_parts import clients_of, remembering
from gateway.settings import Settings
from gateway.stand_ins import with_stand_ins
from gateway.stores import Stores, stores_of
from gateway.voices import Voices, news_voices, voices_of
from sms.texts import SmsVoice
from sms.whatsapp import WhatsAppVoice
from ussd.pages import UssdVoice
from web.simulator.app import StandIns


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
    stores, voices = stores_of(settings), voices_of(settings)
    clients = clients_of(settings, stores.redis)
    platforms = remembering(clients, stores)
    telegram = _telegram(settings)
    conversation = conversation_of(
        settings,
        stores=stores,
        voices=voices,
        clients=clients,
        platforms=platforms,
        telegram=telegram,
    )
    notes = RedisNotes(stores.redis)
    shelf = zalo_parts.shelf(stores.database, stores.vault)
    tokens = zalo_parts.tokens(settings, shelf)
    return House(
        settings=settings,
        database=stores.database,
        redis=stores.redis,
        vault=stores.vault,
        people=stores.people,
        readers=stores.readers,
        chats=stores.chats,
        talks=conversation.talks,
        codes=stores.codes,
        look_ups=LookUps(stores.database, stores.vault, now),
        api_keys=ApiKeys(stores.database, now),
        inbox=stores.inbox,
        outbox=stores.outbox,
        manners=stores.manners,
        deferred=stores.deferred,
        upkeep=_upkeep(settings, stores),
        platforms=platforms,
        engine=conversation.engine,
        ussd=voices.ussd,
        sms=voices.sms,
        chat=voices.chat,
        whatsapp=voices.whatsapp,
        hearing=_hearing(settings, conversation.engine, voices, platforms, telegram),
        events=events.build(
            settings,
            stores=stores,
            clients=clients,
            rounds=conversation.check_ins,
            voices=news_voices(settings, voices),
        ),
        notes=notes,
        windows=Windows(notes, stores.vault.blind, now),
        pictures=StoredPictures(stores.redis, stores.vault, f"{settings.base_url}/bot/qr"),
        standings=Standings(platforms, now),
        telegram=telegram,
        zalo=zalo_parts.line(settings, tokens, played.zalo_token if played else ""),
        zalo_tokens=tokens,
        zalo_shelf=shelf,
        stand_ins=played,
        platform_states=clients.states,
    )


def _upkeep(settings: Settings, stores: Stores) -> Upkeep:
    return Upkeep(
        stores.database,
        now,
        Retention(remembered=timedelta(days=settings.remember_days)),
        OldLinks(stores.database, stores.vault).name,
    )


def _hearing(
    settings: Settings,
    engine: Engine,
    voices: Voices,
    platforms: Platforms,
    telegram: TelegramLine | None,
) -> Hearing:
    heard = voices.by_network | dict.fromkeys(sms_providers.names(settings), voices.sms)
    typing = Typing(on_telegram(telegram) if telegram else {})
    return Hearing(engine, heard, voices.sms, platforms.declarations, typing)


def _telegram(settings: Settings) -> TelegramLine | None:
    token = settings.telegram_token.get_secret_value()
    return TelegramLine(token, api_url=settings.telegram_api_url) if token else None
