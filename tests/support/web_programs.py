"""The web examples as programs, for a sandbox, and what a browser would send them."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import attrs

from alipay_mini_audit.sandbox import Material

__all__ = ["FRAMEWORKS", "Program", "form_of", "running_program", "started_program"]

ROOT = Path(__file__).parents[2]
FRAMEWORKS = ("aiohttp", "fastapi")
_OWN = {"X-Requested-With": "XMLHttpRequest"}
_SECONDS = 20
_WARNING = "WARNING:alipay_mini_audit:"
"""Of a refusal, say, which the operator has to be told."""


@attrs.frozen
class Program:
    """A web example that is running.

    Attributes:
        url: of its page.
        process: that it runs in.
    """

    url: str
    process: subprocess.Popen[str]

    async def submit(
        self, session: aiohttp.ClientSession, version: str, form: aiohttp.FormData
    ) -> tuple[int, dict[str, object]]:
        """Send a form as the page does."""
        where = {"app_version": version}
        url = f"{self.url}versions"
        async with session.post(url, params=where, data=form, headers=_OWN) as answer:
            return answer.status, await answer.json()


def form_of(
    fields: Mapping[str, str], files: Mapping[str, Path | bytes] | None = None
) -> aiohttp.FormData:
    """A form with files; those that are a path are read while they are sent."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value, content_type="text/plain")
    for name, content in (files or {}).items():
        is_path = isinstance(content, Path)
        filename = content.name if is_path else f"{name}.png"
        form.add_field(
            name, content.open("rb") if is_path else io.BytesIO(content), filename=filename
        )
    return form


@contextmanager
def started_program(
    framework: str, base_url: str, material: Material, folder: Path, *, grumble: str = _WARNING
) -> Iterator[Program]:
    """Run one of the examples until the context is left; blocks while it starts and ends.

    It must have nothing to complain of but what was refused, and leave no file.

    Args:
        framework: one of `FRAMEWORKS`.
        base_url: of the platform.
        material: whose keys it has.
        folder: for its temporary files.
        grumble: how a line begins by which it may complain.
    """
    environment = {name: value for name, value in os.environ.items() if "ALIPAY" not in name}
    environment |= {
        "ALIPAY_APP_ID": material.app_id,
        "ALIPAY_PRIVATE_KEY": material.app_private_key,
        "ALIPAY_PUBLIC_KEY": material.alipay_public_key,
        "ALIPAY_BASE_URL": base_url,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder),
    }
    module = f"alipay_mini_audit.examples.web_{framework}"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", module, "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if url:
                yield Program(url, process)
        finally:
            process.terminate()
            _, complaint = process.communicate(timeout=_SECONDS)
    assert url, complaint
    others = [line for line in complaint.splitlines() if not line.startswith(grumble)]
    assert not others, complaint
    assert os.listdir(folder) == []  # noqa: PTH208  # a path would be refused in a coroutine


@asynccontextmanager
async def running_program(
    framework: str, base_url: str, material: Material, folder: Path, *, grumble: str = _WARNING
) -> AsyncIterator[Program]:
    """Do what `started_program` does, and let the loop run meanwhile."""
    manager = started_program(framework, base_url, material, folder, grumble=grumble)
    program = await asyncio.to_thread(manager.__enter__)
    try:
        yield program
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)
