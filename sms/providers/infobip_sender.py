"""Sends texts through Infobip.

Source: Infobip's quickstart for SMS (`/sms/3/messages`), its older interface
(`/sms/2/text/advanced`) and its pages on status codes; which of the two an account has is a setting.
The message's id there is our own, so that a repeat is refused as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from core.gsm import segments
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.reading import mapping, objects
from core.platform.wire import Wire
from sms.providers.port import Decision
from sms.providers.sending import (
    SMS,
    TAKEN,
    Codes,
    answered,
    digits,
    heed,
    no_sense,
    posted,
    receipts_at,
    text_of,
)

NAME = "infobip"

Version = Literal["3", "2"]

PATHS: Final[Mapping[Version, str]] = MappingProxyType(
    {"3": "/sms/3/messages", "2": "/sms/2/text/advanced"}
)

GROUPS: Final[Codes] = MappingProxyType(
    {
        "PENDING": ("taken", TAKEN),
        "DELIVERED": ("taken", TAKEN),
        "UNDELIVERABLE": ("cannot be delivered", Decision.NEVER),
        "EXPIRED": ("too late", Decision.NEVER),
    }
)
"""What each group of statuses means in the answer to a message; of REJECTED the names tell."""

CODES: Final[Codes] = MappingProxyType(
    {
        "REJECTED_DUPLICATE_MESSAGE_ID": ("taken before", TAKEN),
        "REJECTED_NETWORK": ("network not allowed", Decision.ANOTHER),
        "REJECTED_ROUTE_NOT_AVAILABLE": ("no way there", Decision.ANOTHER),
        "REJECTED_PREFIX_MISSING": ("number without a country", Decision.NEVER),
        "REJECTED_INVALID_DESTINATION": ("no such number", Decision.NEVER),
        "REJECTED_DESTINATION": ("number on a black list", Decision.NEVER),
        "REJECTED_DND": ("number on a do-not-disturb list", Decision.NEVER),
        "REJECTED_MESSAGE_TOO_LONG": ("too long", Decision.NEVER),
        "REJECTED_INVALID_UDH": ("broken header", Decision.NEVER),
        "MISSING_TO": ("no number", Decision.NEVER),
        "REJECTED_FLOODING_FILTER": ("too many to this number", Decision.RETRY),
        "REJECTED_SYSTEM_ERROR": ("an error there", Decision.RETRY),
        "REJECTED_SOURCE": ("sender not allowed", Decision.ALARM),
        "REJECTED_SENDER": ("sender on a black list", Decision.ALARM),
        "REJECTED_NOT_ENOUGH_CREDITS": ("no money left", Decision.ALARM),
        "REJECTED_PREPAID_PACKAGE_EXPIRED": ("no money left", Decision.ALARM),
        "REJECTED_DESTINATION_NOT_REGISTERED": ("a trial account", Decision.ALARM),
    }
)
"""What each name of the group REJECTED means; one that is not here may work another way."""


class InfobipSender:
    """Implements `core.outbox.ports.Sender`."""

    provider = NAME
    serves = SMS
    honours_key = True
    receipt_names_us = True

    def __init__(
        self,
        *,
        api_url: str,
        api_key: str,
        sender: str,
        public_url: str,
        path_secret: str | None,
        version: Version = "3",
        wire: Wire | None = None,
    ) -> None:
        """`api_url` is the account's own; `public_url` and `path_secret` take the receipts."""
        self._url = f"{api_url.rstrip('/')}{PATHS[version]}"
        self._headers = {"Authorization": f"App {api_key}"}
        self._message = self._in_version_3 if version == "3" else self._in_version_2
        self._sender = sender
        self._receipts = receipts_at(public_url, NAME, path_secret) if path_secret else ""
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing)
        to = [{"to": digits(outgoing.address), "messageId": outgoing.id}]
        fields = {"messages": [self._message(text) | {"destinations": to}]}
        answer = answered(NAME, posted(self._wire, NAME, self._url, fields, self._headers))
        first = next(objects(answer.get("messages")), None)
        if first is None:
            raise no_sense(NAME)
        told = mapping(first.get("status"))
        group, name = str(told.get("groupName")), str(told.get("name"))
        if group == "REJECTED":
            heed(NAME, CODES, name, unknown=Decision.ANOTHER)
        else:
            heed(NAME, GROUPS, group)
        return Sent(outgoing.id, len(segments(text)))

    def _in_version_3(self, text: str) -> dict[str, Any]:
        delivery = {"url": self._receipts, "contentType": "application/json"}
        webhooks = {"webhooks": {"delivery": delivery}} if self._receipts else {}
        return {"sender": self._sender, "content": {"text": text}, **webhooks}

    def _in_version_2(self, text: str) -> dict[str, Any]:
        notify = {"notifyUrl": self._receipts, "notifyContentType": "application/json"}
        return {"from": self._sender, "text": text, **(notify if self._receipts else {})}
