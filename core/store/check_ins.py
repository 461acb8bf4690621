"""Implements `core.people.check_ins`: who is asked how they feel, who has answered, who was silent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.outbox.outgoing import Outgoing
from core.people.check_ins import FEELINGS, Case, Cause, Episode, Feeling, Standing
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import check_in as table
from core.store.tables import check_in_reader as readers
from core.store.vault import Vault

ANSWERED_FOR = timedelta(hours=36)
"""So long after people were asked last an answer is taken: they are asked twice a day."""

ID = 14
"""Letters of an episode's name: with its prefix, all that a button can carry."""

CHECK_IN = "check_in"
"""In a kept call, the report that it is to make."""

LANE = "check-in"
"""Instead of a platform's name: many people answer in the same minute, and declarations need not wait
behind them."""

_log = structlog.get_logger("check_ins")
_answers = Counter("motcua_check_ins", "How people in isolation answered", ["feeling"])
_alarms = Counter(
    "motcua_isolation_alarms",
    "Reasons to call somebody in isolation, by whether a station was told",
    ["cause", "station"],
)


@dataclass(frozen=True, slots=True)
class _Indexed(Episode):
    """With the name of its row."""

    index: bytes = b""


class Keeping(Protocol):
    """Keeps a call for the platform; `core.store.deferred.Deferred` does."""

    def keep(self, key: str, call: Mapping[str, Any]) -> None: ...


class Writing(Protocol):
    """Writes to stations; `core.notices.alarm.Alarms` does."""

    @property
    def causes(self) -> frozenset[Cause]: ...

    def letter(self, key: str, cause: Cause, case: Case, at: datetime) -> Outgoing | None: ...


