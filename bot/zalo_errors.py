"""What each refusal of Zalo means for a message: the one table for each of its two interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import structlog
from prometheus_client import Counter

from core.clock import VIETNAM
from core.errors import SendError, SendLater, SendNever

Decision = Literal[
    "renew", "slow down", "later", "quota", "morning", "another way", "by phone", "never", "alarm"
]
"""renew: the access token is no longer good. slow down: too many requests, of everybody's. later:
try again. quota: nothing more today, perhaps. morning: not at night. another way: this person
cannot be reached like this, but perhaps by a template or by SMS. by phone: this template cannot go
to an account, but to a number. never: not this message. alarm: only an operator can help."""

SLOW_DOWN: Final = 30.0
"""Seconds for which nobody sends after Zalo counted too many requests; its limits are by minute."""

QUOTA: Final = 3600.0
"""Seconds until a message is tried again for which there was no quota left."""

ALARM_AFTER: Final = 300.0
"""Seconds until a message is tried again whose sending only an operator can make work."""

MORNING: Final = 6
"""Zalo takes no messages of this kind from 22:00 to 06:00; it does not say by whose clock, so we
take Viet Nam's."""

_log = structlog.get_logger("zalo")
_alarms = Counter("motcua_zalo_alarms", "Refusals of Zalo that an operator must act on", ["code"])


@dataclass(frozen=True, slots=True)
class Row:
    """What a code means, in the words of Zalo's pages, and what we do."""

    words: str
    decision: Decision


ACCOUNT: Final[Mapping[int, Row]] = {
    -32: Row("rate limit of the app or the account", "slow down"),
    -100: Row("attachment expired", "later"),
    -124: Row("access token invalid", "renew"),
    -200: Row("send failed", "later"),
    -201: Row("a field is invalid", "never"),
    -204: Row("account disabled", "alarm"),
    -205: Row("account does not exist", "alarm"),
    -209: Row("app not activated", "alarm"),
    -210: Row("parameter over its limit", "never"),
    -211: Row("out of quota", "quota"),
    -212: Row("app not registered for this API", "alarm"),
    -213: Row("person has not followed the account", "another way"),
    -214: Row("article is being processed", "later"),
    -216: Row("access token invalid", "renew"),
    216: Row("access token invalid", "renew"),
    -217: Row("person blocked invitations", "another way"),
    -218: Row("person receives no more today", "quota"),
    -219: Row("app removed or disabled", "alarm"),
    -220: Row("access token expired or removed", "renew"),
    -221: Row("account must be verified", "alarm"),
    -223: Row("account has not authorised this API", "alarm"),
    -224: Row("account needs a higher tier", "alarm"),
    -227: Row("person banned or inactive for 45 days", "another way"),
    -230: Row("no interaction in 7 days", "another way"),
    -232: Row("no interaction, or the last one expired", "another way"),
    -233: Row("kind of message not supported", "never"),
    -234: Row("not at night", "morning"),
    -235: Row("kind of account not supported", "alarm"),
    -237: Row("group disabled", "never"),
    -238: Row("asset used", "never"),
    -240: Row("old message API shut down", "never"),
    -241: Row("asset used", "never"),
    -242: Row("wrong appsecret_proof", "alarm"),
    -244: Row("person refuses this kind of message", "another way"),
    -248: Row("against the platform's standards", "never"),
    -249: Row("template cannot go to an account", "by phone"),
    -320: Row("needs a Zalo Cloud Account", "alarm"),
    -321: Row("Zalo Cloud Account is out of money", "alarm"),
    -401: Row("access token invalid", "renew"),
    401: Row("access token invalid", "renew"),
    -403: Row("account not in the group", "never"),
}
"""openapi.zalo.me: messages to somebody's account."""

BY_PHONE: Final[Mapping[int, Row]] = {
    -100: Row("unknown error", "later"),
    **dict.fromkeys(range(-105, -100), Row("trouble with the app", "alarm")),
    -108: Row("phone number invalid", "never"),
    -109: Row("template id invalid", "alarm"),
    -111: Row("template data empty", "never"),
    -112: Row("template data invalid", "never"),
    -1121: Row("template parameter too long", "never"),
    -1122: Row("template parameter missing", "never"),
    -1123: Row("QR code not made", "later"),
    -1124: Row("template parameter in a wrong form", "never"),
    -113: Row("button invalid", "never"),
    -114: Row("person cannot receive it", "another way"),
    -115: Row("out of balance", "alarm"),
    -117: Row("template not permitted", "alarm"),
    -118: Row("no Zalo account", "another way"),
    -119: Row("account cannot receive it", "another way"),
    -121: Row("body empty", "never"),
    -122: Row("body invalid", "never"),
    -124: Row("access token invalid", "renew"),
    -1241: Row("wrong appsecret_proof", "alarm"),
    -125: Row("account id invalid", "alarm"),
    -126: Row("development wallet is empty", "alarm"),
    -127: Row("tests go to admins only", "alarm"),
    -131: Row("template not approved", "alarm"),
    -132: Row("parameter invalid", "never"),
    -133: Row("not at night", "morning"),
    -135: Row("account may not send", "alarm"),
    -136: Row("needs a cloud account", "alarm"),
    -137: Row("cloud account cannot pay", "alarm"),
    -139: Row("person refuses this kind of message", "another way"),
    -140: Row("against the sending policy", "another way"),
    -141: Row("person refuses messages of this account", "another way"),
    -144: Row("account's limit of the day", "quota"),
    -145: Row("kind of message not permitted", "alarm"),
    -146: Row("template disabled for its quality", "alarm"),
    -147: Row("template's limit of the day", "quota"),
    -1471: Row("person receives no more of this template today", "another way"),
    -1472: Row("person receives no more of this kind today", "another way"),
    -150: Row("journey token invalid", "never"),
    **{code: Row("access token invalid", "renew") for code in (-216, 216, -220, -401, 401)},
    -32: Row("rate limit of the app or the account", "slow down"),
}
"""business.openapi.zalo.me: templates to a phone number. Some numbers mean something else there."""

UNKNOWN: Final = Row("a code that is on no page", "later")


def words(code: int, row: Row) -> str:
    """The code with its words, as the outbox keeps them."""
    return f"{code} {row.words}"


def send_error(code: int, row: Row, now: datetime) -> SendError:
    """The refusal as the dispatcher understands it."""
    said = words(code, row)
    match row.decision:
        case "slow down":
            return SendLater(said, after=SLOW_DOWN)
        case "quota":
            # Other kinds of messages may have a quota of their own: they find out for themselves.
            return SendLater(said, after=QUOTA, one_address=True)
        case "morning":
            return SendLater(said, after=seconds_to_morning(now), one_address=True)
        case "another way" | "by phone" | "never":
            return SendNever(said)
        case "renew" | "alarm":
            alarm(code, row)
            return SendLater(said, after=ALARM_AFTER)
        case "later":
            return SendLater(said)


def alarm(code: int, row: Row) -> None:
    """Only an operator can help: the account, its tier, its money, or our settings."""
    _alarms.labels(str(code)).inc()
    _log.error("zalo_needs_operator", code=code, words=row.words)


def seconds_to_morning(now: datetime) -> float:
    """Until the next 06:00 in Viet Nam."""
    there = now.astimezone(VIETNAM)
    morning = there.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if morning <= there:
        morning += timedelta(days=1)
    return (morning - there).total_seconds()
