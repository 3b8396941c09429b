"""Replies of the platform, or of whoever answers in its place; and fields that come as a form."""

import asyncio
import contextlib
import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from support.certificates import NOW, VECTORS, key
from support.reply_reader import read_reply
from support.scripted_server import ONCE, read_request, reply

from alipay_mini_audit import (
    ApplyReply,
    Attachments,
    AuditApply,
    AuditClient,
    ClientConfig,
    Credentials,
    Preflight,
    Timeouts,
    VersionDetail,
)
from alipay_mini_audit.crypto import CertificateVerifier, ContentCipher, RSASigner
from alipay_mini_audit.models import ReplyMeta, read_model
from alipay_mini_audit.protocol import RawReply
from fuzz.credential_targets import APP_ID, PUBLIC, app_signer, pick
from fuzz.judge import Door, Seen, Target
from fuzz.mutators import BYTES
from fuzz.secrets import AES_PIECES, CANARIES, CANARY, ENCRYPT_KEY
from fuzz.tokens import HTTP, JSON, words

LENGTH = re.compile(rb"(?i)(\r\ncontent-length: *)\d+")
FILES = VECTORS / "certificates"
META = ReplyMeta(request_id="r", trace_id="t", http_status=200)
QUICK = Timeouts(connect=5.0, sign=5.0, stall=0.3, reply=0.3, total=5.0)
CIPHER = ContentCipher(ENCRYPT_KEY)
APPLIED = '{"speed_up":"true","speed_up_memo":"加速审核"}'
DETAIL = json.dumps(
    {
        "app_version": "1.0.0",
        "status": "AUDITING",
        "version_desc": "第一个版本",
        "gmt_create": "2026-03-04 05:06:07",
        "screen_shot_list": ["https://a/1.png"],
        "mini_category_info_list": [{"first_category_id": "1", "first_category_name": "x"}],
        "memos": [{"memo": "m", "memo_image_list": ["u"]}],
        "base_audit_record": {"audit_images": ["u"], "memos": [{"memo": "m"}]},
        "package_info_list": [{"package_name": "main", "size": "3"}],
    }
)
REFUSED = json.dumps(
    {"code": "SUBMIT_REPEAT", "message": "重复提交", "links": [{"link": "https://a", "desc": "d"}]}
)
DATES = {
    "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT",
    "Date": "Wed, 21 Oct 2026 07:27:00 GMT",
}


class Gullible:
    """Takes every signature for Alipay's, so that what lies behind it is reached."""

    def verify(
        self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None = None
    ) -> None:
        """Return."""


def reply_seeds() -> list[bytes]:
    alipay = key("alipay")
    text = {"Content-Type": "text/plain"}
    return [
        reply(APPLIED.encode(), sign_with=alipay),
        reply(DETAIL.encode(), sign_with=alipay),
        reply(CIPHER.encrypt(APPLIED).encode(), headers=text, sign_with=alipay),
        reply(b"", status=204, sign_with=alipay),
        reply(REFUSED.encode(), status=400),
        reply(REFUSED.encode(), status=400, sign_with=alipay),
        reply(b'{"code":"app-call-limited","message":""}', status=429, headers=DATES),
        reply(b"<html>busy</html>", status=503, headers={"Content-Type": "text/html"} | DATES),
        reply(APPLIED.encode(), headers={"alipay-sn": "a" * 32}, sign_with=alipay),
    ]


def raw_reply(data: bytes) -> RawReply:
    """Read a reply as leniently as nobody else does: whatever was damaged stays damaged."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    status = "".join(character for character in first[9:12] if character in "0123456789")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return RawReply(int(status or 200), headers, body)


@contextlib.contextmanager
def open_replies(_: Path) -> Iterator[Door]:
    strict = CertificateVerifier(FILES / "alipay.crt", FILES / "root.crt", clock=lambda: NOW)

    def door(data: bytes) -> Seen:
        raw = raw_reply(data)
        verifier = strict if pick(data, 4) == 0 else Gullible()
        cipher = CIPHER if pick(data, 3) else None
        body = read_reply(raw, verifier, cipher=cipher, may_be_empty=pick(data, 2) == 0)
        models = [read_model(model, body, META) for model in (ApplyReply, VersionDetail)]
        assert raw.platform_time is None or raw.platform_time.tzinfo is not None
        return Seen(shown=f"{raw!r} {models!r}")

    yield door


def framed(data: bytes) -> bytes:
    """Let most replies have the length that they say."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if pick(data, 8):
        head = LENGTH.sub(rb"\g<1>%d" % len(body), head)
    return head + blank + body


