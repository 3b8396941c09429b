"""The web examples over HTTP: what a submission is answered, and what becomes of it at the end."""

import asyncio
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import attrs
import pytest
from support.guides import ENGLISH
from support.slow_relay import SlowRelay
from support.web_programs import (
    FRAMEWORKS,
    Program,
    form_of,
    running_program,
    started_program,
)

from alipay_mini_audit import (
    ApiError,
    AuditApply,
    AuditClient,
    AuditError,
    AuditRejected,
    AuthenticationError,
    ClientConfig,
    ConfigurationError,
    ConnectionFailed,
    Credentials,
    InvalidRequest,
    MalformedReply,
    Outcome,
    RateLimited,
    ReplyLost,
    ReplyTimeout,
    RetryPolicy,
    SendInterrupted,
    ServiceUnavailable,
    SigningError,
    StateConflict,
    UntrustedReply,
    ValidationError,
)
from alipay_mini_audit.examples import web
from alipay_mini_audit.examples.web import Desk, language_of, refusal
from alipay_mini_audit.examples.web.answers import answer_of
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway, SandboxThread
from alipay_mini_audit.sandbox.samples import png

FIELDS = {"version_desc": "Orders can be filtered by shop, and refunds are right again."}
LOGO = png(100_000, seed=1, square=True)
TRIES = 5
SHOT = png(4_000_000, seed=2)


@attrs.frozen
class Scene:
    gateway: SandboxThread | SandboxGateway
    program: Program
    session: aiohttp.ClientSession

    async def submit(
        self, version: str, files: dict[str, bytes] | None = None, **fields: str
    ) -> tuple[int, dict[str, object]]:
        form = form_of({**FIELDS, **fields}, files)
        return await self.program.submit(self.session, version, form)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def running(
    request: pytest.FixtureRequest, material: Material, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SandboxThread, Program]]:
    """A platform and a program for all tests; each has versions of its own."""
    folder = tmp_path_factory.mktemp("uploads")
    with (
        SandboxThread(SandboxGateway(material=material)) as gateway,
        started_program(request.param, gateway.base_url, material, folder) as program,
    ):
        yield gateway, program


@pytest.fixture
async def scene(running: tuple[SandboxThread, Program]) -> AsyncIterator[Scene]:
    gateway, program = running
    async with aiohttp.ClientSession() as session:
        yield Scene(gateway, program, session)


async def first_event(scene: Scene) -> list[dict[str, object]]:
    async with scene.session.get(f"{scene.program.url}events") as stream:
        line = await stream.content.readline()
    found: list[dict[str, object]] = json.loads(line.removeprefix(b"data: "))
    return found


async def state(scene: Scene, version: str) -> object:
    """Where a version stands, by the list of the page; `None` if it is not there."""
    rows = await first_event(scene)
    return next((row["state"] for row in rows if row["version"] == version), None)


