"""What comes back is not what it should be: each case is one clear error with its outcome."""

import asyncio
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.scripted_server import ONCE, Request, ScriptedServer, reply

from alipay_mini_audit import (
    ApiError,
    AuditApply,
    AuditClient,
    CallError,
    ClientConfig,
    ConnectionFailed,
    Credentials,
    MalformedReply,
    Outcome,
    Preflight,
    ReplyLost,
    ReplyTimeout,
    SendInterrupted,
    ServiceUnavailable,
    StateConflict,
    Timeouts,
    UntrustedReply,
)

HTML = {"Content-Type": "text/html;charset=GBK"}
ERROR = '{"code":"SUBMIT_REPEAT","message":"重复提交","links":[{"link":"https://x","desc":"d"}]}'.encode()


async def failed(client: AuditClient) -> CallError:
    with pytest.raises(CallError) as caught:
        await client.apply(AuditApply(app_version="1"))
    return caught.value


async def test_an_unsigned_success_is_not_believed(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(b'{"speed_up":"true"}'))
    error = await failed(client)
    assert type(error) is UntrustedReply
    assert error.outcome is Outcome.UNKNOWN
    assert (error.http_status, error.trace_id) == (200, "trace-1")
    assert error.request_id == wire.requests[0].headers["alipay-request-id"]


async def test_a_success_signed_by_another_key_is_not_believed(
    client: AuditClient, wire: ScriptedServer, other_key: RSAPrivateKey
) -> None:
    wire.replies(reply(sign_with=other_key))
    error = await failed(client)
    assert type(error) is UntrustedReply
    assert "alipay_public_key" in str(error)


