"""What a list and a gray release are asked for with."""

import pytest

from alipay_mini_audit import ValidationError, VersionStatus
from alipay_mini_audit.client.version_arguments import gray_fields, status_filter


def test_without_a_filter_every_status_is_meant() -> None:
    assert status_filter(None) == tuple(VersionStatus)


def test_a_filter_may_be_any_collection_and_newer_than_the_package() -> None:
    assert status_filter({VersionStatus.GRAY}) == ("GRAY",)
    assert status_filter(["GRAY", "BRAND_NEW_2"]) == ("GRAY", "BRAND_NEW_2")


@pytest.mark.parametrize("odd", ["INIT", 5, iter(["INIT"])])
def test_what_is_no_collection_names_the_argument(odd: object) -> None:
    with pytest.raises(TypeError, match=r"^statuses: expected a list"):
        status_filter(odd)  # type: ignore[arg-type]


def test_what_is_no_text_names_its_place() -> None:
    with pytest.raises(TypeError, match=r"^statuses\[1\]: expected a text, not int"):
        status_filter(["INIT", 5])  # type: ignore[list-item]


def test_every_odd_status_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        status_filter(["INIT", "", "INIT,GRAY", "init", "A&b=c"])
    found = [(problem.path, problem.code) for problem in caught.value.problems]
    assert found == [(f"statuses[{place}]", "bad_status") for place in (1, 2, 3, 4)]


def test_an_empty_filter_would_ask_for_nothing() -> None:
    with pytest.raises(ValidationError) as caught:
        status_filter([])
    assert [problem.code for problem in caught.value.problems] == ["missing"]


def test_a_share_is_a_text_that_is_not_blank() -> None:
    assert gray_fields("p10") == {"gray_strategy": "p10"}
    for blank in ("", "  "):
        with pytest.raises(ValidationError) as caught:
            gray_fields(blank)
        assert [problem.code for problem in caught.value.problems] == ["GRAY_STRATEGY_IS_BLANK"]
    with pytest.raises(TypeError, match=r"^gray_strategy: expected a text"):
        gray_fields(10)  # type: ignore[arg-type]