class Upload:
    """A form that is sent in two halves, over a connection of its own."""

    def __init__(self, url: str, version: str) -> None:
        host, port = re.findall(r"//([^:]+):(\d+)/", url)[0]
        self.address = host, int(port)
        lines = ["--b", 'Content-Disposition: form-data; name="version_desc"', ""]
        lines += [FIELDS["version_desc"], "--b"]
        lines += ['Content-Disposition: form-data; name="app_logo"; filename="a.png"', "", ""]
        body = "\r\n".join(lines).encode() + LOGO + b"\r\n--b--\r\n"
        head = f"POST /versions?app_version={version} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        head += "X-Requested-With: test\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.whole = head.encode() + body
        self.halves = self.whole[:50_000], self.whole[50_000:]

    async def begin(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(*self.address)
        self.writer.write(self.halves[0])
        await self.writer.drain()

    async def end(self) -> bytes:
        self.writer.write(self.halves[1])
        answer = await self.reader.read()
        self.writer.close()
        return answer


async def until(scene: Scene, version: str, expected: str | None) -> None:
    """Follow the list, as a page does, until a version stands there as expected."""
    async with asyncio.timeout(10), scene.session.get(f"{scene.program.url}events") as stream:
        async for line in stream.content:
            if line.startswith(b"data: "):
                found = {row["version"]: row["state"] for row in json.loads(line[6:])}
                if found.get(version) == expected:
                    return


async def test_a_second_click_submits_nothing(scene: Scene) -> None:
    first = Upload(scene.program.url, "2.0.0")
    await first.begin()
    await until(scene, "2.0.0", "receiving")
    assert await scene.submit("2.0.0") == (409, {"outcome": "under_way"})
    assert b" 200 " in (await first.end()).splitlines()[0]
    assert await state(scene, "2.0.0") == "AUDITING"
    status, told = await scene.submit("2.0.0")
    assert (status, told["code"]) == (409, "SUBMIT_REPEAT")
    assert await state(scene, "2.0.0") == "AUDITING"
    assert scene.gateway.accepted("2.0.0") == 1
    scene.gateway.decide("2.0.0", "OFFLINE")


async def test_uploads_that_do_not_end_leave_room_for_others(scene: Scene) -> None:
    uploads = [Upload(scene.program.url, f"4.0.{number}") for number in range(32)]
    for upload in uploads:
        await upload.begin()
    await until(scene, "4.0.31", "receiving")
    for version in ("4.1.0", "4.1.1"):
        assert await scene.submit(version) == (503, {"outcome": "busy"})
    for upload in uploads:
        upload.writer.transport.abort()
    for number in range(32):
        await until(scene, f"4.0.{number}", None)
    assert (await scene.submit("4.1.0"))[0] == 200
    scene.gateway.decide("4.1.0", "OFFLINE")


async def test_who_leaves_in_the_middle_of_an_upload_has_submitted_nothing(scene: Scene) -> None:
    upload = Upload(scene.program.url, "2.0.1")
    await upload.begin()
    await until(scene, "2.0.1", "receiving")
    upload.writer.transport.abort()
    await until(scene, "2.0.1", None)
    assert scene.gateway.accepted("2.0.1") == 0
    assert (await scene.submit("2.0.1"))[0] == 200
    scene.gateway.decide("2.0.1", "OFFLINE")


async def test_what_the_page_did_not_send_is_refused(scene: Scene) -> None:
    url = f"{scene.program.url}versions?app_version=2.0.2"
    own = {"X-Requested-With": "test"}

    async def status(headers: dict[str, str], body: object) -> int:
        async with scene.session.post(url, data=body, headers=headers) as answer:
            return answer.status

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"

    many = {f"file_{number}": b"x" for number in range(24)}
    assert await status({}, form_of(FIELDS)) == 403
    assert await status(own, chunks()) == 411
    assert await status(own, b"no form at all") == 400
    assert await status(own, form_of(FIELDS, many)) == 400
    reader, writer = await asyncio.open_connection(*Upload(url, "2.0.2").address)
    writer.write(b"POST /versions?app_version=1 HTTP/1.1\r\nHost: a\r\nX-Requested-With: a\r\n")
    writer.write(b"Content-Length: 200000000\r\n\r\n")
    assert b" 413 " in await reader.readline()
    writer.close()
    assert await state(scene, "2.0.2") is None
    assert scene.gateway.status("2.0.2") == "INIT"


async def test_what_is_compressed_is_refused(scene: Scene) -> None:
    form = gzip.compress(Upload(scene.program.url, "2.0.6").whole.partition(b"\r\n\r\n")[2])
    head = f"Content-Length: {len(form)}\r\nContent-Encoding: gzip"
    # The head is enough: a body that nobody reads may reset the connection before the answer.
    assert b" 411 " in (await sent(scene, "2.0.6", b"", head)).splitlines()[0]
    assert scene.gateway.status("2.0.6") == "INIT"


async def test_a_form_that_breaks_off_is_refused(scene: Scene) -> None:
    form = Upload(scene.program.url, "2.0.8").whole.partition(b"\r\n\r\n")[2]
    for half in (form[:-1000], form.removesuffix(b"--\r\n")):
        answer = await sent(scene, "2.0.8", half, f"Content-Length: {len(half)}")
        assert b" 400 " in answer.splitlines()[0]
    assert scene.gateway.status("2.0.8") == "INIT"


def test_only_a_length_that_is_true_is_believed() -> None:
    form = {"X-Requested-With": "test", "Content-Length": "5"}
    assert refusal(form) is None
    for name, value in (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")):
        refused = refusal({**form, name: value})
        assert refused is not None
        assert refused.status == 411


async def sent(scene: Scene, version: str, body: bytes, head: str) -> bytes:
    """Send a form as it is, and return what is answered."""
    address = Upload(scene.program.url, version).address
    lines = [f"POST /versions?app_version={version} HTTP/1.1", "Host: x", "X-Requested-With: x"]
    lines += ["Content-Type: multipart/form-data; boundary=b", "Connection: close", head, "", ""]
    for _ in range(TRIES):
        reader, writer = await asyncio.open_connection(*address)
        writer.write("\r\n".join(lines).encode() + body)
        # What is refused before it was read to its end may reset the connection.
        with suppress(ConnectionResetError), closing(writer):
            return await reader.read()
    raise AssertionError("no answer came through")


@pytest.mark.parametrize(
    "field",
    [
        b'name="version_desc"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nNew',
        b'name="version_desc"\r\nContent-Transfer-Encoding: no-such\r\n\r\nNew',
        b"name=\"app_logo\"; filename*=no-such''a.png\r\n\r\nNew",
        b'name="version_desc"\r\nX: ' + b"x" * 100_000 + b"\r\n\r\nNew",
        b'name="version_desc"' + b"\r\nX: x" * 10_000 + b"\r\n\r\nNew",
        b'name="version_desc"\r\n\r\n' + b"x" * (2**20 + 1),
    ],
    ids=["charset", "encoding", "filename", "header", "headers", "field"],
)
async def test_a_form_that_cannot_be_read_is_refused(scene: Scene, field: bytes) -> None:
    body = b"--b\r\nContent-Disposition: form-data; " + field + b"\r\n--b--\r\n"
    answer = await sent(scene, "2.0.7", body, f"Content-Length: {len(body)}")
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (answer.split()[1], told["outcome"]) in ((b"400", "broken"), (b"422", "invalid"))
    assert await state(scene, "2.0.7") is None


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_without_room_for_the_files_nothing_is_submitted(
    framework: str, material: Material, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux limits another process")
    line = "WARNING:alipay_mini_audit"
    async with (
        SandboxGateway(material=material) as gateway,
        running_program(framework, gateway.base_url, material, tmp_path, grumble=line) as program,
        aiohttp.ClientSession() as session,
    ):
        scene = Scene(gateway, program, session)
        before = resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (1_000_000, before[1]))
        for size in (1_000_100, 2_000_000):
            status, told = await scene.submit("1.0.0", {"app_logo": b"x" * size})
            assert (status, told) == (507, {"outcome": "no_room"})
        assert await state(scene, "1.0.0") is None
        assert gateway.status("1.0.0") == "INIT"
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, before)
        assert (await scene.submit("1.0.0", {"app_logo": LOGO}))[0] == 200


async def test_a_list_is_written_once_for_all_who_look_on(material: Material) -> None:
    desk = Desk(
        Credentials.from_keys(material.app_id, material.app_private_key, material.alipay_public_key)
    )
    async with aclosing(desk.stream()) as one, aclosing(desk.stream()) as other:
        assert await anext(one) is await anext(other)


async def test_problems_are_told_in_the_language_of_the_browser(scene: Scene) -> None:
    told = {}
    for language in ("en", "zh-CN,zh;q=0.9,en;q=0.8"):
        scene.session.headers["Accept-Language"] = language
        status, answer = await scene.submit("2.0.3", {"app_logo": b"x"}, version_desc="New")
        assert (status, answer["outcome"]) == (422, "invalid")
        problems = answer["problems"]
        assert isinstance(problems, list)
        assert [problem["path"] for problem in problems] == ["version_desc", "attachments.app_logo"]
        told[language[:2]] = "".join(problem["message"] for problem in problems)
    assert told["en"].isascii()
    assert re.search("[\u4e00-\u9fff]", told["zh"])
    status, answer = await scene.submit("2.0.3", {"logo": LOGO})
    assert (status, answer["outcome"]) == (422, "invalid")
    assert await state(scene, "2.0.3") is None


async def test_a_verdict_is_listed_when_the_platform_tells_it_and_nobody_else(
    scene: Scene,
) -> None:
    url = f"{scene.program.url}alipay"
    assert (await scene.submit("2.0.5"))[0] == 200
    forged = {"msg_method": "alipay.open.mini.version.audit.passed", "sign_type": "RSA2"}
    forged |= {"app_id": scene.gateway.material.app_id, "notify_id": "1", "sign": "AAAA"}
    async with scene.session.post(url, data=forged) as answer:
        assert (answer.status, await answer.text()) == (400, "fail")
    assert await state(scene, "2.0.5") == "AUDITING"
    scene.gateway.notifications.url = url
    scene.gateway.decide("2.0.5", "AUDIT_REJECT", reject_reason="The logo is blurred.")
    await until(scene, "2.0.5", "AUDIT_REJECT")
    (row,) = (row for row in await first_event(scene) if row["version"] == "2.0.5")
    assert row["reason"] == "The logo is blurred."
    scene.gateway.notifications.url = None
    scene.gateway.decide("2.0.5", "OFFLINE")


async def test_no_secret_is_told(scene: Scene) -> None:
    secret = "canary-4711"
    assert (await scene.submit("2.0.4", test_password=secret))[0] == 200
    (row,) = (row for row in await first_event(scene) if row["version"] == "2.0.4")
    async with scene.session.get(scene.program.url) as page:
        shown = await page.text() + json.dumps(row)
    assert secret not in shown
    assert scene.gateway.material.app_private_key[40:80] not in shown
    scene.gateway.decide("2.0.4", "OFFLINE")


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_a_server_that_ends_lets_a_submission_end(
    framework: str, material: Material, tmp_path: Path
) -> None:
    shots = {f"{name}_screen_shot": SHOT for name in ("first", "second", "third")}
    async with (
        SandboxGateway(material=material) as gateway,
        SlowRelay(gateway.base_url, rate=20e6) as relay,
        running_program(framework, relay.base_url, material, tmp_path) as program,
        aiohttp.ClientSession() as session,
        session.get(f"{program.url}events") as stream,
    ):
        scene = Scene(gateway, program, session)
        submitting = asyncio.create_task(scene.submit("1.0.0", shots))
        async with asyncio.timeout(20):
            async for line in stream.content:
                if b'"sending"' in line:
                    break
            program.process.send_signal(signal.SIGTERM)
            assert (await stream.content.read()).endswith(b"\n")  # it has ended
            assert (await submitting)[0] == 200
            status = await asyncio.to_thread(program.process.wait)
        assert status in (0, -signal.SIGTERM)
        assert gateway.status("1.0.0") == "AUDITING"


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("wanting", ["settings", "port"])
def test_a_server_that_cannot_start_says_why(framework: str, wanting: str) -> None:
    environment = {name: value for name, value in os.environ.items() if "ALIPAY" not in name}
    module = f"alipay_mini_audit.examples.web_{framework}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1] if wanting == "port" else 0
        done = subprocess.run(
            [sys.executable, "-m", module, "--port", str(port)],
            env={**environment, "PYTHONPATH": str(ENGLISH.parent)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stdout) == (1, "")
    what = "ALIPAY_APP_ID" if wanting == "settings" else "[Errno"
    assert done.stderr.startswith(f"web_{framework}: {what}")
    assert len(done.stderr.splitlines()) == 1


# What both share


async def test_what_nobody_knows_is_asked_for_before_it_is_sent_again(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        retry = RetryPolicy(attempts=1, resolve=False, unknown_window=0.1)
        config = ClientConfig(base_url=gateway.base_url, retry=retry)
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)

            async def submit(fields: dict[str, str] = FIELDS) -> tuple[int, object]:
                with desk.reserved("1.0.0") as occupied:
                    answer = occupied or await desk.submit("1.0.0", fields, {}, "en")
                return answer.status, answer.body["outcome"]

            gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
            assert await submit() == (504, "unknown")
            assert await submit() == (409, "ask_first")
            assert (await desk.ask("1.0.0", "en")).body == {"outcome": "did_not_arrive"}
            assert (await desk.ask("1.0.0", "en")).status == 409
            gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
            assert await submit() == (504, "unknown")
            gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="detail")
            assert (await desk.ask("1.0.0", "en")).status in (502, 504)
            assert await submit() == (409, "ask_first")
            assert (await desk.ask("1.0.0", "en")).body == {"outcome": "accepted"}
            assert gateway.accepted("1.0.0") == len(gateway.arrivals) == 1

            # Somebody else's submission in between is told as it stands, and not as ours.
            gateway.decide("1.0.0", "INIT")
            gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
            other = {"version_desc": "Refunds are right, and orders can be filtered by day."}
            assert await submit(other) == (504, "unknown")
            gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
            assert (await desk.ask("1.0.0", "en")).body == {"outcome": "nobody_knows"}
            assert await submit() == (409, "refused")
            await desk.aclose()


async def test_a_rejected_version_is_taken_back_and_submitted_again(scene: Scene) -> None:
    async def take_back(**headers: str) -> tuple[int, object]:
        url = f"{scene.program.url}versions/take-back?app_version=6.0.0"
        async with scene.session.post(url, headers=headers) as reply:
            return reply.status, (await reply.json())["outcome"]

    ours = {"X-Requested-With": "test"}
    assert await take_back() == (403, "foreign")
    assert await take_back(**ours) == (409, "not_rejected")
    assert (await scene.submit("6.0.0"))[0] == 200
    assert await take_back(**ours) == (409, "not_rejected")
    scene.gateway.notifications.url = f"{scene.program.url}alipay"
    scene.gateway.decide("6.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
    await until(scene, "6.0.0", "AUDIT_REJECT")
    scene.gateway.notifications.url = None
    assert (await scene.submit("6.0.0"))[0] == 409
    assert await take_back(**ours) == (200, "taken_back")
    assert scene.gateway.status("6.0.0") == await state(scene, "6.0.0") == "INIT"
    assert await take_back(**ours) == (409, "not_rejected")
    assert (await scene.submit("6.0.0"))[0] == 200
    scene.gateway.decide("6.0.0", "INIT")


@asynccontextmanager
async def rejected_desk(
    material: Material, attempts: int = 1
) -> AsyncIterator[tuple[Desk, SandboxGateway]]:
    """A desk that lists version 1.0.0 as rejected."""
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url, retry=RetryPolicy(attempts=attempts))
        gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)
            desk.recall()
            async with aclosing(desk.stream()) as stream, asyncio.timeout(10):
                async for told in stream:
                    if b"AUDIT_REJECT" in told:
                        break
            yield desk, gateway
            await desk.aclose()


