"""What the handset does when a key is pressed: posts the request and keeps what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from core.privacy import redact
from web.simulator.bot_api import BotApi, said_by_person
from web.simulator.networks import sms_event
from web.simulator.post import Answer, Poster, twiml_messages, ussd_screen
from web.simulator.requests import NetworkRequest, Networks, UssdCall
from web.simulator.threads import Threads

LONGEST_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Handset:
    """Somebody's telephone, whichever number it has at the moment."""

    networks: Networks
    poster: Poster
    threads: Threads
    bot_api: BotApi
    short_number: str
    """The number that people text to."""

    def dial(self, phone: str, dialled: str) -> dict[str, Any]:
        """Dials; raises NotOurCode for what the gateway would never hear of."""
        return self._ussd(self.networks.dial(phone, dialled))

    def answer(self, call: UssdCall, said: str) -> dict[str, Any]:
        """Answers the USSD screen on show."""
        return self._ussd(call.then(said))

    def hang_up(self, call: UssdCall, last_screen: str) -> dict[str, Any]:
        """Presses Cancel while a menu waits: the aggregator tells the gateway that it is over."""
        request = self.networks.ussd_over(call, last_screen)
        return {"wire": _wire(request, self.poster.send(request))}

    def text(self, phone: str, text: str, by: Literal["twilio", "kannel"]) -> dict[str, Any]:
        """Sends an SMS; Twilio is answered at once, Kannel by a message of its own later."""
        self.threads.add(phone, sms_event(text))
        network = self.networks.twilio if by == "twilio" else self.networks.kannel
        request = network(phone, text, self.short_number)
        answer = self.poster.send(request)
        for reply in twiml_messages(answer) if by == "twilio" else ():
            self.threads.add(phone, sms_event(reply, sender=self.short_number))
        return {"sent": answer.status in (200, 202, 204), "wire": _wire(request, answer)}

    def write(self, phone: str, text: str, language: str) -> dict[str, Any]:
        """Writes to the bot."""
        self.threads.add(phone, said_by_person(text))
        return self._telegram(self.networks.telegram_text(phone, text, language))

    def tap(self, phone: str, message: int, pressed: str, language: str) -> dict[str, Any]:
        """Taps a button below one of the bot's messages."""
        return self._telegram(self.networks.telegram_tap(phone, message, pressed, language))

    def share_number(self, phone: str, language: str) -> dict[str, Any]:
        """Taps the key which shares the phone's own number."""
        self.threads.add(phone, said_by_person(f"☎ {phone}"))
        return self._telegram(self.networks.telegram_contact(phone, "Simulator", language))

    def write_zalo(self, phone: str, text: str) -> dict[str, Any]:
        """Writes to the official account."""
        self.threads.add(phone, {"thread": "zalo", "from": "me", "text": text})
        return self._zalo(self.networks.zalo_text(phone, text))

    def tap_zalo(self, phone: str, pressed: str) -> dict[str, Any]:
        """Taps a button; what it carries goes out as a text that nobody sees."""
        return self._zalo(self.networks.zalo_text(phone, pressed))

    def follow_zalo(self, phone: str) -> dict[str, Any]:
        """Follows the official account."""
        return self._zalo(self.networks.zalo_follow(phone))

    def _zalo(self, request: NetworkRequest) -> dict[str, Any]:
        answer = self.poster.send(request)
        return {"sent": answer.status == 200, "wire": _wire(request, answer)}

    def _ussd(self, call: UssdCall) -> dict[str, Any]:
        request = self.networks.ussd(call)
        answer = self.poster.send(request)
        screen = ussd_screen(answer)
        return {
            "session": call.session,
            "history": call.history,
            "screen": screen[0] if screen else None,
            "open": bool(screen and screen[1]),
            "wire": _wire(request, answer),
        }

    def _telegram(self, request: NetworkRequest) -> dict[str, Any]:
        answer = self.poster.send(request)
        inline = answer.content
        if answer.status == 200 and isinstance(inline, dict) and "method" in inline:
            # Telegram takes one call in the answer to its webhook.
            self.bot_api.call(str(inline["method"]), inline)
        return {"sent": answer.status == 200, "wire": _wire(request, answer)}


def _wire(request: NetworkRequest, answer: Answer) -> dict[str, Any]:
    """What went over the wire, to be read by people; secrets in the address are hidden."""
    path = "/" + request.url.partition("?")[0].split("/", 3)[3]
    shown = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        for name, value in request.fields.items()
    }
    return {
        "method": request.method,
        "path": str(redact(path)),
        "signed": sorted(name for name in request.headers if name.startswith("X-")),
        "fields": shown,
        "status": answer.status,
        "milliseconds": round(answer.seconds * 1000),
        "answer": answer.text[:LONGEST_SHOWN],
    }
