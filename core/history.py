"""Networks that send a USSD session's whole history each time: what was said since the last time."""

from __future__ import annotations


def newly_said(before: str | None, now: str) -> tuple[str, ...] | None:
    """What is new in `now`, given the history `before` it (None: we do not know this session).

    Returns None for what we already have: a repeat, or an older hop that came late. A first history
    that is not empty is a deep dial (`*1022*2*1#`), said step by step, or a session whose memory was
    lost: the caller must know which. A star typed by the person cannot be told from the network's own, except
    through `before`; so the new part is one thing said, stars and all (wire/ussd, "history to
    latest input").
    """
    if before is None:
        return tuple(now.split("*")) if now else ()
    if now == before or now == "" or before.startswith(now + "*"):
        return None
    if before == "":
        return (now,)
    if now.startswith(before + "*"):
        return (now[len(before) + 1 :],)
    return tuple(now.split("*")) if now else ()
