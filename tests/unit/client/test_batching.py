"""A client as a batch uses it: each call once, with the last word of a gate."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from support.batches import Night, night

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchError,
    BytesSource,
    ClientConfig,
    ConfigurationError,
    Outcome,
    Preflight,
    Submission,
    Timeouts,
)
from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.batch import Binding
from alipay_mini_audit.client.batching import ClientPlatform
from alipay_mini_audit.errors import (
    AuditError,
    ConnectionFailed,
    ReplyLost,
    SendInterrupted,
    ValidationError,
)
from alipay_mini_audit.sandbox import Fault, Material

SUBMISSION = Submission("a", AuditApply(app_version="1.0.0", version_desc="A version."))


@attrs.define
class Gate:
    """Notes what it is asked, and may refuse."""

    seen: list[str] = attrs.Factory(list)
    before: AuditError | None = None
    between: AuditError | None = None
    most_bytes: int | None = None
    is_open: bool = False
    files: dict[str, bytearray] = attrs.Factory(dict)
    pause: float = 0.0
    is_waiting: asyncio.Event = attrs.Factory(asyncio.Event)

    async def before_request(self, request_id: str) -> None:
        assert request_id
        self.seen.append("request")
        if self.before is not None:
            raise self.before

    def sent(self) -> None:
        self.seen.append("sent")

    def begin(self) -> None:
        self.files.clear()

    def on_read(self, file: FilePart, content: memoryview) -> None:
        self.files.setdefault(file.name, bytearray()).extend(content)

    async def before_piece(self, count: int) -> None:
        self.seen.append(f"piece of {count > 0}")
        self.is_waiting.set()
        await asyncio.sleep(self.pause)
        if self.between is not None:
            raise self.between


@pytest.fixture
async def here(material: Material) -> AsyncIterator[Night]:
    async with night(material) as found:
        yield found


def platform_of(here: Night, *, token: str | None = None) -> ClientPlatform:
    client = here.client if token is None else here.client.with_options(app_auth_token=token)
    binding = Binding(app_id="2021", base_url=here.gateway.base_url)
    return ClientPlatform(binding, client._runner, client._transport, client._options)


async def test_it_is_sent_once_the_gate_has_let_it_go(here: Night, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"picture")
    platform, gate = platform_of(here), Gate()
    call = await platform.prepare(attrs.evolve(SUBMISSION, attachments={"app_logo": path}))
    assert here.gateway.submissions == ()
    reply = await platform.submit(call, gate)
    assert reply.meta.attempts == 1
    assert len(here.gateway.submissions) == 1
    assert gate.seen[0] == "request"
    assert gate.seen[-1] == "sent"
    assert len(gate.seen) > 2
    assert gate.files == {"app_logo": b"picture"}


async def test_the_gate_sees_what_is_read_of_each_file_on_disk(here: Night, tmp_path: Path) -> None:
    large = bytes(range(256)) * 8192
    path = tmp_path / "archive.zip"
    path.write_bytes(large)
    files = {"test_file_name": path, "app_logo": BytesSource(b"picture", "logo.png")}  # in memory
    platform, gate = platform_of(here), Gate()
    await platform.submit(await platform.prepare(attrs.evolve(SUBMISSION, attachments=files)), gate)
    assert gate.files == {"test_file_name": large}


async def test_a_body_that_is_read_once_more_is_hashed_from_its_start(
    here: Night, tmp_path: Path
) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(large := bytes(range(256)) * 8192)
    gate, connections = Gate(pause=0.05), 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:  # it ends the connection while the first piece waits
            await gate.is_waiting.wait()
            writer.close()
            return
        host, port = here.gateway.base_url.removeprefix("http://").split(":")
        there, back = await asyncio.open_connection(host, port)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        config = ClientConfig(base_url=url, preflight=Preflight.OFF)
        async with AuditClient(here.gateway.credentials, config) as client:
            platform = platform_of(attrs.evolve(here, client=client))
            given = attrs.evolve(SUBMISSION, attachments={"test_file_name": path})
            await platform.submit(await platform.prepare(given), gate)
    assert connections == 2
    assert gate.files == {"test_file_name": large}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
    writer.close()


async def test_what_the_gate_forbids_does_not_leave(here: Night) -> None:
    platform, gate = platform_of(here), Gate(before=BatchError("No.", code="x"))
    with pytest.raises(BatchError) as caught:
        await platform.submit(await platform.prepare(SUBMISSION), gate)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert gate.seen == ["request"]
    assert here.gateway.submissions == ()


async def test_what_the_gate_stops_on_its_way_was_not_taken(here: Night) -> None:
    platform, gate = platform_of(here), Gate(between=SendInterrupted("Another one has it."))
    with pytest.raises(SendInterrupted):
        await platform.submit(await platform.prepare(SUBMISSION), gate)
    assert here.gateway.submissions == ()


async def test_what_it_waits_at_the_gate_is_no_part_of_its_time(material: Material) -> None:
    short = Timeouts(connect=2, sign=2, stall=0.2, reply=2, total=0.6)
    async with night(material, timeouts=short) as here:
        platform, gate = platform_of(here), Gate(pause=0.35, most_bytes=1000)
        logo = {"app_logo": BytesSource(bytes(1500), "logo.png")}
        call = await platform.prepare(attrs.evolve(SUBMISSION, attachments=logo))
        await platform.submit(call, gate)
        assert gate.seen.count("piece of True") >= 2
        assert len(here.gateway.submissions) == 1


@pytest.mark.parametrize("end", ["close", "cancel"])
async def test_waiting_at_the_gate_ends_with_its_call(here: Night, end: str) -> None:
    platform, gate = platform_of(here), Gate(pause=60)
    sending = asyncio.create_task(platform.submit(await platform.prepare(SUBMISSION), gate))
    await gate.is_waiting.wait()
    async with asyncio.timeout(1.5):
        if end == "close":
            await here.client.aclose()
            with pytest.raises(ConnectionFailed, match="closed"):
                await sending
        else:
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
    assert here.gateway.submissions == ()


@pytest.mark.parametrize("fault", [Fault.CLOSE_AFTER_BODY, Fault.CLOSE_AFTER_ACCEPTING], ids=str)
async def test_a_failure_is_neither_repeated_nor_asked_for(here: Night, fault: Fault) -> None:
    here.gateway.faults.add(fault, operation="apply")
    platform, gate = platform_of(here), Gate()
    with pytest.raises(ReplyLost) as caught:
        await platform.submit(await platform.prepare(SUBMISSION), gate)
    assert (caught.value.attempts, caught.value.earlier) == (1, ())
    found = await platform.ask(SUBMISSION, 1.0)
    assert found.landed is (fault is Fault.CLOSE_AFTER_ACCEPTING)


async def test_the_token_of_a_submission_goes_before_that_of_the_client(here: Night) -> None:
    platform = platform_of(here, token="of-the-client")
    own = attrs.evolve(SUBMISSION, app_auth_token="of-the-merchant")
    tokens = [(await platform.prepare(each)).options.app_auth_token for each in (SUBMISSION, own)]
    assert tokens == ["of-the-client", "of-the-merchant"]
    assert [platform.token_of(each) for each in (SUBMISSION, own)] == tokens
    assert platform_of(here).token_of(SUBMISSION) is None


async def test_a_token_that_cannot_be_one_is_a_problem_of_its_submission(here: Night) -> None:
    platform = platform_of(here)
    for token in ("", "a b"):
        bad = attrs.evolve(SUBMISSION, app_auth_token=token)
        with pytest.raises(ValidationError):
            await platform.prepare(bad)


async def test_a_client_that_is_closed_is_no_ones_failure(here: Night) -> None:
    platform = platform_of(here)
    call = await platform.prepare(SUBMISSION)
    await here.client.aclose()
    for work in (platform.prepare(SUBMISSION), platform.submit(call, Gate())):
        with pytest.raises(ConfigurationError):
            await work
    with pytest.raises(ConfigurationError):
        await platform.ask(SUBMISSION, 1.0)
