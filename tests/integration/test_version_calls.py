"""The calls around an audit on a real socket: what is sent, and what becomes of lost replies.

The platform is a script here; what it said is in the script, and what landed is for the client to
find out.
"""

import asyncio
import datetime
import json
import logging
import traceback
from collections.abc import Awaitable, Callable

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from support.reply_signer import signed_headers
from support.scripted_server import ONCE, Request, ScriptedServer, reply

from alipay_mini_audit import (
    AuditClient,
    AuditError,
    CallError,
    ClientConfig,
    Credentials,
    Event,
    LoggingObserver,
    Outcome,
    PermissionDenied,
    ReplyLost,
    RetryPolicy,
    StateConflict,
    Timeouts,
    VersionReply,
)

TOKEN = "202601BB/c4n4ry+tok"
VERSION = "2.0.0"
ASKING = RetryPolicy(attempts=3, initial_delay=0, unknown_window=0.1)
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
OPEN = "/v3/alipay/open/"
WALLET = "com.alipay.alipaywallet"

Do = Callable[[AuditClient], Awaitable[VersionReply]]
LOST = None
"""In a script: the request is taken, and the connection closed without a word."""


def ago(seconds: float) -> str:
    moment = datetime.datetime.now(BEIJING) - datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def stands(status: str, **fields: object) -> dict[str, object]:
    """Answer a question about the version: nothing has happened to it for a minute."""
    before = {"gmt_apply_audit": ago(60), "gmt_online": ago(60)}
    return {"app_version": VERSION, "status": status} | before | fields


def listed(*rows: tuple[str, str]) -> dict[str, object]:
    found = [
        {"app_version": version, "version_status": status, "create_time": ago(60)}
        for version, status in rows
    ]
    return {"app_version_infos": found}


