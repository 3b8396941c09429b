"""The front door without a network: views, options, and what it refuses."""

import pickle

import pytest

from alipay_mini_audit import (
    NO_TOKEN,
    AuditClient,
    ClientConfig,
    Credentials,
    RetryPolicy,
    Timeouts,
    ValidationError,
)
from alipay_mini_audit.sandbox import Material


@pytest.fixture
def client(material: Material) -> AuditClient:
    credentials = Credentials.from_keys(
        material.app_id, material.app_private_key, material.alipay_public_key
    )
    return AuditClient(credentials, ClientConfig(base_url="http://127.0.0.1:1"))


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


def test_a_label_is_a_text(client: AuditClient) -> None:
    with pytest.raises(ValidationError) as caught:
        client.with_options(label=7)  # type: ignore[arg-type]
    assert [problem.code for problem in caught.value.problems] == ["wrong_type"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/v3/x"), ("POST", "v3/x"), ("POST", "/v3/x?y=1"), ("POST", "/v3/ x"), ("", "/v3/x")],
)
async def test_a_call_needs_a_method_and_a_path(
    client: AuditClient, method: str, path: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await client.call(method, path)
    assert [problem.code for problem in caught.value.problems] == ["bad_path"]


def test_with_is_answered_by_what_to_write(client: AuditClient) -> None:
    with pytest.raises(TypeError, match="async with"), client:
        pass


def test_a_client_is_not_pickled(client: AuditClient) -> None:
    with pytest.raises(TypeError, match="each process"):
        pickle.dumps(client)


def test_a_view_says_that_it_is_one(client: AuditClient, material: Material) -> None:
    assert repr(client) == f"<AuditClient: app {material.app_id} at http://127.0.0.1:1>"
    assert repr(client.with_options()).startswith("<AuditClient view: app")
