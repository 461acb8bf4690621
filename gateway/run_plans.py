"""Which processes ``make run`` starts, and the environment that lets them find each other."""

import os
import sys
from collections.abc import Callable, Mapping

from gateway.ports import LOOPBACK, answers
from gateway.settings import Settings
from gateway.supervisor import Plan

SANDBOX, WEB, WORKER = "sandbox", "web", "worker"
SANDBOX_SEED = 1

# From the settings and the environment that the processes get.
Plans = Callable[[Settings, Mapping[str, str]], tuple[Plan, ...]]


def sandbox_plan(settings: Settings, port: int) -> Plan:
    """The sandbox platform with its synthetic people."""
    people = str(settings.sandbox_people)
    command = [sys.executable, "-m", "sandbox", "--people", people, "--seed", str(SANDBOX_SEED)]
    base = f"http://{LOOPBACK}:{port}"
    return Plan(
        name=SANDBOX,
        command=(*command, "--port", str(port)),
        environment=os.environ,
        healthy=lambda: answers(f"{base}/people?limit=1"),
    )


def sandbox_settings(base: str) -> dict[str, str]:
    """The settings that make the sandbox our national platforms."""
    return {
        "PLATFORM_FHIR_URL": f"{base}/fhir",
        "PLATFORM_TOKEN_URL": f"{base}/oauth/token",
        "QRQG_URL": f"{base}/qrqg",
        "PLATFORM_CLIENT_ID": "mot-cua",
        "PLATFORM_CLIENT_SECRET": "sandbox-secret",
    }


def gateway_plans(settings: Settings, environment: Mapping[str, str]) -> tuple[Plan, ...]:
    """Our own processes, in the order in which they are started."""
    base = f"http://{LOOPBACK}:{settings.port}"

    def plan(name: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "gateway", name)

    return (
        Plan(name=WORKER, command=plan(WORKER), environment=environment),
        Plan(
            name=WEB,
            command=plan(WEB),
            environment=environment,
            healthy=lambda: answers(f"{base}/healthz") and answers(f"{base}/readyz"),
        ),
    )
