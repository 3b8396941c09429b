from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from alipay_mini_audit.sandbox.protocol.bodies import MAX_TEXT, drain, parse_object, read_json
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

ReadBy = Callable[..., Awaitable[Any]]


def test_an_object_is_parsed_and_no_text_is_an_empty_one() -> None:
    assert parse_object('{"memo":"咖啡"}'.encode()) == {"memo": "咖啡"}
    assert parse_object(b"") == {}


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b"1", b'{"a":NaN}', b'{"a":-Infinity}', b'"\xff"', b"[" * 100_000]
)
def test_what_is_not_a_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(Refusal, match="illegal-json"):
        parse_object(text)


@pytest.mark.parametrize(
    ("body", "content_type", "encrypted", "expected"),
    [
        (b"{}", "application/json", False, b"{}"),
        (b"{}", "application/json; charset=utf-8", False, b"{}"),
        (b"", "text/plain", False, b""),
        (b"AAAA", "text/plain", True, b"AAAA"),
        (b"{}", "text/plain", False, "invalid-content-type"),
        (b"{}", "application/json; " + "(" * 3000, False, b"{}"),
        (b"{}", "(" * 3000, False, "invalid-content-type"),
        (b"AAAA", "application/json", True, "invalid-encrypt"),
        (b"x" * MAX_TEXT, "application/json", False, b"x" * MAX_TEXT),
    ],
)
async def test_a_json_body_is_read_as_it_came(
    read_by: ReadBy, body: bytes, content_type: str, expected: bytes | str, *, encrypted: bool
) -> None:
    read = partial(read_json, encrypted=encrypted)
    assert await read_by(read, body, content_type) == expected


async def test_a_body_beyond_the_limit_is_refused(read_by: ReadBy) -> None:
    async def read(request: web.BaseRequest) -> bytes:
        try:
            return await read_json(request)
        finally:
            await drain(request.content)

    body = b"x" * (MAX_TEXT + 1)
    assert await read_by(read, body, "application/json") == "invalid-request-data"