async def test_a_taking_back_that_fails_may_be_tried_again(material: Material) -> None:
    async with rejected_desk(material) as (desk, gateway):
        gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="detail")
        unasked = await desk.take_back("1.0.0", "en")
        assert (unasked.status, unasked.body["outcome"]) == (502, "not_asked")
        gateway.faults.add(Fault.INTERNAL_ERROR, operation="cancel_audited")
        calls = gateway.calls + 2  # a question, the call, and then a question
        gateway.faults.add(
            Fault.CLOSE_AFTER_BODY, operation="detail", when=lambda _: gateway.calls > calls
        )
        lost = await desk.take_back("1.0.0", "en")
        assert (lost.status, lost.body["outcome"]) == (502, "back_unknown")
        assert gateway.status("1.0.0") == "AUDIT_REJECT"
        assert (await desk.take_back("1.0.0", "en")).body["outcome"] == "taken_back"


@pytest.mark.parametrize("moved", [("INIT", "AUDITING"), ("INIT", "AUDITING", "WAIT_RELEASE")])
async def test_a_version_that_somebody_has_submitted_since_is_not_taken_back(
    moved: tuple[str, ...], material: Material
) -> None:
    async with rejected_desk(material) as (desk, gateway):
        for status in moved:  # at the console
            gateway.decide("1.0.0", status)
        refused = await desk.take_back("1.0.0", "en")
        assert (refused.status, refused.body["outcome"]) == (409, "not_rejected")
        assert gateway.status("1.0.0") == moved[-1]
        assert f'"{moved[-1]}"'.encode() in await anext(desk.stream())


