"""Lets the Python SDK download the Temporal dev server: `python -m local.temporal_download FOLDER VERSION`.

The SDK downloads only while it starts a server, so one is started in memory and stopped again.
"""

import asyncio
import sys
from pathlib import Path

from temporalio.testing import WorkflowEnvironment


async def download(folder: Path, version: str) -> None:
    """Download `version` (like v1.8.2) into `folder`; raises RuntimeError when that is impossible."""
    environment = await WorkflowEnvironment.start_local(
        download_dest_dir=str(folder), dev_server_download_version=version
    )
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(download(Path(sys.argv[1]), sys.argv[2]))
