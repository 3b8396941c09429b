"""`post`: a form on its way to a receiver that may be slow, frozen, broken or hostile."""

from __future__ import annotations

from typing import Final, final

import aiohttp
import attrs
from yarl import URL

from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Answer", "parse_url", "post"]

_BAD_URL: Final = (
    ("expected an absolute URL of http or https.", ""),
    ("应为 http 或 https 的完整网址。", ""),
)


@final
@attrs.define(kw_only=True)
class Answer:
    """What a receiver answered.

    Attributes:
        status: HTTP status; `None` if none came.
        body: what came of the body, up to the limit.
        problem: why there is not all of it, `timeout` or `connection`; `None` if there is, up to
            the limit.
    """

    status: int | None = None
    body: bytes = b""
    problem: str | None = None


def parse_url(url: str | None, setting: str) -> URL | None:
    """Return where messages are sent; `None` for nowhere.

    Args:
        url: as it was given.
        setting: what the error calls it.

    Raises:
        ConfigurationError: this is no URL of HTTP or HTTPS.
    """
    if url is None:
        return None
    try:
        parsed = URL(url)
    except (TypeError, ValueError):
        raise unusable(setting, *_BAD_URL) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise unusable(setting, *_BAD_URL)
    return parsed


async def post(url: URL, form: bytes, *, charset: str, seconds: float, limit: int) -> Answer:
    """Send a form over a connection of its own, and close it behind the answer.

    It follows no redirection, keeps no cookie, asks no proxy, and reads no more than it has to.

    Args:
        url: of the receiver.
        form: the body.
        charset: of its values.
        seconds: how long all of it may take.
        limit: bytes of the answer that are read.
    """
    answer = Answer()
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=aiohttp.ClientTimeout(total=seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            ) as session,
            session.post(
                url,
                data=form,
                headers={
                    "Content-Type": f"application/x-www-form-urlencoded;charset={charset}",
                    "Accept-Encoding": "identity",  # seven bytes are looked for as they are
                },
                allow_redirects=False,
            ) as reply,
        ):
            answer.status = reply.status
            while left := limit - len(answer.body):
                piece = await reply.content.read(left)
                if not piece:
                    break
                answer.body += piece
    except TimeoutError:
        answer.problem = "timeout"
    except (aiohttp.ClientError, OSError, ValueError):  # a name may be none that can be looked up
        answer.problem = "connection"
    return answer
