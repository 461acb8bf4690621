"""How far a campaign is, by area: counted anew each time from what became of its messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import text

from core.campaigns.progress import Progress, stage
from core.store.database import Database

_COUNTS = {
    kind: text(f"""
SELECT campaign_row.{kind} AS area, coalesce(outgoing.status, campaign_row.state) AS state,
  count(*) AS rows, sum(outgoing.cost) AS cost, sum(outgoing.segments) AS segments
FROM campaign_row LEFT JOIN outgoing ON outgoing.id = campaign_row.outgoing_id
WHERE campaign_row.campaign_id = :campaign GROUP BY 1, 2
""")
    for kind in ("province", "ward")
}


def progress(
    database: Database, campaign_id: str, *, by_ward: bool = False
) -> tuple[Progress, Mapping[str, Progress]]:
    """The whole campaign, and each province (or ward) by its code; "" where a row names none."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    cost, segments = Decimal(0), 0
    with database.begin() as connection:
        query = _COUNTS["ward" if by_ward else "province"]
        for row in connection.execute(query, {"campaign": campaign_id}):
            counts[row.area or ""][stage(row.state)] += row.rows
            cost += row.cost or 0
            segments += row.segments or 0
    whole: dict[str, int] = defaultdict(int)
    for area in counts.values():
        for name, number in area.items():
            whole[name] += number
    return (
        Progress.of(whole, cost=cost, segments=segments),
        {area: Progress.of(found) for area, found in sorted(counts.items())},
    )