@dataclass(frozen=True, slots=True)
class StoredCheckIns:
    """Implements CheckIns and Rounds. Any number of processes may work on it at once.

    Redis only tells quickly that somebody has a question to answer; what holds is in PostgreSQL.
    """

    database: Database
    vault: Vault
    clock: Clock
    redis: Redis
    outbox: Outbox
    deferred: Keeping
    alarms: Writing

    # What a conversation asks

    def of(self, person_id: str) -> tuple[_Indexed, ...]:
        with self.database.begin() as connection:
            rows = connection.execute(
                select(table)
                .join(readers, readers.c.episode_index == table.c.episode_index)
                .where(
                    readers.c.person_id == uuid.UUID(person_id),
                    table.c.ended_at.is_(None),
                    table.c.asked_at > self.clock() - ANSWERED_FOR,
                )
                .order_by(table.c.asked_at.desc(), table.c.episode_index)
            ).all()
        cases = ((bytes(row.episode_index), self._case(row)) for row in rows)
        return tuple(_Indexed(_id(one), case.citizen_id, case.name, one) for one, case in cases)

    def asked_at(self, person_id: str) -> datetime | None:
        said = self.redis.get(self._hint(person_id))
        return datetime.fromisoformat(said.decode()) if isinstance(said, bytes) else None

    def answer(
        self,
        person_id: str,
        episode: str,
        feeling: Feeling,
        *,
        author: str | None,
        key: str,
        at: datetime,
    ) -> bool:
        named = next((one for one in self.of(person_id) if one.id == episode), None)
        if named is None:
            return False
        # Kept under its key before anything else: whatever breaks, it is said again and kept once.
        report = {
            "citizen_id": named.citizen_id,
            "author_id": author,
            "feeling": feeling,
            "authored": at.isoformat(),
        }
        self.deferred.keep(f"check-in:{key}", {"platform": LANE, CHECK_IN: report})
        with self.database.begin() as connection:
            row = self._row(connection, named.index, lock=True)
            if row is None:
                return False
            case, before = self._case(row), self._feeling(row)
            connection.execute(
                update(table)
                .where(table.c.episode_index == row.episode_index)
                .values(
                    feeling=self.vault.seal(feeling, _place("feeling", row.episode_index)),
                    waiting_since=None,
                )
            )
            told = self._tell(connection, row, case, _cause(before, feeling), at)
            people = self._readers(connection, row)
        _answers.labels(feeling).inc()
        self._forget_hints(people)
        return told

    # What a worker asks

    def name(self, citizen_id: str, since: date) -> str:
        return _id(self._episode(citizen_id, since))

    def standing(self, citizen_id: str, since: date) -> Standing | None:
        with self.database.begin() as connection:
            row = self._row(connection, self._episode(citizen_id, since))
        return None if row is None else Standing(row.asked_at, row.waiting_since)

    def asked(self, within: Connection, case: Case, people: Collection[str], at: datetime) -> None:
        index = self._episode(case.citizen_id, case.since)
        about = self.vault.seal_json(case.to_json(), _place("about", index))
        within.execute(
            insert(table)
            .values(
                episode_index=index,
                citizen_index=self._citizen(case.citizen_id),
                about=about,
                asked_at=at,
                waiting_since=at,
            )
            .on_conflict_do_update(
                index_elements=["episode_index"],
                set_={
                    "about": about,
                    "asked_at": at,
                    "waiting_since": func.coalesce(table.c.waiting_since, at),
                    "ended_at": None,
                },
            )
        )
        asked = [{"episode_index": index, "person_id": uuid.UUID(one)} for one in people]
        within.execute(insert(readers).values(asked).on_conflict_do_nothing())
        for person in people:
            self._hint_at(person, at)

    def ended(self, citizen_id: str) -> None:
        with self.database.begin() as connection:
            over = connection.execute(
                update(table)
                .where(
                    table.c.citizen_index == self._citizen(citizen_id), table.c.ended_at.is_(None)
                )
                .values(ended_at=self.clock(), waiting_since=None)
                .returning(table.c.episode_index)
            ).all()
            people = [one for row in over for one in self._readers(connection, row)]
        self._forget_hints(people)

    def silent(self, citizen_id: str, since: date) -> None:
        with self.database.begin() as connection:
            row = self._row(connection, self._episode(citizen_id, since), lock=True)
            if row is not None and row.waiting_since is not None:
                self._tell(connection, row, self._case(row), "silent", row.waiting_since)

    # Alarms

    def _tell(
        self, connection: Connection, row: Row[Any], case: Case, cause: Cause | None, at: datetime
    ) -> bool:
        """Writes to the station, once for each cause; was there one to tell?"""
        if cause is None or cause not in self.alarms.causes:
            return False
        episode = bytes(row.episode_index).hex()
        letter = self.alarms.letter(f"alarm:{episode}:{cause}", cause, case, at)
        if letter is None:
            _alarms.labels(cause, "unknown").inc()
            _log.error("isolation_alarm_tells_nobody", cause=cause, episode=_id(row.episode_index))
            return False
        if self.outbox.put(connection, letter):
            _alarms.labels(cause, "told").inc()
            _log.warning("isolation_alarm", cause=cause, episode=_id(row.episode_index))
        return True

    # Rows and hints

    def _row(self, connection: Connection, index: bytes, *, lock: bool = False) -> Row[Any] | None:
        found = select(table).where(table.c.episode_index == index)
        return connection.execute(found.with_for_update() if lock else found).one_or_none()

    def _readers(self, connection: Connection, row: Row[Any]) -> Sequence[str]:
        asked = select(readers.c.person_id).where(readers.c.episode_index == row.episode_index)
        return [str(one) for one in connection.scalars(asked)]

    def _case(self, row: Row[Any]) -> Case:
        return Case.from_json(
            self.vault.open_json(row.about, _place("about", bytes(row.episode_index)))
        )

    def _feeling(self, row: Row[Any]) -> Feeling | None:
        if row.feeling is None:
            return None
        said = self.vault.open(row.feeling, _place("feeling", bytes(row.episode_index)))
        return next((one for one in FEELINGS if one == said), None)

    def _episode(self, citizen_id: str, since: date) -> bytes:
        return self.vault.blind("check_in.episode", f"{citizen_id} {since.isoformat()}")

    def _citizen(self, citizen_id: str) -> bytes:
        return self.vault.blind("check_in.citizen", citizen_id)

    def _hint(self, person_id: str) -> str:
        return "checkin:" + self.vault.blind("check_in.hint", person_id).hex()

    def _hint_at(self, person_id: str, at: datetime) -> None:
        self._quietly(
            lambda: self.redis.set(self._hint(person_id), at.isoformat(), ex=ANSWERED_FOR)
        )

    def _forget_hints(self, people: Collection[str]) -> None:
        for person in people:
            self._quietly(lambda person=person: self.redis.delete(self._hint(person)))  # type: ignore[misc]

    def _quietly(self, do: Callable[[], object]) -> None:
        """Without its hint a question is still there, in the text that was sent."""
        try:
            do()
        except RedisError as error:
            _log.warning("check_in_hint_lost", error=type(error).__name__)


def _cause(before: Feeling | None, now: Feeling) -> Cause | None:
    if now == "severe":
        return "severe"
    return "worse" if before == "well" and now == "mild" else None


def _id(index: bytes) -> str:
    return bytes(index).hex()[:ID]


def _place(what: str, index: bytes) -> str:
    return f"check_in.{what}:{bytes(index).hex()}"