@attrs.define
class Platform:
    """Answers by the end of the path, one entry a request; the last one stays."""

    key: RSAPrivateKey
    script: dict[str, list[dict[str, object] | int | None]] = attrs.Factory(dict)
    requests: list[Request] = attrs.Factory(list)

    async def answer(
        self, request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(request)
        path = request.target.partition("?")[0].removeprefix(OPEN)
        acts = self.script[path]
        act = acts.pop(0) if len(acts) > 1 else acts[0]
        if act is None:
            writer.close()
            return
        if isinstance(act, dict) and "code" in act:
            writer.write(reply(json.dumps(act).encode(), status=400))
        else:
            body = json.dumps(act).encode()
            writer.write(reply(body, headers=signed_headers(body, self.key)))
        await writer.drain()

    def asked(self, end: str) -> int:
        return sum(request.target.partition("?")[0].endswith(end) for request in self.requests)


@pytest.fixture
def platform(wire: ScriptedServer, alipay_key: RSAPrivateKey) -> Platform:
    platform = Platform(alipay_key)
    wire.answer = platform.answer
    return platform


@pytest.fixture
def asking(client: AuditClient) -> AuditClient:
    return client.with_options(retry=ASKING)


MOVES: dict[str, tuple[Do, str]] = {
    "cancel_audited": (lambda client: client.versions.cancel_audited(VERSION), "audited/cancel"),
    "online": (lambda client: client.versions.online(VERSION), "online"),
    "offline": (lambda client: client.versions.offline(VERSION), "offline"),
    "gray_online": (lambda client: client.versions.gray_online(VERSION, "p30"), "gray/online"),
    "gray_cancel": (lambda client: client.versions.gray_cancel(VERSION), "gray/cancel"),
    "rollback": (lambda client: client.versions.rollback(VERSION), "rollback"),
    "delete": (lambda client: client.versions.delete(VERSION), "delete"),
}
DONE: dict[str, Callable[[], dict[str, object]]] = {
    "cancel_audited": lambda: stands("INIT"),
    "online": lambda: stands("RELEASE"),
    "offline": lambda: stands("OFFLINE"),
    "gray_online": lambda: stands("GRAY", gray_strategy="p30"),
    "gray_cancel": lambda: stands("WAIT_RELEASE"),
    "rollback": lambda: listed((VERSION, "OFFLINE"), ("1.9.0", "RELEASE")),
    "delete": lambda: listed(("1.9.0", "RELEASE")),
}
"""Where the version stands once the call took effect."""
NOT_DONE: dict[str, Callable[[], dict[str, object]]] = {
    "cancel_audited": lambda: stands("AUDIT_REJECT"),
    "online": lambda: stands("GRAY", gray_strategy="p10"),
    "offline": lambda: stands("RELEASE"),
    "gray_online": lambda: stands("GRAY", gray_strategy="p10"),
    "gray_cancel": lambda: stands("GRAY", gray_strategy="p10"),
    "rollback": lambda: listed((VERSION, "RELEASE"), ("1.9.0", "OFFLINE")),
    "delete": lambda: listed((VERSION, "INIT"), ("1.9.0", "RELEASE")),
}
"""Where it stands before."""
SOMETHING_ELSE: dict[str, Callable[[], dict[str, object]]] = {
    "cancel_audited": lambda: stands("AUDITING", gmt_apply_audit=ago(-5)),
    "online": lambda: stands("OFFLINE"),
    "offline": lambda: stands("AUDIT_OFFLINE"),
    "gray_online": lambda: stands("GRAY", gray_strategy="p50"),
    "gray_cancel": lambda: stands("RELEASE"),
    "rollback": lambda: listed((VERSION, "OFFLINE"), ("2.1.0", "RELEASE")),
    "delete": lambda: listed(*((f"3.0.{number}", "OFFLINE") for number in range(20))),
}
"""Where it stands when somebody else has moved it, or nobody can tell."""


def scripted(platform: Platform, name: str, answers: list[object], *found: object) -> str:
    """Let the call answer so, and the question that resolves it; return the end of its path."""
    path = MOVES[name][1]
    question = "list/query" if name in ("rollback", "delete") else "detail/query"
    platform.script = {f"mini/version/{path}": answers, f"mini/version/{question}": list(found)}  # type: ignore[dict-item]
    return f"version/{path}"


@pytest.mark.parametrize("name", MOVES)
async def test_a_move_is_a_json_object_and_its_reply_may_be_empty(
    platform: Platform, client: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [{}])
    found = await MOVES[name][0](client.with_options(app_auth_token="t-1"))
    assert (found.extra, found.meta.attempts, found.meta.resolved) == ({}, 1, False)
    (request,) = platform.requests
    assert (request.method, request.target) == ("POST", f"{OPEN}mini/{path}")
    assert request.headers["alipay-app-auth-token"] == "t-1"
    assert json.loads(request.body)["app_version"] == VERSION


@pytest.mark.parametrize("name", MOVES)
async def test_a_lost_reply_is_resolved_at_once_by_the_state_that_the_call_leads_to(
    platform: Platform, asking: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [LOST], DONE[name]())
    found = await MOVES[name][0](asking)
    assert (found.meta.resolved, found.meta.attempts, found.extra) == (True, 1, {})
    assert platform.asked(path) == 1
    assert len(platform.requests) == 2


@pytest.mark.parametrize("name", MOVES)
async def test_it_is_sent_again_only_when_nothing_can_arrive_any_more(
    platform: Platform, asking: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [LOST, {}], NOT_DONE[name]())
    began = asyncio.get_running_loop().time()
    found = await MOVES[name][0](asking)
    assert (found.meta.resolved, found.meta.attempts) == (False, 2)
    assert asyncio.get_running_loop().time() - began >= ASKING.unknown_window
    assert platform.asked(path) == 2
    assert len(platform.requests) == 4  # it asked before the window and after it


@pytest.mark.parametrize("name", MOVES)
async def test_what_arrives_late_is_not_sent_again(
    platform: Platform, asking: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [LOST], NOT_DONE[name](), DONE[name]())
    assert (await MOVES[name][0](asking)).meta.resolved
    assert platform.asked(path) == 1


@pytest.mark.parametrize("name", MOVES)
async def test_what_proves_nothing_leaves_the_outcome_unknown(
    platform: Platform, asking: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [LOST], SOMETHING_ELSE[name]())
    with pytest.raises(ReplyLost) as caught:
        await MOVES[name][0](asking)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert platform.asked(path) == 1


@pytest.mark.parametrize("name", MOVES)
async def test_a_question_without_an_answer_leaves_the_outcome_unknown(
    platform: Platform, asking: AuditClient, name: str
) -> None:
    path = scripted(platform, name, [LOST], {"code": "SYSTEM_ERROR"})
    with pytest.raises(CallError) as caught:
        await MOVES[name][0](asking)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert platform.asked(path) == 1


async def test_an_answer_about_another_version_proves_nothing(
    platform: Platform, asking: AuditClient
) -> None:
    scripted(platform, "online", [LOST], stands("RELEASE", app_version="1.0.0"))
    with pytest.raises(ReplyLost) as caught:
        await asking.versions.online(VERSION)
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rollback", "CAN_NOT_ROLLBACK_WITHOUT_ONLINE"),
        ("delete", "MINI_APP_PACKAGE_INFO_NOT_EXIST"),
    ],
)
async def test_a_refusal_that_an_earlier_attempt_may_have_caused_is_asked_about(
    platform: Platform, asking: AuditClient, name: str, code: str
) -> None:
    before = NOT_DONE[name]()
    answers = [LOST, {"code": code, "message": "x"}]
    scripted(platform, name, answers, before, before, DONE[name]())
    found = await MOVES[name][0](asking)
    assert (found.meta.resolved, found.meta.attempts) == (True, 2)


async def test_a_refusal_for_the_state_is_final_and_explains_itself(
    platform: Platform, asking: AuditClient
) -> None:
    scripted(platform, "offline", [{"code": "CAN_NOT_OFFLINE_WITH_GRAY", "message": "灰度中"}])
    with pytest.raises(StateConflict) as caught:
        await asking.versions.offline(VERSION)
    assert caught.value.outcome is Outcome.REFUSED
    assert "gray.cancel" in caught.value.explanation("zh").advice


