from alipay_mini_audit.batch.journal.seen import SeenNames


def test_what_was_added_is_found_with_its_text_and_nothing_else() -> None:
    seen = SeenNames()
    for number in range(20_000):
        seen.add((f"shop-{number}", "1"), f"text of {number}")
    assert seen.find(("shop-7", "1")) == "text of 7"
    assert seen.find(("shop-19999", "1")) == "text of 19999"
    assert seen.find(("shop-20000", "1")) is None
    assert seen.find(("shop-7", "2")) is None


def test_parts_of_a_name_do_not_run_into_one_another() -> None:
    seen = SeenNames()
    seen.add(("a", "bc"))
    assert seen.find(("a", "bc")) == ""
    assert seen.find(("ab", "c")) is None
    assert seen.find(("a", "bc", "")) is None


def test_any_text_can_be_part_of_a_name_and_a_text() -> None:
    seen = SeenNames()
    seen.add(("商户\ud800", "\0"), "店\udfff")
    assert seen.find(("商户\ud800", "\0")) == "店\udfff"