async def test_a_taking_back_is_not_repeated_without_another_look(material: Material) -> None:
    async with rejected_desk(material, attempts=3) as (desk, gateway):

        def passes_meanwhile(_: object) -> bool:
            for status in ("INIT", "AUDITING", "WAIT_RELEASE"):
                gateway.decide("1.0.0", status)
            return True

        throttled = Fault.throttled(0.05)
        gateway.faults.add(throttled, operation="cancel_audited", when=passes_meanwhile)
        later = await desk.take_back("1.0.0", "en")
        assert (later.status, later.body["outcome"]) == (429, "later")
        assert gateway.status("1.0.0") == "WAIT_RELEASE"
        moved = await desk.take_back("1.0.0", "en")
        assert (moved.status, moved.body["outcome"]) == (409, "not_rejected")
        assert gateway.status("1.0.0") == "WAIT_RELEASE"


def test_a_collection_of_garbage_looks_at_little() -> None:
    """It stops the event loop, for 40 to 70 ms with all that is loaded."""
    program = (
        "import asyncio, gc\n"
        "from alipay_mini_audit.examples.web import opening\n"
        "async def main():\n"
        "    async with opening('http://127.0.0.1/')():\n"
        "        print(len(gc.get_objects()), gc.get_freeze_count())\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    looked_at, frozen = map(int, done.stdout.splitlines()[-1].split())
    assert looked_at < frozen / 20


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_copy_with_its_own_imports_needs_nothing_of_the_original(
    framework: str, tmp_path: Path
) -> None:
    examples, copy = Path(web.__file__).parent.parent, tmp_path / "shop"
    shutil.copytree(examples / "web", copy / "web")
    shutil.copy(examples / f"web_{framework}.py", copy)
    for module in copy.rglob("*.py"):
        text = module.read_text()
        module.write_text(text.replace("from alipay_mini_audit.examples.web", "from shop.web"))
    program = (
        f"import sys, shop.web_{framework} as mine; mine.make_app('http://127.0.0.1/'); "
        "print([name for name in sys.modules if name.startswith('alipay_mini_audit.examples')])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.throttled(2.2),  # it would be "submit it again", 429
        Fault.answer("NEW_CODE"),  # "nothing is in audit", 409
        Fault.answer("invalid-signature", 401),  # the same, 500
        Fault.answer("SYSTEM_ERROR", 500),
        Fault.UNSIGNED,
        Fault.CLOSE_AFTER_BODY,
    ],
    ids=str,
)
async def test_a_question_that_fails_says_nothing_of_the_version(
    fault: Fault, material: Material
) -> None:
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url, retry=RetryPolicy(attempts=1))
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)
            gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
            gateway.faults.add(fault, operation="detail", times=2)
            with desk.reserved("1.0.0"):
                assert (await desk.submit("1.0.0", FIELDS, {}, "en")).status == 504
            answer = await desk.ask("1.0.0", "en")
            assert (answer.status, answer.body["outcome"]) == (502, "not_asked")
            assert answer.headers == {}
            with desk.reserved("1.0.0") as occupied:
                assert occupied is not None
                assert occupied.body == {"outcome": "ask_first"}
            assert (await desk.ask("1.0.0", "en")).body == {"outcome": "accepted"}
            await desk.aclose()


