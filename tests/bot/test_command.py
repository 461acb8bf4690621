"""`python -m bot` as an operator starts it, against real servers and the stand-in for Telegram."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from core.store.tables import inbox
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_updates import says

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def environment(
    fresh_database_url: str, redis_url: str, peer: TelegramPeer, tmp_path: Path
) -> dict[str, str]:
    ours = {
        "DATABASE_URL": fresh_database_url.replace("postgresql+psycopg", "postgresql"),
        "REDIS_URL": redis_url,
        "MOTCUA_ENV": "production",
        "MOTCUA_VAR": str(tmp_path),
        "MOTCUA_SECRET_KEY": "invented-" * 5,
        "MOTCUA_FIELD_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
        "MOTCUA_PUBLIC_URL": "https://motcua.example.vn",
        "MOTCUA_TELEGRAM_TOKEN": peer.token,
        "MOTCUA_TELEGRAM_API_URL": peer.url,
        "MOTCUA_TELEGRAM_WEBHOOK_SECRET": "a-Secret_1",
    }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **ours}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def stored(environment: dict[str, str]) -> int:
    url = environment["DATABASE_URL"].replace("postgresql", "postgresql+psycopg", 1)
    engine = create_engine(url)
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(inbox)).scalar_one()
    engine.dispose()
    return count


def test_polls_into_the_inbox_and_stops_when_told(
    environment: dict[str, str], peer: TelegramPeer
) -> None:
    peer.webhook = {"url": "https://old.example.vn"}
    peer.queue(says(peer, Chat(5551001), "QR"))
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "--drop-webhook"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while peer.waiting and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        written, _ = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, stored(environment), len(peer.waiting)) == (0, 1, 0), written
    assert set(peer.commands) == {"", "vi", "en"}
    assert peer.token not in written
    assert "5551001" not in written


def test_tells_telegram_about_the_webhook(environment: dict[str, str], peer: TelegramPeer) -> None:
    done = run(environment, "--webhook")
    assert (done.returncode, done.stderr) == (0, "")
    assert peer.webhook["url"] == "https://motcua.example.vn/bot/telegram/webhook"
    assert peer.webhook["secret_token"] == "a-Secret_1"


@pytest.mark.parametrize(
    ("changes", "says_why"),
    [
        ({"MOTCUA_TELEGRAM_TOKEN": ""}, "Error: MOTCUA_TELEGRAM_TOKEN: not set."),
        ({"MOTCUA_TELEGRAM_TOKEN": "2000000002:nobody"}, "Error: Telegram refused"),
    ],
)
def test_what_an_operator_must_put_right_is_one_line(
    environment: dict[str, str], changes: dict[str, str], says_why: str
) -> None:
    done = run({**environment, **changes})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(says_why)
    assert "Traceback" not in done.stderr
