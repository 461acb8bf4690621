"""The web application: every route there is, with what each needs."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bot import app as bot_app
from gateway.settings_channels import UNSIGNED_USSD
from gateway.wiring import House
from ussd import app as ussd_app


def make(house: House) -> Flask:
    """The Flask application of this house."""
    settings = house.settings
    app = Flask("gateway", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=2_000_000, JSON_AS_ASCII=False)
    app.register_blueprint(
        ussd_app.blueprint(
            engine=house.engine,
            voice=house.ussd,
            secrets={name: settings.path_secret(name) or "" for name in UNSIGNED_USSD},
            addresses=settings.addresses,
        )
    )
    app.register_blueprint(
        bot_app.blueprint(
            inbox=house.inbox,
            block=house.people.block,
            notes=house.notes,
            blind=house.vault.blind,
            secret=settings.telegram_webhook_secret.get_secret_value(),
        )
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app
