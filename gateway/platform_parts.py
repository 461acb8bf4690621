"""The clients of the national platforms, as the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from redis import Redis

from core.clock import now
from core.notices.declaration_due import NotedDeclarations
from core.platform.auth import Credentials
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_systems import FhirSystems
from core.platform.limits import Limits
from core.platform.ports import Platforms
from core.platform.qrqg import Qrqg, QrqgSettings
from core.platform.remembered import remember
from core.store.form_shelf import FormShelf
from gateway.settings import Settings
from gateway.stores import Stores


@dataclass(frozen=True, slots=True)
class Clients:
    """Who asks the platforms; nothing here has connected yet."""

    fhir: Fhir
    qrqg: Qrqg

    @property
    def platforms(self) -> Platforms:
        """Who answers which question: the platforms themselves, or nobody."""
        return Platforms(
            citizens=self.fhir,
            vaccinations=self.fhir,
            tests=self.fhir,
            declarations=self.fhir,
            corrections=self.fhir.corrections,
            risks=self.fhir.areas,
            qr=self.qrqg,
        )

    def states(self) -> Mapping[str, str]:
        """How each platform's breaker stands, by the platform's name."""
        return {"fhir": self.fhir.state, "qrqg": self.qrqg.state}


def clients_of(settings: Settings, redis: Redis) -> Clients:
    """The clients of a house by these settings."""
    return Clients(fhir_of(settings, FormShelf(redis)), qrqg_of(settings))


def remembering(clients: Clients, stores: Stores) -> Platforms:
    """The platforms as people are told: with the last known answer, and its age, where they fail.

    What is declared to them is noted, so that the next declaration can be asked for in time.
    """
    platforms = remember(clients.platforms, stores.memories, now)
    noted = NotedDeclarations(platforms.declarations, stores.ledger.take)
    return replace(platforms, declarations=noted)


def credentials_of(settings: Settings) -> Credentials | None:
    if not settings.platform_token_url:
        return None
    return Credentials(
        settings.platform_token_url,
        settings.platform_client_id,
        settings.platform_client_secret.get_secret_value(),
        settings.platform_scope,
    )


def limits_of(settings: Settings) -> Limits:
    return Limits(
        seconds=settings.platform_deadline,
        connect_seconds=settings.platform_connect_seconds,
        connections=settings.platform_pool,
        body=settings.platform_body_limit,
        failures=settings.platform_breaker_failures,
        rest=settings.platform_breaker_seconds,
    )


def fhir_of(settings: Settings, shelf: FormShelf) -> Fhir:
    systems = FhirSystems(
        cccd=settings.fhir_system_cccd,
        cmnd=settings.fhir_system_cmnd,
        passport=settings.fhir_system_passport,
        bhyt=settings.fhir_system_bhyt,
        qid=settings.fhir_system_qid,
        idempotency=settings.fhir_system_idempotency,
        ticket=settings.fhir_system_ticket,
        correction=settings.fhir_system_correction,
        flag=settings.fhir_system_flag,
        risk=settings.fhir_system_risk,
        check_in_form=settings.fhir_form_checkin,
        condition=settings.fhir_system_condition,
        vaccine_passport=settings.fhir_type_vaccine_passport,
    )
    return Fhir(
        FhirSettings(
            url=settings.platform_fhir_url,
            credentials=credentials_of(settings),
            limits=limits_of(settings),
            systems=systems,
            form_url=settings.fhir_form_general,
        ),
        shelf=shelf,
    )


def qrqg_of(settings: Settings) -> Qrqg:
    return Qrqg(
        QrqgSettings(
            url=settings.qrqg_url,
            credentials=credentials_of(settings),
            limits=limits_of(settings),
        )
    )
