"""What other programs may do with notifications: the paths of the door that begin with the word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, final

import attrs

from alipay_mini_audit.sandbox.admin_fields import BadField, Fields
from alipay_mini_audit.sandbox.notifications.messages import CHECK, GRANT
from alipay_mini_audit.sandbox.notifications.mischief import Mischief
from alipay_mini_audit.sandbox.notifications.notifications import Notifications
from alipay_mini_audit.sandbox.notifications.posting import parse_url
from alipay_mini_audit.sandbox.notifications.style import MessageStyle

__all__ = ["NotificationDoor"]

_STYLE: Final = tuple(each.name for each in attrs.fields(MessageStyle))
_MISCHIEF: Final = tuple(each.name for each in attrs.fields(Mischief))


@final
@attrs.frozen
class NotificationDoor:
    """Answers for the notifications of a gateway."""

    notifications: Notifications

    def routes(self) -> Mapping[str, Mapping[str, Callable[[Fields], object]]]:
        """Return what answers, by path and method."""
        return {
            "notifications": {"GET": self._show, "POST": self._change, "DELETE": self._clear},
            "notifications/send": {"POST": self._send},
        }

    def _show(self, fields: Fields) -> object:
        fields.end()
        deliveries = [each.as_json() for each in self.notifications.deliveries]
        return {**self._settings(), "deliveries": deliveries}

    def _change(self, fields: Fields) -> object:
        """Change what is given and leave the rest; all of it, or nothing."""
        style, mischief = _taken(fields, _STYLE), _taken(fields, _MISCHIEF)
        seconds = fields.seconds("timeout") if "timeout" in fields.left else None
        has_url = "url" in fields.left
        url = fields.maybe_text("url")
        fields.end()
        parse_url(url, "url")
        if seconds is not None and seconds <= 0:
            raise BadField("timeout", "expected a number of seconds above 0.")
        if isinstance(style.get("passed_fields"), list):
            style["passed_fields"] = tuple(style["passed_fields"])
        changed = attrs.evolve(self.notifications.mischief, **mischief)
        self.notifications.style = attrs.evolve(self.notifications.style, **style)
        if mischief:
            self.notifications.mischief = changed
        if seconds is not None:
            self.notifications.timeout = seconds
        if has_url:
            self.notifications.url = url
        return self._settings()

    def _clear(self, fields: Fields) -> object:
        fields.end()
        self.notifications.clear()
        return {"deliveries": 0, "waiting": 0}

    def _send(self, fields: Fields) -> object:
        name = fields.text("message")
        if name == CHECK:
            fields.end()
            self.notifications.send_check()
            return {"notify_id": None}
        if name == GRANT:
            token, auth_app_id = fields.text("app_auth_token"), fields.text("auth_app_id")
            fields.end()
            return {"notify_id": self.notifications.send_grant(token, auth_app_id=auth_app_id)}
        content = fields.left.pop("biz_content", {})
        if not isinstance(content, dict):
            raise BadField("biz_content", "expected an object.")
        fields.end()
        return {"notify_id": self.notifications.send(name, content)}

    def _settings(self) -> dict[str, object]:
        notifications = self.notifications
        return {
            "url": notifications.url,
            "timeout": notifications.timeout,
            **notifications.style.as_json(),
            **notifications.mischief.as_json(),
            "waiting": notifications.waiting,
        }


def _taken(fields: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    """Take the fields of some names that are there; what they hold is checked where it is used."""
    return {name: fields.left.pop(name) for name in names if name in fields.left}
