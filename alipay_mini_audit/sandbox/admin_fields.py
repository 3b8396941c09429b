"""The fields of a request of the door, and the fault that they name. No I/O here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.faults.faults import Answer, DueFault, Fault
from alipay_mini_audit.sandbox.faults.operations import OPERATIONS, Operation

__all__ = ["BadField", "Fields", "read_fault", "show_fault"]

_LONGEST: Final = 1e9
"""Seconds: about 32 years. Beyond, dates run out of years."""


@final
class BadField(Exception):
    """A field is missing, unknown or unusable.

    Attributes:
        field: its name.
        problem: what is wrong, for a person.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@final
@attrs.define
class Fields:
    """The fields of a JSON object, taken one by one.

    Attributes:
        left: those that have not been taken.
    """

    left: dict[str, object]

    def text(self, name: str) -> str:
        """Take a text.

        Raises:
            BadField: it is missing, or not a text.
        """
        value = self.maybe_text(name)
        if value is None:
            raise BadField(name, "this field is required.")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Take a text; `None` if it is missing or null.

        Raises:
            BadField: it is not a text.
        """
        value = self.left.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise BadField(name, "expected a text.")
        return value

    def maybe_flag(self, name: str) -> bool | None:
        """Take true or false; `None` if it is missing or null.

        Raises:
            BadField: it is neither.
        """
        value = self.left.pop(name, None)
        if value is not None and not isinstance(value, bool):
            raise BadField(name, "expected true or false.")
        return value

    def maybe_object(self, name: str) -> dict[str, object] | None:
        """Take a JSON object; `None` if it is missing or null.

        Raises:
            BadField: it is not an object.
        """
        value = self.left.pop(name, None)
        if value is not None and not isinstance(value, dict):
            raise BadField(name, "expected an object.")
        return value

    def maybe_whole(self, name: str, default: int | None) -> int | None:
        """Take a whole number, or null.

        Args:
            name: of the field.
            default: stands for a field that is missing.

        Raises:
            BadField: it is not a whole number.
        """
        value = self.left.pop(name, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise BadField(name, "expected a whole number, or null.")
        return value

    def whole(self, name: str) -> int:
        """Take a whole number.

        Raises:
            BadField: it is missing, or not a whole number.
        """
        value = self.maybe_whole(name, None)
        if value is None:
            raise BadField(name, "this field is required.")
        return value

    def seconds(self, name: str) -> float:
        """Take a number of seconds.

        Raises:
            BadField: it is missing, not a number, or longer than 1e9 either way.
        """
        value = self.left.pop(name, None)
        if value is None:
            raise BadField(name, "this field is required.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadField(name, "expected a number of seconds.")
        if not -_LONGEST <= value <= _LONGEST:
            raise BadField(name, "expected a number of seconds from -1e9 to 1e9.")
        return float(value)

    def operation(self, name: str) -> Operation | None:
        """Take the name of an operation; `None` if it is missing or null.

        Raises:
            BadField: it is not one that the gateway knows.
        """
        value = self.maybe_text(name)
        if value is None:
            return None
        for known in OPERATIONS:
            if value == known:
                return known
        raise BadField(name, f"expected {', '.join(OPERATIONS)}, or null.")

    def end(self) -> None:
        """Say that nothing more is expected.

        Raises:
            BadField: a field was not taken.
        """
        for name in self.left:
            raise BadField(name, "there is no such field here.")


def read_fault(fields: Fields) -> Fault:
    """Take the name of a fault, and its options.

    Raises:
        BadField: there is no such fault, or an option is missing or unusable.
        ConfigurationError: an option is out of its range.
    """
    name = fields.text("name")
    if name in _MADE:
        return _MADE[name](fields)
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    raise BadField("name", f"expected one of {', '.join([*_CONSTANTS, *_MADE])}.")


def show_fault(due: DueFault) -> dict[str, object]:
    """Return a fault to come in the fields by which it can be added again.

    Args:
        due: the fault.
    """
    return {
        "name": due.fault.name,
        "operation": due.operation,
        "call": due.call,
        "times": due.times,
        **_options(due.fault),
    }


def _options(fault: Fault) -> dict[str, object]:
    match fault:
        case Fault(name="close_in_body"):
            return {"after_bytes": fault.after_bytes}
        case Fault(name="slow_answer" | "clock_skew"):
            return {"seconds": fault.seconds}
        case Fault(name="throttled", reply=Answer() as reply):
            return {"retry_after": reply.retry_after}
        case Fault(name="answer", reply=Answer() as reply):
            return {"code": reply.code, "http_status": reply.status}
    return {}


def _answer(fields: Fields) -> Fault:
    status = fields.maybe_whole("http_status", 400)
    return Fault.answer(fields.text("code"), 400 if status is None else status)


def _retry_after(fields: Fields) -> float | str | None:
    value = fields.left.get("retry_after")
    if value is None or isinstance(value, str):
        text = fields.maybe_text("retry_after")
        if text is not None and not (text.isascii() and text.isprintable()):
            raise BadField("retry_after", "expected the value of a header.")
        return text
    return fields.seconds("retry_after")


_CONSTANTS: Final[Mapping[str, Fault]] = {
    name: getattr(Fault, name) for name in vars(Fault) if name.isupper()
}
_MADE: Final[Mapping[str, Callable[[Fields], Fault]]] = {
    "close_in_body": lambda fields: Fault.close_in_body(fields.whole("after_bytes")),
    "slow_answer": lambda fields: Fault.slow_answer(fields.seconds("seconds")),
    "clock_skew": lambda fields: Fault.clock_skew(fields.seconds("seconds")),
    "throttled": lambda fields: Fault.throttled(_retry_after(fields)),
    "answer": _answer,
}
"""Name of a fault with options -> what takes them and makes it."""
