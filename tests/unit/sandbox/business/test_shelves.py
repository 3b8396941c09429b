from alipay_mini_audit.sandbox.business.shelves import Shelf


def test_what_was_online_last_comes_first() -> None:
    shelf = Shelf()
    for version in ("1", "2", "3"):
        shelf.put(version)
    assert shelf.before("3") == ["2", "1"]
    assert shelf.before("1") == []
    assert shelf.before("never") == ["3", "2", "1"]


def test_what_comes_back_was_online_last() -> None:
    shelf = Shelf()
    shelf.put("1")
    shelf.put("2")
    shelf.put("1", by_rollback=True)
    assert shelf.was_rolled_back
    shelf.put("3")
    assert (shelf.before("3"), shelf.was_rolled_back) == (["1", "2"], False)


def test_what_is_only_said_to_have_been_online_was_so_before_what_is() -> None:
    shelf = Shelf()
    shelf.put_before("0", None)
    shelf.put("2")
    shelf.put_before("1", "2")
    shelf.put_before("0", "2")  # known already
    assert shelf.before("2") == ["1", "0"]
    shelf.put_before("3", "gone")
    assert shelf.before("never") == ["3", "2", "1", "0"]
