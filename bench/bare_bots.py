"""The least that could answer on a chat network: read the update, post one message, say 200.

It proves nobody, keeps nothing, knows no conversation, and drops what fails.
"""

from __future__ import annotations

import json
import os
from functools import cache

import httpx2
from flask import Flask, Response, request

TEXT = "Một Cửa - Y tế"
BUTTONS = ("1. Mã QR", "2. Tình trạng", "3. Khai báo y tế", "4. Kết quả xét nghiệm", "5. Mũi tiêm")
TELEGRAM, ZALO, ZALO_TOKEN = "BENCH_TELEGRAM", "BENCH_ZALO", "BENCH_ZALO_TOKEN"
"""Environment: where the bare bots post, and with which token."""

app = Flask("bare bots", static_folder=None)


@cache
def _client() -> httpx2.Client:
    return httpx2.Client(trust_env=False, timeout=30)


@app.post("/telegram")
def telegram() -> Response:
    chat = json.loads(request.get_data())["message"]["chat"]["id"]
    keys = [[{"text": label, "callback_data": f"1:{label[0]}"}] for label in BUTTONS]
    sent = {"chat_id": chat, "text": TEXT, "reply_markup": {"inline_keyboard": keys}}
    _client().post(f"{os.environ[TELEGRAM]}/sendMessage", json=sent)
    return Response("ok")


@app.post("/zalo")
def zalo() -> Response:
    person = json.loads(request.get_data())["sender"]["id"]
    buttons = [
        {"title": label, "type": "oa.query.hide", "payload": f"#mc:1:{label[0]}"}
        for label in BUTTONS
    ]
    attachment = {"type": "template", "payload": {"buttons": buttons}}
    sent = {"recipient": {"user_id": person}, "message": {"text": TEXT, "attachment": attachment}}
    headers = {"access_token": os.environ[ZALO_TOKEN]}
    _client().post(f"{os.environ[ZALO]}/v3.0/oa/message/cs", json=sent, headers=headers)
    return Response("ok")
