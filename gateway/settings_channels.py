"""The settings of USSD aggregators and of SMS providers: one group for each."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr

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
    twilio_whatsapp_qr_image: bool = Field(
        True,
        description="Whether a personal QR goes to WhatsApp as an image, which Twilio's servers "
        "fetch from an address that ends after minutes and see. No: only the short code.",
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
