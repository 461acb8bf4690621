"""The settings of those who carry messages: one group for each network or provider."""

from collections.abc import Mapping

from pydantic import Field, SecretStr

from gateway.settings_groups import Group

# Providers that sign nothing: each has a `MOTCUA_<NAME>_PATH_SECRET`, which is part of the address
# it calls, and a `MOTCUA_<NAME>_ADDRESSES`, the list of addresses it may call from.
UNSIGNED_USSD = ("africastalking",)
UNSIGNED_SMS = ("kannel",)
UNSIGNED_PROVIDERS = UNSIGNED_USSD + UNSIGNED_SMS


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

    zalo_app_id: str = Field("", description="Id of the Zalo app.")
    zalo_app_secret: SecretStr = Field(
        SecretStr(""), description="Secret of the Zalo app, used to renew tokens."
    )
    zalo_oa_id: str = Field("", description="Id of the official account.")
    zalo_oa_secret: SecretStr = Field(
        SecretStr(""),
        description="Official account's secret: checks `X-ZEvent-Signature`. Not set while the "
        "app is: Zalo's calls are answered 200 and nothing is taken in, which is what setting the "
        "webhook up needs.",
    )
    zalo_by_hand_minutes: int = Field(
        30,
        ge=1,
        description="Minutes for which nothing is answered after somebody of ours wrote to a "
        "person by hand, unless they tap a button or write MENU.",
    )
    zalo_api_url: str = Field(
        "https://openapi.zalo.me", description="Official account API address."
    )
    zalo_oauth_url: str = Field("https://oauth.zaloapp.com", description="Token address.")
    zalo_business_url: str = Field(
        "https://business.openapi.zalo.me",
        description="Address for templates sent by phone number.",
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
