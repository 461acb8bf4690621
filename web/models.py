"""What all models of our interface have in common."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from core.clock import VIETNAM


class Model(BaseModel):
    """Names in camelCase, no field that is not ours, and nothing of what was sent in an error."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


def here(moment: datetime | None) -> datetime | None:
    """The same moment by the clocks of Viet Nam."""
    return moment.astimezone(VIETNAM) if moment else None
