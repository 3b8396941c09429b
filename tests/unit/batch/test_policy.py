"""What a policy refuses at once, and by which name."""

import datetime
from typing import Any

import attrs
import pytest

from alipay_mini_audit.batch.policy import BatchPolicy
from alipay_mini_audit.errors import ConfigurationError

NAIVE = datetime.datetime(2026, 3, 4)  # noqa: DTZ001  # what is refused
AWARE = NAIVE.replace(tzinfo=datetime.UTC)


def test_it_is_careful_by_itself() -> None:
    assert attrs.asdict(BatchPolicy()) == {
        "concurrency": 16,
        "bytes_in_flight": 268_435_456,
        "max_bytes_per_second": None,
        "rate": None,
        "template_quota": None,
        "unknown_window": 120.0,
        "attempts": 3,
        "stop_after": None,
        "not_before": None,
        "until": None,
        "changed": "hold",
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("concurrency", [0, -1, 1.5, True, "16", None]),
        ("bytes_in_flight", [0, None, 1.5]),
        ("max_bytes_per_second", [0, -1.0, float("nan"), float("inf"), "1"]),
        ("rate", [0, -1.0, float("nan"), "1"]),
        ("template_quota", [0, 1.5, "5"]),
        ("unknown_window", [-1, float("nan"), None]),
        ("attempts", [0, None, 2.0]),
        ("stop_after", [0, -3]),
        ("not_before", [NAIVE, "2026-03-04", 0, datetime.date(2026, 3, 4)]),
        ("until", [NAIVE, "2026-03-04", 1_800_000_000.0]),
        ("changed", ["keep", None, True, ["hold"]]),
    ],
)
def test_what_is_unusable_is_refused_by_name(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ConfigurationError) as caught:
            BatchPolicy(**{name: value})
        assert caught.value.setting.endswith(name), value


def test_it_is_told_in_chinese_too() -> None:
    for given in ({"changed": "keep"}, {"until": NAIVE}):
        with pytest.raises(ConfigurationError) as caught:
            BatchPolicy(**given)  # type: ignore[arg-type]
        told = caught.value.as_problem().in_language("zh")
        assert not told.message.isascii()


@pytest.mark.parametrize(
    "given",
    [
        {"unknown_window": 0},
        {"max_bytes_per_second": 0.5, "rate": 1},
        {"template_quota": 5, "stop_after": 1, "changed": "send"},
        {"not_before": AWARE, "until": AWARE},
    ],
)
def test_what_is_usable_is_kept(given: dict[str, Any]) -> None:
    policy = BatchPolicy(**given)
    assert {name: getattr(policy, name) for name in given} == given
