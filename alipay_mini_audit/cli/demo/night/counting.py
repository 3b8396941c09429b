"""`count_at_gateway`: how often each entry was accepted, by the judge and not by the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import final

import attrs

from alipay_mini_audit.cli.demo.night.scene import Entry
from alipay_mini_audit.sandbox import SandboxGateway

__all__ = ["Count", "count_at_gateway"]


@final
@attrs.frozen(kw_only=True)
class Count:
    """What a gateway has accepted.

    Attributes:
        once: how many of the entries exactly once.
        wrong: the keys of the others, and the versions accepted beside them; each with how often.
        arrived: how many submissions came whole, accepted or not.
    """

    once: int
    wrong: tuple[tuple[str, int], ...]
    arrived: int


def count_at_gateway(good: Sequence[Entry], gateway: SandboxGateway) -> Count:
    """Count what a gateway has accepted since its start.

    Args:
        good: the entries of which it should have accepted each once, and nothing else.
        gateway: the gateway; it may be closed.
    """
    accepted = Counter((each.app_auth_token, each.app_version) for each in gateway.submissions)
    times = {entry.key: accepted.pop((entry.token, entry.app_version), 0) for entry in good}
    wrong = [(key, count) for key, count in times.items() if count != 1]
    strangers = [(version, count) for (_, version), count in accepted.items()]
    return Count(
        once=len(good) - len(wrong),
        wrong=(*wrong, *strangers),
        arrived=sum(each.operation == "apply" for each in gateway.arrivals),
    )
