"""Which services make up the stack, depending on the settings."""

from pathlib import Path

import pytest

from local.services import Stack, plan_stack
from local.supervisor import Service
from settings import Settings


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    """Settings that bring their own database and Temporal."""
    return Settings.model_validate(
        {
            "data_dir": tmp_path,
            "database_url": "postgresql://me:secret@db:5432/assent",
            "temporal_address": "temporal:7233",
            "http_allowed_hosts": "10.0.0.1:80",
            "api_port": 0,
        }
    )


def named(stack: Stack) -> dict[str, Service]:
    return {service.name: service for service in stack.services}


def test_what_the_settings_give_is_not_embedded(given: Settings) -> None:
    stack = plan_stack(given, demo=False, temporal_binary=None)
    assert set(named(stack)) == {"migrations", "worker", "api"}
    assert named(stack)["worker"].env["DATABASE_URL"] == "postgresql://me:secret@db:5432/assent"
    assert named(stack)["api"].env["TEMPORAL_ADDRESS"] == "temporal:7233"
    assert named(stack)["worker"].after == ("migrations",)
    assert (stack.info.temporal_ui_url, stack.info.sink_url) == (None, None)


def test_the_demo_may_reach_its_sink_although_that_is_a_private_address(given: Settings) -> None:
    stack = plan_stack(given, demo=True, temporal_binary=None)
    sink = (stack.info.sink_url or "").removeprefix("http://")
    assert named(stack)["worker"].env["HTTP_ALLOWED_HOSTS"] == f"10.0.0.1:80,{sink}"
    assert named(stack)["sink"].env["SINK_PORT"] == sink.partition(":")[2]


def test_the_app_is_found_under_its_public_address(given: Settings) -> None:
    public = given.model_copy(update={"public_url": "https://assent.example"})
    stack = plan_stack(public, demo=False, temporal_binary=None)
    assert stack.info.ui_url == "https://assent.example"
    assert stack.info.graphql_url.startswith("http://127.0.0.1:")
