"""How far a campaign is, by area: counted anew each time from what became of its messages."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from core.campaigns.progress import Progress, stage
from core.store.database import Database

_COUNTS = {
    kind: text(f"""
SELECT campaign_row.{kind} AS area, coalesce(outgoing.status, campaign_row.state) AS state,
  count(*) AS rows, coalesce(sum(outgoing.cost), 0) AS cost,
  coalesce(sum(outgoing.segments), 0) AS segments
FROM campaign_row LEFT JOIN outgoing ON outgoing.id = campaign_row.outgoing_id
WHERE campaign_row.campaign_id = :campaign GROUP BY 1, 2
""")
    for kind in ("province", "ward")
}


def progress(
    database: Database, campaign_id: str, *, by_ward: bool = False
) -> tuple[Progress, Mapping[str, Progress]]:
    """The whole campaign, and each province (or ward) by its code; "" where a row names none."""
    found: dict[str, Progress] = {}
    with database.begin() as connection:
        query = _COUNTS["ward" if by_ward else "province"]
        for row in connection.execute(query, {"campaign": campaign_id}):
            more = Progress.of({stage(row.state): row.rows}, segments=row.segments, cost=row.cost)
            area = row.area or ""
            found[area] = found.get(area, Progress()) + more
    return sum(found.values(), Progress()), dict(sorted(found.items()))
