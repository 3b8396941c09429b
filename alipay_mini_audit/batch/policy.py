"""`BatchPolicy`: how a batch goes about it. No I/O here."""

from __future__ import annotations

import datetime
from typing import Final, Literal, final, get_args

import attrs
from attrs.validators import optional

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.models.numbers import number_from_zero, positive_count, positive_number
from alipay_mini_audit.problems import told

__all__ = ["BatchPolicy"]

_MIB: Final = 1024 * 1024
_UNUSABLE: Final = (("expected {english}.", ""), ("应为{chinese}。", ""))
_MOMENT: Final = ("a datetime with a time zone, or None", "带时区的 datetime 或 None")
_EITHER: Final = ('"hold" or "send"', " hold 或 send")
Changed = Literal["hold", "send"]


_COUNT_OR_NONE: Final = optional(positive_count)
_NUMBER_OR_NONE: Final = optional(positive_number)


@final
@attrs.frozen(kw_only=True)
class BatchPolicy:
    """How fast, how often and how long.

    Raises:
        ConfigurationError: a value is unusable; `setting` names it.
    """

    concurrency: int = attrs.field(default=16, validator=positive_count)
    """How many entries are sent or asked for at once, 16 by default.

    Half as many more are looked at or written down meanwhile. `ClientConfig.max_connections` bounds
    it, too.
    """
    bytes_in_flight: int = attrs.field(default=256 * _MIB, validator=positive_count)
    """Bytes of all submissions that are being sent at once, 256 MiB by default; a larger one goes
    alone. What only waits for its answer counts no more."""
    max_bytes_per_second: float | None = attrs.field(default=None, validator=_NUMBER_OR_NONE)
    """Bytes a second of all uploads together; `None` (the default) for as fast as the line is. An
    upload that waits for this counts neither as stalled nor towards `Timeouts.total`."""
    rate: float | None = attrs.field(default=None, validator=_NUMBER_OR_NONE)
    """Calls a second at the most, of all runs of the app whose `SqliteJournal`s lie in one folder;
    `None` (the default) finds out what the platform takes."""
    template_quota: int | None = attrs.field(default=None, validator=_COUNT_OR_NONE)
    """Submissions per template and day in Beijing; `None` (the default) counts none.

    Alipay takes 5 of an ordinary template and any number of the standard edition.
    """
    unknown_window: float = attrs.field(default=120.0, validator=number_from_zero)
    """Seconds after which what may still arrive counts as lost, 120 by default.

    That a version is in development proves only then that nothing of it has arrived. Of what an
    earlier run left in doubt they count from when this run finds it, since the clock may have been
    set in between.
    """
    attempts: int = attrs.field(default=3, validator=positive_count)
    """How often an entry is sent in one run at the most, 3 by default."""
    stop_after: int | None = attrs.field(default=None, validator=_COUNT_OR_NONE)
    """So many failures of one kind in a row stop the batch; `None` (the default) never does.

    What was not sent because of a hold, a quota or another entry is no failure.
    """
    not_before: datetime.datetime | None = None
    """An aware moment before which nothing is sent; `None` (the default) for at once."""
    until: datetime.datetime | None = None
    """An aware moment from which on nothing more is begun; `None` (the default) for no end."""
    changed: Changed = "hold"
    """What to do with an entry that was sent before and is another now: "hold" (the default) only
    tells it, "send" sends it again, three seconds later if it was accepted just before:
    the platform tells the two apart by their time alone. If that is refused or cannot be sent, the
    journal goes on with what was accepted before, its verdict too."""

    def __attrs_post_init__(self) -> None:
        for name in ("not_before", "until"):
            moment = getattr(self, name)
            is_aware = isinstance(moment, datetime.datetime) and moment.utcoffset() is not None
            if moment is not None and not is_aware:
                raise _unusable(name, _MOMENT)
        if self.changed not in get_args(Changed):
            raise _unusable("changed", _EITHER)


def _unusable(name: str, wanted: tuple[str, str]) -> ConfigurationError:
    values = {"english": wanted[0], "chinese": wanted[1]}
    problem = told(f"BatchPolicy.{name}", "bad_value", *_UNUSABLE, values=values)
    return ConfigurationError.from_problem(problem)
