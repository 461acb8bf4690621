"""The settings of the national platforms: where they are, how long we wait, and what FHIR calls things."""

from typing import Literal

from pydantic import Field, SecretStr

from gateway.settings_groups import Group, Positive, Seconds


class PlatformSettings(Group):
    """The national platforms"""

    platform_fhir_url: str = Field(
        "",
        validation_alias="PLATFORM_FHIR_URL",
        description="Base address of the FHIR R4 server. Not set: `make run` starts the sandbox "
        "and uses it.",
    )
    platform_token_url: str = Field(
        "",
        validation_alias="PLATFORM_TOKEN_URL",
        description="OAuth 2.0 token address (client credentials).",
    )
    platform_client_id: str = Field(
        "", validation_alias="PLATFORM_CLIENT_ID", description="Client id at the token address."
    )
    platform_client_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="PLATFORM_CLIENT_SECRET",
        description="Client secret at the token address.",
    )
    platform_scope: str = Field(
        "",
        validation_alias="PLATFORM_SCOPE",
        description="Scopes asked for at the token address, with spaces between them, such as "
        "`system/*.read`. Not set: those that the client has.",
    )
    qrqg_url: str = Field(
        "", validation_alias="QRQG_URL", description="Base address of the national QR platform."
    )
    platform_deadline: Seconds = Field(
        30.0,
        description="Seconds one call to a platform may take in all, retries included, where the "
        "channel's patience sets no nearer limit.",
    )
    platform_connect_seconds: Seconds = Field(
        2.0, description="Seconds to wait for a platform to take a connection."
    )
    platform_pool: Positive = Field(
        128, description="Connections one process keeps to each platform at most."
    )
    platform_body_limit: Positive = Field(
        2_000_000, description="Bytes read of a platform's answer; a longer one counts as broken."
    )
    platform_events: Literal["push", "poll", "off"] | None = Field(
        None,
        description="How we learn what has changed: `push` (the platform calls "
        "`/hooks/fhir`; we subscribe when a worker starts, renew that, and still ask every 15 "
        "minutes for what was missed), `poll` (we ask) or `off`. Not set: `push` in development, "
        "`poll` in production.",
    )
    platform_poll_seconds: Positive = Field(
        60, description="Seconds between two questions what has changed, with `poll`."
    )
    platform_breaker_failures: Positive = Field(
        5, description="Failures in a row after which a platform is left alone for a while."
    )
    platform_breaker_seconds: Seconds = Field(
        5.0, description="Seconds a failing platform is left alone before it is tried again."
    )
    remember_days: Positive = Field(
        14,
        description="Days for which a platform's last answer is kept, encrypted, to be told with "
        "its age while the platform does not answer.",
    )
    keep_trying_days: Positive = Field(
        3,
        description="Days for which a declaration or a correction that a platform did not take is "
        "delivered again and again; then the person is told that it did not work out.",
    )
    fhir_system_cccd: str = Field(
        "urn:motcua:id:cccd", description="FHIR identifier system of citizen identity cards."
    )
    fhir_system_cmnd: str = Field(
        "urn:motcua:id:cmnd", description="FHIR identifier system of the older identity cards."
    )
    fhir_system_passport: str = Field(
        "urn:motcua:id:passport", description="FHIR identifier system of passports."
    )
    fhir_system_bhyt: str = Field(
        "urn:motcua:id:bhyt", description="FHIR identifier system of health insurance cards."
    )
    fhir_system_qid: str = Field("urn:motcua:id:qid", description="FHIR identifier system of QIDs.")
    fhir_system_idempotency: str = Field(
        "urn:motcua:idempotency",
        description="FHIR identifier system of the keys that keep a repeated write from counting "
        "twice.",
    )
    fhir_system_ticket: str = Field(
        "urn:motcua:id:ticket",
        description="FHIR identifier system of the numbers people are told of their correction.",
    )
    fhir_system_correction: str = Field(
        "urn:motcua:correction",
        description="FHIR code system (`Task.code`) of dose-missing, all-doses-missing and "
        "details-wrong.",
    )
    fhir_system_flag: str = Field(
        "urn:motcua:flag", description="FHIR code system (`Flag.code`) of isolation and treatment."
    )
    fhir_system_condition: str = Field(
        "urn:motcua:condition",
        description="FHIR code system of how somebody in isolation feels: well, mild, severe.",
    )
    fhir_system_risk: str = Field(
        "urn:motcua:risk", description="FHIR code system (`Observation.code`) of risk-level."
    )
    fhir_type_vaccine_passport: str = Field(
        "http://loinc.org|82593-5",
        description="`system|code` of the `DocumentReference.type` of vaccine passports.",
    )
    fhir_form_checkin: str = Field(
        "urn:motcua:form:check-in",
        description="Address (`Questionnaire.url`) of the form that check-ins answer: one choice, "
        "`condition`.",
    )
    fhir_form_general: str = Field(
        "urn:motcua:form:general",
        description="Address (`Questionnaire.url`) of the general health declaration form.",
    )
    sandbox_people: Positive = Field(
        10_000, description="Synthetic people in the sandbox that `make run` starts."
    )
