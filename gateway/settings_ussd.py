"""The settings of an operator's USSD link: how its centre speaks, and what a page may hold."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from gateway.settings_groups import Group, Seconds

Octet = Annotated[int, Field(ge=0, le=255)]


class KannelUssdSettings(Group):
    """USSD through Kannel"""

    kannel_ussd_limit: int = Field(
        160,
        ge=40,
        le=182,
        description="Septets on a page; the 160 octets of USSD hold 182. Pages in UCS-2 hold half "
        "as many signs, at most 80.",
    )
    kannel_ussd_patience: Seconds | None = Field(
        None, description="Seconds a step waits for a platform. Not set: `MOTCUA_PATIENCE_USSD`."
    )
    kannel_ussd_session: str = Field(
        "its_session_info",
        pattern=r"^[A-Za-z0-9_]+$",
        description="Optional parameter that names the session, called as in Kannel's `smpp-tlv` "
        "group: `its_session_info`, or what the centre has instead, such as "
        "`user_message_reference`. It goes back as it came.",
    )
    kannel_ussd_end_bit: bool = Field(
        True,
        description="Whether the lowest bit of `its_session_info` tells that the session ends, in "
        "both directions.",
    )
    kannel_ussd_numbered: bool = Field(
        False,
        description="Whether the network counts the hops of a session in bits 7 to 1 of the second "
        "octet of `its_session_info`, and does not keep a longer session number there: then a hop "
        "that it repeats is known.",
    )
    kannel_ussd_op_dialled: Octet = Field(
        1, description="`ussd_service_op` with which somebody dials (PSSR indication)."
    )
    kannel_ussd_ops_over: Annotated[tuple[Octet, ...], NoDecode] = Field(
        (17, 19, 129),
        description="Those after which nobody reads an answer, comma list: PSSR response, USSN "
        "confirm, and what some makers send when a person aborts (0x81). Any other is an answer.",
    )
    kannel_ussd_op_ask: Octet = Field(
        2, description="The one with which we show a page and wait (USSR request)."
    )
    kannel_ussd_op_end: Octet = Field(
        17, description="The one with which we show the last page (PSSR response)."
    )
    kannel_ussd_op_notify: Octet = Field(
        3, description="The one with which we show what nobody dialled for (USSN request)."
    )
    kannel_ussd_data_coding: Octet | None = Field(
        None,
        description="`data_coding` of pages in GSM-7, such as 15, as USSD itself calls it. Not "
        "set: 0. Pages in UCS-2 have 8.",
    )
    kannel_ussd_smsc: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_.-]*$",
        description="`smsc-id` of the USSD link in Kannel's configuration. Not set: nothing is "
        "shown to people who have not dialled.",
    )
    kannel_ussd_from: str = Field(
        "", description="Our number on that link, such as 1022. Not set: `MOTCUA_KANNEL_FROM`."
    )

    @field_validator("kannel_ussd_ops_over", mode="before")
    @classmethod
    def _operations(cls, value: object) -> object:
        return value.replace(" ", "").split(",") if isinstance(value, str) else value
