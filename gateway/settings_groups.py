"""The gateway's settings in groups, each with its default and a sentence saying what it does.

Environment names are the field names in capitals after ``MOTCUA_``, unless a field gives its own
(``PORT``, ``DATABASE_URL`` and the other customs of the trade). ``docs/settings.md`` is made from
these classes, so what is written here is what operators read.
"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Group(BaseSettings):
    """What all groups have in common: where values are read, and that a secret is never echoed."""

    model_config = SettingsConfigDict(
        env_prefix="MOTCUA_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )


class ServerSettings(Group):
    """The process and its servers"""

    env: Literal["development", "production"] = Field(
        "production",
        description="`development` makes up what is missing; `make run` sets it. `production` "
        "refuses to start without its servers and secrets.",
    )
    host: str = Field(
        "",
        description="Address the web process listens on. Empty: `127.0.0.1` in development, "
        "`0.0.0.0` in production.",
    )
    port: int = Field(
        8000,
        validation_alias="PORT",
        ge=0,
        le=65535,
        description="Port the web process listens on; with `make run`, 0 takes a free one.",
    )
    var: str = Field(
        "var",
        description="Directory of the embedded servers' data, the logs, the development secrets "
        "and `ready.json`, and of what the processes of one machine count (`metrics/`).",
    )
    database_url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        repr=False,
        description="PostgreSQL, as `postgresql://user:password@host:5432/name` (`postgres://` "
        "is understood). Not set: `make run` starts its own.",
    )
    redis_url: str = Field(
        "",
        validation_alias="REDIS_URL",
        repr=False,
        description="Redis or Valkey, as `redis://host:6379/0`. Not set: `make run` starts its "
        "own Valkey.",
    )
    public_url: str = Field(
        "",
        description="Address under which the world reaches the gateway, such as "
        "`https://motcua.example.vn`; signatures are checked against it. Empty: "
        "`http://127.0.0.1:<PORT>`.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        description="How many reverse proxies stand in front; their `X-Forwarded-*` headers are "
        "believed, nobody else's.",
    )
    web_workers: Positive = Field(1, description="Web processes answering requests.")
    web_threads: Positive = Field(
        32,
        description="Requests one web process answers at the same time; a step that waits for a "
        "platform holds one of them.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important log line still written."
    )


class SecretSettings(Group):
    """Secrets of the gateway itself"""

    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions, short-lived links and look-up indexes: 32 or more random "
        "characters.",
    )
    field_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys that encrypt personal fields, as `id:base64` pairs of 32 bytes parted "
        "by commas, newest first; older ones still decrypt.",
    )
    officer_key: SecretStr = Field(
        SecretStr(""),
        description="Development only: an API key with an officer's scopes, for trying "
        "`POST /api/v1/verify`.",
    )
    operator_key: SecretStr = Field(
        SecretStr(""), description="Development only: an API key with an operator's scopes."
    )
    hook_secret: SecretStr = Field(
        SecretStr(""),
        description="Bearer token with which the platforms call `POST /hooks/fhir` and "
        "`POST /hooks/qrqg`; it is given to them when we subscribe. Empty: nobody may call.",
    )
    result_text: Literal["whole", "ready"] = Field(
        "whole",
        description="What a text about a test result says: `whole`, the result and what to do "
        "(with a masked name); `ready`, only that one can be read by replying KQ.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for `GET /metrics`. In production, without it, metrics are "
        "refused.",
    )


class ServiceSettings(Group):
    """What citizens meet"""

    service_code: str = Field(
        "*1022#", pattern=r"^\*[0-9*]+#$", description="USSD code people dial."
    )
    simulator: bool | None = Field(
        None,
        description="Whether the handset at `/simulator` is served. Not set: on in development, "
        "off in production.",
    )
    session_minutes: Positive = Field(
        60, description="Minutes an unfinished conversation can be taken up again."
    )
    texts_a_minute: Positive = Field(
        12, description="So many texts of one number are answered in a minute; more are not."
    )
    texts_an_hour: Positive = Field(60, description="The same in an hour.")
    remind_minutes: float = Field(
        10,
        gt=0,
        description="Minutes after which somebody who was cut off in the middle of a declaration "
        "is reminded by one text.",
    )
    short_code_hours: Positive = Field(24, description="Hours a short code is valid.")
    declaration_hours: Positive = Field(
        24, description="Hours a health declaration is shown as valid."
    )
    patience_ussd: Seconds = Field(
        4.0, description="Seconds a USSD step waits for a platform before it says it will text."
    )
    patience_chat: Seconds = Field(15.0, description="The same for a chat message, in seconds.")
    patience_sms: Seconds = Field(30.0, description="The same for an SMS, in seconds.")
    sms_senders: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Our own sender names and short numbers, comma list: texts from them are "
        "never answered, which stops loops.",
    )

    @field_validator("sms_senders", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


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
