"""Providers of invented companies, as their settings describe them; the first is the one of docs/sms.md."""

from __future__ import annotations

from collections.abc import Mapping

from tests.sms.senders import PASSWORD

SONGHUONG: Mapping[str, str] = {
    "URL": "https://api.songhuong.example.vn/v1/sms",
    "HEADERS": '{"Authorization": "Bearer {secret}"}',
    "SECRET": PASSWORD,
    "FROM": "YTE",
    "BODY": (
        '{"brand": "{from}", "phone": "{to_digits}", "content": "{text}", "unicode": "{coding}",'
        ' "clientId": "{id}", "dlr": "{receipts}", "priority": 1}'
    ),
    "CODINGS": "no,yes",
    "ID": "/data/id",
    "CODE": "/error",
    "CODES": (
        "0=taken,11=taken,20=retry,30=another,40=never,41=never-alarm,50=alarm,60=opted-out,"
        "http-402=alarm"
    ),
    "CALLS": "json",
    "EACH": "/events",
    "MESSAGE_ID": "/id",
    "MESSAGE_FROM": "/sender/number",
    "MESSAGE_TO": "/to",
    "MESSAGE_TEXT": "/text",
    "RECEIPT_ID": "/id",
    "RECEIPT_STATUS": "/state",
    "RECEIPT_WORDS": "/reason",
    "STATUSES": "SENT=sent,DONE=delivered,LOST=failed,QUEUED=nothing",
    "ANSWER": "ACK",
}
"""All in JSON, several events in one call; it names messages by its own id."""

HONG: Mapping[str, str] = {
    "URL": "https://hong.example.vn/push?user=gateway&pass={secret}",
    "METHOD": "GET",
    "CONTENT": "query",
    "SECRET": PASSWORD,
    "BODY": "msisdn={to}&msg={text}&ref={id}",
    "ID": "re:^OK:(\\w+)",
    "CODE": "re:^(OK|ERR[0-9]+)",
    "CODES": "OK=taken,ERR1=never,*=alarm",
    "CALLS": "query",
    "MESSAGE_FROM": "msisdn",
    "MESSAGE_TEXT": "msg",
    "RECEIPT_OURS": "ref",
    "RECEIPT_STATUS": "st",
    "STATUSES": "1=delivered,*=failed",
}
"""All in addresses and plain words; its texts have no ids, its receipts name ours."""

CUU: Mapping[str, str] = {
    "URL": "https://cuu.example.vn/send",
    "CONTENT": "form",
    "BODY": "key={secret}&to={to_local}&body={text_base64}&cb={receipts}",
    "SECRET": PASSWORD,
    "CALLS": "form",
    "MESSAGE_ID": "mid",
    "MESSAGE_FROM": "from",
    "MESSAGE_TEXT": "text",
    "RECEIPT_STATUS": "status",
    "STATUSES": "ok=delivered,sent=sent,no=failed",
}
"""Forms; it answers nothing that could be read, and calls the address which each message gave it."""
