"""Which addresses a workflow may reach, checked on the address that is connected to.

`GuardedBackend` resolves a name itself, refuses it if any of its addresses is not public, and connects to one of the
addresses it has just checked. So neither a redirect, nor a name that resolves differently the next time, nor another
spelling of an address (`2130706433`, `127.1`, full-width digits) leads inside. TLS still verifies the name.

The tables are written out instead of asking `ipaddress`: `is_global` passes NAT64 (64:ff9b::/96), 6to4 (2002::/16) and
IPv4-compatible (::127.0.0.1) spellings of private addresses, and its answers differ between versions of Python.
Source: the IANA special-purpose address registries.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
from httpcore import SOCKET_OPTION

from contracts.errors import Forbidden, Unavailable

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to its addresses, in the order in which to try them. Raises OSError."""

MAX_TRIED = 3
"""Addresses of one name that are tried before it counts as unreachable."""

NOT_PUBLIC_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host agent of a cloud
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, and some clouds' metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

PUBLIC_V6 = IPv6Network("2000::/3")
"""All global unicast addresses; everything else (loopback, mapped, NAT64, local, multicast) is refused as a whole."""

NOT_PUBLIC_V6 = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # protocol assignments, among them Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is an ordinary one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in NOT_PUBLIC_V4)
    return address in PUBLIC_V6 and not any(address in block for block in NOT_PUBLIC_V6)


def host_and_port(host: str, port: int) -> str:
    """How a host is written in the list of allowed ones: `name:80`, `10.0.0.1:80`, `[::1]:80`."""
    return f"[{host}]:{port}" if ":" in host else f"{host.lower()}:{port}"


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver, best first."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to the `allowed_hosts` (`host:port`) whatever their address."""

    def __init__(self, allowed_hosts: Collection[str] = (), resolver: Resolver = resolve) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._resolver = resolver
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, connect.

        Raises:
            Forbidden: an address of the host is not public, and the host is not allowed.
            Unavailable: the host does not resolve.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of the tried addresses answers.
        """
        addresses = (await self._checked(host, port))[:MAX_TRIED]
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise Forbidden("local sockets cannot be reached from a workflow")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        where = host_and_port(host, port)
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Unavailable(f"the host {host} does not resolve", hint="check its name, or try again later")
        if where not in self._allowed and not all(is_public(ip_address(address)) for address in addresses):
            raise Forbidden(
                f"{where} is not a public address, so a workflow may not reach it",
                hint=f"if it should, add {where} to HTTP_ALLOWED_HOSTS",
            )
        return addresses
