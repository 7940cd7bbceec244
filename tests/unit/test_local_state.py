"""What a data folder remembers: the lock, the ports and the running stack."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import Conflict
from local.client import write_token
from local.processes import free_port
from local.stack import down, reset
from local.state import StackInfo, choose_ports, exclusive, is_running, read_stack, supervisor_pid, write_stack
from settings import Settings


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def info(data_dir: Path) -> StackInfo:
    return StackInfo(
        pid=os.getpid(),
        data_dir=str(data_dir),
        ui_url="http://127.0.0.1:1",
        api_docs_url="http://127.0.0.1:1/docs",
        graphql_url="http://127.0.0.1:1/graphql",
        database_url="postgresql://assent:secret@127.0.0.1:2/assent",
        temporal_address="127.0.0.1:3",
        temporal_namespace="default",
    )


def test_a_taken_port_gives_way_to_a_neighbour(listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    assert free_port(taken) != taken


def test_port_0_means_any_free_port_and_not_its_neighbours() -> None:
    assert free_port(0) > 1023


def test_the_last_port_has_no_neighbour_to_give_way_to() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 65_535))
        listener.listen()
        assert 0 < free_port(65_535) < 65_535


def test_the_port_of_last_time_is_used_again_while_it_is_free(tmp_path: Path, listener: socket.socket) -> None:
    wanted = {"api": listener.getsockname()[1], "temporal": listener.getsockname()[1]}
    first = choose_ports(tmp_path, wanted)
    listener.close()
    assert len({*first.values(), wanted["api"]}) == 3
    assert choose_ports(tmp_path, wanted) == first


def test_another_wanted_port_wins_over_the_remembered_one(tmp_path: Path) -> None:
    first = choose_ports(tmp_path, {"api": free_port()})["api"]
    other = free_port(taken=frozenset({first}))
    assert choose_ports(tmp_path, {"api": other}) == {"api": other}


def test_a_spoilt_memory_of_ports_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"api": ')
    port = free_port()
    assert choose_ports(tmp_path, {"api": port}) == {"api": port}


def test_a_second_stack_in_one_folder_is_refused_and_told_how_to_stop_the_first(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        with pytest.raises(Conflict, match="already running") as refusal, exclusive(tmp_path):
            pass
        assert supervisor_pid(tmp_path) == os.getpid()
    assert "assent down" in refusal.value.hint
    assert not is_running(tmp_path)


def test_the_running_stack_is_readable_for_its_owner_only_and_gone_afterwards(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with exclusive(tmp_path):
        assert read_stack(settings) is None
        write_stack(info(tmp_path))
        assert read_stack(settings) == info(tmp_path)
        assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    assert read_stack(settings) is None


def test_a_state_file_without_a_living_supervisor_counts_for_nothing(tmp_path: Path) -> None:
    write_stack(info(tmp_path))
    assert read_stack(Settings(data_dir=tmp_path)) is None
    assert down(Settings(data_dir=tmp_path)) is False


def test_reset_deletes_only_what_assent_made(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "sink.sqlite").touch()
    write_token(tmp_path, "secret")
    (tmp_path / "letter.txt").write_text("mine")
    assert {path.name for path in reset(Settings(data_dir=tmp_path))} == {"postgres", "sink.sqlite", "api-token"}
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_reset_refuses_while_the_stack_runs(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with exclusive(tmp_path), pytest.raises(Conflict, match="running"):
        reset(Settings(data_dir=tmp_path))
    assert (tmp_path / "postgres").exists()
