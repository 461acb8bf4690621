"""``python -m gateway talk``: be a phone in the terminal, by USSD, by SMS or in a chat.

It posts the very requests a network would post to the gateway that runs here, as the handset at
``/simulator`` does.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import click
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from core.clock import now
from core.people.phone import BadPhone, read_phone
from gateway import ready
from gateway.settings import Settings, load
from web.simulator.page import TOKEN_HEADER
from web.simulator.post import Answer, Poster, twiml_messages, ussd_screen
from web.simulator.requests import Lines, Networks, NotOurCode, UssdCall
from web.simulator.threads import START

SHORT_NUMBER = "1022"
CHAT_SECONDS = 20.0
QUIET_SECONDS = 0.8
"""A bot says several things in a row: silent for so long, it has finished."""

SHARE_WORDS = frozenset({"share", "chia se", "chia sẻ"})


class CannotTalk(click.ClickException):
    """The gateway did not do its part; the text is one line."""


class Phone(Protocol):
    """One way to talk; every method gives the screens that are then shown."""

    def begin(self) -> Iterator[str]:
        """Before anything was said."""

    def say(self, words: str) -> Iterator[str]:
        """One thing said."""

    def end(self) -> None:
        """The phone is put away."""


@click.command("talk")
@click.option("--channel", type=click.Choice(["ussd", "sms", "chat"]), default="ussd")
@click.option("--phone", "number", required=True, help="Whose phone, such as +84912004701.")
@click.option("--url", help="Where the gateway listens, if not started here by `make run`.")
def command(channel: str, number: str, url: str | None) -> None:
    """Be a phone in the terminal."""
    try:
        phone_number = read_phone(number)
    except BadPhone:
        raise click.BadParameter("write it as +84 and nine digits", param_hint="--phone") from None
    settings = load(servers=False)
    facts = _facts(settings, url)
    poster = Poster(url or str(facts["web"]))
    networks = Networks(_lines(settings, facts), now)
    makers: dict[str, Callable[[], Phone]] = {
        "ussd": lambda: Ussd(networks, poster, phone_number),
        "sms": lambda: Sms(networks, poster, phone_number),
        "chat": lambda: Chat(networks, poster, phone_number),
    }
    phone = makers[channel]()
    if sys.stdin.isatty():
        _interactive(phone, f"{channel} · {phone_number}")
    else:
        _piped(phone)


def _facts(settings: Settings, url: str | None) -> Mapping[str, Any]:
    """What ``ready.json`` says; with an address given, the settings do as well."""
    path = settings.var_directory / ready.FILE_NAME
    if path.exists():
        return _read(path)
    if url is None:
        raise CannotTalk(
            f"no gateway runs here ({path} is missing): start `make run`, or give --url"
        )
    return ready.facts(settings, sandbox=None, pids={"web": 0, "worker": 0})


def _read(path: Path) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return facts


def _lines(settings: Settings, facts: Mapping[str, Any]) -> Lines:
    return Lines(
        service_code=settings.service_code,
        africastalking=facts["ussd"]["africastalking"],
        twilio=facts["sms"]["twilio"]["message"],
        twilio_auth_token=facts["sms"]["twilio"]["auth_token"],
        kannel=facts["sms"]["kannel"]["message"],
        telegram=facts["telegram"]["webhook"],
        telegram_secret=facts["telegram"]["secret"],
    )


class Ussd:
    """Dials the service code first; a line that is itself a code dials anew."""

    def __init__(self, networks: Networks, poster: Poster, number: str) -> None:
        self._networks = networks
        self._poster = poster
        self._number = number
        self._call: UssdCall | None = None
        self._last = ""

    def begin(self) -> Iterator[str]:
        yield self._dial(self._networks.lines.service_code)

    def say(self, words: str) -> Iterator[str]:
        code = words.strip()
        if code.startswith("*") and code.endswith("#"):
            self.end()
            yield self._dial(code)
        elif self._call is None:
            yield f"(The session is over. Dial {self._networks.lines.service_code})"
        else:
            yield self._ask(self._call.then(words))

    def end(self) -> None:
        if self._call is not None:
            self._poster.send(self._networks.ussd_over(self._call, self._last))
            self._call = None

    def _dial(self, code: str) -> str:
        try:
            return self._ask(self._networks.dial(self._number, code))
        except NotOurCode as refused:
            return f"(Connection problem or invalid MMI code: {refused})"

    def _ask(self, call: UssdCall) -> str:
        answer = _reached(self._poster.send(self._networks.ussd(call)))
        screen = ussd_screen(answer)
        if screen is None:
            raise CannotTalk(f"the gateway answered {answer.status}, which is no USSD screen")
        self._call, self._last = (call if screen[1] else None), answer.text
        return screen[0]


class Sms:
    """Texts through Twilio, which brings the reply along."""

    def __init__(self, networks: Networks, poster: Poster, number: str) -> None:
        self._networks = networks
        self._poster = poster
        self._number = number

    def begin(self) -> Iterator[str]:
        yield from ()

    def say(self, words: str) -> Iterator[str]:
        answer = self._poster.send(self._networks.twilio(self._number, words, SHORT_NUMBER))
        if _reached(answer).status != 200:
            raise CannotTalk(f"the gateway answered {answer.status}")
        yield "\n".join(twiml_messages(answer)) or "(no reply)"

    def end(self) -> None:
        """Nothing is open."""


class Chat:
    """Writes to the bot; what it answers arrives at the simulator's stand-in for Telegram."""

    def __init__(self, networks: Networks, poster: Poster, number: str) -> None:
        self._networks = networks
        self._poster = poster
        self._number = number
        self._token = self._ask_for_token()
        self._place, _ = self._thread(START)
        self._contact_key: str | None = None

    def begin(self) -> Iterator[str]:
        yield from ()

    def say(self, words: str) -> Iterator[str]:
        shares = words.strip().lower() in SHARE_WORDS or words.strip() == self._contact_key
        if self._contact_key is not None and shares:
            request = self._networks.telegram_contact(self._number, "Simulator", "vi")
        else:
            request = self._networks.telegram_text(self._number, words, "vi")
        answer = _reached(self._poster.send(request))
        if answer.status != 200:
            raise CannotTalk(f"the gateway answered {answer.status}")
        yield "\n\n".join(self._written(event) for event in self._replies()) or "(no reply)"

    def end(self) -> None:
        """Nothing is open."""

    def _ask_for_token(self) -> str:
        answer = _reached(self._poster.call("GET", "/simulator/token"))
        if answer.status != 200:
            raise CannotTalk("the gateway serves no simulator (MOTCUA_SIMULATOR), so no chat here")
        return str(answer.content["token"])

    def _thread(self, place: str) -> tuple[str, list[Mapping[str, Any]]]:
        headers = {TOKEN_HEADER: self._token, "Content-Type": "application/json"}
        asked = json.dumps({"phone": self._number, "after": place}).encode()
        answer = _reached(self._poster.call("POST", "/simulator/api/thread", headers, asked))
        if answer.status != 200:
            raise CannotTalk(f"the simulator answered {answer.status}")
        return answer.content["place"], answer.content["events"]

    def _replies(self) -> list[Mapping[str, Any]]:
        """What the bot says next, until it is silent."""
        replies: list[Mapping[str, Any]] = []
        until = time.monotonic() + CHAT_SECONDS
        while time.monotonic() < until:
            self._place, events = self._thread(self._place)
            said = [one for one in events if one.get("from") == "them" and one["thread"] == "chat"]
            if said:
                replies += said
                until = time.monotonic() + QUIET_SECONDS
            time.sleep(0.1)
        return replies

    def _written(self, event: Mapping[str, Any]) -> str:
        lines = [event["text"]] if event.get("text") else []
        if event.get("photo"):
            lines.insert(0, f"(picture: /simulator/photo/{event['photo']})")
        lines += [" ".join(f"[{key['text']}]" for key in row) for row in event.get("buttons", ())]
        if "keys" in event:
            keys = [key for row in event["keys"] for key in row]
            self._contact_key = next((key["text"] for key in keys if key["contact"]), None)
            lines += [f"[{key['text']}]" + " (say: share)" * key["contact"] for key in keys]
        return "\n".join(lines)


def _reached(answer: Answer) -> Answer:
    if answer.status == 0:
        raise CannotTalk("nothing answers there; is `make run` running?")
    return answer


def _piped(phone: Phone) -> None:
    """One line in for each thing said; each screen out is followed by a line of two dashes."""

    def show(screens: Iterator[str]) -> None:
        for screen in screens:
            print(screen, "--", sep="\n", flush=True)

    show(phone.begin())
    for line in sys.stdin:
        show(phone.say(line.rstrip("\r\n")))
    phone.end()


def _interactive(phone: Phone, title: str) -> None:
    console = Console(highlight=False)

    def show(screens: Iterator[str]) -> None:
        for screen in screens:
            console.print(Panel(Text(screen), title=title, width=46, padding=(0, 1)))

    show(phone.begin())
    try:
        while True:
            show(phone.say(console.input("[bold]> [/]")))
    except (EOFError, KeyboardInterrupt):
        console.print()
        phone.end()
