"""What leaves: judged on a real socket, by hand-written expectations."""

import asyncio
import base64
import json
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from support.scripted_server import KEYS, ONCE, ScriptedServer, reply

from alipay_mini_audit import (
    Attachments,
    AuditApply,
    AuditClient,
    ClientConfig,
    ConfigurationError,
    Credentials,
    Preflight,
    ValidationError,
)


def parts_of(request: object) -> dict[str, object]:
    """Parse a multipart body with the standard library."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return {
        part.get_param("name", header="content-disposition"): part for part in message.iter_parts()
    }


def verify(request: object, body: str, token: str | None = None) -> None:
    key = load_pem_public_key((KEYS / "app.public.pem").read_bytes())
    assert isinstance(key, RSAPublicKey)
    scheme, _, rest = request.headers["authorization"].partition(" ")
    auth, _, signature = rest.partition(",sign=")
    text = f"{auth}\n{request.method}\n{request.target}\n{body}\n" + (f"{token}\n" if token else "")
    key.verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())
    assert scheme == "ALIPAY-SHA256withRSA"


async def test_an_upload_carries_data_and_sixteen_files_byte_for_byte(
    client: AuditClient, wire: ScriptedServer, pictures: list[Path], alipay_key: RSAPrivateKey
) -> None:
    wire.replies(reply(b'{"speed_up":"true","speed_up_memo":"yes"}', sign_with=alipay_key))
    attachments = Attachments(
        app_logo=pictures[0],
        screen_shots=pictures[1:6],
        license_pics=pictures[6:11],
        special_license_pics=pictures[11:14],
        out_door_pic=pictures[14],
        test_file=pictures[15],
    )
    answer = await client.apply(AuditApply(app_version="0.0.1", app_name="咖啡小站"), attachments)
    (request,) = wire.requests
    parts = parts_of(request)
    data = parts.pop("data")
    assert (answer.speed_up, answer.speed_up_memo) == (True, "yes")
    assert answer.meta.trace_id == "trace-1"
    assert data.get_content_type() == "application/json"
    assert data.get_filename() is None
    text = data.get_payload(decode=True).decode()
    assert text == '{"app_version":"0.0.1","app_name":"咖啡小站"}'
    verify(request, text)
    names = (
        "app_logo first_screen_shot second_screen_shot third_screen_shot fourth_screen_shot "
        "fifth_screen_shot first_license_pic second_license_pic third_license_pic "
        "fourth_license_pic fifth_license_pic first_special_license_pic "
        "second_special_license_pic third_special_license_pic out_door_pic test_file_name"
    )
    assert list(parts) == names.split()
    for part, picture in zip(parts.values(), pictures, strict=True):
        assert part.get_payload(decode=True) == picture.read_bytes()
        assert part.get_content_type() == "image/png"
        assert part.get_filename() == picture.name


async def test_the_length_is_exact_and_nothing_is_chunked(
    client: AuditClient, wire: ScriptedServer, pictures: list[Path]
) -> None:
    await client.apply(AuditApply(app_version="1"), Attachments(app_logo=pictures[0]))
    await client.apply(AuditApply(app_version="1"))
    for request in wire.requests:
        assert "transfer-encoding" not in request.headers
        assert int(request.headers["content-length"]) == len(request.body) > 0
    assert wire.connections == 1


async def test_the_headers_are_those_of_the_protocol(
    client: AuditClient, wire: ScriptedServer
) -> None:
    await client.cancel("0.0.1", bundle_id="com.alipay.alipaywallet", app_auth_token="token-1")
    (request,) = wire.requests
    assert request.target == "/v3/alipay/open/mini/version/audit/cancel"
    assert json.loads(request.body) == {
        "app_version": "0.0.1",
        "bundle_id": "com.alipay.alipaywallet",
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["alipay-app-auth-token"] == "token-1"
    assert request.headers["user-agent"].startswith("alipay-mini-audit/")
    assert 0 < len(request.headers["alipay-request-id"]) <= 32
    assert request.headers["alipay-request-id"].isalnum()
    assert "alipay-root-cert-sn" not in request.headers
    verify(request, request.body.decode(), "token-1")


async def test_a_view_brings_its_token_and_shares_the_session(
    client: AuditClient, wire: ScriptedServer
) -> None:
    view = client.with_options(app_auth_token="merchant-7")
    async with view:
        await view.cancel("1")
    await client.cancel("1")
    await view.cancel("1", app_auth_token="merchant-8")
    tokens = [request.headers.get("alipay-app-auth-token") for request in wire.requests]
    assert tokens == ["merchant-7", None, "merchant-8"]
    assert wire.connections == 1


async def test_the_target_of_a_query_is_signed_as_it_is_sent(
    client: AuditClient, wire: ScriptedServer
) -> None:
    await client.version_detail("1 a&b=c/中", bundle_id="x+y")
    (request,) = wire.requests
    expected = "?app_version=1+a%26b%3Dc%2F%E4%B8%AD&bundle_id=x%2By"
    assert request.target == "/v3/alipay/open/mini/version/detail/query" + expected
    assert request.method == "GET"
    assert request.body == b""
    verify(request, "")


async def test_any_other_call_is_signed_and_verified(
    client: AuditClient, wire: ScriptedServer, pictures: list[Path]
) -> None:
    path = "/v3/alipay/open/mini/version/build/query"
    assert await client.call("GET", path, query={"app_version": "1", "none": None}) == {}
    assert await client.call("POST", path, body={"a": [1, "中"]}) == {}
    assert (
        await client.call("POST", path, body={"b": 2}, attachments={"any_part": pictures[3]}) == {}
    )
    assert await client.call("POST", path) == {}
    query, post, upload, nothing = wire.requests
    assert query.target == path + "?app_version=1"
    verify(query, "")
    verify(post, '{"a":[1,"中"]}')
    assert parts_of(upload)["any_part"].get_payload(decode=True) == pictures[3].read_bytes()
    verify(upload, '{"b":2}')
    verify(nothing, "")


@pytest.mark.parametrize(
    "path", ["v3/x", "/v3/x?y=1", "/v3/x y", "/v3/x\r\nz: 1", "//v3#x", "/v3/中"]
)
async def test_a_path_that_cannot_be_signed_as_sent_is_refused(
    client: AuditClient, wire: ScriptedServer, path: str
) -> None:
    with pytest.raises(ValidationError, match="path"):
        await client.call("POST", path)
    assert wire.requests == []


@pytest.mark.parametrize("token", ["", "a b", "a\r\nx: y", "中", "a\x7f"])
async def test_a_token_that_would_break_the_header_is_refused(
    client: AuditClient, wire: ScriptedServer, token: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await client.cancel("1", app_auth_token=token)
    with pytest.raises(ValidationError):
        client.with_options(app_auth_token=token)
    assert [problem.path for problem in caught.value.problems] == ["app_auth_token"]
    assert wire.requests == []


async def test_a_version_with_a_line_break_is_refused(
    client: AuditClient, wire: ScriptedServer
) -> None:
    for attempt in (client.cancel("1\r\n2"), client.version_detail("1\n")):
        with pytest.raises(ValidationError, match="app_version"):
            await attempt
    with pytest.raises(ValidationError, match="app_version"):
        AuditApply(app_version="1\r2")
    assert wire.requests == []


async def test_a_borrowed_session_is_used_and_not_closed(
    wire: ScriptedServer, credentials: Credentials
) -> None:
    config = ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, retry=ONCE)
    async with aiohttp.ClientSession() as session:
        async with AuditClient(credentials, config, session=session) as client:
            await client.cancel("1")
        assert not session.closed
        with pytest.raises(ConfigurationError, match="closed"):
            await client.cancel("1")
    late = AuditClient(credentials, config, session=session)
    with pytest.raises(ConfigurationError, match="closed"):
        await late.cancel("1")
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "text/plain", "Content-Encoding": "gzip"},
        {"Content-Length": "3"},
        {"Transfer-Encoding": "chunked"},
        {"alipay-app-auth-token": "stranger", "alipay-encrypt-type": "AES"},
        {"Authorization": "Bearer x", "Accept-Encoding": "gzip", "alipay-request-id": "x"},
    ],
    ids=", ".join,
)
async def test_the_default_headers_of_a_lent_session_lose(
    wire: ScriptedServer, credentials: Credentials, pictures: list[Path], headers: dict[str, str]
) -> None:
    config = ClientConfig(preflight=Preflight.OFF, base_url=wire.base_url, retry=ONCE)
    async with (
        aiohttp.ClientSession(headers=headers | {"traceparent": "00-1"}) as session,
        AuditClient(credentials, config, session=session) as client,
    ):
        await client.apply(AuditApply(app_version="1"), Attachments(app_logo=pictures[0]))
        await client.cancel("1", bundle_id="b")
        await client.version_detail("1")
        await client.call("POST", "/v3/x")
    upload, cancel, detail, bare = wire.requests
    assert parts_of(upload)["app_logo"].get_payload(decode=True) == pictures[0].read_bytes()
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert cancel.headers["content-type"] == "application/json"
    assert json.loads(cancel.body) == {"app_version": "1", "bundle_id": "b"}
    assert "content-type" not in detail.headers
    assert "content-length" not in detail.headers
    assert bare.headers["content-length"] == "0"
    for request, body in (
        (upload, '{"app_version":"1"}'),
        (cancel, cancel.body.decode()),
        (detail, ""),
        (bare, ""),
    ):
        verify(request, body)
        assert request.headers["traceparent"] == "00-1"
        assert request.headers["accept-encoding"] == "identity"
        assert len(request.headers["alipay-request-id"]) == 32
        unwanted = {"content-encoding", "transfer-encoding", "alipay-encrypt-type"}
        assert not unwanted & set(request.headers)
        assert "alipay-app-auth-token" not in request.headers


async def test_a_client_belongs_to_one_event_loop(client: AuditClient) -> None:
    await client.cancel("1")
    with pytest.raises(ConfigurationError, match="event loop"):
        await asyncio.to_thread(asyncio.run, client.cancel("1"))


def test_with_names_async_with(credentials: Credentials) -> None:
    with pytest.raises(TypeError, match="async with"), AuditClient(credentials):
        pass


async def test_waiting_for_a_place_keeps_to_the_limit(
    wire: ScriptedServer, credentials: Credentials
) -> None:
    config = ClientConfig(
        preflight=Preflight.OFF, base_url=wire.base_url, max_connections=3, retry=ONCE
    )
    async with AuditClient(credentials, config) as client:
        await asyncio.gather(*(client.cancel(str(i)) for i in range(30)))
    assert len(wire.requests) == 30
    assert wire.connections <= 3


async def test_nonces_and_request_ids_never_repeat(
    client: AuditClient, wire: ScriptedServer
) -> None:
    await asyncio.gather(*(client.cancel("1") for _ in range(50)))
    nonces = {r.headers["authorization"].split("nonce=")[1].split(",")[0] for r in wire.requests}
    ids = {r.headers["alipay-request-id"] for r in wire.requests}
    assert len(nonces) == len(ids) == 50
    assert nonces.isdisjoint(ids)
