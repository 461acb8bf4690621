"""A process in the middle of a turn, for tests that kill it.

`python -m tests.core.store.a_turn <Redis URL> <phone>`: holds that person's session, says so, and
goes on working.
"""

import sys
import time

from redis import Redis

from core.message import Address
from core.store.sessions import RedisSessions
from core.store.vault import Vault

if __name__ == "__main__":
    url, phone = sys.argv[1:]
    vault = Vault([("k1", b"1" * 32)], b"s" * 32)  # as in the tests' own
    RedisSessions(Redis.from_url(url), vault, keep_seconds=60).hold(Address("phone", phone))
    print("in hand", flush=True)
    time.sleep(600)
