"""What a dialogue is made of: four kinds of step in a mapping, and the rules that hold for all of them.

A dialogue is data. `then` names the next step, or is a function whose return type is a `Literal` of
all the steps it may lead to; so every dialogue is checked when it is imported, can be drawn, and can
be rendered screen by screen. A target that starts with "@" leads to another dialogue ("@menu"), or,
as "@wanted", to the one the person was on the way to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, get_args, get_origin, get_type_hints

from core.clock import Deadline
from core.message import Address, Channel, Qr, Wants
from core.people.accounts import People, Person
from core.people.chats import Chats
from core.people.check_ins import CheckIns
from core.people.proofs import Proofs
from core.people.talks import Talks
from core.platform.forms import Form
from core.platform.ports import Platforms
from core.text import Text, in_languages, lines

Answers = Mapping[str, Any]
"""What is known so far in this dialogue: step name → JSON value, and whatever calls have found."""

Say = Text | Callable[[Answers], Text]
Choices = Mapping[str, Text] | Callable[[Answers], Mapping[str, Text]]
Then = str | Callable[[Answers], str] | None
Forms = Callable[[str], Form]
"""Gives the edition of a form named `url|version`."""


class Codes(Protocol):
    """Short codes: the personal QR as twelve digits."""

    def code_for(self, citizen_id: str, qid: str, payload: str) -> tuple[str, datetime]:
        """The person's code and until when it holds: the same one while it is valid."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a `Call` has at hand: the platforms, our own books, and who is speaking through what."""

    platforms: Platforms
    people: People
    codes: Codes
    proofs: Proofs
    chats: Chats
    talks: Talks
    check_ins: CheckIns
    person: Person
    address: Address
    channel: Channel
    deadline: Deadline
    now: datetime
    forms: Forms
    service_code: str
    """What people dial, such as `*1022#`."""
    key: str
    """The idempotency key of this very call: the same again when it is tried again."""
    wanted: str | None = None
    """The dialogue that the person is on the way to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a `Call` brought: more answers, and the person if they are known otherwise from now on."""

    answers: Answers = field(default_factory=dict)
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Pick one of several (or several, with `many`). `alone`: do not ask when there is only one.

    `settles`: what a choice answers besides, as further answers (a "no" to all questions at once).

    `seen`: only an answer to the question as it stood on a screen counts (a consent, a last word),
    never one that was dialled ahead, or that a network brings again after our memory was lost.

    `text`: its words in a single text, where `brief` would cost a second part.

    `commits`: the choice that changes something. A text's sender can be forged, so that on SMS this
    one is made with a code which stands in our text, and which only the owner of the number reads.
    """

    ask: Say
    choices: Choices
    brief: Say | None = None
    text: Say | None = None
    then: Then = None
    many: bool = False
    alone: bool = False
    seen: bool = False
    commits: str | None = None
    settles: Mapping[str, Answers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Write something. `read` gives a JSON value or raises Unclear(hint); it is told today's date."""

    ask: Say
    read: Callable[[str, date], Any]
    brief: Say | None = None
    then: Then = None
    wants: Wants | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Ask a platform. `late` is where to go when it outlasts the channel's patience.

    `changes`: it writes, so nobody goes back before it, and when the platform is down it is kept
    and delivered later. `later`: worth finishing behind the person's back and texting the answer.
    """

    of: Callable[[Desk, Answers], Outcome]
    late: str
    refused: str | None = None
    then: Then = None
    changes: bool = False
    later: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Say the last thing; `text` in a single text. `end` closes a USSD session; otherwise 0 and 00 lead on.

    `offers` are picked under what was said, and `then` leads on from there. `texted`: the call that
    found it; whoever reads it on a USSD screen may have it as a text, which a worker asks for anew.
    """

    say: Say
    brief: Say | None = None
    text: Say | None = None
    qr: Callable[[Answers], Qr | None] | None = None
    end: bool = False
    offers: Callable[[Answers], Mapping[str, Text]] | None = None
    then: Then = None
    texted: str | None = None


Step = Choose | Ask | Call | Tell

TOLD = "told"
"""The answer that keeps what stood after the keyword, folded."""

REFUSED_IN = "refused_in"
"""The answer that keeps why a platform refused, by language; "refused" keeps its own words."""

TEXTED = "texted"
"""The step that says that a text is on its way."""


class WrongDialogue(ValueError):
    """A dialogue leads to a step that is not there; raised when it is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One thing a citizen can do. The first step in the mapping comes first.

    `words` are what people text or type to start it, any spelling; `linked`: only for somebody we
    know, others prove themselves first. `more` adds steps that depend on answers (a form's questions);
    `worst` holds the longest answers there can be, with which every screen is proven to fit.
    `begun`: the call after which a person who was cut off on USSD is reminded, once, by a text.
    `takes`: the first answers, by the keyword with which it was started and what stood after it
    (both folded). Only after one of `open_words` may anything stand there ("KB SOT HO").
    """

    name: str
    title: Text
    steps: Mapping[str, Step]
    words: tuple[str, ...] = ()
    linked: bool = True
    more: Callable[[Answers, Forms], Mapping[str, Step]] | None = None
    leads_to_more: tuple[str, ...] = ()
    worst: tuple[Answers, ...] = ({},)
    begun: str | None = None
    takes: Callable[[str, str], Answers] | None = None
    open_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, step in self.steps.items():
            for target in targets(step):
                known = target in self.steps or target.startswith("@")
                if not known and target not in self.leads_to_more:
                    raise WrongDialogue(
                        f"{self.name}: {name} leads to {target}, which is not there"
                    )

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    def all_steps(self, answers: Answers, forms: Forms) -> Mapping[str, Step]:
        """The steps, with those that these answers add."""
        if self.more is None:
            return self.steps
        return {**self.steps, **self.more(answers, forms)}


def targets(step: Step) -> Iterator[str]:
    """Every step that this one may lead to; raises WrongDialogue when a function does not say."""
    if isinstance(step, Tell):
        yield from (step.texted, TEXTED) if step.texted else ()
    if isinstance(step, Call):
        yield step.late
        if step.refused:
            yield step.refused
    match step.then:
        case None:
            pass
        case str(name):
            yield name
        case choose:
            returns = get_type_hints(choose).get("return")
            if get_origin(returns) is not Literal:
                raise WrongDialogue(f"{choose!r} must say in its return type where it leads")
            yield from get_args(returns)


def why_refused(sorry: Text, answers: Answers) -> Text:
    """`sorry`, and below it the platform's reason in the person's language, if it gave any."""
    why = answers.get("refused")
    if not why:
        return sorry
    return lines(sorry, in_languages(str(why), answers.get(REFUSED_IN) or {}))


def said_by(say: Say, answers: Answers) -> Text:
    """The text, worked out from the answers where it depends on them."""
    return say if isinstance(say, Text) else say(answers)


def choices_of(step: Choose, answers: Answers) -> Mapping[str, Text]:
    """The choices, worked out from the answers where they depend on them."""
    return step.choices(answers) if callable(step.choices) else step.choices


def next_of(step: Step, answers: Answers) -> str | None:
    """The name of the step that follows, or None for "whatever stands next in the mapping"."""
    return step.then(answers) if callable(step.then) else step.then
