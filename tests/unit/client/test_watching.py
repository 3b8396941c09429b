"""What is checked before anything is asked; `tests/integration/test_verdicts.py` asks."""

import pytest

from alipay_mini_audit import AuditClient, Inbox, MemoryJournal, Poll, ValidationError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_version", None),
        ("mini_app_id", 7),
        ("inbox", []),
        ("poll", 60),
        ("timeout", "1"),
        ("timeout", -1),
        ("timeout", True),
        ("app_auth_token", b"token"),
    ],
)
async def test_a_wait_names_the_argument_that_is_wrong(
    client: AuditClient, name: str, value: object
) -> None:
    given = {"app_version": "1.0.0", name: value}
    with pytest.raises(TypeError, match=name):
        await client.wait_for_verdict(**given)  # type: ignore[arg-type]


async def test_a_blank_version_is_not_asked_for(client: AuditClient) -> None:
    with pytest.raises(ValidationError):
        await client.wait_for_verdict(" ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal", "night.journal"),
        ("token_for", {"shop-1": "token"}),
        ("inbox", Poll()),
        ("poll", Inbox()),
        ("stop", True),
    ],
)
async def test_who_follows_is_told_which_argument_is_wrong(
    client: AuditClient, name: str, value: object
) -> None:
    given = {"journal": MemoryJournal(), "token_for": lambda _: None, name: value}
    with pytest.raises(TypeError, match=name):
        client.follow(**given)  # type: ignore[arg-type]
