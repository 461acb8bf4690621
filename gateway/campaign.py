"""``python -m gateway campaign``: makes, checks, approves, starts, watches and stops campaigns.

To hold one, little is loaded: whoever stops something must not wait.
"""

from __future__ import annotations

import click

from gateway.lazy import Entry, LazyGroup

MAKE, HOLD = "gateway.campaign_make", "gateway.campaign_hold"

COMMANDS = {
    "new": Entry(MAKE, "Take in a CSV file, or the people we know, as a new draft.", "new"),
    "correct": Entry(MAKE, "Take a corrected CSV file in the place of the first.", "correct"),
    "check": Entry(MAKE, "Show whom it would be sent to, and what would not.", "check"),
    "approve": Entry(HOLD, "Agree to it as you have seen it.", "approve"),
    "start": Entry(HOLD, "Begin: a few first, and the rest when these fared well.", "start"),
    "status": Entry(HOLD, "Show how far it is.", "status"),
    "pause": Entry(HOLD, "Hold it, or a part of it, at once.", "pause"),
    "resume": Entry(HOLD, "Go on with what was paused.", "resume"),
    "stop": Entry(HOLD, "End it, or a part of it, for ever.", "stop"),
    "list": Entry(HOLD, "List the newest campaigns.", "list_campaigns"),
}


class Commands(LazyGroup):
    """All of them."""

    entries = COMMANDS


@click.group("campaign", cls=Commands)
def command() -> None:
    """Make, check, approve, start, watch and stop campaigns."""
