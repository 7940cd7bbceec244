"""Every setting of Assent, in one frozen object. Built only in the composition roots (`api/`, `worker.py`, `cli.py`).

Values come from the environment (or a `.env` file) under the names below, in capitals. A secret may instead stand in a
file named by `<NAME>_FILE`. A bad value stops the start with one line that names the setting.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict


class InvalidSettings(Exception):
    """A setting has a value that Assent cannot use; the message names it in one line."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", extra="ignore", case_sensitive=False, env_ignore_empty=True
    )

    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(), description="Where the embedded stack keeps its data and logs."
    )
    database_url: SecretStr | None = Field(
        default=None, description="postgresql://... of an existing Postgres with pgvector; empty: the embedded one."
    )
    database_read_url: SecretStr | None = Field(
        default=None, description="A read replica for lists and search; empty: DATABASE_URL serves both."
    )
    database_pool_size: int = Field(default=10, ge=1, le=200, description="Connections that one process may hold.")
    temporal_address: str | None = Field(
        default=None, description="host:port of an existing Temporal; empty: the embedded one."
    )
    temporal_namespace: str = Field(default="default", description="Temporal namespace that holds the runs.")
    temporal_ui_url: str = Field(default="", description="Address of the Temporal Web UI, for links to it.")
    temporal_cli: Path | None = Field(
        default=None, description="Path of the `temporal` binary for the embedded stack; empty: found or built."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Reserved for shared rate limits and caches; nothing needs Redis yet."
    )
    sandbox_type: Literal["auto", "wasm", "firecracker", "docker"] = Field(
        default="auto", description="Reserved for code steps: which sandbox runs them."
    )
    multi_tenant: bool = Field(default=False, description="Reserved: several tenants in one installation.")
    api_host: str = Field(default="127.0.0.1", description="Address the API binds to; only loopback so far.")
    api_port: int = Field(default=8400, ge=0, le=65535, description="Port of UI, REST and GraphQL; 0: any free port.")
    api_url: str = Field(default="", description="API the command line talks to; empty: this machine's own stack.")
    api_token: SecretStr | None = Field(default=None, description="API token of the command line for API_URL.")
    public_url: str = Field(
        default="", description="Address people reach the UI under; empty: http://API_HOST:API_PORT."
    )
    http_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private host:port pairs that http.request may reach all the same, comma-separated.",
    )
    http_max_response_bytes: int = Field(
        default=1_048_576, ge=1024, description="Largest response body that http.request reads, in bytes."
    )
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="Largest request body of the API, in bytes.")
    worker_queues: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("runs", "knowledge"), description="Task queues this worker serves, comma-separated."
    )
    worker_max_activities: int = Field(default=100, ge=1, description="Steps that one worker executes at a time.")
    worker_max_cached_runs: int = Field(default=1000, ge=0, description="Runs that one worker keeps in memory.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is logged.")

    @field_validator("http_allowed_hosts", "worker_queues", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("api_host")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("must be a loopback address (127.0.0.1) until sign-in with roles exists")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls), dotenv_settings


class FileSource(PydanticBaseSettingsSource):
    """Reads `<NAME>_FILE`: the value of setting NAME is the content of that file, without the final line break."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in values.items() if value}


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/assent`, by default `~/.local/share/assent`."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "assent"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        InvalidSettings: one line per bad value, naming the setting and what it must be.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [
            f"{str(item['loc'][0]).upper()}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors()
        ]
        raise InvalidSettings("; ".join(lines)) from None
    except UnicodeDecodeError:
        raise InvalidSettings("a file named by a *_FILE setting, or .env, is not UTF-8 text") from None
    except OSError as error:
        raise InvalidSettings(f"{error.filename}: {error.strerror} (named by a *_FILE setting)") from None


def load_service_settings(service: str) -> Settings:
    """Read the settings of a service that needs both servers, which `assent up` names to its own.

    Raises:
        InvalidSettings: as `load_settings`, and when DATABASE_URL or TEMPORAL_ADDRESS is not set.
    """
    settings = load_settings()
    for name in ("database_url", "temporal_address"):
        if getattr(settings, name) is None:
            raise InvalidSettings(f"{name.upper()}: must be set (assent up sets it for its own {service})")
    return settings
