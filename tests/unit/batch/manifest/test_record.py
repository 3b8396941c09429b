"""Where a record is, as paths of problems say it."""

from alipay_mini_audit.batch.manifest.record import Record, shown


def test_places() -> None:
    record = Record(file="night.toml", line=3, values={"key": "a"}, lines={"key": 4})
    assert record.place == "night.toml:3"
    assert (record.at("key"), record.at("memo")) == ("night.toml:4:key", "night.toml:3:memo")


def test_its_repr_shows_no_values() -> None:
    record = Record(file="a", line=1, values={"app_auth_token": "s3cret"}, raw="s3cret")
    assert "s3cret" not in repr(record)


def test_a_column_is_shown_on_one_short_line() -> None:
    assert shown("a\nb\x1b") == "a\\nb\\x1b"
    assert len(shown("x" * 1000)) == 61
