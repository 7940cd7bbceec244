"""`python -m api`: serve the API on API_HOST:API_PORT."""

import contextlib
import logging
import sys

import uvicorn

from api.app import create_app
from settings import InvalidSettings, Settings, load_service_settings


def server_config(settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the API of these settings; tests serve it in the same way."""
    return uvicorn.Config(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        ws_max_size=settings.max_body_bytes,
    )


def main() -> None:
    """Read the settings and serve until SIGINT or SIGTERM."""
    try:
        settings = load_service_settings("API")
    except InvalidSettings as error:
        sys.exit(f"assent: {error}")
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server = uvicorn.Server(server_config(settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main()
