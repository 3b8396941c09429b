"""The contenders that do not use `asyncio`: curl, and the official SDKs for Node and Python."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from benchmarks.gauge import BLOCK, Job, Lag, Result, lag_of, measure_blocking
from benchmarks.material import (
    ALIPAY_PUBLIC_KEY,
    APP_ID,
    APP_PRIVATE_KEY,
    ARCHAIC_PRIVATE_KEY,
    TLS_CERTIFICATE,
    as_one_line,
    fields_of,
)

__all__ = ["node_sdk_is_missing", "node_sdk_version", "run_curl", "run_node_sdk", "run_python_sdk"]

_APPLY: Final = "/v3/alipay/open/mini/version/audit/apply"
_NODE_SCRIPT: Final = Path(__file__).with_name("node_sdk.mjs")


def run_curl(job: Job) -> Result:
    """Let one curl make as many submissions as fit into the time. Its start-up counts."""
    files = job.files()
    config = "\nnext\n".join(
        _curl_section(job, number, files[number % len(files)]) for number in range(1, job.count + 1)
    )
    with tempfile.NamedTemporaryFile("w", suffix=".curlrc") as file:
        file.write(config)
        file.flush()
        parallel = ["--parallel", "--parallel-immediate", "--parallel-max", str(job.concurrency)]
        command = [
            "curl",
            "--disable",
            "--noproxy",
            "*",
            "--fail-early",
            *parallel,
            "--config",
            file.name,
        ]
        started = time.perf_counter()
        process = subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603  # curl with a config of ours
        assert process.stderr is not None  # noqa: S101  # narrows the type
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"curl failed: {said.decode()[-500:]}")
    return Result(
        submitted=job.count,
        warm_up=0,
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        from_disk=usage.ru_inblock * BLOCK,
    )


def _curl_section(job: Job, number: int, files: Mapping[str, Path]) -> str:
    data = json.dumps(fields_of(number), separators=(",", ":"))
    lines = [
        f'url = "{job.base_url}{_APPLY}"',
        "http1.1\nsilent\nshow-error\nfail",
        'output = "/dev/null"',
        'header = "Expect:"',  # the sink takes every body without being asked first
        f"form = {json.dumps(f'data={data};type=application/json')}",
        *(f"form = {json.dumps(f'{part}=@{path};type=image/png')}" for part, path in files.items()),
    ]
    if job.is_tls:
        lines.append(f"cacert = {json.dumps(str(Path(job.folder, TLS_CERTIFICATE)))}")
    return "\n".join(lines)


def node_sdk_version() -> str | None:
    """Return the version of the Node SDK, `None` if it or Node is not there."""
    if not shutil.which("node"):
        return None
    look = ["node", "--print", "require('alipay-sdk/package.json').version"]
    found = subprocess.run(  # noqa: S603  # a fixed line
        look, capture_output=True, text=True, check=False, cwd=_NODE_SCRIPT.parent
    )
    return None if found.returncode else found.stdout.strip()


def node_sdk_is_missing() -> str | None:
    """Say why the Node SDK cannot take part."""
    if not shutil.which("node"):
        return "there is no node"
    return (
        None
        if node_sdk_version()
        else "npm package alipay-sdk is not found; set NODE_PATH to where it is"
    )


def run_node_sdk(job: Job) -> Result:
    """Let a script for Node do the job."""
    folder = Path(job.folder)
    told = attrs.asdict(job) | {
        "app_id": APP_ID,
        "private_key": (folder / APP_PRIVATE_KEY).read_text(),
        "public_key": (folder / ALIPAY_PUBLIC_KEY).read_text(),
        "path": _APPLY,
        "files": [{part: str(path) for part, path in own.items()} for own in job.files()],
        "fields": fields_of(0),
    }
    done = subprocess.run(  # noqa: S603  # a script of ours
        ["node", str(_NODE_SCRIPT)],  # noqa: S607  # wherever it is
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(folder / TLS_CERTIFICATE)},
        text=True,
        check=True,
    )
    result = json.loads(done.stdout)
    lag: Lag | None = lag_of(result.pop("late"))
    return Result(**result, lag=lag)


def run_python_sdk(job: Job) -> Result:
    """Let the official Python SDK do the job, in as many threads as submissions may be under way.

    It reads each file as a whole before the call. It connects to ports 80 and 443 only, which is
    patched here.
    """
    from alipay.aop.api.AlipayClientConfig import AlipayClientConfig  # noqa: PLC0415  # optional
    from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient  # noqa: PLC0415
    from alipay.aop.api.FileItem import FileItem  # noqa: PLC0415
    from alipay.aop.api.request import AlipayOpenMiniVersionAuditApplyRequest as module  # noqa: N813, PLC0415

    folder = Path(job.folder)
    config: Any = AlipayClientConfig()
    config.app_id = APP_ID
    config.server_url = f"{job.base_url}/gateway.do"
    config.app_private_key = as_one_line((folder / ARCHAIC_PRIVATE_KEY).read_text())
    config.alipay_public_key = as_one_line((folder / ALIPAY_PUBLIC_KEY).read_text())
    client = DefaultAlipayClient(config)
    _let_python_sdk_use_ports(folder)
    files = job.files()

    def submit(number: int) -> None:
        request = module.AlipayOpenMiniVersionAuditApplyRequest()
        for name, value in fields_of(number).items():
            setattr(request, name, value)
        for part, path in files[number % len(files)].items():
            setattr(request, part, FileItem(path.name, path.read_bytes(), "image/png"))
        assert json.loads(client.execute(request))["speed_up"] == "true"  # noqa: S101  # the reply was read

    return measure_blocking(job, submit)


def _let_python_sdk_use_ports(folder: Path) -> None:
    from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415  # only here

    from alipay.aop.api.util import WebUtils  # noqa: PLC0415  # optional

    context = ssl.create_default_context(cafile=folder / TLS_CERTIFICATE)

    def connect(url: str, query: str, timeout: float) -> tuple[str, HTTPConnection]:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return f"{url}?{query}", HTTPSConnection(host, port, timeout=timeout, context=context)
        return f"{url}?{query}", HTTPConnection(host, port, timeout=timeout)

    WebUtils.get_http_connection = connect
