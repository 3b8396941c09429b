"""Requests to the sandbox's gateway: its multipart parser, its judge, its business."""

import asyncio
import contextlib
import functools
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import attrs
from support.certificates import VECTORS
from support.raw_client import APPLY, CANCEL, RawClient, encode, multipart
from support.raw_client import MULTIPART as FORM_TYPE
from support.sandbox_material import sandbox_material

from alipay_mini_audit.sandbox import Material, SandboxGateway
from fuzz.credential_targets import pick
from fuzz.judge import Door, Seen, Target
from fuzz.mutators import BYTES
from fuzz.secrets import CANARIES, CANARY, ENCRYPT_KEY
from fuzz.tokens import HTTP, JSON, MULTIPART, words

FILES = VECTORS / "certificates"
NOW = 1_700_000_000.0
FIELDS = {"app_version": "1.0.0", "version_desc": "第一个版本", "test_password": CANARY}
DATA = json.dumps(FIELDS, ensure_ascii=False)
PICTURE = bytes(range(256)) * 8
NOT_HTTP = "HTTP 400"
MINI = "/v3/alipay/open/mini"
CALLS = (
    *(("POST", f"{MINI}/version/{path}") for path in ("delete", "audited/cancel", "online")),
    *(("POST", f"{MINI}/version/{path}") for path in ("offline", "rollback", "gray/cancel")),
    *(("GET", f"{MINI}/version/{path}/query") for path in ("list", "build")),
    ("POST", f"{MINI}/version/gray/online"),
    ("GET", f"{MINI}/category/query"),
    ("GET", "/v3/alipay/open/auth/token/app/query"),
)
PATIENCE = 0.05
"""Seconds to wait for the answer to a request that may not be whole."""
GO_ON = b"HTTP/1.1 100"
LENGTH = re.compile(rb"(?i)(\r\ncontent-length: *)\d+")


@functools.cache
def fixed_material() -> Material:
    """Return material that is the same in every process."""
    return attrs.evolve(
        sandbox_material(),
        app_certificate=(FILES / "app.crt").read_text(),
        root_certificate=(FILES / "root.crt").read_text(),
    )


def forms() -> list[bytes]:
    data = ("data", None, DATA.encode())
    return [
        multipart([data, ("app_logo", "logo.png", PICTURE)]),
        multipart([("first_screen_shot", "图.JPG", PICTURE), data]),
        multipart([data]),
        multipart([]),
        multipart([data, *[("test_file", "a.zip", PICTURE)] * 2], data_type="text/plain"),
    ]


def form_seeds() -> list[bytes]:
    """Return bodies behind a line with their Content-Type."""
    return [FORM_TYPE.encode() + b"\r\n" + form for form in forms()]


class Gateway:
    """A gateway whose clock stands still, and a way to give it bytes."""

    def __init__(self) -> None:
        self.sandbox = SandboxGateway(
            material=fixed_material(), clock=lambda: NOW, encrypt_key=ENCRYPT_KEY
        )
        self.client = RawClient(self.sandbox, clock=lambda: NOW)

    async def ask(self, request: bytes) -> Seen:
        """Send a request, and return what was answered, if it was."""
        async with self.client.connect() as (reader, writer):
            writer.write(request)
            answer = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(PATIENCE):
                    await writer.drain()
                    answer = await reader.readuntil(b"\r\n\r\n")
                    if answer.startswith(GO_ON):
                        answer = await reader.readuntil(b"\r\n\r\n")
                    answer += await reader.read(2**16)
            head, _, body = answer.partition(b"\r\n\r\n")
            label = label_of(head, body)
            # aiohttp's own server quotes to its peer what is not HTTP.
            return Seen(label, "" if label == NOT_HTTP else answer.decode("utf-8", "replace"))


def label_of(head: bytes, body: bytes) -> str:
    if not head:
        return "no answer"
    status = head.split(b" ", 2)[1].decode("ascii", "replace")
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError):
        code = ""
    return f"HTTP {status} {code}".strip()


def request_seeds() -> list[bytes]:
    gateway = Gateway()
    client = gateway.client
    by_certificate = RawClient(gateway.sandbox, by_certificate=True, clock=lambda: NOW)
    chunked = {"Transfer-Encoding": "chunked"}
    body = '{"app_version":"1.0.0"}'
    pieces = b'5\r\n{"app\r\n12\r\n_version":"1.0.0"}\r\n0\r\n\r\n'
    head = {"Content-Type": "application/json"} | chunked
    return [
        client.apply(data=DATA, files=[("app_logo", "a.png", PICTURE)], nonce="n1", token=CANARY),
        client.cancel(nonce="n2"),
        client.detail(nonce="n3", query="app_version=1.0.0&bundle_id=%E5%9B%BE"),
        by_certificate.cancel(nonce="n4"),
        client.request("POST", CANCEL, body, pieces, head),
        client.cancel(
            nonce="n5", headers={"alipay-encrypt-type": "AES"}, content_type="text/plain"
        ),
        client.apply(data=DATA, nonce="n6", headers={"Expect": "100-continue"}),
    ]


