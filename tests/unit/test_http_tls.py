"""Connecting to a checked address keeps the name for TLS: the certificate must be that of the URL's host."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.http import HttpConnector
from contracts.errors import Unavailable
from contracts.ports import ConnectorCall

OPENSSL = shutil.which("openssl")


class Ok(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class QuietServer(HTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off the handshake is what is tested."""


@dataclass
class SecureSite:
    port: int
    certificate: Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SecureSite]:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=sink.example", "-addext", "subjectAltName=DNS:sink.example"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with QuietServer(("127.0.0.1", 0), Ok) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield SecureSite(server.server_port, certificate)
        server.shutdown()
        thread.join()


async def get(site: SecureSite, host: str, trusted: ssl.SSLContext | None) -> Any:
    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    allowed = [f"{host}:{site.port}"]
    async with HttpConnector(allowed_hosts=allowed, resolver=resolver, ssl_context=trusted) as http:
        inputs = {"url": f"https://{host}:{site.port}/"}
        return await http.call(ConnectorCall(inputs=inputs, idempotency_key="k", timeout_seconds=10))


@pytest.mark.skipif(OPENSSL is None, reason="needs openssl: apt-get install openssl")
async def test_only_a_trusted_certificate_of_the_urls_host_is_accepted(site: SecureSite) -> None:
    trusted = ssl.create_default_context(cafile=str(site.certificate))
    assert (await get(site, "sink.example", trusted))["status"] == 204
    with pytest.raises(Unavailable, match="certificate"):
        await get(site, "other.example", trusted)
    with pytest.raises(Unavailable, match="certificate"):
        await get(site, "sink.example", None)
