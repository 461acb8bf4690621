"""STOP and START: no more messages on our own account, or again; confirmed once and at once.

Only as a whole message: "HUY LICH" is somebody who cancels an appointment. Nobody is asked for a
code here: a stop that was forged costs a text, one that is not heard costs trust.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.dialogue import Answers, Call, Desk, Dialogue, Outcome, Tell
from core.gsm import fold
from core.people.wishes import Topic
from core.text import Text, _, plain

ABOUT: Mapping[Topic, tuple[str, ...]] = {
    Topic.REMINDER: ("NHAC", "NHAC NHO", "NHAC LICH", "NHAC TIEM", "LICH", "REMINDERS"),
    Topic.RESULT: ("KQ", "KET QUA", "XN", "RESULTS"),
    Topic.CAMPAIGN: ("TIN", "QC", "QUANG CAO", "THONG BAO", "CHIEN DICH", "NEWS"),
}
"""What may stand after the word; the first is the one we name."""

NAMES: Mapping[Topic, Text] = {
    Topic.REMINDER: _("reminders"),
    Topic.RESULT: _("results"),
    Topic.CAMPAIGN: _("news"),
}

TOPICS: Mapping[str, Topic] = {
    fold(word): topic for topic, words in ABOUT.items() for word in words
}


def with_topics(*words: str) -> tuple[str, ...]:
    """These words alone, and with each topic after them."""
    return (*words, *(f"{word} {topic}" for word in words for topic in TOPICS))


def topic_of(word: str, rest: str) -> Answers:
    """The topic that stands at the end of the words with which it was started; else all."""
    found = (topic for name, topic in TOPICS.items() if word.endswith(f" {name}"))
    return {"topic": str(next(found, Topic.ALL))}


def refuse(desk: Desk, answers: Answers) -> Outcome:
    desk.people.refuse(desk.person.id, _topic(answers), desk.channel.value)
    return Outcome()


def welcome(desk: Desk, answers: Answers) -> Outcome:
    desk.people.welcome(desk.person.id, _topic(answers), desk.channel.value)
    return Outcome()


def _topic(answers: Answers) -> Topic:
    return Topic(answers.get("topic", Topic.ALL))


def stopped(answers: Answers) -> Text:
    topic = _topic(answers)
    if topic is Topic.ALL:
        return _(
            "Done: we send you nothing more on our own account. What you ask for is still "
            "answered. Text DK to get it again."
        )
    return _(
        "Done: no more {what}. Text DK {word} to get them again, TC to stop everything.",
        what=NAMES[topic],
        word=plain(ABOUT[topic][0]),
    )


def started(answers: Answers) -> Text:
    topic = _topic(answers)
    if topic is Topic.ALL:
        return _("Done: you will get our messages again. Text TC to stop.")
    return _(
        "Done: you will get {what} again. Text TC {word} to stop.",
        what=NAMES[topic],
        word=plain(ABOUT[topic][0]),
    )


SORRY = Tell(say=_("That did not work. Please try again in a few minutes."))
WORST: tuple[Answers, ...] = tuple({"topic": str(topic)} for topic in Topic)

STOP = Dialogue(
    name="stop",
    title=_("No more messages"),
    linked=False,
    words=(
        "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "TC1", "TC2", "TC3", "TC4", "HUY",
        "DUNG", *with_topics("STOP", "TC", "TU CHOI", "NGUNG"),
    ),
    takes=topic_of,
    worst=WORST,
    steps={
        "stop": Call(of=refuse, late="sorry", then="stopped", later=False),
        "stopped": Tell(say=stopped, end=True),
        "sorry": SORRY,
    },
)  # fmt: skip

START = Dialogue(
    name="start",
    title=_("Messages again"),
    linked=False,
    words=("START", "UNSTOP", "SUBSCRIBE", *with_topics("DK", "DANG KY")),
    takes=topic_of,
    worst=WORST,
    steps={
        "start": Call(of=welcome, late="sorry", then="started", later=False),
        "started": Tell(say=started, end=True),
        "sorry": SORRY,
    },
)
