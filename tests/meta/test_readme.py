"""What the README promises is run."""

import base64
import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.datastructures import FormData, UploadFile

from alipay_mini_audit import AuditClient, ClientConfig, ValidationError
from alipay_mini_audit.sandbox import Material, SandboxGateway

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SHELL = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def define(code: str, name: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), namespace)  # noqa: S102  # our own README
    return namespace[name]


def run(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        names = {"__name__": "__readme__"}
        exec(compile(code, "README.md", "exec"), names)  # noqa: S102  # our own README
    return out.getvalue()


@pytest.fixture
def keys_at_once(monkeypatch: pytest.MonkeyPatch, material: Material) -> None:
    """Give a gateway the session's keys instead of new ones, which take a second to make."""
    monkeypatch.setattr(Material, "generate", lambda: material)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, material: Material) -> Path:
    """The first program's folder: keys and pictures."""
    monkeypatch.chdir(tmp_path)
    material.write(tmp_path / "sandbox-keys")
    for name in ("logo.png", "1.png", "2.png"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    return tmp_path


def test_the_shell_blocks_are_one_command_each() -> None:
    demo, tests = SHELL
    assert demo.count("\n") == tests.count("\n") == 1
    assert demo.rstrip().endswith("alipay-mini-audit demo")
    assert tests.rstrip().endswith("-m pytest")


def test_the_first_program_submits_and_withdraws(served: Path) -> None:
    command = ["-m", "alipay_mini_audit", "sandbox", "--port", "0", "--material", "sandbox-keys"]
    with subprocess.Popen(
        [sys.executable, *command], cwd=served, stdout=subprocess.PIPE, text=True
    ) as gateway:
        try:
            assert gateway.stdout is not None
            (address,) = re.findall(r"http://127\.0\.0\.1:\d+", gateway.stdout.readline())
            printed = run(PYTHON[0].replace("http://127.0.0.1:8080", address)).splitlines()
        finally:
            gateway.terminate()
    assert re.fullmatch(r"(True|False) \S+", printed[0])
    assert re.fullmatch(r"AUDITING \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", printed[1])


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 6])
def test_blocks_that_define_something_run_in_silence(block: int) -> None:
    assert run(PYTHON[block]) == ""


def test_the_certificate_mode_reads_the_files_that_it_names(
    tmp_path: Path, material: Material
) -> None:
    names = {
        "app_private_key.pem": material.app_private_key,
        "appCertPublicKey_2021000000000001.crt": material.app_certificate,
        "alipayCertPublicKey_RSA2.crt": material.alipay_certificate,
        "alipayRootCert.crt": material.root_certificate,
    }
    for name, content in names.items():
        (tmp_path / name).write_text(content)
    assert define(PYTHON[1], "certificate_mode")(tmp_path).app_cert_sn is not None


async def test_the_key_service_signer_signs(material: Material) -> None:
    key = load_pem_private_key(material.app_private_key.encode(), None)

    async def sign(request: web.Request) -> web.Response:
        body = await request.json()
        signature = key.sign(base64.b64decode(body["digest"]), PKCS1v15(), Prehashed(SHA256()))
        return web.json_response({"signature": base64.b64encode(signature).decode()})

    app = web.Application()
    app.router.add_post("/", sign)
    async with TestServer(app) as service, aiohttp.ClientSession() as session:
        signer = define(PYTHON[2], "KeyServiceSigner")(session, service.make_url("/"), "key-1")
        signature = await signer.sign(b"message")
    key.public_key().verify(signature, b"message", PKCS1v15(), SHA256())


async def test_the_stopwatch_times_the_calls_of_a_merchant(
    material: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    stopwatch = define(PYTHON[6], "Stopwatch")()
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config, observers=[stopwatch]) as client:
            await client.with_options(label="merchant 7").version_detail("1")
    told, timed = capsys.readouterr().out.splitlines()
    assert told == "merchant 7 detail done 1 attempts"
    assert re.fullmatch(r"detail took \d\.\d{3} s", timed)


def test_the_string_to_sign_is_printed() -> None:
    assert run(PYTHON[7]) == (
        "app_id=2021000000000001,nonce=n-1,timestamp=1700000000000\n"
        "POST\n"
        "/v3/alipay/open/mini/version/audit/cancel\n"
        '{"app_version":"0.0.1"}\n'
        "\n"
    )


@pytest.mark.usefixtures("keys_at_once")
def test_the_sandbox_tells_what_arrived() -> None:
    assert re.fullmatch(r"0\.0\.1 \[\('app_logo', 11, '[0-9a-f]{64}'\)\]\n", run(PYTHON[8]))


@pytest.mark.usefixtures("keys_at_once")
def test_a_lost_reply_is_resolved() -> None:
    assert run(PYTHON[9]) == "True 1\n"


def test_the_fixtures_serve_a_users_test(tmp_path: Path) -> None:
    (tmp_path / "test_handler.py").write_text(PYTHON[10])
    command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto"]
    # Plugins of this suite that a user may not have, and that take a second to load.
    for plugin in ("cacheprovider", "hypothesispytest", "randomly", "xdist", "pytest_cov"):
        command += ["-p", f"no:{plugin}"]
    command.append(str(tmp_path))
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


async def test_a_form_is_handed_on_as_it_came(material: Material) -> None:
    submit_form = define(PYTHON[10], "submit_form")
    fields = {"app_version": "0.0.1", "version_desc": "Orders can be filtered by shop."}
    logo = UploadFile(io.BytesIO(b"\x89PNG\r\n\x1a\n..."), filename="mine.png")
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            await submit_form(client, FormData({**fields, "speed_up": "on", "app_logo": logo}))
            with pytest.raises(ValidationError):
                await submit_form(client, FormData({**fields, "logo": logo}))
        (submission,) = gateway.submissions
    assert [(part.name, part.filename) for part in submission.parts] == [("app_logo", "mine.png")]
    assert submission.fields["speed_up"] == "true"


def test_no_block_is_left_unrun() -> None:
    assert len(PYTHON) == 11
