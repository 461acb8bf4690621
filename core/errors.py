"""Every error the gateway raises on purpose; each knows if it may be retried and if it may be shown.

GatewayError
├── Unclear            a person's answer was not understood        (shown: the hint)
├── Malformed          a request cannot be read in its protocol    (400 in the protocol's form)
├── Unauthentic        a caller did not prove who it is            (403, says nothing)
├── NoRight            nobody may be asked about by this person    (shown as a fixed sentence)
├── Busy               the same person's other turn is not over    (retry at once)
├── PlatformError
│   ├── Late           the answer outlasted the deadline           (retry)
│   ├── Down           no answer, or none that makes sense         (retry)
│   ├── Absent         the platform has no such thing              (not retried)
│   └── Refused        the platform said no, with a reason         (not retried; reason may be shown)
└── SendError
    ├── SendLater      try again after so many seconds             (retry)
    └── SendNever      this message will not arrive this way       (not retried)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from core.text import Text


class GatewayError(Exception):
    """Root of the tree. `retry`: may the same thing be tried again later? Messages hold no personal data."""

    retry: ClassVar[bool] = False


class Unclear(GatewayError):
    """What the person said does not answer the question; `hint` says what would."""

    def __init__(self, hint: Text) -> None:
        super().__init__("unclear answer")
        self.hint = hint


class Malformed(GatewayError):
    """A request that cannot be read: `what` names the field or rule, never its value."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Unauthentic(GatewayError):
    """The caller did not prove itself (signature, path secret, key, address); says nothing more."""


class NoRight(GatewayError):
    """The person may not (any more) ask about the one they chose."""


class Busy(GatewayError):
    """Another turn of the same person holds the session, or took it over."""

    retry = True


class PlatformError(GatewayError):
    """A national platform did not give what was asked. `platform` is its short name ("fhir", "qrqg")."""

    def __init__(self, platform: str, what: str = "") -> None:
        super().__init__(f"{platform}: {what or type(self).__name__.lower()}")
        self.platform = platform


class Late(PlatformError):
    """The answer did not come before the deadline; whether the platform acted is unknown."""

    retry = True


class Down(PlatformError):
    """No answer, a refusal to serve (429, 5xx), or an answer that makes no sense."""

    retry = True

    def __init__(self, platform: str, what: str = "", *, after: float | None = None) -> None:
        super().__init__(platform, what)
        self.after = after
        """Seconds the platform asked us to wait (`Retry-After`), if it did."""


class Absent(PlatformError):
    """The platform has no such thing (404, 410)."""


class Refused(PlatformError):
    """The platform said no (422 and the like). `reason` is set only when meant for people to read.

    `translations`: the same by language, as far as the platform brought it along.
    """

    def __init__(
        self,
        platform: str,
        what: str = "",
        *,
        reason: str | None = None,
        translations: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(platform, what)
        self.reason = reason
        self.translations = translations


class SendError(GatewayError):
    """A provider did not take a message; `words` are the provider's own code or words, no personal data."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class SendLater(SendError):
    """Try again after `after` seconds (None: by the outbox's own back-off).

    `one_address`: only messages to this address must wait, the provider takes others.
    `unsure`: nobody knows whether the provider took it (it did not answer in time).
    `elsewhere`: not through this provider, though it is well; another may carry this message.
    """

    retry = True

    def __init__(
        self,
        words: str,
        *,
        after: float | None = None,
        one_address: bool = False,
        unsure: bool = False,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(words)
        self.after = after
        self.one_address = one_address
        self.unsure = unsure
        self.elsewhere = elsewhere


class SendNever(SendError):
    """This message will not arrive this way. `opted_out`: the person refused messages at the provider.

    `gone`: the number is nobody's any longer; whoever has it next is somebody else.
    """

    def __init__(self, words: str, *, opted_out: bool = False, gone: bool = False) -> None:
        super().__init__(words)
        self.opted_out = opted_out
        self.gone = gone