async def test_only_the_verdict_of_what_was_submitted_last_is_listed(material: Material) -> None:
    offset = 300.0
    async with SandboxGateway(material=material, clock=lambda: time.time() + offset) as gateway:
        config = ClientConfig(base_url=gateway.base_url, check_freshness=False)
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)

            def tell(number: int) -> None:
                about = {"mini_app_id": gateway.credentials.app_id, "app_version": "1.0.0"}
                desk.inbox.put(AuditRejected(notify_id=f"n{number}", **about))

            async def until_asked(calls: int) -> None:
                async with asyncio.timeout(10):
                    while gateway.calls < calls or desk._list() == listed:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)

            # What the platform shows at first is a submission of long before.
            gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="detail")
            with desk.reserved("1.0.0"):
                assert (await desk.submit("1.0.0", FIELDS, {}, "en")).status == 200
            listed = b""
            await until_asked(gateway.calls + 1)
            await client.cancel("1.0.0")
            offset = -540.0
            await client.apply(AuditApply.from_wire({**FIELDS, "app_version": "1.0.0"}))
            gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="Of the submission before.")
            calls = gateway.calls
            tell(1)
            await until_asked(calls + 1)
            assert b"Of the submission before" not in desk._list()

            # Somebody submits it again in the console: that is watched from then on.
            await client.versions.cancel_audited("1.0.0")
            offset = 360.0
            await client.apply(AuditApply.from_wire({**FIELDS, "app_version": "1.0.0"}))
            calls = gateway.calls
            tell(2)
            await until_asked(calls + 1)
            offset = 420.0
            await client.cancel("1.0.0")
            await client.apply(AuditApply.from_wire({**FIELDS, "app_version": "1.0.0"}))
            calls = gateway.calls
            tell(3)
            await until_asked(calls + 2)
            gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo is blurred.")
            listed = desk._list()
            tell(4)
            await until_asked(calls + 3)
            assert b"The logo is blurred." in desk._list()
            await desk.aclose()


