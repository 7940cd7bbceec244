"""Settings: documented, checked with one clear line, secrets from files and never shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from settings import InvalidSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented_in_a_sentence(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "http"),
        ("API_PORT", "70000"),
        ("API_HOST", "0.0.0.0"),
        ("DATABASE_POOL_SIZE", "0"),
        ("SANDBOX_TYPE", "chroot"),
        ("LOG_LEVEL", "loud"),
        ("MULTI_TENANT", "perhaps"),
        ("MAX_BODY_BYTES", "1"),
        ("WORKER_MAX_CACHED_RUNS", "-1"),
    ],
)
def test_a_bad_value_gives_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings) as refused:
        load_settings()
    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message


def test_several_bad_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_PORT", "x")
    monkeypatch.setenv("LOG_LEVEL", "x")
    with pytest.raises(InvalidSettings, match=r"API_PORT: .*; LOG_LEVEL: "):
        load_settings()


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_CLI", "API_PORT"):
        monkeypatch.setenv(name, "")
    loaded = load_settings()
    assert (loaded.database_url, loaded.temporal_address, loaded.temporal_cli, loaded.api_port) == (
        None,
        None,
        None,
        8400,
    )


def test_a_secret_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://user:canary@db/assent\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    loaded = load_settings()
    assert loaded.database_url == SecretStr("postgresql://user:canary@db/assent")


def test_the_environment_comes_before_a_file_and_a_file_before_dotenv(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "name").write_text("from-file")
    (tmp_path / ".env").write_text("TEMPORAL_NAMESPACE=from-dotenv\n")
    assert load_settings().temporal_namespace == "from-dotenv"
    monkeypatch.setenv("TEMPORAL_NAMESPACE_FILE", str(tmp_path / "name"))
    assert load_settings().temporal_namespace == "from-file"
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "from-environment")
    assert load_settings().temporal_namespace == "from-environment"


def test_a_file_that_is_not_there_or_not_text_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(InvalidSettings, match="nothing: No such file"):
        load_settings()
    (tmp_path / "nothing").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSettings, match="not UTF-8"):
        load_settings()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert {"database_url", "database_read_url", "redis_url"} <= set(secrets)
    for name in secrets:
        monkeypatch.setenv(name.upper(), "postgresql://user:canary@host/db")
    monkeypatch.setenv("API_PORT", "wrong")
    with pytest.raises(InvalidSettings) as refused:
        load_settings()
    assert "canary" not in str(refused.value)
    monkeypatch.setenv("API_PORT", "1")
    loaded = load_settings()
    assert "canary" not in f"{loaded!r} {loaded} {loaded.model_dump_json()}"


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_ALLOWED_HOSTS", " 127.0.0.1:8401, localhost:1 ,")
    assert load_settings().http_allowed_hosts == ("127.0.0.1:8401", "localhost:1")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings(_env_file=None).api_port = 1  # type: ignore[misc]