async def test_a_changed_body_is_not_believed(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    wire.replies(reply(b'{"speed_up":"true"}', sign_with=alipay_key).replace(b"true", b"fals"))
    assert type(await failed(client)) is UntrustedReply


async def test_the_empty_page_of_gateway_do_is_explained(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(b"", headers=HTML))
    error = await failed(client)
    assert type(error) is UntrustedReply
    assert "gateway.do" in str(error)


async def test_signed_text_that_is_no_json_was_accepted_and_is_unreadable(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    for body in (b"", b"no json", b'["a list"]', b"\xff\xfe", b"[" * 100_000):
        wire.replies(reply(body, sign_with=alipay_key))
        error = await failed(client)
        assert type(error) is MalformedReply
        assert error.outcome is Outcome.ACCEPTED_UNREADABLE


async def test_an_html_413_is_refused_with_advice(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(b"<html>413</html>", status=413, headers=HTML))
    error = await failed(client)
    assert type(error) is MalformedReply
    assert (error.outcome, error.http_status) == (Outcome.REFUSED, 413)
    assert "smaller" in error.advice


async def test_a_bad_gateway_leaves_the_outcome_unknown(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(b"<html>502</html>", status=502, headers=HTML))
    error = await failed(client)
    assert type(error) is ServiceUnavailable
    assert error.outcome is Outcome.UNKNOWN


async def test_a_redirect_is_not_followed(client: AuditClient, wire: ScriptedServer) -> None:
    wire.replies(reply(b"", status=302, headers={"Location": wire.base_url + "/elsewhere"}))
    error = await failed(client)
    assert type(error) is MalformedReply
    assert "edirect" in error.advice
    assert len(wire.requests) == 1


async def test_a_refusal_brings_the_code_of_the_platform(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(ERROR, status=400))
    error = await failed(client)
    assert type(error) is StateConflict
    assert (error.code, error.message, error.outcome) == (
        "SUBMIT_REPEAT",
        "重复提交",
        Outcome.REFUSED,
    )
    assert error.links == [{"link": "https://x", "desc": "d"}]
    assert "trace-1" in str(error)


async def test_a_signed_error_must_be_signed_well(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey, other_key: RSAPrivateKey
) -> None:
    wire.replies(reply(ERROR, status=400, sign_with=alipay_key))
    assert type(await failed(client)) is StateConflict
    wire.replies(reply(ERROR, status=400, sign_with=other_key))
    assert type(await failed(client)) is UntrustedReply


async def test_an_unknown_code_is_an_error_with_its_text(
    client: AuditClient, wire: ScriptedServer
) -> None:
    wire.replies(reply(b'{"code":"BRAND_NEW","message":"m"}', status=400))
    error = await failed(client)
    assert type(error) is ApiError
    assert str(error).startswith("BRAND_NEW: m")


async def test_a_reply_cut_short_is_lost(client: AuditClient, wire: ScriptedServer) -> None:
    async def answer(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b'{"speed_up":', length=100))
        writer.close()

    wire.answer = answer
    error = await failed(client)
    assert type(error) is ReplyLost
    assert error.outcome is Outcome.UNKNOWN


async def test_a_connection_closed_instead_of_a_reply_is_a_lost_reply(
    client: AuditClient, wire: ScriptedServer
) -> None:
    async def answer(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    wire.answer = answer
    assert type(await failed(client)) is ReplyLost
    with pytest.raises(ReplyLost):
        await client.version_detail("1")
    assert len(wire.requests) == 2, "a lost answer is never asked for again in silence"


async def test_what_is_no_http_is_a_lost_reply(client: AuditClient, wire: ScriptedServer) -> None:
    wire.replies(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    error = await failed(client)
    assert type(error) is ReplyLost


async def test_a_huge_reply_is_not_read_to_its_end(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    endless = asyncio.Event()

    async def answer(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"", length=10**12))
        try:
            while True:
                writer.write(b" " * 65536)
                await writer.drain()
        finally:
            endless.set()

    wire.answer = answer
    error = await failed(client)
    assert type(error) is MalformedReply
    assert "1048576" in str(error)
    await asyncio.wait_for(endless.wait(), 5)
    wire.replies(reply(sign_with=alipay_key))
    await client.cancel("1")
    assert wire.connections == 2


async def test_a_reply_of_a_megabyte_is_read(
    client: AuditClient, wire: ScriptedServer, alipay_key: RSAPrivateKey
) -> None:
    body = b'{"speed_up_memo":"' + b"x" * (1024 * 1024 - 20) + b'"}'
    wire.replies(reply(body, sign_with=alipay_key))
    answer = await client.apply(AuditApply(app_version="1"))
    assert answer.speed_up_memo == "x" * (1024 * 1024 - 20)


async def test_a_silent_peer_is_given_up(wire: ScriptedServer, credentials: Credentials) -> None:
    async def answer(_: Request, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    wire.answer = answer
    limits = Timeouts(reply=0.05)
    async with AuditClient(
        credentials,
        ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, timeouts=limits, retry=ONCE),
    ) as client:
        error = await failed(client)
        assert type(error) is ReplyTimeout
        with pytest.raises(ReplyTimeout):
            await client.version_detail("1")
        total = client.with_options(timeouts=Timeouts(total=0.5))
        assert type(await failed(total)) is ReplyTimeout


async def test_a_peer_that_does_not_read_is_given_up(credentials: Credentials) -> None:
    release = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=base_url, timeouts=Timeouts(stall=0.1), retry=ONCE
    )
    async with AuditClient(credentials, config) as client:
        with pytest.raises(SendInterrupted, match="No byte") as caught:
            await client.apply(AuditApply(app_version="1"), {"test_file_name": b"x" * 30_000_000})
    assert caught.value.outcome is Outcome.UNKNOWN
    release.set()
    server.close()


async def test_nobody_at_the_port_is_no_connection(credentials: Credentials) -> None:
    with socket.socket() as taken:  # it does not listen, and nobody else gets its port
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for address in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
            config = ClientConfig(
                preflight=Preflight.OFF, base_url=address, allow_plain_http=True, retry=ONCE
            )
            async with AuditClient(credentials, config) as client:
                error = await failed(client)
                assert type(error) is ConnectionFailed
                assert error.outcome is Outcome.NOT_SENT
                with pytest.raises(ConnectionFailed):
                    await client.version_detail("1")


async def test_tls_to_a_plain_port_is_no_connection(
    wire: ScriptedServer, credentials: Credentials
) -> None:
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=wire.base_url.replace("http:", "https:"),
        timeouts=Timeouts(connect=0.3),
        retry=ONCE,
    )
    async with AuditClient(credentials, config) as client:
        assert type(await failed(client)) is ConnectionFailed


async def test_a_first_piece_that_is_cut_in_its_middle_was_not_kept_back(
    credentials: Credentials,
) -> None:
    release = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url=base_url,
        timeouts=Timeouts(total=0.5),
        retry=ONCE,
        chunk_size=40_000_000,
    )
    async with AuditClient(credentials, config) as client:
        with pytest.raises(SendInterrupted) as caught:
            await client.apply(AuditApply(app_version="1"), {"test_file_name": b"x" * 30_000_000})
    assert caught.value.outcome is Outcome.UNKNOWN
    release.set()
    server.close()