async def test_questions_are_asked_with_what_they_need(
    platform: Platform, client: AuditClient
) -> None:
    platform.script = {
        "mini/version/list/query": [listed((VERSION, "GRAY"))],
        "mini/version/build/query": [{"create_status": "6", "need_rotation": '"false"'}],
        "mini/category/query": [{"mini_category_list": [{"category_id": "XS1"}]}],
    }
    versions = await client.versions.list(statuses=["GRAY", "RELEASE"])
    build = await client.versions.build_status(VERSION)
    categories = await client.categories(only_usable=True)
    await client.categories()
    assert [each.app_version for each in versions.versions] == [VERSION]
    assert (build.is_usable, build.need_rotation) == (True, False)
    assert [each.category_id for each in categories.mini_category_list] == ["XS1"]
    assert [request.target.removeprefix(OPEN) for request in platform.requests] == [
        f"mini/version/list/query?bundle_id={WALLET}&version_status=GRAY%2CRELEASE",
        f"mini/version/build/query?app_version={VERSION}",
        "mini/category/query?is_filter=true",
        "mini/category/query",
    ]


# The token of the one question that has it in its URL


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def refusal(text: str) -> dict[str, object]:
    return {"code": "AUTH_TOKEN_NOT_EXISTED", "message": text, "links": [{"link": text}]}


ASKED = f"{OPEN}auth/token/app/query?app_auth_token=202601BB%2Fc4n4ry%2Btok"


@pytest.mark.parametrize(
    "sent_back",
    [
        f"GET {ASKED} HTTP/1.1\r\nHost: e.org\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nGET {ASKED}\r\n\r\n",
        f"HTTP/1.1 502 X\r\nalipay-trace-id: {ASKED}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 502 X\r\ntrace_id: {TOKEN}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 302 X\r\nLocation: {ASKED}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 302 X\r\nLocation: http://[{ASKED}\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["status line", "header", "trace id", "other trace id", "redirect", "broken redirect"],
)
async def test_a_peer_that_sends_the_token_back_shows_it_to_nobody(
    wire: ScriptedServer,
    credentials: Credentials,
    caplog: pytest.LogCaptureFixture,
    sent_back: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.replies(sent_back.encode())
    recorder = Recorder()
    config = ClientConfig(base_url=wire.base_url, retry=ONCE, timeouts=Timeouts(total=5))
    async with AuditClient(credentials, config, observers=[LoggingObserver(), recorder]) as client:
        with pytest.raises(AuditError) as caught:
            await client.tokens.query(TOKEN)
    assert len(wire.requests) == 1, "no redirect is followed"
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    shown += repr(recorder.events) + caplog.text
    assert "c4n4ry" not in shown
    assert "alipay_mini_audit" in shown


@pytest.mark.parametrize(
    "act",
    [
        {"status": "valid", "auth_methods": ["a"], "app_auth_token": TOKEN},
        refusal(f"token {TOKEN} does not exist"),
        refusal("/query?app_auth_token=202601BB%2Fc4n4ry%2Btok"),
        LOST,
    ],
    ids=["valid", "its text", "its URL", "lost"],
)
async def test_a_token_that_is_asked_about_is_shown_nowhere(
    platform: Platform,
    wire: ScriptedServer,
    credentials: Credentials,
    caplog: pytest.LogCaptureFixture,
    act: dict[str, object] | None,
) -> None:
    for name in ("aiohttp.client", "asyncio", "alipay_mini_audit"):
        caplog.set_level(logging.DEBUG, name)
    platform.script = {"auth/token/app/query": [act]}
    recorder, shown = Recorder(), ""
    config = ClientConfig(base_url=wire.base_url, retry=ONCE, timeouts=Timeouts(total=5))
    async with AuditClient(credentials, config, observers=[LoggingObserver(), recorder]) as client:
        try:
            shown = repr(await client.with_options(app_auth_token="merchant").tokens.query(TOKEN))
        except AuditError as error:
            shown = "".join(traceback.format_exception(error)) + repr(vars(error))
    (request,) = platform.requests
    assert request.target == ASKED
    assert "alipay-app-auth-token" not in request.headers
    assert recorder.events
    shown += repr(recorder.events) + caplog.text
    assert "c4n4ry" not in shown
    assert "alipay_mini_audit" in shown


async def test_a_refused_token_says_what_is_wrong_with_it(
    platform: Platform, client: AuditClient
) -> None:
    platform.script = {"auth/token/app/query": [refusal("x")]}
    with pytest.raises(PermissionDenied) as caught:
        await client.tokens.query(TOKEN)
    assert (caught.value.code, caught.value.outcome) == ("AUTH_TOKEN_NOT_EXISTED", Outcome.REFUSED)
