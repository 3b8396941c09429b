import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from alipay_mini_audit.sandbox.protocol.uploads import ReceivedPart, read_upload

ReadBy = Callable[..., Awaitable[Any]]
FORM = "multipart/form-data; boundary=b"


def form(*parts: str) -> bytes:
    return b"".join(
        f"--b\r\nContent-Disposition: form-data; {part}\r\n".encode() for part in parts
    ) + (b"--b--\r\n")


async def problem_of(read_by: ReadBy, body: bytes, *, encrypted: bool = False) -> str | None:
    """Read an upload to an API that knows one part, `logo`; return the code of its problem."""

    async def read(request: web.BaseRequest) -> str | None:
        upload = await read_upload(request, {"logo"}, encrypted=encrypted)
        return None if upload.problem is None else upload.problem.code

    return await read_by(read, body, FORM)


async def test_files_are_measured_and_the_data_is_kept(read_by: ReadBy) -> None:
    body = form(
        'name="logo"; filename="图 1.PNG"\r\nContent-Type: image/png\r\n\r\nabc',
        'name="data"\r\n\r\n{"a":1}',
    )
    upload = await read_by(partial(read_upload, file_parts={"logo"}), body, FORM)
    assert (upload.data, upload.problem) == (b'{"a":1}', None)
    assert upload.parts == [
        ReceivedPart(
            name="logo",
            filename="图 1.PNG",
            content_type="image/png",
            size=3,
            sha256=hashlib.sha256(b"abc").hexdigest(),
        )
    ]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (['name="picture"; filename="1.png"\r\n\r\n'], "invalid-request-data"),
        (['name="logo"; filename="1.png"\r\n\r\n'] * 2, "invalid-request-data"),
        (['name="logo"; filename="png"\r\n\r\n'], "invalid-file-extension"),
        (['name="logo"\r\n\r\n'], "invalid-file-extension"),
        (['name="data"\r\n\r\n{}'] * 2, "invalid-request-data"),
        (['name="data"; filename="a.json"\r\n\r\n{}'], "invalid-request-data"),
        (['name="data"\r\nContent-Type: text/plain\r\n\r\n{}'], "invalid-content-type"),
    ],
)
async def test_a_wrong_part_is_a_problem(read_by: ReadBy, parts: list[str], code: str) -> None:
    assert await problem_of(read_by, form(*parts)) == code


async def test_the_first_problem_is_the_one_that_is_told(read_by: ReadBy) -> None:
    parts = ('name="logo"\r\n\r\n', 'name="data"; filename="a.json"\r\n\r\n{}')
    assert await problem_of(read_by, form(*parts)) == "invalid-file-extension"


async def test_more_parts_than_any_upload_has_are_refused(read_by: ReadBy) -> None:
    parts = [f'name="logo{number}"; filename="1.png"\r\n\r\n' for number in range(101)]
    assert await problem_of(read_by, form(*parts[:100])) == "invalid-request-data"
    assert await read_by(partial(read_upload, file_parts={"logo"}), form(*parts), FORM) == (
        "invalid-request-data"
    )


async def test_encrypted_data_is_plain_text(read_by: ReadBy) -> None:
    json_part = 'name="data"\r\nContent-Type: application/json\r\n\r\nAAAA'
    text_part = json_part.replace("application/json", "text/plain; charset=utf-8")
    assert await problem_of(read_by, form(json_part), encrypted=True) == "invalid-encrypt"
    assert await problem_of(read_by, form(text_part), encrypted=True) is None


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"{}", "application/json", "invalid-content-type"),
        (b"{}", "multipart/form-data", "invalid-request-data"),
        (b"{}", FORM, "invalid-request-data"),
        (b"{}", "(" * 3000, "invalid-content-type"),
        (b"{}", f"multipart/form-data; {'(' * 3000}", "invalid-request-data"),
    ],
)
async def test_what_is_not_an_upload_is_refused(
    read_by: ReadBy, body: bytes, content_type: str, code: str
) -> None:
    read = partial(read_upload, file_parts={"logo"})
    assert await read_by(read, body, content_type) == code
