"""Sends texts through a provider that is described by settings alone."""

from __future__ import annotations

import base64
from typing import Final

from core.asked import FORM, JSON
from core.gsm import is_gsm7, segments
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.reading import NotJson, parsed
from core.platform.wire import Raw, Wire
from sms.providers.httpsms_spec import OTHERS, Outward, Spec
from sms.providers.httpsms_template import fill, fill_address, names_in
from sms.providers.port import refusal
from sms.providers.sending import (
    SMS,
    UNKNOWN,
    by_status,
    digits,
    heed,
    local,
    no_sense,
    receipts_at,
    request,
    text_of,
)

STATUS: Final = "http-{}"
"""An HTTP status as a code, for the table."""

LONGEST_ID = 100


class DescribedSender:
    """Implements `core.outbox.ports.Sender`."""

    serves = SMS
    honours_key = False

    def __init__(
        self,
        spec: Spec,
        *,
        public_url: str,
        path_secret: str | None,
        wire: Wire | None = None,
    ) -> None:
        """`public_url` and `path_secret` take the receipts. Raises ValueError for one that does
        not send."""
        if spec.outward is None:
            raise ValueError("this provider only brings texts")
        self.provider = spec.name
        self._outward: Outward = spec.outward
        report = spec.inward.report
        told = names_in(spec.outward.body, spec.outward.url)
        self.receipt_names_us = report is not None and (
            report.ours is not None or "receipts" in told
        )
        self._theirs = spec.outward.id_at is not None and (report is None or report.ref is not None)
        self._receipts = receipts_at(public_url, spec.name, path_secret)
        self._wire = wire or Wire(spec.name)

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing)
        ref = self._ref(self._handed_over(self._values(outgoing, text)))
        return Sent(ref or outgoing.id, len(segments(text)))

    def _values(self, outgoing: Outgoing, text: str) -> dict[str, str]:
        outward, to = self._outward, outgoing.address
        return {
            "to": to.value,
            "to_digits": digits(to),
            "to_local": local(to),
            "from": outward.sender,
            "text": text,
            "text_base64": base64.b64encode(text.encode()).decode(),
            "id": outgoing.id,
            "coding": outward.codings[0 if is_gsm7(text) else 1],
            "receipts": f"{self._receipts}?id={outgoing.id}",
            "secret": outward.secret,
        }

    def _handed_over(self, values: dict[str, str]) -> Raw:
        outward = self._outward
        url, body = fill_address(outward.url, values), outward.body.filled(values)
        headers = {name: fill(one, values) for name, one in outward.headers.items()}
        if outward.kind == "query":
            url += f"{'&' if '?' in url else '?'}{body.decode()}" if body else ""
            content = None
        else:
            content = body
            if "content-type" not in {name.lower() for name in headers}:
                headers["Content-Type"] = JSON if outward.kind == "json" else FORM
        return request(
            self._wire, self.provider, outward.method, url, headers=headers, content=content
        )

    def _ref(self, raw: Raw) -> str | None:
        """Their id of the message that they took, if receipts will name it. Raises for a refusal."""
        id_at = self._outward.id_at
        said, meaning = raw.body.decode(errors="replace"), _meaning(raw.body)
        says_so = self._says_that_it_was_taken(raw.status, said, meaning)
        ref = id_at.text(said, meaning) if id_at else ""
        ref = ref if ref.isascii() and ref.isprintable() and len(ref) <= LONGEST_ID else ""
        if not ref and id_at is not None and not says_so:
            raise no_sense(self.provider)
        return ref if self._theirs and ref else None

    def _says_that_it_was_taken(self, status: int, said: str, meaning: object) -> bool:
        """By a code, not only by HTTP; raises for a refusal.

        A code of theirs counts for more than the HTTP status: many say 200 whatever happens.
        """
        codes, code_at = self._outward.codes, self._outward.code_at
        code = code_at.text(said, meaning) if code_at else ""
        http = STATUS.format(status)
        if code in codes or http in codes:
            heed(self.provider, codes, code if code in codes else http)
        elif not 200 <= status < 300:
            raise refusal(self.provider, by_status(status), f"HTTP {status}")
        elif code_at is None:
            return False
        else:
            heed(self.provider, codes, code, unknown=codes.get(OTHERS, UNKNOWN)[1])
        return True


def _meaning(body: bytes) -> object:
    """The JSON of an answer; None when it is none."""
    try:
        return parsed(body)
    except NotJson:
        return None
