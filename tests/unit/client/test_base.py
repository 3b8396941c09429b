"""A client without a network: its options, views, and what it is not made of."""

import pickle

import pytest

from alipay_mini_audit import (
    NO_TOKEN,
    AuditClient,
    LoggingObserver,
    RetryPolicy,
    Timeouts,
    ValidationError,
)
from alipay_mini_audit.sandbox import Material


def test_a_view_keeps_what_it_is_not_told(client: AuditClient) -> None:
    timeouts = Timeouts(total=1)
    retry = RetryPolicy(attempts=1)
    view = client.with_options(
        app_auth_token="t-1", timeouts=timeouts, retry=retry, label="order 7"
    ).with_options()
    options = view._options
    assert (options.app_auth_token, options.label) == ("t-1", "order 7")
    assert (options.timeouts, options.retry) == (timeouts, retry)
    assert client._options.app_auth_token is None
    assert client._options.label is None


def test_no_token_unsets_a_token_and_nothing_else(client: AuditClient) -> None:
    view = client.with_options(app_auth_token="t-1", label="order 7")
    own = view.with_options(app_auth_token=NO_TOKEN)
    assert own._options.app_auth_token is None
    assert own._options.label == "order 7"
    assert client.with_options(app_auth_token=NO_TOKEN)._options == client._options


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "é", "x" * 1025])
def test_what_no_token_looks_like_is_refused_and_not_shown(client: AuditClient, token: str) -> None:
    with pytest.raises(ValidationError) as caught:
        client.with_options(app_auth_token=token)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("app_auth_token", "bad_token")


@pytest.mark.parametrize(
    ("argument", "value", "wanted"),
    [
        ("credentials", {"app_id": "2021000000000001"}, "Credentials"),
        ("credentials", None, "Credentials"),
        ("config", "alipay.toml", "a ClientConfig or None"),
        ("config", "", "a ClientConfig or None"),
        ("config", Timeouts(), "a ClientConfig or None"),
        ("session", "https://openapi.alipay.com", "an aiohttp.ClientSession or None"),
        ("observers", LoggingObserver(), "a sequence of observers"),
        ("observers", None, "a sequence of observers"),
    ],
)
def test_a_client_of_something_else_names_the_argument(
    client: AuditClient, argument: str, value: object, wanted: str
) -> None:
    given = {"credentials": client._credentials, argument: value}
    with pytest.raises(TypeError, match=rf"^{argument}: expected {wanted}"):
        AuditClient(**given)


@pytest.mark.parametrize(
    ("argument", "value", "wanted"),
    [
        ("timeouts", 30, "a Timeouts or None"),
        ("retry", 3, "a RetryPolicy or None"),
        ("label", 7, "a text or None"),
        ("app_auth_token", 5, "a text, NO_TOKEN or None"),
        ("app_auth_token", b"t-1", "a text, NO_TOKEN or None"),
    ],
)
def test_an_option_of_another_type_names_the_argument(
    client: AuditClient, argument: str, value: object, wanted: str
) -> None:
    with pytest.raises(TypeError, match=rf"^{argument}: expected {wanted}, not "):
        client.with_options(**{argument: value})  # type: ignore[arg-type]


def test_with_is_answered_by_what_to_write(client: AuditClient) -> None:
    with pytest.raises(TypeError, match="async with"), client:
        pass


def test_a_client_is_not_pickled(client: AuditClient) -> None:
    with pytest.raises(TypeError, match="each process"):
        pickle.dumps(client)


def test_a_view_says_that_it_is_one(client: AuditClient, material: Material) -> None:
    assert repr(client) == f"<AuditClient: app {material.app_id} at http://127.0.0.1:1>"
    assert repr(client.with_options()).startswith("<AuditClient view: app")
