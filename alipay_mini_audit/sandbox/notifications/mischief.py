"""`Mischief`: what befalls messages on purpose, by shares and a seed. No I/O here."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.sandbox.unusable import unusable

__all__ = ["Fate", "Mischief"]

_LONGEST: Final = 1e6
"""Seconds, about twelve days: no message is sent again after so long."""
_SHARE: Final = (("expected a share from 0 to 1.", ""), ("应为 0 至 1 之间的比例。", ""))
_TOGETHER: Final = (
    ("what is lost and what is sent twice are more than all together.", ""),
    ("丢失与重复的比例之和不能超过 1。", ""),
)
_DELAY: Final = (
    ("expected a number of seconds from 0 to 1000000.", ""),
    ("应为 0 至 1000000 的秒数。", ""),
)
_SEED: Final = (("expected a whole number.", ""), ("应为整数。", ""))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _share(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not _is_number(value) or not 0 <= value <= 1:
        raise unusable(attribute.name, *_SHARE)


def _delay(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not _is_number(value) or not 0 <= value <= _LONGEST:
        raise unusable(attribute.name, *_DELAY)


def _seed(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise unusable(attribute.name, *_SEED)


@final
@attrs.frozen(kw_only=True)
class Fate:
    """What befalls one message.

    Attributes:
        lost: whether it is never sent.
        duplicated: whether it is sent twice, however the first was answered.
        late: whether it comes late.
        overtaken: whether the next message is sent before it.
        forged: whether a forgery goes before it; `"wrong_key"` claims the contrary of a verdict
            under the same id and is signed by a stranger, `"changed_byte"` is the message with one
            byte changed after it was signed. `None` for none.
        draw: a number from which the changed byte follows.
    """

    lost: bool = False
    duplicated: bool = False
    late: bool = False
    overtaken: bool = False
    forged: str | None = None
    draw: int = 0


@final
@attrs.frozen(kw_only=True)
class Mischief:
    """How many of the messages come to harm; those of one seed do so in the same way each time.

    Each share is from 0, the default, to 1. A check of the gateway comes to no harm.

    Attributes:
        lose: of messages that are never sent.
        duplicate: of messages that are sent twice, however the first was answered; none of them is
            lost.
        delay: of messages that come late.
        delay_s: how late, in seconds.
        reorder: of messages that the next one overtakes, or that come a minute late if none follows
            in that time; none of them is late otherwise.
        forge: of messages that a forgery precedes, whether they are lost or not. Half of these are
            the contrary verdict under the same id, signed by a stranger; half have one byte changed
            after they were signed. What is forged is sent once.
        seed: chooses.

    Raises:
        ConfigurationError: a share, a time or the seed is no such number.
    """

    lose: float = attrs.field(default=0.0, validator=_share)
    duplicate: float = attrs.field(default=0.0, validator=_share)
    delay: float = attrs.field(default=0.0, validator=_share)
    delay_s: float = attrs.field(default=600.0, validator=_delay)
    reorder: float = attrs.field(default=0.0, validator=_share)
    forge: float = attrs.field(default=0.0, validator=_share)
    seed: int = attrs.field(default=0, validator=_seed)

    def __attrs_post_init__(self) -> None:
        """Check the shares that exclude each other."""
        if self.lose + self.duplicate > 1 + 1e-9:
            raise unusable("duplicate", *_TOGETHER)

    def draw(self, number: int) -> Fate:
        """Return what befalls a message; it does not depend on what befell the others.

        Args:
            number: of the message, from 1 on.
        """
        source = random.Random(f"{self.seed}:{number}")  # noqa: S311  # no secret
        harm, delay, reorder, forge, kind = (source.random() for _ in range(5))
        lost, late = harm < self.lose, delay < self.delay
        forged = "wrong_key" if kind < 1 / 2 else "changed_byte"
        return Fate(
            lost=lost,
            duplicated=not lost and harm < self.lose + self.duplicate,
            late=late,
            overtaken=not late and reorder < self.reorder,
            forged=forged if forge < self.forge else None,
            draw=source.getrandbits(64),
        )

    def as_json(self) -> Mapping[str, object]:
        """Return the settings by their names."""
        return attrs.asdict(self)