@functools.cache
def key_mode() -> Credentials:
    return Credentials.from_keys(APP_ID, app_signer(), PUBLIC, encrypt_key=ENCRYPT_KEY)


@contextlib.contextmanager
def open_wire(_: Path) -> Iterator[Door]:
    """Answer a client, over a socket, with the input."""
    answers: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await read_request(reader)
            writer.write(answers[-1])
            await writer.drain()
        writer.close()

    with asyncio.Runner() as runner:
        server = runner.run(asyncio.start_server(serve, "127.0.0.1", 0))
        port = server.sockets[0].getsockname()[1]
        credentials = key_mode()
        config = ClientConfig(
            preflight=Preflight.OFF,
            base_url=f"http://127.0.0.1:{port}",
            timeouts=QUICK,
            retry=ONCE,
            check_freshness=False,
        )

        async def ask(data: bytes) -> object:
            answers.append(framed(data))
            async with AuditClient(credentials, config) as client:
                if pick(data, 2):
                    return await client.version_detail("1.0.0", app_auth_token=CANARY)
                return await client.cancel("1.0.0", app_auth_token=CANARY)

        def door(data: bytes) -> Seen:
            return Seen(shown=repr(runner.run(ask(data))))

        yield door
        server.close()
        runner.run(server.wait_closed())


def name_seeds() -> list[bytes]:
    return [b"logo.png", "图 标.png".encode(), b"keys/app.pem", b"a.toml", b"x" * 300 + b".png"]


NAME_DOORS: dict[str, Callable[[str], object]] = {
    "settings-file": Credentials.from_file,
    "key-file": lambda name: RSASigner(Path(name)),
    "picture-file": lambda name: asyncio.run(submit(name)),
}


async def submit(picture: str) -> None:
    config = ClientConfig(
        preflight=Preflight.OFF,
        base_url="http://127.0.0.1:9",
        timeouts=QUICK,
        retry=ONCE,
        check_freshness=False,
    )
    request = AuditApply(app_version="1.0.0", version_desc="x" * 40)
    async with AuditClient(key_mode(), config) as client:
        await client.apply(request, Attachments(app_logo=picture))


@contextlib.contextmanager
def open_names(name: str, folder: Path) -> Iterator[Door]:
    """Take the input for the name of a file."""

    def door(data: bytes) -> Seen:
        NAME_DOORS[name](f"{folder}/{data.decode('utf-8', 'surrogateescape')}")
        return Seen()

    yield door


FORM = {
    "app_version": "1.0.0",
    "version_desc": "第一个版本 修复了若干问题 优化了体验 请审核",
    "license_no": CANARY,
    "license_valid_date": "9999-12-31",
    "region_type": "LOCATION",
    "service_region_info": [{"province_code": "330000", "city_code": "330100"}],
    "auto_online": "true",
    "speed_up": "false",
    "test_accout": CANARY,
    "test_password": CANARY,
}
SHOWN = [name for name, value in FORM.items() if value != CANARY]


@contextlib.contextmanager
def open_fields(_: Path) -> Iterator[Door]:
    def door(data: bytes) -> Seen:
        try:
            fields = json.loads(data)
        except (ValueError, RecursionError):
            return Seen("not JSON")
        if not isinstance(fields, dict):
            return Seen("not a mapping")
        shown = [*fields, *(str(fields[name]) for name in SHOWN if name in fields)]
        if any(canary in text for text in shown for canary in CANARIES):
            return Seen("a secret where none belongs")  # an input that put it there itself
        made = AuditApply.from_wire(fields)
        made.to_wire()
        return Seen(shown=repr(made))

    yield door


def form_seeds() -> list[bytes]:
    return [json.dumps(FORM, ensure_ascii=is_ascii).encode() for is_ascii in (True, False)]


WIRE = words(HTTP, JSON)
REPLY = (*BYTES, *WIRE)
TARGETS = (
    Target("replies", 30, reply_seeds(), REPLY, open_replies, AES_PIECES, is_one_line=True),
    Target(
        "wire",
        5,
        reply_seeds(),
        WIRE,
        open_wire,
        AES_PIECES | CANARIES,
        is_one_line=True,
        waits=True,
    ),
    *(
        Target(name, 1, name_seeds(), BYTES, functools.partial(open_names, name))
        for name in NAME_DOORS
    ),
    Target("fields", 4, form_seeds(), words(JSON), open_fields, CANARIES),
)