@contextlib.contextmanager
def open_multipart(_: Path) -> Iterator[Door]:
    """Send the input as an upload, which is read before its signature is judged."""
    gateway = Gateway()
    nonces = (f"n{number}" for number in itertools.count())
    with asyncio.Runner() as runner:
        runner.run(gateway.sandbox.start())

        def door(data: bytes) -> Seen:
            content_type, _, body = data.partition(b"\r\n")
            signed = gateway.client.sign("POST", APPLY, DATA, nonce=next(nonces))
            head, _, _ = encode("POST", APPLY, signed, body).partition(b"\r\n\r\n")
            typed = b"%b\r\nContent-Type: %b\r\n\r\n" % (head, content_type)
            return checked(runner.run(gateway.ask(typed + body)))

        yield door
        runner.run(gateway.sandbox.aclose())


@contextlib.contextmanager
def open_requests(_: Path) -> Iterator[Door]:
    """Send the input as a request; most have the length that they say."""
    gateway = Gateway()
    with asyncio.Runner() as runner:
        runner.run(gateway.sandbox.start())

        def door(data: bytes) -> Seen:
            head, blank, body = data.partition(b"\r\n\r\n")
            if pick(data, 16):
                head = LENGTH.sub(rb"\g<1>%d" % len(body), head)
            return checked(runner.run(gateway.ask(head + blank + body)))

        yield door
        runner.run(gateway.sandbox.aclose())


@contextlib.contextmanager
def open_business(_: Path) -> Iterator[Door]:
    """Sign the input as business data, so that the gateway reads it."""
    gateway = Gateway()
    nonces = (f"n{number}" for number in itertools.count())
    with asyncio.Runner() as runner:
        runner.run(gateway.sandbox.start())

        def door(data: bytes) -> Seen:
            text = data.decode("utf-8", "replace")
            if pick(data, 2):
                request = gateway.client.cancel(text, nonce=next(nonces))
            else:
                request = gateway.client.apply(data=text, nonce=next(nonces))
            return checked(runner.run(gateway.ask(request)))

        yield door
        runner.run(gateway.sandbox.aclose())


@contextlib.contextmanager
def open_calls(_: Path) -> Iterator[Door]:
    """Sign the input as the fields of a call around the audit, or as the query of one that asks."""
    gateway = Gateway()
    client = gateway.client
    nonces = (f"n{number}" for number in itertools.count())
    json_type = {"Content-Type": "application/json"}
    with asyncio.Runner() as runner:
        runner.run(gateway.sandbox.start())

        def door(data: bytes) -> Seen:
            method, path = CALLS[pick(data, len(CALLS))]
            nonce = next(nonces)
            if method == "POST":
                text = data.decode("utf-8", "replace")
                request = client.request(method, path, text, text.encode(), json_type, nonce=nonce)
            else:
                target = f"{path}?{quote(data, safe='&=+%')}"
                request = client.request(method, target, "", nonce=nonce)
            return checked(runner.run(gateway.ask(request)))

        yield door
        runner.run(gateway.sandbox.aclose())


def checked(seen: Seen) -> Seen:
    """Return it, unless it is the answer of a server whose handler broke."""
    if seen.label == "HTTP 500":
        raise RuntimeError(seen.shown)
    return seen


def call_seeds() -> list[bytes]:
    texts = [
        f"app_version=1.0.0&version_status=INIT,GRAY&app_auth_token={CANARY}",
        "is_filter=true&bundle_id=%E5%9B%BE",
    ]
    fields = {"app_version": "1.0.0", "gray_strategy": "p10", "downgrade": True}
    return [*(text.encode() for text in texts), json.dumps(fields).encode()]


def business_seeds() -> list[bytes]:
    regions = {"service_region_info": [{"province_code": "330000"}]}
    return [DATA.encode(), json.dumps(FIELDS | regions).encode()]


TARGETS = (
    Target(
        "multipart",
        20,
        form_seeds(),
        (*BYTES, *words(MULTIPART, HTTP)),
        open_multipart,
        CANARIES,
        waits=True,
    ),
    Target(
        "requests", 4, request_seeds(), words(HTTP, MULTIPART), open_requests, CANARIES, waits=True
    ),
    Target("calls", 4, call_seeds(), (*BYTES, *words(JSON)), open_calls, CANARIES, waits=True),
    Target(
        "business", 4, business_seeds(), (*BYTES, *words(JSON)), open_business, CANARIES, waits=True
    ),
)
