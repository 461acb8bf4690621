"""``make run`` with tiny stand-ins for our processes: started by the tests as a program."""

import os
import sys
from collections.abc import Mapping

from gateway.ports import answers
from gateway.run import run
from gateway.run_screen import RunScreen
from gateway.settings import Settings, load
from gateway.supervisor import Plan

# A web process with a child of its own, which outlives it unless somebody ends it, and which looks
# only after the one who started both.
CHILD = """
import sys, time
from psutil import pid_exists
while pid_exists(int(sys.argv[1])): time.sleep(0.05)
"""
WEB = f"""
import http.server, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}, str(os.getppid())])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(child.pid).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
WORKER = "import time; time.sleep(600)"


def fake_plans(settings: Settings, environment: Mapping[str, str]) -> tuple[Plan, ...]:
    """A worker that sleeps and a web process that answers everything."""
    address = f"http://127.0.0.1:{settings.port}/healthz"
    return (
        Plan("worker", (sys.executable, "-c", WORKER), environment),
        Plan("web", (sys.executable, "-c", WEB), environment, lambda: answers(address)),
    )


if __name__ == "__main__":
    os.environ["PLATFORM_FHIR_URL"] = "http://127.0.0.1:9/fhir"  # no sandbox
    sys.exit(run(load(servers=False, join=False), RunScreen(), plans=fake_plans))
