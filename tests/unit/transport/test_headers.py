"""What a lent session may add to a request, and what it may not."""

import pytest
from aiohttp.payload import BytesPayload
from multidict import CIMultiDict
from yarl import URL

from alipay_mini_audit.transport.headers import OwnHeaders, framing_of


def test_a_body_says_what_it_is() -> None:
    body = BytesPayload(b"{}", content_type="application/json")
    expected = {"Content-Type": "application/json", "Content-Length": "2"}
    assert framing_of("POST", body) == expected
    assert framing_of("POST", None) == {"Content-Length": "0"}
    assert framing_of("GET", None) == {}


class Request:
    """As much of aiohttp's request as a middleware sees."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = CIMultiDict(headers)
        self.url = URL("http://127.0.0.1")


@pytest.mark.parametrize(
    "added",
    [
        "Content-Type",
        "content-length",
        "Content-Encoding",
        "TRANSFER-ENCODING",
        "alipay-app-auth-token",
        "Alipay-Encrypt-Type",
    ],
)
async def test_framing_and_facts_of_the_protocol_are_taken_out(added: str) -> None:
    own = {"Authorization": "a", "alipay-request-id": "r"}
    request = Request(own | {added: "x", "traceparent": "t", "User-Agent": "u"})

    async def handler(given: object) -> object:
        assert given is request
        return "answer"

    answer = await OwnHeaders(own)(request, handler)  # type: ignore[arg-type]
    assert answer == "answer"
    assert dict(request.headers) == own | {"traceparent": "t", "User-Agent": "u"}
    await OwnHeaders(own | {added.upper(): "x"})(request, handler)  # type: ignore[arg-type]
