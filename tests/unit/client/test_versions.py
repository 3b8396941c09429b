"""What each method of `VersionCalls` asks for, without a network."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from alipay_mini_audit import AuditClient, Timeouts, ValidationError, VersionReply
from alipay_mini_audit.calls import Answer, CallSpec
from alipay_mini_audit.client.versions import VersionCalls
from alipay_mini_audit.models import ReplyMeta

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
WALLET = "com.alipay.alipaywallet"
LIMITS = Timeouts(total=7)


@attrs.define
class Asked:
    """What was asked for, and what is answered."""

    fields: dict[str, object] = attrs.Factory(dict)
    specs: list[CallSpec] = attrs.Factory(list)
    options: list[tuple[object, object]] = attrs.Factory(list)

    async def make(self, spec: CallSpec, token: object, timeouts: object) -> Answer:
        self.specs.append(spec)
        self.options.append((token, timeouts))
        return Answer(fields=self.fields, meta=META)


Do = Callable[[VersionCalls], Awaitable[object]]
MOVES: dict[str, tuple[Do, dict[str, object]]] = {
    "cancel_audited": (lambda calls: calls.cancel_audited("2.0"), {"bundle_id": WALLET}),
    "online": (lambda calls: calls.online("2.0"), {}),
    "offline": (lambda calls: calls.offline("2.0"), {}),
    "gray_online": (lambda calls: calls.gray_online("2.0", "p10"), {"gray_strategy": "p10"}),
    "gray_cancel": (lambda calls: calls.gray_cancel("2.0"), {}),
    "rollback": (lambda calls: calls.rollback("2.0"), {}),
    "delete": (lambda calls: calls.delete("2.0"), {}),
}


@pytest.mark.parametrize("name", MOVES)
async def test_a_move_names_its_version_and_what_else_it_takes(name: str) -> None:
    asked, (do, more) = Asked({"new": 1}), MOVES[name]
    reply = await do(VersionCalls(asked.make))
    (spec,) = asked.specs
    assert spec.operation.name == name
    assert spec.fields == {"app_version": "2.0", **more}
    assert spec.query == {}
    assert spec.about["app_version"] == "2.0"
    assert reply == VersionReply(extra={"new": 1}, meta=META)
    assert asked.options == [(None, None)]


@pytest.mark.parametrize("name", [name for name in MOVES if name != "gray_online"])
async def test_a_move_takes_an_application_a_token_and_limits(name: str) -> None:
    asked = Asked()
    move = getattr(VersionCalls(asked.make), name)
    await move("2.0", bundle_id="a.b", app_auth_token="t-1", timeouts=LIMITS)
    (spec,) = asked.specs
    assert spec.about == spec.fields == {"app_version": "2.0", "bundle_id": "a.b"}
    assert asked.options == [("t-1", LIMITS)]


async def test_flags_of_online_are_real_booleans_and_sent_only_when_set() -> None:
    asked = Asked()
    calls = VersionCalls(asked.make)
    await calls.online("2.0", downgrade=True, permit_registration_limit_release=True)
    await calls.online("2.0", permit_registration_limit_release=True)
    assert [spec.fields for spec in asked.specs] == [
        {"app_version": "2.0", "downgrade": True, "permit_registration_limit_release": True},
        {"app_version": "2.0", "permit_registration_limit_release": True},
    ]
    for odd in ("true", 1, None):
        with pytest.raises(TypeError, match=r"^downgrade: expected True or False"):
            await calls.online("2.0", downgrade=odd)  # type: ignore[arg-type]


async def test_a_list_always_names_an_application_and_states() -> None:
    asked = Asked({"app_version_infos": [{"app_version": "2.0"}]})
    calls = VersionCalls(asked.make)
    found = await calls.list()
    assert [each.app_version for each in found.versions] == ["2.0"]
    await calls.list(statuses=["GRAY"], bundle_id="a.b", app_auth_token="t-1", timeouts=LIMITS)
    first, second = asked.specs
    assert (first.query["bundle_id"], first.query["version_status"][:14]) == (
        WALLET,
        "INIT,AUDITING,",
    )
    assert second.query == {"bundle_id": "a.b", "version_status": "GRAY"}
    assert first.fields is second.fields is None
    assert asked.options[1] == ("t-1", LIMITS)


async def test_a_build_is_asked_for_by_its_version() -> None:
    asked = Asked({"create_status": "6", "version_created": '"true"'})
    found = await VersionCalls(asked.make).build_status("2.0", bundle_id="a.b")
    assert found.is_usable
    assert found.version_created is True
    assert [spec.query for spec in asked.specs] == [{"app_version": "2.0", "bundle_id": "a.b"}]


@pytest.mark.parametrize("name", [*MOVES, "build_status"])
async def test_a_version_that_is_blank_or_no_text_is_never_asked_for(name: str) -> None:
    asked = Asked()
    call: Callable[..., Any] = getattr(VersionCalls(asked.make), name)
    more = ["p10"] if name == "gray_online" else []
    for odd in (None, 2.0):
        with pytest.raises(TypeError, match=r"^app_version: expected a text"):
            await call(odd, *more)
    with pytest.raises(ValidationError) as caught:
        await call(" ", *more, bundle_id="")
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["APP_VERSION_IS_BLANK", "blank_bundle_id"]
    assert asked.specs == []


async def test_all_problems_of_a_call_are_told_at_once() -> None:
    calls = VersionCalls(Asked().make)
    with pytest.raises(ValidationError) as listed:
        await calls.list(bundle_id=" ", statuses=["x"])
    with pytest.raises(ValidationError) as gray:
        await calls.gray_online("", " ")
    found = [[problem.path for problem in caught.value.problems] for caught in (listed, gray)]
    assert found == [["bundle_id", "statuses[0]"], ["app_version", "gray_strategy"]]


def test_a_view_has_calls_with_its_own_options(client: AuditClient) -> None:
    view = client.with_options(app_auth_token="t-1")
    assert view.versions._make.__self__ is view  # type: ignore[attr-defined]
    assert view.tokens._make.__self__ is view  # type: ignore[attr-defined]
    assert client.versions._make.__self__ is client  # type: ignore[attr-defined]
