"""The addresses for programs that play with the sandbox: people, moods, happenings, what was received."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from sandbox.clock import stamp
from sandbox.fhir.general_form import EDITIONS
from sandbox.happenings import happen
from sandbox.moods import LONGEST_MOOD, MOODS, PLATFORMS
from sandbox.openapi import document
from sandbox.people.person import Person
from sandbox.people.provinces import PROVINCES
from sandbox.people.verdict import expects
from sandbox.refusal import CannotHappen
from sandbox.state import Sandbox
from sandbox.world import Received

LARGEST_LIST = 1000


class ControlRoutes:
    """Answers for one sandbox. No token is asked for: nobody here is real."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._world = sandbox, sandbox.world

    def blueprint(self) -> Blueprint:
        """All routes, to be mounted at the root."""
        routes = Blueprint("control", __name__)
        routes.register_error_handler(CannotHappen, _sorry)
        for path, view, method in (
            ("/people", self.people, "GET"),
            ("/moods", self.moods, "GET"),
            ("/moods/<platform>", self.put_mood, "PUT"),
            ("/happen", self.happen, "POST"),
            ("/received", self.received, "GET"),
            ("/forms", self.forms, "GET"),
            ("/forms", self.publish, "POST"),
            ("/passport-keys", self.passport_keys, "GET"),
            ("/healthz", self.healthz, "GET"),
            ("/openapi.json", self.openapi, "GET"),
        ):
            routes.add_url_rule(path, view_func=view, methods=[method])
        return routes

    def healthz(self) -> Response:
        """Ready as soon as it answers."""
        return jsonify({"status": "ok", "people": len(self._world.everybody())})

    def openapi(self) -> Response:
        """The OpenAPI document of QRQG and of these routes."""
        return jsonify(document(request.host_url.rstrip("/")))

    def people(self) -> Response:
        """Whom one can play, a list; `X-Total-Count` says how many match."""
        found = self._found()
        limit = min(_whole("limit", 100), LARGEST_LIST)
        offset = _whole("offset", 0)
        answer = jsonify([self._played(each) for each in found[offset : offset + limit]])
        answer.headers["X-Total-Count"] = str(len(found))
        return answer

    def moods(self) -> Response:
        """How both platforms feel now."""
        return jsonify({platform: self._mood(platform) for platform in PLATFORMS})

    def put_mood(self, platform: str) -> tuple[Response, int] | Response:
        """Sets a mood: {"mood": …, "seconds": n, "delay": n}."""
        named = next((each for each in PLATFORMS if each == platform), None)
        if named is None:
            return jsonify({"error": f"platform: one of {', '.join(PLATFORMS)}"}), 404
        asked = _object()
        mood = next((each for each in MOODS if each == str(asked.get("mood"))), None)
        if mood is None:
            return jsonify({"error": f"mood: one of {', '.join(MOODS)}"}), 422
        seconds, delay = asked.get("seconds", 0), asked.get("delay")
        if not _duration(seconds) or not (delay is None or _duration(delay)):
            return jsonify({"error": f"seconds, delay: 0 to {LONGEST_MOOD}"}), 422
        self._sandbox.moods.put(named, mood, seconds=seconds, delay=delay)
        return jsonify(self._mood(platform))

    def happen(self) -> Response:
        """Makes something happen, tells the subscribers, and returns what is different now."""
        asked = _object()
        done = happen(self._world, asked)
        told = sum(self._sandbox.deliveries.announce(resource) for resource in done.changed)
        answer = {"what": done.what, "changed": done.changed, "subscribers": told}
        if done.person:
            verdict = expects(done.person, self._sandbox.clock())
            answer |= {"qid": done.person.qid, "expects": verdict}
        return jsonify(answer)

    def forms(self) -> Response:
        """The forms in force, and the editions of the general form that are ready."""
        return jsonify(
            {
                "inForce": self._sandbox.shelf.forms_in_force(),
                "editions": {name: about for name, (about, _) in EDITIONS.items()},
            }
        )

    def publish(self) -> tuple[Response, int]:
        """Puts an edition in force at once: {"edition": …}."""
        edition = str(_object().get("edition"))
        if edition not in EDITIONS:
            raise CannotHappen(422, f"edition: one of {', '.join(EDITIONS)}")
        return jsonify(self._sandbox.shelf.publish(edition)), 201

    def passport_keys(self) -> Response:
        """The public keys that vaccine passports are checked with, as a JWK set."""
        return jsonify(self._sandbox.shelf.office.keys())

    def received(self) -> Response:
        """What was written here, oldest first; filtered by kind, key, qid or phone."""
        with self._world.lock:
            entries = list(self._world.received)
        shown = [self._shown(entry) for entry in entries if entry.kind != "subscription"]
        for field in ("kind", "key", "qid", "phone"):
            if wanted := request.args.get(field):
                shown = [each for each in shown if each[field] == wanted]
        return jsonify(shown)

    def _found(self) -> list[Person]:
        phone, story = request.args.get("phone"), request.args.get("story")
        found = self._world.by_phone(phone) if phone else self._world.everybody()
        return [person for person in found if not story or person.story == story]

    def _mood(self, platform: Any) -> dict[str, Any]:
        mood = self._sandbox.moods.now(platform)
        until = stamp(mood.until) if mood.until else None
        return {"mood": mood.name, "delay": mood.delay, "until": until}

    def _played(self, person: Person) -> dict[str, Any]:
        carer = self._world.carer(person)
        truth = person.truth
        return {
            "name": person.name,
            "phone": person.phone,
            "familyPhone": person.family_phone,
            "papers": [{"type": each.type, "number": each.number} for each in person.papers],
            "birthDate": person.birth_date.isoformat(),
            "gender": person.gender,
            "province": PROVINCES[person.province].name if person.province else None,
            "qid": person.qid,
            "payload": self._world.payload(person),
            "patient": person.id,
            "household": [_relative(each) for each in self._world.household(person)],
            "carer": _relative(carer) if carer else None,
            "story": person.story,
            "about": person.about,
            "expects": expects(person, self._sandbox.clock()),
            "truth": {
                "name": truth.name or person.name,
                "birthDate": (truth.birth_date or person.birth_date).isoformat(),
                "doses": len(person.counted_doses if truth.doses is None else truth.doses),
            }
            if truth
            else None,
        }

    def _shown(self, entry: Received) -> dict[str, Any]:
        person = self._world.person(entry.person) if entry.person else None
        return {
            "kind": entry.kind,
            "key": entry.key,
            "at": stamp(entry.at),
            "id": entry.id,
            "qid": person.qid if person else None,
            "phone": person.reached_at if person else None,
            "body": entry.body,
        }


def _relative(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "qid": person.qid,
        "phone": person.phone,
        "birthDate": person.birth_date.isoformat(),
        "gender": person.gender,
        "story": person.story,
    }


def _object() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise CannotHappen(400, "the body must be a JSON object")
    return body


def _whole(name: str, otherwise: int) -> int:
    written = request.args.get(name)
    if written is None:
        return otherwise
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise BadRequest(f"{name} must be a whole number")
    return int(written)


def _duration(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= LONGEST_MOOD


def _sorry(problem: CannotHappen) -> tuple[Response, int]:
    return jsonify({"error": problem.reason}), problem.status
