"""`FileHead`: a value."""

from alipay_mini_audit import FileHead


def test_what_is_not_known_is_none() -> None:
    head = FileHead(part="app_logo", location="attachments.app_logo", filename="", size=1)
    known = {"part", "location", "filename", "size", "is_broken"}
    unknown = {name for name in FileHead.__slots__ if not name.startswith("__")} - known
    assert unknown
    assert all(getattr(head, name) is None for name in unknown)
    assert head.is_broken is False
