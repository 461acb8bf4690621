"""An office that makes campaigns on the real store, with a clock that stands still, and its people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bot import voices as chat_voices
from core.campaigns.campaign import Area, Campaign, Plan, Words
from core.campaigns.changes import Canary
from core.campaigns.report import Report, Weight
from core.campaigns.source import Row, read_csv
from core.campaigns.words import holes
from core.gsm import segments
from core.message import Address, Network, Page
from core.notices.ports import Speaker
from core.outbox.dispatcher import Dispatcher
from core.outbox.manners import Manners
from core.outbox.outgoing import Purpose
from core.store.campaign_book import CampaignBook
from core.store.campaign_check import CampaignCheck
from core.store.campaign_counts import progress
from core.store.campaign_feed import CampaignFeed
from core.store.campaign_rows import CampaignRows
from core.store.campaign_watch import CampaignWatch
from core.store.campaigns import Campaigns
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.tables import campaign_row, outgoing
from core.store.vault import Vault
from sms.texts import SmsVoice
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher

LAN, HOA = "Lan", "Hoà"
WORDS = Words(texts={"vi": "Chào {name}, mời bạn đến tiêm.", "en": "Hello {name}, please come."})
MORNING = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
"""A Wednesday afternoon in Viet Nam: no holiday, no quiet hours."""


def weigh(to: Address, _purpose: Purpose, page: Page) -> Weight:
    if to.network != "phone":
        return Weight(1, Decimal(0))
    parts = len(segments(page.text))
    return Weight(parts, Decimal(300) * parts)


def phone(number: int) -> str:
    return f"+8491{number:07d}"


def table(*rows: str, head: str = "to,name,province") -> list[bytes]:
    return [f"{row}\n".encode() for row in (head, *rows)]


def people(count: int, *, provinces: int = 2) -> list[bytes]:
    """So many, of provinces 1, 2 … in turn."""
    return table(*(f"{phone(one)},An {one},{one % provinces + 1}" for one in range(count)))


@dataclass
class Office:
    """Everything around campaigns, and a provider that remembers what it was given."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    canary: Canary = field(default_factory=Canary)
    manners: Manners = field(default_factory=Manners)
    window: int = 4000
    provider: Provider = field(default_factory=Provider)
    watched: list[tuple[int, int | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock.at = MORNING
        self.vault = Vault([("k1", b"1" * 32)], b"s" * 32)
        self.outbox = Outbox(self.database, self.vault, self.clock, decent=self.manners.decent)
        self.people = StoredPeople(self.database, self.vault, self.clock)
        self.book = CampaignBook(self.database, self.vault, self.clock)
        self.rows = CampaignRows(
            self.database,
            self.vault,
            lambda more, of: self.watched.append((more, of)),
            chats=("telegram", "zalo", "zalobot"),
            clock=self.clock,
        )
        voices: dict[Network, Speaker] = {"phone": SmsVoice(), **chat_voices.voices()}
        checking = CampaignCheck(self.rows, voices, self.manners, weigh, self.clock)
        self.campaigns = Campaigns(
            book=self.book, rows=self.rows, checking=checking, canary=self.canary
        )
        self.feed = CampaignFeed(
            self.book,
            self.rows,
            voices,
            self.manners,
            self.outbox.put_many,
            CampaignWatch(self.canary),
            self.window,
        )
        self.carrier: Dispatcher = dispatcher(
            self.outbox, self.clock, self.provider, manners=self.manners
        )

    def makes(
        self, lines: Iterable[bytes], *, purpose: Purpose = Purpose.CAMPAIGN, **more: Any
    ) -> Campaign:
        plan = Plan("Tiêm chủng", purpose, more.pop("words", WORDS), **more)
        return self.campaigns.make(plan, self.reads(lines, plan.words), who=LAN)[0]

    def reads(self, lines: Iterable[bytes], words: Words = WORDS) -> Iterable[Row]:
        return read_csv(lines, holes(words))

    def checks(self, campaign: Campaign) -> Report:
        return self.campaigns.check(campaign.id, who=LAN)[1]

    def starts(self, lines: Iterable[bytes], **more: Any) -> Campaign:
        """Made, checked, approved by somebody else, and started."""
        made = self.makes(lines, **more)
        self.checks(made)
        self.approves(made)
        return self.campaigns.start(made.id, who=LAN)

    def approves(self, made: Campaign, who: str = HOA) -> Campaign:
        """Somebody has looked at it as it is now."""
        return self.campaigns.approve(made.id, who=who, edition=self.now(made).edition)

    def works(self, rounds: int = 1) -> None:
        """Feeds and sends so many times."""
        for _ in range(rounds):
            self.feed.step()
            dispatch(self.outbox, self.carrier)

    def sees_the_canary_through(self) -> None:
        """The first ones are sent, and nothing bad is heard of them."""
        self.works(2)
        self.passes(seconds=301)

    def passes(self, **time: float) -> None:
        self.clock.at += timedelta(**time)

    def area(self, code: str) -> Area:
        return Area("province", code)

    def now(self, campaign: Campaign) -> Campaign:
        return self.book.one(campaign.id)

    def counted(self, campaign: Campaign) -> dict[str, int]:
        """How many rows are in which stage, without those in which there are none."""
        whole, _ = progress(self.database, campaign.id)
        return {
            name: number
            for name, number in whole.to_json().items()
            if number and name not in ("cost", "segments")
        }

    def got(self) -> Counter[str]:
        """Messages by number."""
        return Counter(one.address.value for one in self.provider.got)

    def fates(self, campaign: Campaign) -> dict[int, tuple[str, str]]:
        query = select(campaign_row).where(campaign_row.c.campaign_id == campaign.id)
        with self.database.begin() as connection:
            return {row.number: (row.state, row.reason) for row in connection.execute(query)}

    def in_outbox(self) -> int:
        with self.database.begin() as connection:
            states = connection.scalars(select(outgoing.c.status)).all()
        return sum(one in ("queued", "sending") for one in states)
