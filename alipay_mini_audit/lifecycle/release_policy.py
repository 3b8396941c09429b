"""`ReleasePolicy`: when and how a version that passed goes to the users. No I/O here."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models import Verdict, VersionDetail, VersionStatus
from alipay_mini_audit.models.numbers import positive_number
from alipay_mini_audit.problems import told

__all__ = ["SHARES", "Halt", "Health", "Release", "ReleaseKind", "ReleasePolicy"]

Health = Callable[[VersionDetail], bool | Awaitable[bool]]
"""Is asked, and awaited if it is async, before the version goes to more users; `False` halts."""

SHARES: Final = ("p10", "p30", "p50")
"""For how many of the users a gray release may be, in percent; it may only grow (Alipay's FAQ)."""

_NO_ZONE: Final = (
    ("expected a datetime with a time zone.", ""),
    ("应为带时区的 datetime。", ""),
)
_NO_WAVE: Final = (
    ("expected p10, p30 and p50, or some of them, in this order.", ""),
    ("应为 p10、p30、p50 中的若干个，并按此顺序排列。", ""),
)
_NO_CHOICE: Final = (
    ("expected {english}.", ""),
    ("应为 {chinese}。", ""),
)
_FLAG: Final = ("True or False", "True 或 False")
_HEALTH: Final = ("a function or None", "函数或 None")
_HALT: Final = ("Halt.STAY or Halt.CANCEL", "Halt.STAY 或 Halt.CANCEL")
_BOTH: Final = (
    ("a manual release has no wave and no moment.", "Leave one of them out."),
    ("手动上架不能同时指定灰度比例或上架时间。", "请只保留一种。"),
)


class Halt(enum.Enum):
    """What a halt does."""

    STAY = enum.auto()
    """The version stays with the users that have it."""
    CANCEL = enum.auto()
    """The gray release is ended, so that nobody has it any more."""


class ReleaseKind(enum.StrEnum):
    """How a release ended."""

    RELEASED = "released"
    """It is online for everybody."""
    APPROVED = "approved"
    """It has passed, and the rest is left to a person."""
    NOT_PASSED = "not_passed"
    """The audit ended otherwise; `Release.verdict` says how."""
    HALTED = "halted"
    """`health` said no."""
    STOPPED = "stopped"
    """It was told to stop."""
    TAKEN_OVER = "taken_over"
    """Somebody else has moved the version meanwhile; nothing more was done."""


def _as_shares(shares: Sequence[str]) -> Sequence[str]:
    # What is no series of shares is one that nobody knows, and so is refused by its name.
    return tuple(shares) if isinstance(shares, Iterable) else (shares,)


@final
@attrs.frozen(kw_only=True)
class ReleasePolicy:
    """When and how a version goes to the users once it has passed.

    `ReleasePolicy()` puts it online for everybody as soon as it has passed.

    Raises:
        ConfigurationError: the shares do not grow, or are none that the platform knows; a moment
            has no time zone; a number is not above 0; a wave is manual; a value is of another type.
    """

    manual: bool = False
    """Only wait until it has passed."""
    not_before: datetime.datetime | None = None
    """An aware moment before which nothing goes online; `None` for at once."""
    wave: Sequence[str] = attrs.field(default=(), converter=_as_shares)
    """Shares of the users that come first, of `p10`, `p30` and `p50`, each larger than the one
    before; empty for everybody at once."""
    pause: float = attrs.field(default=3600.0, validator=positive_number)
    """Seconds after each share before the next one."""
    health: Health | None = attrs.field(default=None, repr=False)
    """Is asked after each pause, and awaited if it is async; `None` asks nobody."""
    halt: Halt = Halt.STAY
    """What happens when it says `False`, raises, or returns anything but `True` or `False`."""

    def __attrs_post_init__(self) -> None:
        self._expect_types()
        ranks = [SHARES.index(share) if share in SHARES else -1 for share in self.wave]
        if -1 in ranks or sorted(set(ranks)) != ranks:
            raise _refused("wave", "bad_value", _NO_WAVE)
        if self.manual and (self.wave or self.not_before is not None):
            raise _refused("manual", "bad_value", _BOTH)

    def _expect_types(self) -> None:
        # A `halt` that is no `Halt` would leave a version with its users that is to be taken back.
        moment: object = self.not_before
        is_aware = isinstance(moment, datetime.datetime) and moment.tzinfo is not None
        if moment is not None and not is_aware:
            raise _refused("not_before", "wrong_type", _NO_ZONE)
        typed = {
            "manual": (isinstance(self.manual, bool), _FLAG),
            "health": (self.health is None or callable(self.health), _HEALTH),
            "halt": (isinstance(self.halt, Halt), _HALT),
        }
        for setting, (is_usable, (english, chinese)) in typed.items():
            if not is_usable:
                values = {"english": english, "chinese": chinese}
                raise _refused(setting, "wrong_type", _NO_CHOICE, values)

    def share_after(self, share: str | None) -> str | None:
        """Return the share of the wave that follows one; `None` for everybody.

        Args:
            share: one of those that are known; `None` if nobody has the version yet.
        """
        larger = SHARES if share is None else SHARES[SHARES.index(share) + 1 :]
        return next((each for each in self.wave if each in larger), None)


@final
@attrs.frozen(kw_only=True)
class Release:
    """How a release ended.

    Attributes:
        kind: how.
        status: where the version stands, as it was last seen or left.
        share: for how many of the users it is online in `GRAY`, e.g. `p10`; `None` otherwise.
        verdict: of the audit.
    """

    kind: ReleaseKind
    status: VersionStatus | str
    share: str | None = None
    verdict: Verdict


def _refused(
    setting: str,
    code: str,
    texts: tuple[tuple[str, str], tuple[str, str]],
    values: Mapping[str, object] | None = None,
) -> ConfigurationError:
    return ConfigurationError.from_problem(told(setting, code, *texts, values=values or {}))
