"""The settings of those who carry messages: one group for each network or provider."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from core.outbox.outgoing import Purpose
from gateway.settings_groups import Group, Seconds

# Providers that sign nothing: each has a `MOTCUA_<NAME>_PATH_SECRET`, which is part of the address
# it calls, and a `MOTCUA_<NAME>_ADDRESSES`, the list of addresses it may call from.
# Some carry both, with one secret.
UNSIGNED_USSD = (
    "africastalking",
    "airtel",
    "arkesel",
    "beem",
    "hubtel",
    "infobip",
    "junebug",
    "kannel",
    "mobicents",
    "moolre",
    "nalo",
    "safaricom",
)
UNSIGNED_SMS = ("kannel", "esms", "speedsms", "infobip", "africastalking")
UNSIGNED_PROVIDERS = tuple(dict.fromkeys(UNSIGNED_USSD + UNSIGNED_SMS))


PAGED_USSD = tuple(name for name in UNSIGNED_USSD if name != "kannel")
"""Those with a `MOTCUA_<NAME>_PAGE` and a `MOTCUA_<NAME>_PATIENCE`; Kannel's are its own."""

OF_AGGREGATORS = {"ussd_pages": "PAGE", "ussd_patiences": "PATIENCE"}
"""How each of these fields is called for one aggregator."""

UssdPage = Annotated[int, Field(ge=40, le=182)]


class UssdSettings(Group):
    """USSD aggregators with accounts"""

    junebug_url: str = Field("", description="Junebug's address, to which our pages are posted.")
    junebug_channel: str = Field("", description="Id of the USSD channel there.")
    junebug_token: SecretStr = Field(
        SecretStr(""),
        description="What it proves itself with (`Authorization: Token …`), and we to it. Empty: "
        "the path secret alone must do.",
    )
    mobicents_push_url: str = Field(
        "",
        description="Where a Mobicents/RestComm gateway takes dialogs of ours, such as "
        "`http://gateway:8080/restcomm`. Not set: nothing is shown there without being dialled.",
    )


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


class TwilioSettings(Group):
    """Twilio"""

    twilio_account_sid: str = Field(
        "", description="Account SID. Not set: nothing is sent through Twilio."
    )
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="Auth token: sends, and checks `X-Twilio-Signature`."
    )
    twilio_from: str = Field("", description="Sender: a number or a registered name.")
    twilio_messaging_service_sid: str = Field(
        "",
        pattern=r"^(MG[0-9a-fA-F]{32})?$",
        description="A messaging service that chooses the sender, instead of `MOTCUA_TWILIO_FROM`.",
    )
    twilio_whatsapp_from: str = Field(
        "",
        pattern=r"^(\+[0-9]{6,15})?$",
        description="Our number on WhatsApp, such as `+14155238886`. Not set: nothing is sent there.",
    )
    twilio_whatsapp_content_sid: str = Field(
        "",
        pattern=r"^(HX[0-9a-f]{32})?$",
        description="An approved WhatsApp template whose one variable `{{1}}` takes our words. Not "
        "set: news does not go to WhatsApp, because free words arrive only within 24 hours of what "
        "a person wrote.",
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="API address.")


class KannelSettings(Group):
    """Kannel"""

    kannel_url: str = Field(
        "",
        description="sendsms address, such as `http://127.0.0.1:13013/cgi-bin/sendsms`. Not set: "
        "nothing is sent through Kannel.",
    )
    kannel_username: str = Field("", description="sendsms user name.")
    kannel_password: SecretStr = Field(SecretStr(""), description="sendsms password.")
    kannel_from: str = Field("", description="Sender: a short number or a registered name.")


class EsmsSettings(Group):
    """eSMS"""

    esms_api_key: SecretStr = Field(
        SecretStr(""), description="API key. Not set: nothing is sent through eSMS."
    )
    esms_secret_key: SecretStr = Field(SecretStr(""), description="Secret key.")
    esms_brandname: str = Field("", max_length=11, description="Registered sender name.")
    esms_api_url: str = Field("https://rest.esms.vn", description="API address.")


class SpeedSmsSettings(Group):
    """SpeedSMS"""

    speedsms_token: SecretStr = Field(
        SecretStr(""), description="Access token. Not set: nothing is sent through SpeedSMS."
    )
    speedsms_from: str = Field("", max_length=11, description="Registered sender name.")
    speedsms_sms_type: Literal[2, 3, 4, 5] = Field(
        3,
        description="`3`: under the registered name. `2`: from a random number, `4`: under "
        "SpeedSMS's own name, `5`: from an Android phone.",
    )
    speedsms_api_url: str = Field("https://api.speedsms.vn", description="API address.")


class InfobipSettings(Group):
    """Infobip (SMS)"""

    infobip_api_key: SecretStr = Field(
        SecretStr(""), description="API key. Not set: nothing is sent through Infobip."
    )
    infobip_api_url: str = Field(
        "", description="The account's own address, such as `https://xyz123.api.infobip.com`."
    )
    infobip_from: str = Field("", description="Sender: a number or a registered name.")
    infobip_sms_version: Literal["3", "2"] = Field(
        "3",
        description="Which interface the account has: `3` (`/sms/3/messages`) or `2` "
        "(`/sms/2/text/advanced`).",
    )


class AfricasTalkingSettings(Group):
    """Africa's Talking (SMS)"""

    africastalking_api_key: SecretStr = Field(
        SecretStr(""), description="API key. Not set: no texts are sent through it."
    )
    africastalking_username: str = Field("", description="User name; `sandbox` in its sandbox.")
    africastalking_from: str = Field(
        "", description="Sender: a short number or a registered name. Empty: the account's own."
    )
    africastalking_api_url: str = Field(
        "https://api.africastalking.com",
        description="API address; `https://api.sandbox.africastalking.com` for its sandbox.",
    )


class UnsignedProviderSettings(Group):
    """Providers that sign nothing"""

    path_secrets: Mapping[str, SecretStr] = Field(
        default_factory=dict,
        description="`MOTCUA_<PROVIDER>_PATH_SECRET`: the unguessable last part of the address "
        "the provider calls. Not set: that address does not exist.",
    )
    addresses: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="`MOTCUA_<PROVIDER>_ADDRESSES`: the addresses or networks it may call from, "
        "comma list, such as `203.0.113.7,198.51.100.0/24`. Empty: any.",
    )
    ussd_pages: Mapping[str, UssdPage] = Field(
        default_factory=dict,
        description="`MOTCUA_<PROVIDER>_PAGE`: septets on one of its USSD pages, 40 to 182. Not "
        "set: 160, and 120 for Nalo.",
    )
    ussd_patiences: Mapping[str, Seconds] = Field(
        default_factory=dict,
        description="`MOTCUA_<PROVIDER>_PATIENCE`: seconds a step may take there. Not set: "
        "`MOTCUA_PATIENCE_USSD`.",
    )
