import pytest

from alipay_mini_audit.sandbox.business.builds import BUILT, Build

QUOTED = {'"true"', '"false"'}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (100.0, ("0", "0", "true", "false")),
        (109.9, ("0", "0", "true", "false")),
        (110.0, ("1", "1", "true", "false")),
        (129.9, ("1", "1", "true", "false")),
        (130.0, ("2", "1", "true", "false")),  # built, and not created yet
        (139.9, ("2", "1", "true", "false")),
        (140.0, ("2", "6", "false", "true")),
        (1e9, ("2", "6", "false", "true")),
    ],
)
def test_a_build_goes_on_by_the_clock(now: float, expected: tuple[str, ...]) -> None:
    build = Build(began=100.0, ends=140.0)
    answer = build.answer(now)
    assert list(answer) == ["build_status", "create_status", "need_rotation", "version_created"]
    assert tuple(str(value).strip('"') for value in answer.values()) == expected
    assert build.has_made_a_version(now) is (now >= 140.0)


def test_a_build_that_fails_says_so_at_its_end() -> None:
    build = Build(began=0.0, ends=10.0, fails=True)
    assert build.answer(5.0)["create_status"] == "1"
    assert build.answer(10.0) == {
        "build_status": "3",
        "create_status": "3",
        "need_rotation": '"false"',
        "version_created": "false",
    }
    assert not build.has_made_a_version(1e9)


def test_a_build_that_takes_no_time_is_done_at_once() -> None:
    assert Build(began=7.0, ends=7.0).answer(7.0) == BUILT.answer(7.0)
    assert BUILT.answer(0.0) == {
        "build_status": "2",
        "create_status": "6",
        "need_rotation": "false",
        "version_created": '"true"',
    }


def test_each_flag_comes_with_quotation_marks_and_without() -> None:
    build = Build(began=0.0, ends=40.0)
    for name in ("need_rotation", "version_created"):
        found = [build.answer(now)[name] in QUOTED for now in (5.0, 20.0, 35.0, 40.0)]
        assert sorted(found) == [False, False, True, True]


def test_a_clock_that_is_set_back_begins_again() -> None:
    assert Build(began=100.0, ends=140.0).answer(3.0)["create_status"] == "0"
