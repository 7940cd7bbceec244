"""One journey through the whole product: `assent up --demo` as a newcomer starts it, in a real browser.

The browser's part is `journey.mjs`, which prints its steps. `--queue-picture FILE` also takes the README's picture.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.state import read_stack
from settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HERE = Path(__file__).parent
STOP_SECONDS = 60


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where the running stack is, as the journey reads it."""
    assert (HERE.parents[1] / "frontend" / "dist" / "index.html").exists(), "build the app first: make setup"
    env = {**os.environ, "DATA_DIR": str(tmp_path), "API_PORT": "0"}
    command = [sys.executable, "-m", "cli", "up", "--demo", "--json"]
    with (
        (tmp_path / "up.log").open("w") as log,
        subprocess.Popen(command, cwd=HERE.parents[1], env=env, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, (tmp_path / "up.log").read_text()
            printed, stack = json.loads(line), read_stack(Settings(_env_file=None, data_dir=tmp_path))
            assert stack is not None
            yield {
                "UI_URL": printed["ui_url"],
                "SIGN_IN_URL": printed["sign_in_url"],
                "SINK_URL": stack.sink_url or "",
                "API_TOKEN": (tmp_path / "api-token").read_text().strip(),
            }
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)


def test_a_newcomer_decides_in_the_browser_and_the_work_is_done_once(
    environment: dict[str, str], pytestconfig: pytest.Config
) -> None:
    picture = pytestconfig.getoption("queue_picture")
    env = {
        **os.environ,
        **environment,
        "PICTURES": tempfile.mkdtemp(prefix="assent-journey-"),
        **({"QUEUE_PICTURE": str(picture)} if picture else {}),
    }
    journey = subprocess.run(
        ["node", str(HERE / "journey.mjs")], env=env, capture_output=True, text=True, check=False, timeout=180
    )
    print(journey.stdout)
    assert journey.returncode == 0, journey.stderr
