"""The door for other programs: JSON under `/_sandbox/`, on the gateway's own port.

- `GET submissions`, `DELETE submissions`
- `GET versions`, `DELETE versions`
- `POST versions/decide` `{"app_version", "status", ...}` with the options of the gateway's `decide`
- `POST versions/build` `{"app_version", "seconds", "fails", "bundle_id", "app_auth_token"}`
- `POST faults` `{"name", "operation", "call", "times", ...}` with the options of the fault itself
- `GET faults`, `DELETE faults`
- `POST clock` `{"offset_s"}`
- `GET notifications`, `DELETE notifications`
- `POST notifications` with the settings to be changed, e.g. `{"url", "lose", "seed"}`
- `POST notifications/send` `{"message", "biz_content", "app_auth_token", "auth_app_id"}`
"""

from __future__ import annotations

import functools
import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Final, final

import attrs
from aiohttp import web
from yarl import URL

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.admin_fields import BadField, Fields, read_fault, show_fault
from alipay_mini_audit.sandbox.business.states import DEFAULT_BUNDLE, VersionState
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.clock import ShiftedClock
from alipay_mini_audit.sandbox.control import Control
from alipay_mini_audit.sandbox.faults.faults import Faults
from alipay_mini_audit.sandbox.notifications.door import NotificationDoor
from alipay_mini_audit.sandbox.protocol.bodies import MAX_TEXT, go_on, parse_object
from alipay_mini_audit.sandbox.protocol.refusals import Refusal
from alipay_mini_audit.sandbox.server import Peer
from alipay_mini_audit.sandbox.service import Service

__all__ = ["Door"]

_PREFIX: Final = "/_sandbox/"


@final
@attrs.define
class _Rejected(Exception):
    """The door answers with an error."""

    status: int
    error: str
    field: str | None = None
    allow: str | None = None


