"""Bots that are told of the end of a night, on real sockets: good ones and bad ones."""

import asyncio
import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from alipay_mini_audit.cli.night.bots import Bot
from alipay_mini_audit.cli.night.hooks import NightFacts, parse_hooks, tell
from alipay_mini_audit.cli.night.webhook import Webhook

KEY = "5d41402abc4b2a76b9719d911017c592"
SECRET = "SECc0ffee0ddba11"
SOON = 0.3
"""Seconds that a hook has which will not end by itself."""
NIGHT = NightFacts(
    counts={"done": 4, "refused": 1},
    seconds=61,
    journal=Path("/nights/tuesday.journal"),
    report=Path("/nights/tuesday.html"),
    exit_status=5,
)
TEXT = (
    "alipay-mini-audit: 4 of 5 done after 1 min 01 s.\nrefused: 1\nexit status: 5\n"
    "report: /nights/tuesday.html\njournal: /nights/tuesday.journal"
)
DINGTALK_OK = b'{"errcode":0,"errmsg":"ok"}'
FEISHU_OK = b'{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}'
BROKE = (
    "the connection broke before the whole answer was here; it may have come through all the same."
)

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Peer:
    """A server that keeps what it is sent, and then does what a test says."""

    def __init__(self, speak: Speak, port: int) -> None:
        self.speak, self.port = speak, port
        self.targets: list[str] = []
        self.heads: list[str] = []
        self.bodies: list[dict[str, object]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
            self.heads.append(head)
            self.targets.append(head.split(" ")[1])
            self.bodies.append(json.loads(await reader.readexactly(int(fields["Content-Length"]))))
            await self.speak(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def hook(self, bot: Bot = Bot.DINGTALK, limit: float = 10.0, scheme: str = "http") -> Webhook:
        url = f"{scheme}://127.0.0.1:{self.port}/robot/send?access_token={KEY}"
        return Webhook(bot=bot, host="127.0.0.1", url=url, secret=SECRET, limit=limit)


@contextlib.asynccontextmanager
async def peer(speak: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    serving = Peer(speak, 0)
    server = await asyncio.start_server(serving.serve, "127.0.0.1", 0, ssl=tls)
    serving.port = server.sockets[0].getsockname()[1]
    async with server:
        yield serving


def answer(content: bytes, status: str = "200 OK", fields: str = "") -> Speak:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{fields}\r\n"
    return pieces(head.encode() + content)


def pieces(*contents: bytes, pause: float = 0.0) -> Speak:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for content in contents:
            writer.write(content)
            await writer.drain()
            await asyncio.sleep(pause)

    return speak


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the other end leaves."""
    await reader.read()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer without an end, as fast as it goes."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def told(speak: Speak, language: str = "en", **options: object) -> str:
    """Return the warning about a peer, which must not hold a secret."""
    async with peer(speak) as serving:
        (line,) = await tell([serving.hook(**options)], NIGHT, language)  # type: ignore[arg-type]
    assert KEY not in line
    assert SECRET not in line
    assert line.isprintable()
    return line.removeprefix("--webhook dingtalk (127.0.0.1)")


async def test_all_three_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_DINGTALK_SECRET", SECRET)
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_FEISHU_SECRET", SECRET)
    all_there = asyncio.Barrier(3)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer once all three have asked."""
        await all_there.wait()
        content = FEISHU_OK if "msg_type" in serving.bodies[-1] else DINGTALK_OK
        await answer(FEISHU_OK[:-1] + b"," + content[1:])(reader, writer)

    async with peer(speak) as serving:
        urls = [f"{bot}=http://127.0.0.1:{serving.port}/{bot}?key=a%2Db" for bot in Bot]
        before = time.time()
        assert await tell(parse_hooks([], urls), NIGHT, "en") == []
        after = time.time()
    got = {
        urlsplit(url).path[1:]: (url, body)
        for url, body in zip(serving.targets, serving.bodies, strict=True)
    }
    assert got["wecom"] == (
        "/wecom?key=a%2Db",
        {"msgtype": "text", "text": {"content": TEXT}},
    )
    url, body = got["dingtalk"]
    assert body == {"msgtype": "text", "text": {"content": TEXT}}
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("/dingtalk?key=a%2Db&timestamp=")
    assert before - 1 <= int(query["timestamp"][0]) / 1000 <= after
    assert len(query["sign"][0]) == 44
    url, body = got["feishu"]
    assert url == "/feishu?key=a%2Db"
    assert before - 1 <= int(str(body.pop("timestamp"))) <= after
    assert len(str(body.pop("sign"))) == 44
    assert body == {"msg_type": "text", "content": {"text": TEXT}}
    assert "Content-Type: application/json\r\n" in serving.heads[0]


async def test_people_read_it_in_their_language() -> None:
    async with peer(answer(DINGTALK_OK)) as serving:
        assert await tell([serving.hook()], NIGHT, "zh") == []
    assert "5 个条目中已提交 4 个" in json.dumps(serving.bodies, ensure_ascii=False)


@pytest.mark.parametrize(
    ("speak", "english", "chinese"),
    [
        (
            answer(b'{"errcode":310000,"errmsg":"sign not match"}'),
            ": not taken: 310000 sign not match",
            "：消息未被接受：310000 sign not match",
        ),
        (
            answer(f'{{"errcode":1,"errmsg":"no {KEY} {SECRET} \\u001b[2J\\n"}}'.encode()),
            ": not taken: 1 no *** *** \\x1b[2J\\n",
            "：消息未被接受：1 no *** *** \\x1b[2J\\n",
        ),
        (
            answer(b'{"errcode":9499,"errmsg":"Bad Request"}', "400 Bad Request"),
            ": not taken: HTTP 400, 9499 Bad Request",
            "：消息未被接受：HTTP 400, 9499 Bad Request",
        ),
        (
            answer(DINGTALK_OK, "500 Internal Server Error"),
            ": not taken: HTTP 500",
            "：消息未被接受：HTTP 500",
        ),
        (
            answer(b"<html>login</html>"),
            ": what answers is not a bot of dingtalk: look at the URL.",
            "：应答不像来自 dingtalk 机器人，请检查 URL。",
        ),
        (
            answer(FEISHU_OK),
            ": what answers is not a bot of dingtalk: look at the URL.",
            "：应答不像来自 dingtalk 机器人，请检查 URL。",
        ),
        (
            pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n", DINGTALK_OK[:9]),
            ": " + BROKE,
            "：收到完整应答前连接中断，消息可能仍已送达。",
        ),
    ],
)
async def test_a_refusal_is_a_warning(speak: Speak, english: str, chinese: str) -> None:
    assert await told(speak) == english
    assert await told(speak, "zh") == chinese


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 60_000, b"9" * 60_000, b'{"errcode":NaN}', b'"ok"'],
    ids=lambda content: repr(content[:9]),
)
async def test_an_odd_answer_is_no_success(content: bytes) -> None:
    assert "not a bot" in await told(answer(content))


@pytest.mark.parametrize(
    "speak",
    [
        pieces(b""),
        pieces(b"SSH-2.0-OpenSSH_9.6\r\n"),
        pieces(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
        pieces(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    ],
    ids=["closes", "other protocol", "huge head", "bad head"],
)
async def test_what_is_no_http_is_a_warning(speak: Speak) -> None:
    assert await told(speak) == f": {BROKE}"


@pytest.mark.parametrize("speak", [hang, drip], ids=["hangs", "drips"])
async def test_no_answer_in_time_is_a_warning(speak: Speak) -> None:
    assert await told(speak, limit=SOON) == (
        ": no answer within 0.3 seconds; it may have come through all the same."
    )


async def test_no_more_than_the_beginning_of_a_huge_answer_is_read() -> None:
    assert "not a bot" in await told(flood)


async def test_a_code_without_an_end_is_cut_off() -> None:
    line = await told(answer(b'{"errcode":' + b"9" * 4000 + b"}"))
    assert line == ": not taken: " + "9" * 200


async def test_a_key_is_known_however_it_is_spelt() -> None:
    line = await told(answer(f'{{"errcode":1,"errmsg":"no {KEY.upper()}"}}'.encode()))
    assert line == ": not taken: 1 no ***"


async def test_a_compressed_answer_is_not_unpacked() -> None:
    assert "not a bot" in await told(
        answer(gzip.compress(DINGTALK_OK), fields="Content-Encoding: gzip\r\n")
    )


@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with peer(answer(DINGTALK_OK)) as other:
        fields = f"Location: http://127.0.0.1:{other.port}/\r\n"
        line = await told(answer(b"", status, fields))
    assert line == f": HTTP {status[:3]}, a redirect, which is not followed."
    assert other.heads == []


async def test_a_peer_that_is_not_there_is_a_warning() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        hook = Peer(hang, taken.getsockname()[1]).hook()
        assert await tell([hook], NIGHT, "en") == [
            f"{hook.name}: no connection: Connection refused."
        ]
        assert await tell([hook], NIGHT, "zh") == [f"{hook.name}：无法连接：连接被拒绝。"]


async def test_a_peer_that_cannot_prove_who_it_is_gets_nothing(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    async with peer(answer(DINGTALK_OK), tls[0]) as serving:
        hook = serving.hook(scheme="https")
        assert await tell([hook], NIGHT, "en") == [
            f"{hook.name}: its certificate is not to be trusted."
        ]
    assert serving.heads == []


async def test_a_peer_that_speaks_no_tls_is_a_warning() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what no client of TLS understands."""
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        hook = Peer(hang, server.sockets[0].getsockname()[1]).hook(scheme="https")
        assert await tell([hook], NIGHT, "en") == [f"{hook.name}: it speaks no TLS of ours."]


async def test_one_that_fails_keeps_no_other_from_being_told() -> None:
    async with peer(hang) as silent, peer(answer(DINGTALK_OK)) as good:
        lines = await tell([silent.hook(limit=SOON), good.hook(), good.hook()], NIGHT, "en")
    assert len(lines) == 1
    assert len(good.bodies) == 2


def test_a_name_server_that_does_not_answer_does_not_keep_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, released = threading.Event(), socket.gaierror(socket.EAI_AGAIN, "no name server")

    def getaddrinfo(*_: object) -> object:
        answers.wait(20)
        raise released

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    hook = Webhook(bot=Bot.WECOM, host="h.example", url="https://h.example/", limit=SOON)
    began = time.monotonic()
    (line,) = asyncio.run(tell([hook], NIGHT, "en"))
    assert time.monotonic() - began < 10
    assert "no answer within" in line
    answers.set()
    (line,) = asyncio.run(tell([hook], NIGHT, "en"))
    assert line == "--webhook wecom (h.example): there is no such host."
