"""Sends through Kannel's sendsms address: texts, and whatever else its links carry.

Source: the Kannel 1.4.5 user's guide, and what a running one answers. It returns no id of its own,
so our id travels in the address that its delivery reports call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from core.clock import Deadline
from core.errors import PlatformError, SendError, SendNever
from core.gsm import is_gsm7, segments
from core.message import Channel, Network
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Raw, Wire
from sms.providers.port import Decision, no_answer, refusal
from sms.providers.sending import receipts_at

NAME = "kannel"
SECONDS = 10.0
"""For one request in all."""

ALL_REPORTS = 31
"""Delivered, failed, buffered, taken and refused by the network."""

DECISIONS: Final[tuple[tuple[int, str, Decision], ...]] = (
    (400, "Missing receiver", Decision.NEVER),
    (400, "denied by white", Decision.NEVER),
    (400, "Sender missing", Decision.ALARM),
    (400, "misformed", Decision.NEVER),
    (400, "", Decision.NEVER),
    (401, "", Decision.ALARM),
    (403, "", Decision.ALARM),
    (404, "", Decision.ALARM),
)
"""Status, what its words contain, and what to do; the first that fits. Any other: try again."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried, and how; without more, texts."""

    name: str = NAME
    """The provider, as our own records call it."""
    channel: Channel = Channel.SMS
    fields: Callable[[str], Mapping[str, str]] = lambda _text: {}
    """What sendsms is told beside the usual, for a text."""
    fits: Callable[[str], bool] = lambda _text: True
    """Whether a text can be shown whole."""
    reports: int = ALL_REPORTS


class KannelSender:
    """Implements `core.outbox.ports.Sender`."""

    honours_key = False
    receipt_names_us = True

    def __init__(
        self,
        *,
        url: str,
        username: str,
        password: str,
        sender: str,
        public_url: str,
        path_secret: str,
        carried: Carried | None = None,
        wire: Wire | None = None,
    ) -> None:
        """`url` is the whole sendsms address; `public_url` and `path_secret` take the reports."""
        self._carried = carried or Carried()
        self.provider = self._carried.name
        self.serves: frozenset[tuple[Network, Channel]] = frozenset(
            {("phone", self._carried.channel)}
        )
        self._url = url
        self._who = {"username": username, "password": password, "from": sender}
        self._receipts = receipts_at(public_url, NAME, path_secret)
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = outgoing.page.text
        if not text:
            # Kannel would take it, and an empty text would go out.
            raise SendNever("no text")
        if not self._carried.fits(text):
            raise SendNever("too long")
        # Kannel's own escapes must reach it as they are: it fills them in when it calls.
        report = f"{self._receipts}?id={outgoing.id}&type=%d&answer=%A"
        fields = {
            **self._who,
            "to": outgoing.address.value,
            "text": text,
            **({"coding": "0"} if is_gsm7(text) else {"coding": "2", "charset": "UTF-8"}),
            **self._carried.fields(text),
            "dlr-mask": str(self._carried.reports),
            "dlr-url": report,
        }
        try:
            raw = self._wire.send(
                "GET",
                f"{self._url}?{urlencode(fields, quote_via=quote)}",
                headers={},
                content=None,
                deadline=Deadline.after(SECONDS),
            )
        except PlatformError as error:
            raise no_answer(self.provider, error) from None
        if raw.status != 202:
            raise _refused(self.provider, raw)
        whole = self._carried.channel is Channel.USSD  # one page, however long
        return Sent(outgoing.id, 1 if whole else len(segments(text)))


def _refused(provider: str, raw: Raw) -> SendError:
    said = raw.body.decode(errors="replace")
    for status, words, decision in DECISIONS:
        if raw.status == status and words in said:
            return refusal(provider, decision, f"{status} {words}".strip())
    return refusal(provider, Decision.RETRY, f"HTTP {raw.status}")
