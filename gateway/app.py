"""The web application: every route there is, with what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from flask import Blueprint, Flask
from flask_limiter import Limiter
from prometheus_client import CollectorRegistry
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.middleware.proxy_fix import ProxyFix

from bot import app as bot_app
from core.clock import now
from core.store.intake import Intake
from core.store.queues import Queues
from core.store.replay import DeadLetters
from core.store.sessions import begin_to_remember
from core.store.stories import Stories
from gateway import campaign_parts, metrics_page, sms_providers, ussd_lines, zalo_parts
from gateway.chats import receptions
from gateway.events import event_of
from gateway.keys import SCOPES
from gateway.settings_channels import UNSIGNED_USSD
from gateway.stand_ins import SHORT_NUMBER, here
from gateway.wiring import House
from sms import app as sms_app
from ussd import app as ussd_app
from web import (
    campaigns,
    campaigns_openapi,
    errors,
    health,
    hooks,
    limits,
    messages,
    messages_openapi,
    openapi,
    talks,
    talks_openapi,
    verify,
)
from web.look_up import LookUp
from web.simulator import app as simulator
from web.simulator.requests import Lines

LARGEST_BODY = 2_000_000
"""Bytes; what a single route takes is less."""


def make(house: House) -> Flask:
    """The Flask application of this house."""
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    errors.install(app, outages=(OperationalError, PoolTimeout, RedisError))
    with suppress(RedisError):  # it may come up after us
        begin_to_remember(house.redis)
    _add_channels(app, house)
    _add_api(app, house)
    app.register_blueprint(
        hooks.blueprint(
            secret=house.settings.hook_secret.get_secret_value(),
            event_of=event_of,
            take=house.events.ledger.take,
        )
    )
    if house.settings.simulator_on:
        _add_simulator(app, house)
    _add_ussd(app, house)
    hops = house.settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _add_ussd(app: Flask, house: House) -> None:
    """USSD stands in front of Flask: a menu step has no time for it."""
    door = ussd_app.Door(
        app.wsgi_app,
        engine=house.engine,
        voice=house.ussd,
        voices=ussd_lines.voices(house.settings),
        aggregators=ussd_lines.lines(house.settings),
        secrets=_secrets(house, UNSIGNED_USSD),
        addresses=house.settings.addresses,
    )
    for rule in door.rules():
        app.url_map.add(rule)
    app.wsgi_app = door  # type: ignore[method-assign]


def _add_channels(app: Flask, house: House) -> None:
    settings = house.settings
    app.register_blueprint(
        sms_app.blueprint(
            engine=house.engine,
            voice=house.sms,
            inbox=house.inbox,
            outbox=house.outbox,
            providers=sms_providers.providers(settings, house.pictures.address_of),
            secrets=sms_providers.secrets(settings),
            addresses=settings.addresses,
            voices={"whatsapp": house.whatsapp},
        )
    )
    app.register_blueprint(bot_app.blueprint(receptions(house), picture=house.pictures.fetch))


def _secrets(house: House, names: tuple[str, ...]) -> Mapping[str, str]:
    return {name: house.settings.path_secret(name) or "" for name in names}


def _add_api(app: Flask, house: House) -> None:
    settings, keys = house.settings, house.api_keys
    if settings.in_development:
        keys.keep(settings.officer_key.get_secret_value(), "officer", ("verify",))
        keys.keep(settings.operator_key.get_secret_value(), "operator", SCOPES)
    limiter = limits.limiter(settings.redis_url)
    look_up = LookUp(codes=house.codes, qr=house.platforms.qr, standings=house.standings)
    office = campaign_parts.build(house)
    operations = (
        *openapi.OPERATIONS,
        *campaigns_openapi.OPERATIONS,
        *messages_openapi.OPERATIONS,
        *talks_openapi.OPERATIONS,
    )
    for blueprint in (
        _health(house),
        verify.blueprint(look_up=look_up, keys=keys, audit=house.look_ups, limiter=limiter),
        _messages(house, limiter),
        talks.blueprint(talks=house.talks, keys=keys, audit=house.look_ups, limiter=limiter),
        campaigns.blueprint(campaigns=office.campaigns, shelf=office, keys=keys, limiter=limiter),
        openapi.blueprint(public_url=settings.base_url, operations=operations),
    ):
        app.register_blueprint(blueprint)
    limits.guard(app, limiter, verify.NAME, messages.NAME, talks.NAME, campaigns.NAME)


def _health(house: House) -> Blueprint:
    settings = house.settings
    return health.blueprint(
        servers={"postgresql": house.database.ping, "redis": house.redis.ping},
        platforms=house.platform_states,
        metrics_token=settings.metrics_token.get_secret_value(),
        metrics_open=settings.in_development,
        registry=metrics(house),
    )


def _messages(house: House, limiter: Limiter) -> Blueprint:
    return messages.blueprint(
        intake=Intake(house.database, house.vault, now, house.outbox),
        stories=Stories(house.database, house.vault),
        audit=house.look_ups,
        dead=DeadLetters(house.database, now, house.manners.decent),
        keys=house.api_keys,
        limiter=limiter,
        clock=now,
    )


def metrics(house: House) -> CollectorRegistry:
    """What `GET /metrics` shows."""
    asked = [metrics_page.waiting(Queues(house.database, now))]
    if house.zalo_tokens is not None:
        asked.append(partial(zalo_parts.what_is_left, house.zalo_shelf))
    return metrics_page.registry(*asked)


def _add_simulator(app: Flask, house: House) -> None:
    settings = house.settings
    base = settings.base_url
    lines = Lines(
        service_code=settings.service_code,
        africastalking=f"{base}/ussd/africastalking/{settings.path_secret('africastalking')}",
        twilio=f"{base}/sms/twilio/message",
        twilio_auth_token=settings.twilio_auth_token.get_secret_value(),
        kannel=f"{base}/sms/kannel/{settings.path_secret('kannel')}/message",
        telegram=f"{base}/bot/telegram/webhook",
        telegram_secret=settings.telegram_webhook_secret.get_secret_value(),
        zalo=f"{base}/bot/zalo/webhook",
        zalo_app_id=settings.zalo_app_id,
        zalo_account=settings.zalo_oa_id,
        zalo_secret=settings.zalo_oa_secret.get_secret_value(),
    )
    for blueprint in simulator.blueprints(
        lines=lines,
        reach=here(settings),
        redis=house.redis,
        clock=now,
        short_number=settings.kannel_from or SHORT_NUMBER,
        officer_key=settings.officer_key.get_secret_value(),
        secret=settings.secret_key.get_secret_value(),
        sandbox=settings.platform_fhir_url.removesuffix("/fhir") or None,
        stand_ins=house.stand_ins,
    ):
        app.register_blueprint(blueprint)
