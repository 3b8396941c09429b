"""What a look has shown can be copied with all that it has."""

import attrs

from alipay_mini_audit.attachments.heads import Colours, Details, FileHead, values_of


def test_all_values_are_copied_by_their_names() -> None:
    details = Details(format="png", width=3, height=4, colours=Colours.GREY, is_animated=False)
    values = values_of(details)
    assert list(values) == [field.name for field in attrs.fields(Details)]
    assert Details(**values) == details


def test_of_a_file_only_what_its_content_shows_is_copied() -> None:
    details = Details(format="zip", is_encrypted=True, fingerprint=b"f")
    head = FileHead(part="p", location="l", filename="n", size=1, **values_of(details))
    assert Details(**values_of(head)) == details
