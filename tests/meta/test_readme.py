"""Every block of the README runs as it is printed, in a folder that has at most keys."""

import base64
import inspect
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from starlette.datastructures import FormData, UploadFile
from support.guides import CHINESE, ENGLISH, ROOT, blocks_of, prose_of

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ClientConfig,
    Credentials,
    EntryState,
    PermissionDenied,
    Preflight,
    RetryPolicy,
    SqliteJournal,
    Submission,
    ValidationError,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.faults.operations import Operation

README = ENGLISH.read_text(encoding="utf-8")
SERVES = re.compile(r"^alipay-mini-audit sandbox\b")
SECONDS = 50

MATERIAL = {
    "private_key": "app_private_key",
    "alipay_public_key": "alipay_public_key",
    "app_certificate": "app_certificate",
    "alipay_certificate": "alipay_certificate",
    "root_certificate": "root_certificate",
}
"""Settings that name a file -> what the sandbox has for it."""

PRINTED = {
    "await client.cancel(": r"True [0-9a-f]{32}\nAUDITING \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00\n",
    "print(string_to_sign(": re.escape(
        "app_id=2021000000000001,nonce=n-1,timestamp=1700000000000\n"
        "POST\n"
        "/v3/alipay/open/mini/version/audit/cancel\n"
        '{"app_version":"0.0.1"}\n'
        "\n"
    ),
    "gateway.submissions": r"0\.0\.1 \[\('app_logo', \d+, '[0-9a-f]{64}'\)\]\n",
    "Fault.CLOSE_AFTER_ACCEPTING": r"True 1\n",
    "Mischief(duplicate=1": (
        r"0\.0\.1 The logo is blurred\.\n1 200 True \(\)\n1 200 True \('duplicate',\)\n"
    ),
}
"""Something that only one block holds -> what that block prints."""


BLOCKS = blocks_of(README)


def blocks(kind: str) -> list[str]:
    return [block.text for block in BLOCKS if block.kind == kind]


PYTHON = blocks("python")
TESTS = [text for text in PYTHON if re.search(r"^(async )?def test_", text, re.MULTILINE)]
PROGRAMS = [text for text in PYTHON if text not in TESTS]
CONSOLE = [[line.removeprefix("$ ") for line in text.splitlines()] for text in blocks("console")]
SERVERS = [commands for commands in CONSOLE if SERVES.match(commands[-1])]
COMMANDS = [commands for commands in CONSOLE if commands not in SERVERS]


def the_block_with(text: str) -> str:
    (found,) = (block for block in PYTHON if text in block)
    return found


def define(name: str) -> Any:
    """Run the block that defines something, and return what it defines."""
    code = next(
        text for text in PYTHON if re.search(rf"^(async )?(def|class) {name}\b", text, re.MULTILINE)
    )
    namespace: dict[str, Any] = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), namespace)  # noqa: S102  # our own README
    return namespace[name]


def environment() -> dict[str, str]:
    """What a reader has after `source .venv/bin/activate`."""
    ours = ("PYTEST", "COV", "ALIPAY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def execute(*command: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
    )


