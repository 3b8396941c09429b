"""The headers of a request that a lent session may not touch.

aiohttp adds the default headers of a session to each request, and a header that is there wins over
what a body says of itself: a session made for JSON would break every upload.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import aiohttp

__all__ = ["OwnHeaders", "framing_of"]

_FRAMING: Final = ("content-type", "content-length", "content-encoding", "transfer-encoding")
_OF_PROTOCOL: Final = "alipay-"


def framing_of(method: str, body: aiohttp.payload.Payload | None) -> dict[str, str]:
    """Return the headers that say what a body is.

    Args:
        method: of the request.
        body: of known size; `None` if there is none.
    """
    if body is None:
        return {} if method == "GET" else {"Content-Length": "0"}
    return {"Content-Type": body.content_type, "Content-Length": str(body.size)}


@final
class OwnHeaders:
    """Lets a request leave with no other framing and no other fact of the protocol than given.

    It is a middleware of aiohttp, for one request. What else a session adds stays: a trace id, say.

    Args:
        headers: all that were given for the request.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._names = {name.lower() for name in headers}

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Take out what the session added, and go on."""
        for name in {name.lower() for name in request.headers} - self._names:
            if name in _FRAMING or name.startswith(_OF_PROTOCOL):
                del request.headers[name]
        return await handler(request)
