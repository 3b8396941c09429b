from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox.business.merchants import Grant, Merchants
from alipay_mini_audit.sandbox.faults.operations import OPERATIONS
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

BEGAN = 1_704_038_400.0
"""2024-01-01 00:00:00 in Beijing."""
DAY = 86_400
CAFE = "2021000000000007"


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(Refusal, match=f"^{code}: ")


def ask(merchants: Merchants, token: str, now: float = BEGAN) -> dict[str, Any]:
    return merchants.answer({"app_auth_token": token}, now)


def test_a_token_tells_what_it_is_for() -> None:
    merchants = Merchants({"t1": CAFE}, BEGAN)
    answer = ask(merchants, "t1")
    assert answer == {
        "status": "valid",
        "auth_app_id": CAFE,
        "user_id": answer["user_id"],
        "auth_methods": answer["auth_methods"],
        "auth_start": "2024-01-01 00:00:00",
        "expires_in": 31_536_000,
        "is_by_app_auth": False,
    }
    assert answer["user_id"].startswith("2088")
    assert (len(answer["user_id"]), answer["user_id"].isdigit()) == (16, True)
    assert len(answer["auth_methods"]) == 15
    assert answer["auth_methods"][0] == "alipay.open.mini.version.audit.apply"
    assert answer["auth_methods"][-1] == "alipay.open.mini.version.audit.rejected"


def test_a_token_ends() -> None:
    merchants = Merchants({"t1": Grant(mini_app_id=CAFE, ends_at=BEGAN + 30 * DAY)}, BEGAN)
    merchants.check("t1", "apply", BEGAN + 30 * DAY - 1)
    before = ask(merchants, "t1", BEGAN + 30 * DAY - 1)
    assert (before["status"], before["expires_in"]) == ("valid", 30 * DAY)
    assert before["auth_end"] == "2024-01-31 00:00:00"
    with refused("app-auth-token-time-out"):
        merchants.check("t1", "apply", BEGAN + 30 * DAY)
    assert ask(merchants, "t1", BEGAN + 30 * DAY)["status"] == "invalid"


def test_a_token_may_have_ended_before_it_was_asked_about() -> None:
    merchants = Merchants({"t1": Grant(mini_app_id=CAFE, ends_at=0)}, BEGAN)
    answer = ask(merchants, "t1")
    assert (answer["status"], answer["expires_in"]) == ("invalid", 0)
    far = Merchants({"t1": Grant(mini_app_id=CAFE, ends_at=250_000_000_000)}, BEGAN)
    assert ask(far, "t1")["status"] == "valid"


def test_a_token_lacks_a_call() -> None:
    merchants = Merchants({"t1": Grant(mini_app_id=CAFE, lacks=["apply"])}, BEGAN)
    merchants.check("t1", "cancel", BEGAN)
    with refused("invalid-app-auth-token-no-api"):
        merchants.check("t1", "apply", BEGAN)
    methods = ask(merchants, "t1")["auth_methods"]
    assert "alipay.open.mini.version.audit.apply" not in methods
    assert "alipay.open.mini.version.audit.cancel" in methods


def test_tokens_that_are_not_there_are_refused() -> None:
    merchants = Merchants({"t1": CAFE}, BEGAN)
    with refused("AUTH_TOKEN_NOT_EXISTED"):
        ask(merchants, "t2")
    with refused("invalid-app-auth-token"):
        merchants.check("t2", "apply", BEGAN)
    assert merchants.mini_app_id("t2") is None
    for query in ({}, {"app_auth_token": " "}):
        with refused("ILLEGAL_PARAM"):
            merchants.answer(query, BEGAN)


def test_without_merchants_any_token_is_for_an_app_of_its_own() -> None:
    merchants = Merchants(None, BEGAN)
    for operation in OPERATIONS:
        merchants.check("t1", operation, BEGAN)
    first, second = (str(merchants.mini_app_id(token)) for token in ("t1", "t2"))
    assert first != second
    assert (len(first), first[:4], first.isdigit()) == (16, "2021", True)
    assert ask(merchants, "t1")["auth_app_id"] == first == Merchants(None, 0).mini_app_id("t1")
    assert merchants.owner("t1") == "t1"


@pytest.mark.parametrize("grants", [None, {"t1": CAFE}])
def test_what_was_granted_is_taken_back(grants: dict[str, str | Grant] | None) -> None:
    merchants = Merchants(grants, BEGAN)
    merchants.end("t1", BEGAN + DAY)
    with refused("app-auth-token-time-out"):
        merchants.check("t1", "detail", BEGAN + DAY)
    answer = ask(merchants, "t1", BEGAN + DAY)
    assert (answer["status"], answer["auth_end"]) == ("invalid", "2024-01-02 00:00:00")
    if grants is not None:
        with pytest.raises(ConfigurationError):
            merchants.end("t2", BEGAN)


def test_two_tokens_of_one_program_move_the_same_versions() -> None:
    merchants = Merchants({"old": CAFE, "new": Grant(mini_app_id=CAFE), "other": "2021"}, BEGAN)
    owners = [merchants.owner(token) for token in ("old", "new", "other", "unknown")]
    assert owners == ["old", "old", "other", "unknown"]


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (lambda: Merchants({" ": CAFE}, BEGAN), "merchants"),
        (lambda: Merchants({"t1": ""}, BEGAN), "mini_app_id"),
        (lambda: Grant(mini_app_id=CAFE, lacks=["token"]), "lacks"),
        (lambda: Grant(mini_app_id=CAFE, ends_at=-1), "ends_at"),
        (lambda: Grant(mini_app_id=CAFE, ends_at=float("inf")), "ends_at"),
        (lambda: Grant(mini_app_id=CAFE, ends_at=float("nan")), "ends_at"),
    ],
)
def test_what_cannot_be_granted_is_refused(make: Any, setting: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make()
    assert raised.value.setting == setting


def test_a_token_is_in_no_text() -> None:
    merchants = Merchants({"S3CRET": CAFE}, BEGAN)
    assert "S3CRET" not in repr(merchants) + str(ask(merchants, "S3CRET"))
