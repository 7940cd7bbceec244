"""Which services make up the stack: Postgres, Temporal, migrations, worker, API and, for the demo, the ticket sink.

`plan_stack` turns settings into services and the `StackInfo` that describes them. What the settings give (DATABASE_URL,
TEMPORAL_ADDRESS) is not embedded. Every child reads its settings from the environment it gets here.
"""

import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from contracts.queues import RUNS
from local import temporal
from local.postgres import EmbeddedPostgres
from local.processes import Probe
from local.state import StackInfo, choose_ports
from local.supervisor import Service
from settings import Settings

TEMPORAL_PORT = 7233
TEMPORAL_UI_PORT = 8233
POSTGRES_PORT = 8432
SINK_PORT = 8410


@dataclass(frozen=True)
class Stack:
    """What to run, and where it will be found."""

    services: tuple[Service, ...]
    info: StackInfo


def plan_stack(settings: Settings, *, demo: bool, temporal_binary: Path | None) -> Stack:
    """Choose ports and compose the services; prepares the embedded Postgres (blocking, up to a few seconds).

    `temporal_binary` is needed unless the settings name a Temporal.
    """
    ports = choose_ports(settings.data_dir, _wanted_ports(settings, demo))
    services: list[Service] = []
    database_url = settings.database_url.get_secret_value() if settings.database_url else ""
    if not database_url:
        postgres = EmbeddedPostgres(settings.data_dir / "postgres", ports["postgres"])
        postgres.prepare()
        database_url = postgres.url
        services.append(_postgres(postgres))
    if temporal_binary is not None:
        services.append(_temporal(settings, temporal_binary, ports))
    info = _describe(settings, ports, database_url)
    return Stack((*services, *_own(settings, info, ports, {service.name for service in services})), info)


def _wanted_ports(settings: Settings, demo: bool) -> dict[str, int]:
    wanted = {"api": settings.api_port}
    if settings.database_url is None:
        wanted["postgres"] = POSTGRES_PORT
    if settings.temporal_address is None:
        wanted |= {"temporal": TEMPORAL_PORT, "temporal_ui": TEMPORAL_UI_PORT}
    if demo:
        wanted["sink"] = SINK_PORT
    return wanted


def _describe(settings: Settings, ports: dict[str, int], database_url: str) -> StackInfo:
    api = f"http://{_in_url(settings.api_host)}:{ports['api']}"
    return StackInfo(
        pid=os.getpid(),
        data_dir=str(settings.data_dir.absolute()),
        ui_url=settings.public_url or api,
        api_docs_url=f"{api}/api/v1/docs",
        graphql_url=f"{api}/graphql",
        database_url=database_url,
        temporal_address=settings.temporal_address or f"127.0.0.1:{ports['temporal']}",
        temporal_namespace=settings.temporal_namespace,
        temporal_ui_url=f"http://127.0.0.1:{ports['temporal_ui']}" if "temporal_ui" in ports else None,
        sink_url=f"http://127.0.0.1:{ports['sink']}" if "sink" in ports else None,
    )


def _postgres(postgres: EmbeddedPostgres) -> Service:
    return Service(
        "postgres",
        postgres.command,
        ready=postgres.ready,
        prefix=postgres.prefix,
        start_seconds=300,  # it may have to recover first
        stop_signal=signal.SIGINT,  # its fast shutdown: ends connections, not transactions that are committed
        stop_seconds=30,
        death_signal=signal.SIGINT,
    )


def _temporal(settings: Settings, binary: Path, ports: dict[str, int]) -> Service:
    folder = settings.data_dir / "temporal"
    folder.mkdir(exist_ok=True, mode=0o700)
    command = temporal.dev_server(
        binary,
        port=ports["temporal"],
        ui_port=ports["temporal_ui"],
        database=folder / "temporal.sqlite",
        namespaces=() if settings.temporal_namespace == "default" else (settings.temporal_namespace,),
    )
    address = f"127.0.0.1:{ports['temporal']}"
    return Service("temporal", command, ready=lambda: temporal.ready(address, settings.temporal_namespace))


def _own(settings: Settings, info: StackInfo, ports: dict[str, int], embedded: set[str]) -> list[Service]:
    """The services that are Assent's own programs."""
    env = {
        "DATA_DIR": info.data_dir,
        "DATABASE_URL": info.database_url,
        "TEMPORAL_ADDRESS": info.temporal_address,
        "TEMPORAL_NAMESPACE": info.temporal_namespace,
        "API_HOST": settings.api_host,
        "API_PORT": str(ports["api"]),
        "PUBLIC_URL": info.ui_url,
        "TEMPORAL_UI_URL": info.temporal_ui_url or settings.temporal_ui_url,
        "HTTP_ALLOWED_HOSTS": ",".join((*settings.http_allowed_hosts, *_sink_host(ports))),
        "LOG_LEVEL": settings.log_level,
        "PYTHONUNBUFFERED": "1",
    }
    database = tuple({"postgres"} & embedded)
    engine = tuple({"temporal"} & embedded)
    api = f"http://{_in_url(settings.api_host)}:{ports['api']}"
    own = [
        Service("migrations", _module("store.migrate"), env=env, after=database, once=True),
        Service("worker", _module("worker"), _polls(info), env, after=("migrations", *engine), stop_seconds=15),
        Service("api", _module("api"), _answers(f"{api}/readyz"), env, after=("migrations", *engine)),
    ]
    if info.sink_url:
        sink_env = {"SINK_PORT": str(ports["sink"]), "SINK_DATABASE": str(settings.data_dir / "sink.sqlite")}
        own.append(Service("sink", _module("local.sink"), _answers(f"{info.sink_url}/healthz"), sink_env))
    return own


def _module(name: str) -> list[str]:
    # -P: the folder that `assent` is called in may hold modules with our names.
    return [sys.executable, "-P", "-m", name]


def _sink_host(ports: dict[str, int]) -> tuple[str, ...]:
    return (f"127.0.0.1:{ports['sink']}",) if "sink" in ports else ()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _answers(url: str) -> Probe:
    """A probe: whether GET `url` gives 200."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                return (await client.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    return probe


def _polls(info: StackInfo) -> Probe:
    """A probe: whether a worker has asked Temporal for work since now."""
    since = datetime.now(UTC)
    request = DescribeTaskQueueRequest(
        namespace=info.temporal_namespace,
        task_queue=TaskQueue(name=RUNS),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    clients: list[Client] = []

    async def probe() -> bool:
        try:
            if not clients:
                clients.append(await Client.connect(info.temporal_address, namespace=info.temporal_namespace))
            queue = await clients[0].workflow_service.describe_task_queue(request)
        except (RPCError, RuntimeError):
            return False
        return any(poller.last_access_time.ToDatetime(UTC) >= since for poller in queue.pollers)

    return probe