@final
@attrs.frozen(kw_only=True)
class Door:
    """Answers what comes under `/_sandbox/`, and hands everything else to the service.

    What it answers is not judged, counted or recorded, and meets no fault.
    """

    service: Service
    versions: Versions
    faults: Faults
    clock: ShiftedClock
    notifications: NotificationDoor
    control: Control
    app_id: str

    async def handle(self, request: web.BaseRequest, peer: Peer) -> web.StreamResponse:
        """Answer a request.

        Args:
            request: the request, its body unread.
            peer: the other end.
        """
        path = request.raw_path.partition("?")[0]
        if not path.startswith(_PREFIX):
            return await self.service.handle(request, peer)
        try:
            return _reply(200, await self._answer(request, path.removeprefix(_PREFIX)))
        except _Rejected as rejected:
            error = {"field": rejected.field, "error": rejected.error}
            reply = _reply(rejected.status, error)
            if rejected.allow is not None:
                reply.headers["Allow"] = rejected.allow
            return reply

    async def _answer(self, request: web.BaseRequest, path: str) -> object:
        _check_origin(request)
        methods = self._routes().get(path)
        if methods is None:
            known = ", ".join(self._routes())
            raise _Rejected(404, f"There is no such path; there are {known}.")
        act = methods.get(request.method)
        if act is None:
            allow = ", ".join(methods)
            raise _Rejected(405, f"This path takes {allow}.", allow=allow)
        try:
            return act(Fields(await _read(request)))
        except BadField as bad:
            raise _Rejected(400, bad.problem, bad.field) from None
        except ConfigurationError as error:
            raise _Rejected(400, error.problem, error.setting) from None

    def _routes(self) -> Mapping[str, Mapping[str, Callable[[Fields], object]]]:
        return {
            "submissions": {"GET": self._list_submissions, "DELETE": self._clear_submissions},
            "versions": {"GET": self._list_versions, "DELETE": self._clear_versions},
            "versions/decide": {"POST": self._decide},
            "versions/build": {"POST": self._build},
            "faults": {
                "GET": self._list_faults,
                "POST": self._add_fault,
                "DELETE": self._clear_faults,
            },
            "clock": {"POST": self._set_clock},
            **self.notifications.routes(),
        }

    def _list_submissions(self, fields: Fields) -> object:
        fields.end()
        return [_submission(each) for each in self.service.submissions]

    def _clear_submissions(self, fields: Fields) -> object:
        fields.end()
        self.service.submissions.clear()
        return {"submissions": 0}

    def _list_versions(self, fields: Fields) -> object:
        fields.end()
        return [self._version(owner, state) for owner, state in self.versions.all()]

    def _clear_versions(self, fields: Fields) -> object:
        fields.end()
        self.service.start_over()
        return {"versions": 0}

    def _decide(self, fields: Fields) -> object:
        app_version, status = fields.text("app_version"), fields.text("status")
        app_auth_token = fields.maybe_text("app_auth_token")
        decide = functools.partial(
            self.control.decide,
            app_version,
            status,
            app_auth_token=app_auth_token,
            bundle_id=_bundle(fields),
            reject_reason=fields.maybe_text("reject_reason"),
            base_audit=fields.maybe_text("base_audit"),
            promote_audit=fields.maybe_text("promote_audit"),
            can_release=fields.maybe_flag("can_release"),
            base_audit_record=fields.maybe_object("base_audit_record"),
            promote_audit_record=fields.maybe_object("promote_audit_record"),
            scan_result=fields.maybe_text("scan_result"),
        )
        fields.end()
        return self._version(app_auth_token or self.app_id, decide())

    def _build(self, fields: Fields) -> object:
        app_version = fields.text("app_version")
        app_auth_token = fields.maybe_text("app_auth_token")
        build = functools.partial(
            self.control.build,
            app_version,
            app_auth_token=app_auth_token,
            bundle_id=_bundle(fields),
            seconds=fields.seconds("seconds") if "seconds" in fields.left else 0.0,
            fails=fields.maybe_flag("fails") or False,
        )
        fields.end()
        return self._version(app_auth_token or self.app_id, build())

    def _list_faults(self, fields: Fields) -> object:
        fields.end()
        return [show_fault(due) for due in self.faults.due()]

    def _add_fault(self, fields: Fields) -> object:
        fault = read_fault(fields)
        try:
            self.service.check_fault(fault)
        except ConfigurationError as error:
            raise BadField("name", f"{error.setting}: {error.problem}") from None
        operation = fields.operation("operation")
        call = fields.maybe_whole("call", None)
        times = fields.maybe_whole("times", 1)
        fields.end()
        self.faults.add(fault, call=call, operation=operation, times=times)
        return {"faults": len(self.faults)}

    def _clear_faults(self, fields: Fields) -> object:
        fields.end()
        self.service.clear_faults()
        return {"faults": len(self.faults)}

    def _set_clock(self, fields: Fields) -> object:
        offset_s = fields.seconds("offset_s")
        fields.end()
        self.clock.offset_s = offset_s
        return {"offset_s": offset_s}

    def _version(self, owner: str, state: VersionState) -> dict[str, object]:
        return {
            "app_version": state.app_version,
            "app_auth_token": None if owner == self.app_id else owner,
            "bundle_id": state.bundle_id,
            "status": state.standing(self.clock()),
            "reject_reason": state.reject_reason,
        }


def _bundle(fields: Fields) -> str:
    bundle_id = fields.maybe_text("bundle_id")
    return DEFAULT_BUNDLE if bundle_id is None else bundle_id


def _submission(submission: Submission) -> dict[str, object]:
    return {
        "app_version": submission.app_version,
        "app_auth_token": submission.app_auth_token,
        "fields": submission.fields,
        "parts": [part.as_json() for part in submission.parts],
    }


def _check_origin(request: web.BaseRequest) -> None:
    # A page in a browser sends its Origin; one whose name was bent to 127.0.0.1 sends its own Host.
    if "Origin" in request.headers:
        raise _Rejected(403, "Pages in a browser have no business here.")
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not _is_loopback(hosts[0]):
        raise _Rejected(403, "The header Host has to name this computer, e.g. 127.0.0.1.")


def _is_loopback(host: str) -> bool:
    try:
        name = URL(f"http://{host}/").host or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _read(request: web.BaseRequest) -> dict[str, object]:
    body = bytearray()
    try:
        await go_on(request)
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_TEXT:
                raise _Rejected(413, f"The body is larger than {MAX_TEXT} bytes.")
        return parse_object(bytes(body))
    except Refusal:
        raise _Rejected(400, "The body is not a JSON object.") from None
    except (web.RequestPayloadError, ConnectionError):
        raise _Rejected(400, "The body ended early.") from None


def _reply(status: int, value: object) -> web.Response:
    text = json.dumps(value)  # in ASCII: a field may hold half of a surrogate pair
    return web.Response(status=status, text=text, content_type="application/json")
