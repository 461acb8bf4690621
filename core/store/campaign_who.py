"""Whom the rows of a campaign write to: what we know of each number, and where its owner reads us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text

from core.campaigns.campaign import Plan
from core.message import Address
from core.store.wishes import REFUSED

# A chat is taken as notices take it: the one from which we heard last. But the table names a number,
# and the chat is its reader's only as long as that number is surely theirs.
WHO = text(f"""
SELECT asked.place - 1 AS place, owner.id AS person, owner.language, owner.accents, owner.discreet,
  address.blocked_at IS NOT NULL OR {REFUSED} OR (
    CAST(:consent AS text) IS NOT NULL AND NOT EXISTS (
      SELECT FROM consent WHERE consent.person_id = owner.id AND consent.purpose = :consent
      AND consent.withdrawn_at IS NULL)) AS refused,
  chat.network, chat.value, chat.value_index
FROM unnest(CAST(:phones AS bytea[]), CAST(:addresses AS bytea[]),
  array_fill(CAST(:topic AS text), ARRAY[cardinality(CAST(:phones AS bytea[]))]))
  WITH ORDINALITY AS asked (phone, address, topic, place)
LEFT JOIN address ON address.network = 'phone' AND address.value_index = asked.address
LEFT JOIN person AS owner ON owner.id = coalesce(address.person_id,
  (SELECT person.id FROM person WHERE person.phone_index = asked.phone))
LEFT JOIN LATERAL (
  SELECT one.network, one.value, one.value_index FROM address AS one
  WHERE one.person_id = owner.id AND owner.phone_index = asked.phone
  AND one.network = ANY(CAST(:networks AS text[])) AND one.blocked_at IS NULL
  AND coalesce(address.heard_at, one.proven_at) >= :heard_since AND address.doubted_at IS NULL
  ORDER BY one.heard_at DESC LIMIT 1) AS chat ON true
""")


@dataclass(frozen=True, slots=True)
class Opened:
    """A row as it was given. `language` is what the table says; what the person chose counts more."""

    number: int
    to: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    language: str | None
    phone: bytes = field(repr=False)
    province: str | None
    sms_only: bool


@dataclass(frozen=True, slots=True)
class Who:
    """What we know of whom a row writes to; `chat` is where they read us, if they do."""

    language: str | None = None
    accents: bool | None = None
    refused: bool = False
    discreet: bool = False
    person: str | None = None
    chat: Address | None = None

    def address(self, row: Opened, plan: Plan) -> Address:
        """Where this row goes."""
        if self.chat is None or plan.sms_only or row.sms_only:
            return Address("phone", row.to)
        return self.chat
