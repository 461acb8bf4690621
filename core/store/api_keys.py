"""API keys: `mc_<id>_<secret>`, of which only a hash of the secret is kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.records import ApiKey
from core.store.database import Database
from core.store.tables import api_key

_FORM = re.compile(r"mc_([0-9a-z-]{1,32})_([A-Za-z0-9_-]{22,128})")
_NOBODY = bytes(32)


class ApiKeys:
    """Makes, checks and revokes keys.

    The secret is 32 random bytes, so a plain SHA-256 is enough: nobody can try 2^256 of them, and
    a slow hash such as Argon2, made for passwords that people think up, would only slow each call.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._clock = clock
        self._random_bytes = random_bytes

    def make(self, name: str, scopes: Sequence[str], *, test: bool = False) -> str:
        """A new key, in clear for the only time."""
        key = f"mc_{self._random_bytes(6).hex()}_{self._random_bytes(32).hex()}"
        self.keep(key, name, scopes, test=test)
        return key

    def keep(self, key: str, name: str, scopes: Sequence[str], *, test: bool = False) -> None:
        """Keeps a key that was made elsewhere (a developer's own); known already, it is updated.

        Raises ValueError when it does not look like `mc_<id>_<secret>`.
        """
        found = _FORM.fullmatch(key)
        if found is None:
            raise ValueError("a key is mc_<id>_<secret of 22 characters or more>")
        values = {
            "name": name,
            "hash": sha256(found[2].encode()).digest(),
            "scopes": list(scopes),
            "test": test,
        }
        with self._database.begin() as connection:
            connection.execute(
                insert(api_key)
                .values(id=found[1], created_at=self._clock(), **values)
                .on_conflict_do_update(index_elements=["id"], set_=values)
            )

    def check(self, key: str) -> ApiKey | None:
        """The key this text is; None when it is none of ours, or was revoked."""
        found = _FORM.fullmatch(key)
        if found is None:
            return None
        with self._database.begin() as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == found[1])).one_or_none()
        kept = row.hash if row is not None else _NOBODY
        same = hmac.compare_digest(kept, sha256(found[2].encode()).digest())
        if row is None or not same or row.revoked_at is not None:
            return None
        return _read(row)

    def all(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first, the revoked ones included."""
        with self._database.begin() as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.created_at, api_key.c.id))
            return tuple(_read(row) for row in rows)

    def revoke(self, key_id: str) -> bool:
        """Ends a key at once; False when there is no such key, or it was revoked before."""
        with self._database.begin() as connection:
            ended = connection.execute(
                update(api_key)
                .where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
        return ended.rowcount == 1


def _read(row: Row[Any]) -> ApiKey:
    return ApiKey(row.id, row.name, tuple(row.scopes), row.test, row.created_at, row.revoked_at)
