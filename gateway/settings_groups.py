"""What all groups of settings have in common, and the groups of the gateway itself.

Each setting stands with its default and a sentence saying what it does; the other groups are in the
files beside this one.

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
