import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Mischief
from alipay_mini_audit.sandbox.notifications.mischief import Fate


def test_nothing_befalls_anybody_by_default() -> None:
    drawn = Mischief().draw(1)
    assert drawn == Fate(draw=drawn.draw)


def test_shares_are_met() -> None:
    mischief = Mischief(lose=0.3, duplicate=0.2, delay=0.1, reorder=0.4, forge=0.5, seed=11)
    fates = [mischief.draw(number) for number in range(4000)]
    counted = {
        name: sum(bool(getattr(fate, name)) for fate in fates) / len(fates)
        for name in ("lost", "duplicated", "late", "overtaken", "forged")
    }
    assert counted == pytest.approx(
        {"lost": 0.3, "duplicated": 0.2, "late": 0.1, "overtaken": 0.36, "forged": 0.5}, abs=0.03
    )
    assert not any(fate.lost and fate.duplicated for fate in fates)
    assert not any(fate.late and fate.overtaken for fate in fates)
    keys = [fate.forged for fate in fates if fate.forged]
    assert set(keys) == {"wrong_key", "changed_byte"}
    assert keys.count("wrong_key") / len(keys) == pytest.approx(0.5, abs=0.05)


def test_one_kind_of_harm_does_not_move_another() -> None:
    few, many = Mischief(lose=0.3, seed=4), Mischief(lose=0.3, forge=1, reorder=1, seed=4)
    assert [few.draw(n).lost for n in range(50)] == [many.draw(n).lost for n in range(50)]


def test_shares_may_be_all_there_is() -> None:
    third = 1 / 3
    assert Mischief(lose=third, duplicate=2 * third)
    assert all(Mischief(lose=1).draw(n).lost for n in range(20))
    assert all(Mischief(duplicate=1).draw(n).duplicated for n in range(20))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *[(name, 1.1) for name in ("lose", "duplicate", "delay", "reorder", "forge")],
        ("lose", -0.1),
        ("lose", float("nan")),
        ("lose", True),
        ("lose", "1"),
        ("lose", None),
        ("delay_s", -1),
        ("delay_s", float("inf")),
        ("delay_s", float("nan")),
        ("seed", 1.5),
        ("seed", True),
        ("seed", "1"),
    ],
)
def test_what_is_no_share_is_refused(setting: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Mischief(**{setting: value})
    assert raised.value.setting == setting


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ConfigurationError) as raised:
        Mischief(lose=0.6, duplicate=0.5)
    assert raised.value.setting == "duplicate"
