"""The digest of a campaign: the same table and words again have the same one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.campaigns.campaign import Plan
from core.campaigns.source import Row


class Digest:
    """Of what is said first, then of each row in its order."""

    def __init__(self, plan: Plan) -> None:
        self._hash = hashlib.sha256(_json(plan.words.to_json(), plan.purpose.value))

    def add(self, row: Row) -> None:
        """The next row."""
        self._hash.update(_json(row.to, dict(row.values), row.bad))

    @property
    def written(self) -> str:
        """As it is kept."""
        return self._hash.hexdigest()


def _json(*said: Any) -> bytes:
    return json.dumps(said, sort_keys=True).encode()
