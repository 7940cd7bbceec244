"""Private addresses stay out of reach, however they are written and wherever they come from."""

from ipaddress import ip_address

import httpcore
import pytest

from connectors.http import HttpConnector
from connectors.netguard import GuardedBackend, is_public
from contracts.errors import Forbidden, InvalidInput, Unavailable
from contracts.ports import ConnectorCall

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b:1::1
100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""

PUBLIC = "8.8.8.8 1.1.1.1 93.184.216.34 172.15.255.255 172.32.0.1 192.0.1.1 2606:4700::1111 2a00:1450::1 2620:fe::fe"


@pytest.mark.parametrize("address", PRIVATE.split())
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "2130706433",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "100.64.0.1",
        "①②⑦.⓪.⓪.①",
        "１２７.0.0.1",
    ],
)
async def test_every_spelling_of_a_private_address_is_refused_before_anything_is_sent(host: str) -> None:
    async with HttpConnector() as http:
        call = ConnectorCall(inputs={"url": f"http://{host}:9/"}, idempotency_key="k")
        # Some spellings are no valid URL at all, and some systems' resolvers do not know them.
        with pytest.raises((Forbidden, InvalidInput, Unavailable)) as caught:
            await http.call(call)
        assert "cannot be reached" not in str(caught.value)
        assert "did not answer" not in str(caught.value)


async def test_a_name_with_public_and_private_addresses_is_refused() -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.5"]

    with pytest.raises(Forbidden, match=r"mixed\.example:443"):
        await GuardedBackend(resolver=mixed).connect_tcp("mixed.example", 443)


async def test_a_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connection() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    with pytest.raises(Forbidden):
        await GuardedBackend(resolver=rebinding).connect_tcp("rebind.example", 80)
    assert asked == ["rebind.example"]


async def test_only_the_named_port_of_an_allowed_host_is_allowed() -> None:
    guard = GuardedBackend(["127.0.0.1:1"])
    with pytest.raises(httpcore.ConnectError):
        await guard.connect_tcp("127.0.0.1", 1, timeout=2)
    with pytest.raises(Forbidden, match=r"127\.0\.0\.1:2 is not"):
        await guard.connect_tcp("127.0.0.1", 2)


async def test_a_name_without_addresses_is_unavailable() -> None:
    async def none(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Unavailable, match="does not resolve"):
        await GuardedBackend(resolver=none).connect_tcp("nowhere.example", 80)
