"""The clients of the national platforms, as the settings say."""

from __future__ import annotations

from core.platform.auth import Credentials
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_systems import FhirSystems
from core.platform.limits import Limits
from core.platform.ports import Platforms
from core.platform.qrqg import Qrqg, QrqgSettings
from core.store.form_shelf import FormShelf
from gateway.settings import Settings


def platforms_of(fhir: Fhir, qrqg: Qrqg) -> Platforms:
    """Who answers which question."""
    return Platforms(
        citizens=fhir,
        vaccinations=fhir,
        tests=fhir,
        declarations=fhir,
        corrections=fhir.corrections,
        risks=fhir.areas,
        qr=qrqg,
    )


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
