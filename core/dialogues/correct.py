"""My record is wrong: the three known cases, a ticket number, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from core.dialogue import Answers, Ask, Call, Choose, Desk, Dialogue, Outcome, Tell, why_refused
from core.dialogues.about import WORST_FAMILY, ask_about_whom, check_right, short_of
from core.dialogues.status import age_of, as_of, as_of_text
from core.errors import Down, Late, Unclear
from core.platform.ports import Correction, Ticket
from core.text import Text, _, lines, plain

MOST_TYPED = 300
SHOWN_OF_WORDS = 50
"""Letters of somebody's own words that are said back in a text."""

SHOWN = 2
"""Tickets that are shown, the newest first."""

KINDS: Mapping[str, Text] = {
    "dose-missing": _("A dose is missing"),
    "all-doses-missing": _("All doses are missing"),
    "details-wrong": _("Name, birth date or paper is wrong"),
}

QUESTIONS: Mapping[str, Text] = {
    "dose-missing": _("Type the day, vaccine and place of the missing dose."),
    "all-doses-missing": _("Type the day, vaccine and place of each dose."),
    "details-wrong": _("Type what is wrong, and what is right."),
}

STATES: Mapping[str, Text] = {
    "received": _("received"),
    "in-progress": _("being checked"),
    "completed": _("put right"),
    "rejected": _("not accepted"),
}


def look(desk: Desk, answers: Answers) -> Outcome:
    """The tickets there are about this person; a report can be made without them."""
    check_right(desk, answers, answers["who"])
    try:
        known = desk.platforms.corrections.tickets(answers["who"], deadline=desk.deadline)
    except (Late, Down):
        return Outcome({"tickets": [], "unseen": True})
    tickets = [told(ticket) for ticket in known.value[:SHOWN]]
    return Outcome({"tickets": tickets, "unseen": False, **age_of(known)})


def told(ticket: Ticket) -> list[Any]:
    """A ticket as the answers keep it."""
    return [ticket.number, ticket.state, ticket.moved.isoformat(), ticket.reason]


def after_look(answers: Answers) -> Literal["tickets", "kind"]:
    return "tickets" if answers["tickets"] else "kind"


def show_tickets(answers: Answers) -> Text:
    return lines(*map(ticket_line, answers["tickets"]), as_of(answers))


def show_tickets_text(answers: Answers) -> Text:
    """As a single text: where each stands now, and what was said about the newest."""
    newest, *older = map(ticket_state, answers["tickets"])
    reason = answers["tickets"][0][3]
    why = (plain(reason),) if reason else ()
    return lines(newest, *why, *older, as_of_text(answers))


def ticket_line(ticket: list[Any]) -> Text:
    number, state, moved, reason = ticket
    line = _(
        "Ticket {number}: {state}, {time}",
        number=plain(number),
        state=STATES[state],
        time=datetime.fromisoformat(moved),
    )
    return lines(line, plain(reason)) if reason else line


def ticket_state(ticket: list[Any]) -> Text:
    return _("Ticket {number}: {state}", number=plain(ticket[0]), state=STATES[ticket[1]])


def after_tickets(answers: Answers) -> Literal["kind"]:
    return "kind"


def ask_kind(answers: Answers) -> Text:
    """Whoever came to see what became of a report must not think that there was none."""
    question = _("What is wrong?")
    return lines(UNSEEN, question) if answers.get("unseen") else question


UNSEEN = _("Earlier reports cannot be seen just now.")


def ask_said(answers: Answers) -> Text:
    return QUESTIONS[answers["kind"]]


def hear_said(said: str, today: date) -> str:
    text = " ".join(said.split())
    if len(text) < 4:
        raise Unclear(_("Please write a little more, so that it can be put right."))
    if len(text) > MOST_TYPED:
        raise Unclear(_("Please write it shorter: at most {n} letters.", n=MOST_TYPED))
    return text


def confirm(answers: Answers) -> Text:
    return _(
        "{kind}, {name}: {said}. Send?",
        kind=KINDS[answers["kind"]],
        name=short_of(answers),
        said=plain(answers["said"]),
    )


def confirm_text(answers: Answers) -> Text:
    """As a single text: as much of what was written as it can hold."""
    said = str(answers["said"])
    short = said if len(said) <= SHOWN_OF_WORDS else f"{said[:SHOWN_OF_WORDS].rstrip()}..."
    kind, name = KINDS[answers["kind"]], short_of(answers)
    return _("{kind}, {name}: {said}", kind=kind, name=name, said=plain(short))


def after_confirm(answers: Answers) -> Literal["send", "dropped"]:
    return "send" if answers["confirm"] == "send" else "dropped"


def send(desk: Desk, answers: Answers) -> Outcome:
    """Opens a ticket under the key of this call: tried again, it is still one ticket."""
    check_right(desk, answers, answers["who"])
    me = desk.person.linked
    author = me.citizen_id if me is not None else answers["who"]
    correction = Correction(answers["kind"], answers["who"], author, answers["said"], desk.now)
    ticket = desk.platforms.corrections.ask(correction, key=desk.key, deadline=desk.deadline)
    return Outcome({"ticket": told(ticket)})


def opened(answers: Answers) -> Text:
    return _(
        "Ticket {number} is open. We will text you when it moves; its state is under this menu too.",
        number=plain(answers["ticket"][0]),
    )


def opened_text(answers: Answers) -> Text:
    """A text stands under no menu: there a word leads back to it."""
    return _(
        "Ticket {number} is open. We will text you when it moves. To see its state, write WRONG.",
        number=plain(answers["ticket"][0]),
    )


def refused(answers: Answers) -> Text:
    sorry = _("The health platform did not accept this.")
    return why_refused(sorry, answers)


WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "kind": "details-wrong",
    "said": "Ngày sinh đúng là 30/12/1986, số CCCD 001086012345 " * 2,
    "tickets": [["T2026-123456", "in-progress", "2026-12-30T23:59:00+07:00", "Thiếu ảnh giấy tiêm"]]
    * SHOWN,
    "ticket": ["T2026-123456", "received", "2026-12-30T23:59:00+07:00", None],
    "as_of": "2026-12-30T23:59:00+07:00",
    "fresh": False,
    "unseen": True,
    "refused": "Không tìm thấy cơ sở tiêm chủng này",
}

CORRECT = Dialogue(
    name="correct",
    title=_("My record is wrong"),
    words=("WRONG", "SAI", "SUA", "SUA HO SO", "PHAN ANH"),
    worst=(WORST, {**WORST, "kind": "all-doses-missing"}),
    steps={
        **ask_about_whom("look"),
        "look": Call(of=look, late="kind", then=after_look, later=False),
        "tickets": Choose(
            ask=show_tickets,
            text=show_tickets_text,
            choices={"new": _("Report something else")},
            then=after_tickets,
        ),
        "kind": Choose(ask=ask_kind, choices={**KINDS}, then="said"),
        "said": Ask(ask=ask_said, read=hear_said),
        "confirm": Choose(
            ask=confirm,
            text=confirm_text,
            choices={"send": _("Send"), "drop": _("Do not send")},
            then=after_confirm,
            seen=True,
            commits="send",
        ),
        "send": Call(of=send, late="kept", refused="refused", then="opened", changes=True),
        "opened": Tell(say=opened, text=opened_text),
        "kept": Tell(
            say=_(
                "Your report is kept safe. The health platform is slow just now; "
                "we will text you its ticket number."
            )
        ),
        "refused": Tell(say=refused),
        "dropped": Tell(say=_("Nothing was sent.")),
    },
)