def run(*command: str, cwd: Path) -> str:
    """Run what has to succeed without a word on stderr, and return what it prints."""
    done = execute(*command, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("guide", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_block_is_of_a_kind_that_is_run_here(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    found = blocks_of(text)
    assert found == BLOCKS, "those that are run here"
    assert {block.kind for block in found} <= {"sh", "console", "python", "toml"}
    fences = re.findall(r"^ *(?:```|~~~)", text, re.MULTILINE)
    assert len(fences) == 2 * len(found), "a block is not closed"
    prose = prose_of(text)
    assert not re.search(r"<pre|^( {4}|\t)\S", prose, re.MULTILINE), "a block without a fence"


# Shell


def test_the_shell_blocks_set_up_and_then_run_one_command() -> None:
    demo, tests = (text.strip().split(" && ") for text in blocks("sh"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for (make, install, _), extra in ((demo, "cli,openssl"), (tests, "test")):
        assert make == "python3 -m venv .venv"
        assert re.fullmatch(
            rf'\.venv/bin/pip install --quiet (--editable )?"\.\[{extra}\]"', install
        )
        assert set(extra.split(",")) <= extras.keys()
    assert demo[-1] == ".venv/bin/alipay-mini-audit demo"
    assert tests[-1] == ".venv/bin/python -m pytest"  # CI runs this block as it is


def test_what_was_set_up_runs_the_demo(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    command = blocks("sh")[0].strip().split(" && ")[-1]
    assert "20" in run("bash", "-euc", command, cwd=tmp_path)


BASH = ("bash", "-euo", "pipefail", "-c")
CLEAN_UP = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"
"""Lets no sandbox outlive a block that fails."""
MORNING = "batch take-back"
"""What only the block about the morning holds."""


@pytest.mark.parametrize("commands", [each for each in COMMANDS if MORNING not in str(each)])
def test_commands_run(commands: list[str], tmp_path: Path, material: Material) -> None:
    material.write(tmp_path / "keys")  # new ones take seconds
    run(*BASH, "\n".join([CLEAN_UP, *commands]), cwd=tmp_path)


def test_a_morning_ends_with_the_mended_version_in_audit(
    tmp_path: Path, material: Material
) -> None:
    (commands,) = (each for each in COMMANDS if MORNING in str(each))
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    material.write(tmp_path / "keys")
    done = execute(*BASH, "\n".join([CLEAN_UP, *commands]), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.startswith("Before mended versions are submitted: `batch take-back`")
    assert done.stderr.count("\n") == 1
    _, told = done.stdout.split("shop-1 0.0.1: rejected: Which refunds?\n")
    assert "shop-1 0.0.1: taken back\n" in told
    assert re.search(r"^ +1 +done\b", told.partition("taken back 1\n")[2], re.MULTILINE)


@pytest.mark.parametrize("commands", SERVERS)
def test_a_server_serves_until_it_is_interrupted(commands: list[str], tmp_path: Path) -> None:
    (command,) = commands
    program = shutil.which("alipay-mini-audit", path=environment()["PATH"])
    assert program is not None
    arguments = re.sub(r"--port \d+", "--port 0", command).split()[1:]  # that one may be taken
    assert "0" in arguments
    with subprocess.Popen(
        [program, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        server.send_signal(signal.SIGINT)
        assert server.wait(SECONDS) == 0
    folder = tmp_path / "sandbox-keys"
    told = README[README.index(command) :].split("\n\n")[1]
    assert all((folder / name).is_file() for name in re.findall(r"`(\w+(?:\.pem)?)`", told))


# Python


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda text: str(PROGRAMS.index(text)))
def test_a_program_runs(program: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    printed = run(sys.executable, "-W", "error", "program.py", cwd=tmp_path)
    expected = [pattern for text, pattern in PRINTED.items() if text in program]
    assert re.fullmatch(expected[0] if expected else ".*", printed, re.DOTALL), printed


def test_what_is_said_to_be_printed_belongs_to_a_block() -> None:
    for text in PRINTED:
        assert the_block_with(text) in PROGRAMS


@pytest.mark.parametrize("mode", [[], ["-o", "asyncio_mode=auto"]], ids=["default", "auto"])
def test_tests_pass(tmp_path: Path, mode: list[str]) -> None:
    for number, text in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")
    # Plugins of this suite that a user may not have, and that take a second to load.
    others = ("cacheprovider", "hypothesispytest", "randomly", "xdist", "pytest_cov")
    options = [option for plugin in others for option in ("-p", f"no:{plugin}")]
    done = execute(sys.executable, "-m", "pytest", "-q", *mode, *options, cwd=tmp_path)
    assert f"{len(TESTS)} passed" in done.stdout, done.stdout + done.stderr


def described() -> list[tuple[str, str]]:
    """Every description of a version in the README and in the code, docstrings included."""
    files = [
        ROOT / "README.md",
        *sorted((ROOT / "alipay_mini_audit").rglob("*.py")),
        *sorted((ROOT / "benchmarks").rglob("*.py")),
    ]
    pattern = re.compile(
        r'(?:\bversion_desc"?\s*[=:]|^_DESCRIPTION: Final =)\s*\(?\s*"([^"]*)"', re.MULTILINE
    )
    return [
        (str(file.relative_to(ROOT)), text)
        for file in files
        for text in pattern.findall(file.read_text(encoding="utf-8"))
        if not text.isidentifier()  # a table of names
    ]


def test_every_description_has_a_length_that_the_platform_takes() -> None:
    found = described()
    where = {file for file, _ in found}
    assert where >= {"README.md", "alipay_mini_audit/cli/demo/run.py", "benchmarks/material.py"}
    for file, text in found:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
        assert 30 <= len(text) + wide <= 500, f"{file}: {text}"


# What blocks define


@pytest.mark.parametrize(
    "text",
    [
        *blocks("toml"),
        'app_id = "2021"\nprivate_key = "app.pem"\nalipay_public_key = "alipay.pem"\n',
    ],
)
def test_settings_are_read(text: str, tmp_path: Path, material: Material) -> None:
    given = tomllib.loads(text)
    for name in given.keys() & MATERIAL:
        (tmp_path / given[name]).write_text(getattr(material, MATERIAL[name]))
    (tmp_path / "alipay.toml").write_text(text, encoding="utf-8")
    assert Credentials.from_file(tmp_path / "alipay.toml").app_id == given["app_id"]


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
    assert define("certificate_mode")(tmp_path).app_cert_sn is not None


async def test_the_key_service_signer_signs(material: Material) -> None:
    key = load_pem_private_key(material.app_private_key.encode(), None)

    async def sign(request: web.Request) -> web.Response:
        body = await request.json()
        signature = key.sign(base64.b64decode(body["digest"]), PKCS1v15(), Prehashed(SHA256()))
        return web.json_response({"signature": base64.b64encode(signature).decode()})

    app = web.Application()
    app.router.add_post("/", sign)
    async with TestServer(app) as service, aiohttp.ClientSession() as session:
        signer = define("KeyServiceSigner")(session, service.make_url("/"), "key-1")
        signature = await signer.sign(b"message")
    key.public_key().verify(signature, b"message", PKCS1v15(), SHA256())


async def test_the_handling_of_errors_tells_each_kind(
    tmp_path: Path, material: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    submit = define("submit")
    request = AuditApply(app_version="0.0.1", version_desc="Orders can be found by their shop.")
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            assert (await submit(client, request, None)).speed_up
            await submit(client, request, None)
            await submit(client, request, {"app_logo": tmp_path / "logo.png"})
            gateway.faults.add(Fault.CLOSE_AFTER_BODY, times=None)
            once = client.with_options(retry=RetryPolicy(attempts=1, resolve=False))
            await submit(once, request, None)
    refused, invalid, unknown = capsys.readouterr().out.splitlines()
    assert refused.startswith("SUBMIT_REPEAT state ")
    assert invalid.startswith("attachments.app_logo ")
    assert unknown.startswith("True ")


async def test_the_patient_client_can_be_made(material: Material) -> None:
    async with define("patient_client")(
        SandboxGateway(strict=False, material=material).credentials
    ):
        pass


async def test_the_stopwatch_times_the_calls_of_a_merchant(
    material: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    stopwatch = define("Stopwatch")()
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config, observers=[stopwatch]) as client:
            await client.with_options(label="merchant 7").version_detail("1")
    told, timed = capsys.readouterr().out.splitlines()
    assert told == "merchant 7 detail done 1 attempts"
    assert re.fullmatch(r"detail took \d\.\d{3} s", timed)


async def test_a_submission_that_its_caller_cuts_is_asked_about(
    material: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_within = define("submit_within")
    request = AuditApply(app_version="0.0.1", version_desc="Orders can be found by their shop.")
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            gateway.faults.add(Fault.HANG_AFTER_ACCEPTING)
            assert await submit_within(client, request, None, 0.3) is None
    assert capsys.readouterr().out == "it landed\n"


async def test_a_version_goes_online_and_back(
    material: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    release = define("release")
    async with SandboxGateway(strict=False, material=material) as gateway:
        gateway.decide("1.0.0", "RELEASE")
        gateway.decide("1.1.0", "WAIT_RELEASE")
        async with AuditClient(
            gateway.credentials, ClientConfig(base_url=gateway.base_url)
        ) as client:
            await release(client, "1.1.0")
            gateway.decide("1.2.0", "WAIT_RELEASE")
            gateway.faults.add(Fault.answer("CAN_NOT_ROLLBACK_PUNISH"), operation="rollback")
            with pytest.raises(PermissionDenied):
                await release(client, "1.2.0")
            gateway.decide("1.3.0", "WAIT_RELEASE")
            refused = Fault.answer("CAN_NOT_CONTINUOUS_ROLLBACK")
            gateway.faults.add(refused, operation="rollback")
            await release(client, "1.3.0")
    rolled_back, refusal, stayed = capsys.readouterr().out.splitlines()
    assert (rolled_back, stayed) == ("['1.0.0']", "['1.3.0']")
    assert refusal.startswith("CAN_NOT_CONTINUOUS_ROLLBACK Ask for the list of versions")


async def test_a_night_is_submitted_and_summed_up(
    material: Material,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    night = define("night")
    text = "Orders can be filtered by shop."
    merchants = [
        {"key": f"shop-{number}", "token": f"t-{number}", "version": "1.0.0", "text": text}
        for number in range(3)
    ]
    files = [None, {"app_logo": b"\x89PNG\r\n\x1a\n..."}, {"app_logo": tmp_path / "none.png"}]
    for merchant, given in zip(merchants, files, strict=True):
        merchant["files"] = given  # type: ignore[assignment]
    monkeypatch.chdir(tmp_path)
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            await night(client, iter(merchants))
        assert len(gateway.submissions) == 2
    *told, done, invalid = capsys.readouterr().out.splitlines()
    expected = ["shop-0 done", "shop-1 done", "shop-2 invalid file_not_found"]
    assert sorted(line.strip() for line in told) == expected
    assert done == "2 done  ('shop-0', 'shop-1')"
    assert invalid == "1 invalid file_not_found ('shop-2',)"


async def test_verdicts_are_waited_for(
    material: Material,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, all_of = define("one"), define("all_of")
    monkeypatch.chdir(tmp_path)
    tokens = {"shop-1": "t-1", "shop-2": "t-2"}
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            request = AuditApply(app_version="1.0.0", version_desc="Orders by shop.")
            given = [Submission(key, request, None, token) for key, token in tokens.items()]
            async with SqliteJournal("night.journal") as journal:
                assert [entry async for entry in client.submit_many(given, journal=journal)]
            gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="Blurred.", app_auth_token="t-1")
            gateway.decide("1.0.0", "WAIT_RELEASE", app_auth_token="t-2")
            await all_of(client, tokens)
            told = capsys.readouterr().out.splitlines()
            assert sorted(line.strip() for line in told) == [
                "shop-1 rejected Blurred.",
                "shop-2 passed",
            ]
            gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="Blurred.")
            assert await one(client, "1.0.0") == "AUDIT_REJECT"
            assert capsys.readouterr().out == "('Blurred.',) ()\n"


def test_the_morning_names_every_state() -> None:
    named = [state for states, _ in cells("in the morning") for state in words_of(states)]
    assert sorted(named) == sorted(EntryState)


async def test_a_form_is_handed_on_as_it_came(material: Material) -> None:
    submit_form = define("submit_form")
    fields = {"app_version": "0.0.1", "version_desc": "Orders can be filtered by shop."}
    logo = UploadFile(io.BytesIO(b"\x89PNG\r\n\x1a\n..."), filename="mine.png")
    async with SandboxGateway(strict=False, material=material) as gateway:
        config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
        async with AuditClient(gateway.credentials, config) as client:
            await submit_form(client, FormData({**fields, "speed_up": "on", "app_logo": logo}))
            with pytest.raises(ValidationError):
                await submit_form(client, FormData({**fields, "logo": logo}))
        (submission,) = gateway.submissions
    assert [(part.name, part.filename) for part in submission.parts] == [("app_logo", "mine.png")]
    assert submission.fields["speed_up"] == "true"


# Tables


def cells(first: str) -> list[list[str]]:
    """The rows of the table whose heading begins with a cell."""
    _, _, table = README.partition(f"\n| {first} |")
    assert table, f"no table begins with {first}"
    _, _, *rows = table.partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def words_of(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


FAULTS = {
    name: re.findall(r"\w+", options)
    for names, _ in cells("fault")
    for name, options in re.findall(r"`(\w+)(?:\(([\w, ]*)\))?`", names)
}
"""Name of a fault in the README -> its options."""
AUDITS = ("base_audit", "promote_audit")
FIELDS = {field: takes for fields, takes in cells("field") for field in words_of(fields)}
"""Field of the door -> what the README says of it."""
OPTIONS = {"after_bytes": 1, "seconds": 1, "retry_after": 1, "code": "C", "http_status": 400}

Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def ask(material: Material) -> AsyncIterator[Ask]:
    """Ask a door, and return status and JSON."""
    async with (
        SandboxGateway(material=material, admin=True) as gateway,
        aiohttp.ClientSession(gateway.base_url) as session,
    ):

        async def ask(method: str, path: str, **fields: object) -> tuple[int, Any]:
            async with session.request(method, f"/_sandbox/{path}", json=fields) as answer:
                return answer.status, await answer.json()

        yield ask


def test_the_table_of_faults_is_what_a_gateway_takes() -> None:
    constants = [name for name, _ in inspect.getmembers(Fault, lambda it: isinstance(it, Fault))]
    made = {
        name: list(inspect.signature(make).parameters)
        for name, make in inspect.getmembers(Fault, inspect.ismethod)
        if not name.startswith("_")
    }
    assert {name: [] for name in constants} | made == FAULTS


async def test_the_table_of_notifications_has_every_setting_of_the_door(ask: Ask) -> None:
    listed = [name for names, _ in cells("setting of notifications") for name in words_of(names)]
    _, shown = await ask("GET", "notifications")
    assert sorted(listed) == sorted(shown.keys() - {"waiting", "deliveries"})
    given = {name: shown[name] for name in listed}
    assert (await ask("POST", "notifications", **given))[0] == 200


async def test_the_paths_of_the_door_are_those_that_it_has(ask: Ask) -> None:
    listed: dict[str, list[str]] = {}
    for request, _, _ in cells("request"):
        method, path = request.strip("`").split(" /_sandbox/")
        listed.setdefault(path, []).append(method)
    _, missing = await ask("GET", "?")
    there = re.findall(r"[a-z/]+", missing["error"].partition("there are")[2])
    methods = {path: (await ask("PUT", path))[1]["error"] for path in there}
    found = {path: re.findall("[A-Z]{2,}", error) for path, error in methods.items()}
    assert {path: set(names) for path, names in found.items()} == {
        path: set(names) for path, names in listed.items()
    }


async def test_the_door_takes_the_values_of_the_table_and_no_others(ask: Ask) -> None:
    statuses, operations = words_of(FIELDS["status"]), words_of(FIELDS["operation"])
    for status in statuses:
        assert (await ask("POST", "versions/decide", app_version="1", status=status))[0] == 200
    _, refused = await ask("POST", "versions/decide", app_version="1", status="?")
    assert re.findall("[A-Z_]{2,}", refused["error"]) == statuses
    decided = {"app_version": "1", "status": "AUDITING"}
    for audit in AUDITS:
        _, refused = await ask("POST", "versions/decide", **decided, **{audit: "?"})
        assert re.findall("[A-Z]{2,}", refused["error"]) == words_of(FIELDS[audit])[:2]
    for operation in operations:
        assert (await ask("POST", "faults", name="HANG", operation=operation))[0] == 200
    _, refused = await ask("POST", "faults", name="HANG", operation="?")
    assert set(operations) == set(get_args(Operation)) < set(re.findall(r"\w+", refused["error"]))


async def test_the_door_takes_the_faults_with_their_options(ask: Ask) -> None:
    for name, options in FAULTS.items():
        given = {option: OPTIONS[option] for option in options}
        assert (await ask("POST", "faults", name=name, **given))[0] == 200
    _, due = await ask("GET", "faults")
    assert [each["name"] for each in due] == list(FAULTS)
    told = set[str]().union(*due) - {"name", "times"}
    assert told == FIELDS.keys() - {"status", *AUDITS} == {*OPTIONS, "operation", "call"}
