"""Reads `MOTCUA_HTTPSMS…`: providers of texts that are described by settings, without any code."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import NoDecode

from gateway.settings_groups import Group
from sms.providers.httpsms_spec import Spec, WrongSetting, understood

LIST: Final = "MOTCUA_HTTPSMS"
MOST: Final = 8

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "URL": ("", "Whole address that takes a message. Not set: this provider only brings texts."),
    "METHOD": ("POST", "`POST`, `GET` or `PUT`."),
    "CONTENT": ("json", "Where `BODY` goes: `json`, `form`, or `query` (into the address)."),
    "HEADERS": ("", 'Headers as JSON, such as `{"Authorization": "Bearer {secret}"}`.'),
    "BODY": (
        "",
        'Template: `{"to": "{to}", "text": "{text}"}`, or `to={to}&text={text}`. In braces: `to`, '
        "`to_digits`, `to_local`, `from`, `text`, `text_base64`, `id`, `coding`, `receipts`, "
        "`secret`.",
    ),
    "FROM": ("", "What `{from}` is: a short number or a registered name."),
    "SECRET": ("", "What `{secret}` is: a key or a password."),
    "CODINGS": ("0,8", "What `{coding}` is for GSM-7 and for all other letters."),
    "ID": (
        "",
        "Where the answer holds its id of the message: a JSON pointer (`/data/id`), a field's "
        "name, or `re:` with an expression of one group.",
    ),
    "CODE": ("", "Where the answer holds its code, in the same way."),
    "CODES": (
        "",
        "What codes mean: `0=taken,5=retry,*=never`. Meanings: `taken`, `retry`, `another`, "
        "`never`, `never-alarm`, `alarm`, `gone` (nobody has that number), `opted-out`; `http-402` "
        "is an HTTP status, `*` any other code.",
    ),
    "CALLS": ("form", "How it calls us: `form` or `json` by POST, or `query` by GET."),
    "EACH": ("", "Where a call in JSON holds a list of several: `/results`."),
    "MESSAGE_ID": (
        "",
        "Field with its id of a text that came in. Not set: the same words within ten seconds "
        "are a repeat.",
    ),
    "MESSAGE_FROM": ("", "Field with the number that wrote. Not set: nothing comes in."),
    "MESSAGE_TO": ("", "Field with the number that was written to."),
    "MESSAGE_TEXT": ("", "Field with the text."),
    "RECEIPT_ID": ("", "Field of a receipt with its id of the message."),
    "RECEIPT_OURS": ("", "Field of a receipt with our id, where it repeats `{id}`."),
    "RECEIPT_STATUS": ("", "Field with the status. Not set: there are no receipts."),
    "RECEIPT_WORDS": ("", "Field with the code of an error."),
    "STATUSES": (
        "",
        "What statuses mean: `DELIVRD=delivered,ACCEPTD=sent,*=failed`. Meanings: `sent`, "
        "`delivered`, `failed`, `nothing`.",
    ),
    "ANSWER": ("", "What its calls are answered, where it wants to hear something."),
}
"""Each setting of one provider, its default, and what it does."""

ENTRANCE: Final = ("PATH_SECRET", "ADDRESSES")
"""As for every provider that signs nothing."""


class HttpSmsSettings(Group):
    """Providers of texts described by settings"""

    httpsms: Annotated[Mapping[str, Spec], NoDecode] = Field(
        default_factory=dict,
        description="Names of such providers, comma list, such as `viettel,fpt`: small letters and "
        "digits. Each has the settings below, and is called at `/sms/<name>/<path secret>/…`.",
    )


def listed(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names in the list."""
    names = (part.strip() for part in environ.get(LIST, "").split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def prefix_of(name: str) -> str:
    """What the settings of this provider begin with."""
    return f"{LIST}_{name.upper()}_"


def known_names(environ: Mapping[str, str]) -> Iterator[str]:
    """Every environment variable of the providers that are listed."""
    for name in listed(environ):
        for setting in (*FIELDS, *ENTRANCE):
            yield f"{prefix_of(name)}{setting}"


def hint(name: str, environ: Mapping[str, str]) -> str:
    """What to do about a setting of a provider that is not listed; empty for any other name."""
    provider = name.upper().removeprefix(f"{LIST}_").partition("_")[0].lower()
    if not name.upper().startswith(f"{LIST}_") or provider in listed(environ):
        return ""
    return f"put `{provider}` into {LIST} first (docs/sms.md)"


def read(environ: Mapping[str, str], reserved: frozenset[str]) -> dict[str, Spec]:
    """The providers that are described. Raises WrongSetting, with the whole name of the setting."""
    names = listed(environ)
    if len(names) > MOST:
        raise WrongSetting(LIST, f"at most {MOST} providers can be described")
    specs: dict[str, Spec] = {}
    for name in names:
        if name in reserved:
            raise WrongSetting(LIST, f"`{name}` is a provider of its own: choose another name")
        prefix = prefix_of(name)
        values = {one: environ.get(f"{prefix}{one}") or usual for one, (usual, _) in FIELDS.items()}
        try:
            specs[name] = understood(name, values)
        except WrongSetting as wrong:
            place = f"{prefix}{wrong.setting}" if wrong.setting else LIST
            raise WrongSetting(place, wrong.why) from None
    return specs


def rows() -> Iterator[tuple[str, str, str]]:
    """For the page of settings: name, default and description of each provider's settings."""
    for setting, (usual, what) in FIELDS.items():
        yield f"{LIST}_<NAME>_{setting}", f"`{usual}`" if usual else "", what
    yield f"{LIST}_<NAME>_PATH_SECRET", "", "As for every provider that signs nothing, below."
    yield f"{LIST}_<NAME>_ADDRESSES", "", "The same."
