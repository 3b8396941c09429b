"""The fixtures as a user gets them: pytest in a process of its own, on a test file of a user."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = "alipay_mini_audit.sandbox.pytest_plugin"
LATE = {"alipay_mini_audit", "aiohttp", "cattrs", "Crypto", "cryptography"}
BEFORE_A_FIXTURE = {
    "alipay_mini_audit",
    "alipay_mini_audit._version",
    "alipay_mini_audit.on_demand",
    "alipay_mini_audit.sandbox",
    PLUGIN,
}
USER = """
import asyncio
import threading
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from alipay_mini_audit import (AuditApply, AuditClient, ClientConfig, Preflight)
from alipay_mini_audit.sandbox import Fault

APPLY = AuditApply(app_version="0.0.1", version_desc="The first version, for a test of a test.")

{mark}
async def test_a_web_handler(alipay_sandbox, audit_client):
    async def submit(request):
        reply = await audit_client.apply(APPLY)
        return web.json_response({{"speed_up": reply.speed_up}})

    app = web.Application()
    app.router.add_post("/submit", submit)
    async with TestClient(TestServer(app)) as browser:
        assert await (await browser.post("/submit")).json() == {{"speed_up": True}}
    assert alipay_sandbox.accepted("0.0.1") == 1

{mark}
async def test_every_test_has_a_gateway_of_its_own(
    alipay_sandbox, audit_client, alipay_sandbox_material
):
    assert alipay_sandbox.calls == 0
    alipay_sandbox.faults.add(Fault.throttled(retry_after=0))
    assert (await audit_client.version_detail("0.0.1")).status == "INIT"
    assert alipay_sandbox.material == alipay_sandbox_material

def test_a_synchronous_program(alipay_sandbox_thread):
    sandbox = alipay_sandbox_thread

    async def submit():
        config = ClientConfig(preflight=Preflight.OFF, base_url=sandbox.base_url)
        async with AuditClient(sandbox.credentials, config) as client:
            await client.apply(APPLY)

    # As the test clients of web frameworks do it: the handler has a thread and loop of its own.
    handler = threading.Thread(target=lambda: asyncio.run(submit()))
    handler.start()
    handler.join(20)
    assert sandbox.status("0.0.1") == "AUDITING"

def test_a_synchronous_test_has_a_gateway_of_its_own(alipay_sandbox_thread):
    assert alipay_sandbox_thread.calls == 0
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("alipay-sandbox") == 1  # that of the other test has ended

def test_nothing_of_it():
    pass
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    names = {point.value for point in importlib.metadata.entry_points(group="pytest11")}
    if PLUGIN not in names or "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in environment:
        command += ["-p", PLUGIN]
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=variables | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_a_user_tests_a_web_handler(tmp_path: Path, mode: str) -> None:
    mark = "@pytest.mark.asyncio" if mode == "strict" else ""
    (tmp_path / "test_user.py").write_text(USER.format(mark=mark))
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\n"
    )
    done = run(tmp_path)
    assert "5 passed" in done.stdout, done.stdout + done.stderr


def test_without_pytest_asyncio_other_tests_run_and_the_fixture_is_explained(
    tmp_path: Path,
) -> None:
    (tmp_path / "pytest_asyncio.py").write_text("raise ImportError('not installed')")
    (tmp_path / "test_user.py").write_text(
        "def test_nothing_of_it(): pass\ndef test_sync(alipay_sandbox): pass\n"
        "def test_material(alipay_sandbox_material): assert alipay_sandbox_material.app_id\n"
        "def test_thread(alipay_sandbox_thread): assert alipay_sandbox_thread.calls == 0\n"
    )
    done = run(tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONPATH=str(tmp_path))
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    assert "requested an async fixture 'alipay_sandbox', with no plugin" in done.stdout


def test_a_run_without_the_fixtures_loads_nothing_that_they_need(tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(f"""
import sys

def test_nothing_of_it():
    late = {LATE}
    loaded = {{name for name in sys.modules if name.split(".")[0] in late}}
    assert "{PLUGIN}" in loaded
    assert loaded == {BEFORE_A_FIXTURE}
""")
    done = run(tmp_path, "-o", "asyncio_default_fixture_loop_scope=function")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
