"""`Webhook`: a bot in a group chat that is told of the end of a night."""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import time
from collections.abc import Iterator
from typing import Final, final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from alipay_mini_audit.cli.language import reason_of, said
from alipay_mini_audit.cli.night.bots import Bot, Refusal, draft, refusal_of
from alipay_mini_audit.cli.night.facts import NightFacts
from alipay_mini_audit.problems import printable

__all__ = ["Webhook"]

_LIMIT: Final = 10.0
"""Seconds."""
_LONGEST_ANSWER: Final = 64 * 1024
"""Bytes; bots answer with a line."""
_LONGEST_TEXT: Final = 200
"""Characters of an answer that are told."""
_SHORTEST_KEY: Final = 6
"""Characters; what is shorter in a URL is no key, and would be masked wherever it stands."""
_SHORTEST_SEGMENT: Final = 16
"""Characters of a key in a path, where there are words, too."""
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)


@final
@attrs.frozen(kw_only=True)
class Webhook:
    """A bot of DingTalk, Feishu or WeCom. Redirects are not followed, nothing is sent twice.

    Attributes:
        bot: whose bot it is.
        host: where it listens.
        url: its address, with its key: a secret.
        secret: what its messages are signed with; `None` if they are not.
        limit: seconds that it has.
    """

    bot: Bot
    host: str
    url: str = attrs.field(repr=False)
    secret: str | None = attrs.field(default=None, repr=False)
    limit: float = _LIMIT

    @property
    def name(self) -> str:
        """What warnings call it."""
        return f"--webhook {self.bot} ({self.host})"

    async def run(self, night: NightFacts, language: str) -> str | None:
        """Post a message, and read the answer.

        Args:
            night: what it is told.
            language: "zh" or "en".

        Returns:
            What went wrong, a sentence without any secret; `None` if the bot has taken it.
        """
        import aiohttp

        try:
            async with asyncio.timeout(self.limit):
                status, content = await self._post(night.as_text(language))
        except TimeoutError:
            return said(
                f"no answer within {self.limit:g} seconds; it may have come through all the same.",
                f"{self.limit:g} 秒内没有应答，消息可能仍已送达。",
                language,
            )
        except (aiohttp.ClientError, OSError) as error:
            return _failure_said(error, language)
        return self._judged(status, content, language)

    async def _post(self, text: str) -> tuple[int, bytes]:
        """Return the status and the beginning of what is answered."""
        import aiohttp
        from yarl import URL

        from alipay_mini_audit.cli.night.lookup import DaemonResolver

        message = draft(self.bot, self.url, text, secret=self.secret, now=time.time())
        connector = aiohttp.TCPConnector(resolver=DaemonResolver(), force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
            session.post(
                URL(message.url, encoded=True),
                data=json.dumps(message.body).encode("ascii"),
                headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
                allow_redirects=False,
            ) as answer,
        ):
            content = b""
            async for piece in answer.content.iter_any():
                content += piece
                if len(content) > _LONGEST_ANSWER:
                    break
            return answer.status, content

    def _judged(self, status: int, content: bytes, language: str) -> str | None:
        if status in _REDIRECTS:
            return said(
                f"HTTP {status}, a redirect, which is not followed.",
                f"返回 HTTP {status} 重定向，未跟随。",
                language,
            )
        try:
            refusal = refusal_of(self.bot, json.loads(content[:_LONGEST_ANSWER]))
        except (ValueError, RecursionError):
            if status == _OK:
                return said(
                    f"what answers is not a bot of {self.bot}: look at the URL.",
                    f"应答不像来自 {self.bot} 机器人，请检查 URL。",
                    language,
                )
            refusal = None
        if status == _OK and refusal is None:
            return None
        return self._refusal_said(status, refusal, language)

    def _refusal_said(self, status: int, refusal: Refusal | None, language: str) -> str:
        facts = [f"HTTP {status}"] if status != _OK else []
        if refusal is not None:
            text = self._masked(printable(f"{refusal.code} {refusal.text}"))
            facts.append(text[:_LONGEST_TEXT].rstrip())
        what = ", ".join(facts)
        return said(f"not taken: {what}", f"消息未被接受：{what}", language)

    def _masked(self, text: str) -> str:
        for key in sorted(self._keys(), key=len, reverse=True):
            text = re.sub(re.escape(key), "***", text, flags=re.IGNORECASE)  # hexadecimal, mostly
        return text

    def _keys(self) -> Iterator[str]:
        """Yield what must not be told of the URL, as it is and decoded."""
        parts = urlsplit(self.url)
        keys = [value for _, value in parse_qsl(parts.query)]
        keys += [each.partition("=")[2] for each in parts.query.split("&")]
        keys += [parts.username or "", parts.password or "", self.secret or ""]
        keys += [each for each in parts.path.split("/") if len(each) >= _SHORTEST_SEGMENT]
        for key in keys:
            yield from (each for each in (key, unquote(key)) if len(each) >= _SHORTEST_KEY)


def _failure_said(error: Exception, language: str) -> str:
    """Return why there is no answer; aiohttp's own texts have the URL in them."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return said("there is no such host.", "找不到该主机。", language)
    if isinstance(error, ssl.SSLCertVerificationError):
        return said("its certificate is not to be trusted.", "对方证书不可信。", language)
    if isinstance(error, ssl.SSLError):
        return said("it speaks no TLS of ours.", "无法建立 TLS 连接。", language)
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        if number is None:
            return said("no connection.", "无法连接。", language)
        reason = reason_of(OSError(number, os.strerror(number)), language)
        return said(f"no connection: {reason}.", f"无法连接：{reason}。", language)
    return said(
        "the connection broke before the whole answer was here; "
        "it may have come through all the same.",
        "收到完整应答前连接中断，消息可能仍已送达。",
        language,
    )