async def test_what_was_in_audit_before_the_start_is_listed(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        config = ClientConfig(base_url=gateway.base_url)
        for version, status in (("0.9.0", "RELEASE"), ("1.0.0", "AUDIT_REJECT")):
            gateway.decide(version, status, reject_reason="The logo is blurred.")
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)
            desk.recall()
            async with asyncio.timeout(10), aclosing(desk.stream()) as stream:
                async for event in stream:
                    rows = json.loads(event.removeprefix(b"data: "))
                    if rows:
                        break
            await desk.aclose()
        assert [(row["version"], row["state"], row["reason"]) for row in rows] == [
            ("1.0.0", "AUDIT_REJECT", "The logo is blurred.")
        ]


async def test_a_platform_that_cannot_be_asked_keeps_no_server_from_starting(
    material: Material, caplog: pytest.LogCaptureFixture
) -> None:
    async with SandboxGateway(material=material) as gateway:
        gateway.faults.add(Fault.answer("no-product-reg-by-partner", 403), times=None)
        config = ClientConfig(base_url=gateway.base_url)
        desk = Desk(gateway.credentials)
        async with AuditClient(gateway.credentials, config, observers=[desk]) as client:
            desk.open(client)
            desk.recall()
            await asyncio.wait(desk._tasks)
            async with aclosing(desk.stream()) as stream:
                assert await anext(stream) == b"data: []\n\n"
            await desk.aclose()
    told = [each.getMessage() for each in caplog.records if each.name != "asyncio"]  # slow machine
    assert told[0].startswith("the list begins without")


