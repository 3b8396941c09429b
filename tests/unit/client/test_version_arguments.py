"""What a list and a gray release are asked for with."""

import pytest

from alipay_mini_audit import VersionStatus
from alipay_mini_audit.client.version_arguments import share_problems, status_problems


@pytest.mark.parametrize("statuses", [None, {VersionStatus.GRAY}, ("GRAY", "BRAND_NEW_2")])
def test_a_filter_may_be_any_collection_and_newer_than_the_package(
    statuses: set[str] | None,
) -> None:
    assert status_problems(statuses) == []


@pytest.mark.parametrize("odd", ["INIT", 5, iter(["INIT"])])
def test_what_is_no_collection_names_the_argument(odd: object) -> None:
    with pytest.raises(TypeError, match=r"^statuses: expected a list"):
        status_problems(odd)  # type: ignore[arg-type]


def test_what_is_no_text_names_its_place() -> None:
    with pytest.raises(TypeError, match=r"^statuses\[1\]: expected a text, not int"):
        status_problems(["INIT", 5])  # type: ignore[list-item]


def test_every_odd_status_is_told_at_once() -> None:
    found = status_problems(["INIT", "", "INIT,GRAY", "init", "A&b=c"])
    assert [(problem.path, problem.code) for problem in found] == [
        (f"statuses[{place}]", "bad_status") for place in (1, 2, 3, 4)
    ]


def test_an_empty_filter_would_ask_for_nothing() -> None:
    assert [problem.code for problem in status_problems([])] == ["missing"]


@pytest.mark.parametrize(
    ("share", "codes"),
    [
        ("p10", []),
        ("p99", []),  # the platform may have learnt it
        ("", ["GRAY_STRATEGY_IS_BLANK"]),
        ("  ", ["GRAY_STRATEGY_IS_BLANK"]),
        ("p\n10", ["bad_character"]),
    ],
)
def test_a_share_is_a_text_that_is_not_blank(share: str, codes: list[str]) -> None:
    assert [problem.code for problem in share_problems(share)] == codes


def test_a_share_that_is_no_text_names_the_argument() -> None:
    with pytest.raises(TypeError, match=r"^gray_strategy: expected a text"):
        share_problems(10)  # type: ignore[arg-type]
