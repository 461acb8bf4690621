"""What goes into the conversation and what comes out: it imports no channel, no framework, no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

from core.text import Text

Network = Literal["phone", "telegram", "zalo", "zalobot", "whatsapp"]

VOUCHING: frozenset[Network] = frozenset({"telegram"})
"""Chats on which people can share their own phone number, and the network vouches for it."""

Wants = Literal["phone", "number", "paper", "birth year"]
"""What a chat may help with: "phone": share-contact; "number": a phone number, however it comes;
"paper" and "birth year": a photo of a citizen card answers them."""


class Channel(StrEnum):
    """How a message travels; what differs between networks of one channel is their adapter's business."""

    USSD = "ussd"
    SMS = "sms"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached: an E.164 number on "phone" (USSD and SMS), an opaque id on a chat."""

    network: Network
    value: str = field(repr=False)

    @property
    def phone(self) -> str | None:
        """The number (E.164) for which the address itself stands: on "phone", and on WhatsApp, where
        an account is a number that WhatsApp has checked, unless it is one of its other ids."""
        if self.network == "phone" or (self.network == "whatsapp" and self.value[:1] == "+"):
            return self.value
        return None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a person said, as an adapter read it.

    `wire` names the provider's own session (USSD session id, chat id) and `hop` what makes this very
    request the same when the network repeats it (whole history text, message id, update id): the same
    (wire, hop) again gets the stored page and changes nothing. It is empty where a network names
    no hop: there the same words at once are a repeat, and a little later somebody's next answer.
    """

    channel: Channel
    provider: str
    address: Address
    wire: str
    hop: str
    event: Literal["new", "resume", "close", "forget", "by-hand"] = "resume"
    """`new`: the person has just arrived (dialled); `close`: they left, nobody reads an answer;
    `forget`: they want what we know of them to be deleted; `by-hand`: somebody of ours has written
    to them past us, `said` is what."""
    said: tuple[str, ...] = field(default=(), repr=False)
    """What was said, in order; several at once for a deep dial; empty when they only arrived."""
    history: str | None = field(default=None, repr=False)
    """Instead of `said`, from networks that send everything said in the session, joined with stars."""
    option: str | None = None
    """Key of the option tapped on a chat button; belongs to the screen named by `screen`."""
    screen: str | None = None
    """Which screen a tapped button hung on, so that an old button cannot answer a new question."""
    proved: str | None = field(default=None, repr=False)
    """An E.164 number the chat network has just vouched for (share-contact)."""
    claimed: str | None = field(default=None, repr=False)
    """An E.164 number that the person says is theirs (a filled-in form): it proves nothing."""
    picture: str | None = field(default=None, repr=False)
    """Where the network keeps a photo that was sent: its id for the file, or an address."""
    place: tuple[float, float] | None = field(default=None, repr=False)
    """A place that was sent, in degrees north and east, to about a hundred metres."""
    language: str | None = None
    """The language the person's device speaks, if the network tells."""
    trace: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the adapter needs to answer this very message (a callback query's id): nobody else reads it."""

    def to_json(self) -> dict[str, Any]:
        """The inbound as plain JSON, to be stored sealed; `from_json` reads it back."""
        stored = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            **stored,
            "channel": self.channel.value,
            "address": [self.address.network, self.address.value],
            "said": list(self.said),
            "place": self.place and list(self.place),
            "trace": dict(self.trace),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Inbound:
        """Reads what `to_json` wrote."""
        network, value = stored["address"]
        place = stored.get("place")
        return cls(
            **{
                **stored,
                "channel": Channel(stored["channel"]),
                "address": Address(network, value),
                "said": tuple(stored["said"]),
                "place": (place[0], place[1]) if place else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a person may pick. `number` is what they type; it stays the same on every page.

    `reply`: what is to be written instead of the number, where that is not enough (see `Choose`).
    """

    key: str
    number: str
    label: Text
    reply: Text | None = None


@dataclass(frozen=True, slots=True)
class Qr:
    """A personal QR to be drawn: `payload` goes into the picture, `short` is said where none can be shown."""

    payload: str = field(repr=False)
    short: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a turn shows, before a channel has put it into its own words and size.

    `brief` is the same thing for a small screen, `text` for a single text, which is paid by its
    length and can hold less. `options` are answers to the question; `ways` lead
    elsewhere (0 back, 00 menu). `wants` tells a chat what kind of answer is hoped for.
    `fixed` names a screen that is the same for everybody, so that a voice may keep its pages.
    """

    say: Text
    brief: Text | None = None
    text: Text | None = None
    options: tuple[Option, ...] = ()
    ways: tuple[Option, ...] = ()
    qr: Qr | None = None
    end: bool = False
    wants: Wants | None = None
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """An option as a chat shows it: the words to tap and the key that comes back."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """What an adapter writes: final words in one language, sized for one channel.

    `name` identifies the screen for old buttons; `end` means that a USSD session closes here.
    """

    text: str = field(repr=False)
    buttons: tuple[Button, ...] = ()
    qr: Qr | None = None
    end: bool = False
    wants: Wants | None = None
    name: str = ""
    trace: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The trace of the inbound that this page answers."""

    def to_json(self) -> dict[str, Any]:
        """The page as plain JSON, without what is empty; `from_json` reads it back."""
        page: dict[str, Any] = {"text": self.text}
        if self.buttons:
            page["buttons"] = [[b.key, b.label] for b in self.buttons]
        if self.qr is not None:
            page["qr"] = [self.qr.payload, self.qr.short]
        if self.end:
            page["end"] = True
        if self.wants is not None:
            page["wants"] = self.wants
        if self.name:
            page["name"] = self.name
        if self.trace:
            page["trace"] = dict(self.trace)
        return page

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Page:
        """Reads what `to_json` wrote."""
        qr = stored.get("qr")
        return cls(
            text=stored["text"],
            buttons=tuple(Button(key, label) for key, label in stored.get("buttons", ())),
            qr=Qr(*qr) if qr else None,
            end=bool(stored.get("end")),
            wants=stored.get("wants"),
            name=stored.get("name", ""),
            trace=stored.get("trace", {}),
        )