STATUSES: list[tuple[AuditError, int]] = [
    (ApiError("X", "", outcome=Outcome.ACCEPTED_UNREADABLE), 200),
    (StateConflict("SUBMIT_REPEAT", ""), 409),
    (ApiError("NEW_CODE", ""), 409),
    (ValidationError([]), 422),
    (InvalidRequest("X", ""), 422),
    (RateLimited("X", "", retry_after=2.2), 429),
    (ConnectionFailed("no connection"), 503),
    (SigningError("no signature"), 503),
    (ConfigurationError("x", "y"), 500),
    (AuthenticationError("invalid-signature", ""), 500),
    (SendInterrupted("gone", path="attachments.app_logo", outcome=Outcome.NOT_SENT), 500),
    (ServiceUnavailable("SYSTEM_ERROR", "", http_status=500), 502),
    (UntrustedReply("no signature", http_status=200), 502),
    (MalformedReply("HTML", http_status=502), 502),
    (SendInterrupted("cut"), 504),
    (ReplyTimeout("late"), 504),
    (ReplyLost("lost"), 504),
    (InvalidRequest("X", "", outcome=Outcome.UNKNOWN, http_status=400), 502),
]


@pytest.mark.parametrize(("error", "status"), STATUSES, ids=lambda it: getattr(it, "reason", it))
def test_each_outcome_has_its_status(error: AuditError, status: int) -> None:
    answer = answer_of(error, "zh")
    assert answer.status == status
    assert json.loads(answer.text)["outcome"]
    if status in (429, 503):
        assert answer.headers == {"Retry-After": "3" if status == 429 else "5"}
        assert error.is_repeatable
    else:
        assert answer.headers == {}
        assert not error.is_repeatable


def test_the_readme_has_every_status() -> None:
    table = ENGLISH.read_text("utf-8").partition("| HTTP status |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    listed = [int(status) for row in named for status in row.split(", ")]
    assert sorted(listed) == sorted({status for _, status in STATUSES})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh-Hant;q=0.5, en;q=0.4", "zh"),
        ("en;q=0.1, ZH", "zh"),
        ("fr, zh;q=0", "en"),
        ("zh;q=x, de", "en"),
        ("*", "en"),
    ],
)
def test_a_page_is_in_the_language_of_its_reader(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language


def test_both_languages_have_the_same_words() -> None:
    path = Path(ENGLISH.parent, "alipay_mini_audit/examples/web/words.json")
    english, chinese = json.loads(path.read_text("utf-8")).values()

    def shape(words: dict[str, object]) -> dict[str, object]:
        return {
            name: shape(word)
            if isinstance(word, dict)
            else sorted(re.findall(r"\{\w+\}", str(word)))
            for name, word in words.items()
        }

    assert shape(english) == shape(chinese)
