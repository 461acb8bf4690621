"""The settings of the chat networks: Telegram, Zalo, and Zalo's bots."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from core.outbox.outgoing import Purpose
from gateway.settings_groups import Group


class TelegramSettings(Group):
    """Telegram"""

    telegram_token: SecretStr = Field(
        SecretStr(""), description="Bot token. Not set: nothing is sent to Telegram."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="What Telegram sends in `X-Telegram-Bot-Api-Secret-Token`. Not set: the "
        "webhook refuses everybody.",
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="Bot API address.")


class ZaloSettings(Group):
    """Zalo"""

    zalo_app_id: str = Field(
        "", description="Id of the Zalo app. Not set: nothing is sent to Zalo, nobody may call."
    )
    zalo_app_secret: SecretStr = Field(
        SecretStr(""), description="Secret of the Zalo app, used to renew tokens."
    )
    zalo_oa_id: str = Field(
        "",
        description="Id of the official account. When set, events of other accounts of the same "
        "app are left alone.",
    )
    zalo_oa_secret: SecretStr = Field(
        SecretStr(""),
        description="Official account's secret: checks `X-ZEvent-Signature`. Not set while the "
        "app is: Zalo's calls are answered 200 and nothing is taken in, which is what setting the "
        "webhook up needs.",
    )
    zalo_redirect_url: str = Field(
        "",
        description="Address registered in Zalo's console to which Zalo sends whoever has let our "
        "app in (`python -m gateway zalo authorise`). Empty: the public address.",
    )
    zalo_code_verifier: SecretStr = Field(
        SecretStr(""),
        description="PKCE verifier, where the console has its challenge registered once and for "
        "all. Not set: a new one for each authorisation.",
    )
    zalo_proof: bool = Field(
        False, description="Whether every request carries `appsecret_proof`, if the app demands it."
    )
    zalo_per_minute: int = Field(
        100,
        ge=1,
        le=4000,
        description="Messages a minute, all workers together, that the account's tier allows.",
    )
    zalo_paid_days: int = Field(
        7,
        ge=2,
        le=7,
        description="Days after a person was last in touch up to which we write freely; beyond "
        "two, Zalo charges for it. Later only templates go out, or an SMS.",
    )
    zalo_qr_image: bool = Field(
        True,
        description="Whether the personal QR goes out as an image, which Zalo's servers fetch "
        "from an address that ends after minutes and see. No: only the short code.",
    )
    zalo_photo_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts from which photos that people send on Zalo are fetched to read the code "
        "in them, comma list; names below them count as well. No page of Zalo's names them: see "
        "what your account's events bring. Empty: no photo is fetched.",
    )
    zalo_templates: Annotated[Mapping[str, str], NoDecode] = Field(
        {},
        description="Approved templates that go to accounts, by purpose, such as "
        "`result=7895417a,reminder=5678`.",
    )
    zalo_templates_by_phone: Annotated[Mapping[str, str], NoDecode] = Field(
        {},
        description="The same for templates that go to phone numbers, where the account's own "
        "cannot.",
    )
    zalo_template_parameter: str = Field(
        "text", description="The one parameter of these templates: it takes the message's words."
    )
    zalo_template_longest: int = Field(
        200, ge=1, description="Letters that parameter was registered for; longer ones go by SMS."
    )
    zalo_api_url: str = Field(
        "https://openapi.zalo.me", description="Official account API address."
    )
    zalo_oauth_url: str = Field("https://oauth.zaloapp.com", description="Token address.")
    zalo_business_url: str = Field(
        "https://business.openapi.zalo.me",
        description="Address for templates sent by phone number.",
    )

    @field_validator("zalo_photo_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(one for part in value.split(",") if (one := part.strip().lower()))

    @field_validator("zalo_templates", "zalo_templates_by_phone", mode="before")
    @classmethod
    def _by_purpose(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        for purpose, equals, template in pairs:
            if purpose.strip() not in set(Purpose) or not (equals and template.strip()):
                raise ValueError(f"give purpose=template pairs; purposes: {', '.join(Purpose)}")
        return {purpose.strip(): template.strip() for purpose, _, template in pairs}


class ZaloBotSettings(Group):
    """Zalo's bot platform"""

    zalobot_token: SecretStr = Field(
        SecretStr(""), description="Bot token. Not set: nothing is sent there."
    )
    zalobot_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="What it sends in `X-Bot-Api-Secret-Token`, 8 to 256 letters. Not set: the "
        "webhook refuses everybody.",
    )
    zalobot_per_minute: int = Field(
        60, ge=1, description="Messages a minute, all workers together; no page tells its limit."
    )
    zalobot_api_url: str = Field(
        "https://bot-api.zaloplatforms.com",
        description="API address. Older bots know it as `https://bot-api.zapps.me`.",
    )
