"""No object shows what it keeps secret: not printed, not pickled, not in an error."""

import base64
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import certificates
from support.certificates import VECTORS
from support.leaks import find_leaks, pieces_of_key, spellings_of

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    Credentials,
    Preflight,
    RetryPolicy,
    Timeouts,
)
from alipay_mini_audit.calls import Call, CallOptions
from alipay_mini_audit.credentials.settings import CredentialSettings, read_environment
from alipay_mini_audit.crypto import CertificateVerifier, ContentCipher, RSASigner, RSAVerifier
from alipay_mini_audit.protocol import APPLY, Caller, Request

KEYS, FILES = VECTORS / "keys", VECTORS / "certificates"
PRIVATE, PUBLIC = KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
KEY_PIECES = pieces_of_key(PRIVATE)
SIGNER, VERIFIER = RSASigner(PRIVATE), RSAVerifier(PUBLIC)
SECRETS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=60).map(
    lambda text: f"c4{text}n4ry"
)
AES_KEYS = (
    st.sampled_from([16, 24, 32])
    .flatmap(lambda size: st.binary(min_size=size, max_size=size))
    .filter(lambda key: len(set(key)) > 8)
)


def credentials(cipher: ContentCipher | None = None) -> Credentials:
    return Credentials(app_id="2021000000000001", signer=SIGNER, verifier=VERIFIER, cipher=cipher)


def spellings(key: bytes) -> set[str]:
    return {
        base64.b64encode(key).decode("ascii").rstrip("="),
        key.hex(),
        key.decode("latin-1"),
        repr(key)[2:-1],
    }


@pytest.mark.parametrize("backend", ["openssl", "pycryptodome"])
def test_a_signer_shows_nothing_of_its_key(backend: Any) -> None:
    signer = RSASigner(PRIVATE, backend=backend)
    assert find_leaks([signer, signer.sign_blocking, [signer]], KEY_PIECES) == []


def test_the_search_finds_a_key_that_is_shown() -> None:
    assert find_leaks([PRIVATE.read_text()], KEY_PIECES) == ["str"] * 9
    assert find_leaks([certificates.key("app").private_numbers().d], KEY_PIECES)


def test_credentials_of_both_modes_show_nothing_of_their_key() -> None:
    verifier = CertificateVerifier(
        FILES / "alipay.crt", FILES / "root.crt", clock=lambda: certificates.NOW
    )
    for mode in (
        credentials(),
        Credentials.from_keys(
            "2021000000000001", PRIVATE, PUBLIC, encrypt_key="AAECAwQFBgcICQoLDA0ODw=="
        ),
        Credentials(app_id="2021000000000001", signer=SIGNER, verifier=verifier, app_cert_sn="a"),
    ):
        client = AuditClient(mode)
        view = client.with_options(timeouts=Timeouts(total=5))
        assert (
            find_leaks(
                [mode, mode.signer, mode.verifier, client, view],
                {*KEY_PIECES, "AAECAwQFBgcICQoLDA0ODw"},
            )
            == []
        )


@given(AES_KEYS)
def test_a_content_key_is_not_shown(key: bytes) -> None:
    cipher = ContentCipher(base64.b64encode(key).decode())
    given = credentials(cipher)
    assert find_leaks([cipher, given, AuditClient(given)], spellings(key)) == []


@given(AES_KEYS, st.integers(1, 15))
def test_an_error_shows_nothing_of_a_content_key(key: bytes, cut: int) -> None:
    cipher, text = ContentCipher(base64.b64encode(key).decode()), base64.b64encode(key).decode()
    errors = (
        [caught(ContentCipher, text[:-cut]), caught(cipher.decrypt, b"x" * cut)] if cut % 4 else []
    )
    errors.append(caught(ContentCipher, f"*{text}"))
    assert find_leaks(errors, spellings(key) | {text[:12]}) == []


def caught(make: Any, *values: Any, **named: Any) -> AuditError:
    with pytest.raises(AuditError) as found:
        make(*values, **named)
    return found.value


@given(SECRETS)
def test_a_token_is_not_shown(token: str) -> None:
    client = AuditClient(credentials())
    caller = Caller("2021000000000001", app_auth_token=token)
    options = CallOptions(Timeouts(), RetryPolicy(), token)
    call = Call(operation=APPLY, target="/v3/x", options=options)
    request = Request(call=call, caller=caller, request_id="r", nonce="n", timestamp_ms=1)
    view = client.with_options(app_auth_token=token)
    assert (
        find_leaks([caller, options, request, call, view, view.with_options()], spellings_of(token))
        == []
    )


@given(SECRETS, st.sampled_from([" ", "\n", "\0", "é", "\r\nx: y"]))
def test_a_token_that_is_refused_is_not_shown(token: str, wrong: str) -> None:
    error = caught(AuditClient(credentials()).with_options, app_auth_token=token + wrong)
    assert find_leaks([error], spellings_of(token)) == []


@given(SECRETS, SECRETS, SECRETS)
def test_a_password_is_not_shown(password: str, account: str, license_no: str) -> None:
    version = AuditApply(
        app_version="0.0.1", test_account=account, test_password=password, license_no=license_no
    )
    call = Call(
        operation=APPLY,
        target="/",
        body=f'{{"test_password":"{password}"}}',
        options=CallOptions(Timeouts(), RetryPolicy()),
    )
    sent = Request(
        call=call, caller=Caller("2021000000000001"), request_id="r", nonce="n", timestamp_ms=1
    )
    assert find_leaks([version, sent, call], {password, account, license_no}) == []
    error = caught(
        AuditApply, app_version=5, test_account=account + "\0", test_password=password + "\0"
    )
    assert find_leaks([error], {password, account}) == []


@given(SECRETS, SECRETS)
def test_the_password_of_a_proxy_is_not_shown(user: str, password: str) -> None:
    config = ClientConfig(preflight=Preflight.OFF, proxy=f"http://{user}:{password}@127.0.0.1:3128")
    assert find_leaks([config, AuditClient(credentials(), config)], {password}) == []
    for wrong in (
        f"nonsense://{user}:{password}@host",
        f"http://{user}:{password}@host:port",
        f"http://{password} x",
    ):
        assert (
            find_leaks(
                [caught(ClientConfig, proxy=wrong), caught(ClientConfig, base_url=wrong)],
                {password},
            )
            == []
        )


@given(SECRETS)
def test_settings_do_not_show_what_was_given(secret: str) -> None:
    fields = (
        "private_key",
        "alipay_public_key",
        "app_certificate",
        "alipay_certificate",
        "root_certificate",
    )
    given_settings = CredentialSettings(
        app_id="2021", **dict.fromkeys(fields, secret), encrypt_key=secret, names={}
    )  # type: ignore[arg-type]
    assert find_leaks([given_settings], {secret}) == []


@pytest.mark.parametrize("name", ["PRIVATE_KEY", "PUBLIC_KEY", "CERTIFICATE", "ENCRYPT_KEY"])
@settings(max_examples=15)
@given(
    secret=SECRETS,
    shape=st.sampled_from(
        ["{}", "{}\n{}", "-----BEGIN PRIVATE KEY-----\n{}", '{{"key":"{}"}}', "*{}"]
    ),
)
def test_a_setting_that_is_refused_is_not_shown(name: str, secret: str, shape: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for other in ("APP_ID", "PRIVATE_KEY"):
            patch.setenv(f"CANARY_{other}", "2021" if other == "APP_ID" else PRIVATE.read_text())
        patch.setenv(
            "CANARY_CERTIFICATE" if name == "CERTIFICATE" else "CANARY_PUBLIC_KEY",
            PUBLIC.read_text(),
        )
        if name == "CERTIFICATE":
            for other in ("APP_CERTIFICATE", "ROOT_CERTIFICATE"):
                patch.setenv(f"CANARY_{other}", (FILES / "root.crt").read_text())
        patch.setenv(
            f"CANARY_{name}", shape.format(secret, secret) + "!"
        )  # never base64 of a key by chance
        error = caught(Credentials.from_env, "CANARY_")
        given_settings = read_environment("CANARY_")
    assert find_leaks([error, given_settings], {secret} | KEY_PIECES) == []


@settings(max_examples=15)
@given(st.integers(30, 1600))
def test_a_private_key_cut_short_or_in_the_wrong_place_is_not_shown(cut: int) -> None:
    text = PRIVATE.read_text()
    errors = [
        caught(RSASigner, text[:cut]),
        caught(RSASigner, text[cut:]),
        caught(RSAVerifier, text),
        caught(Credentials.from_keys, "2021", PRIVATE, text),
        caught(CertificateVerifier, text, FILES / "root.crt"),
    ]
    assert find_leaks(errors, KEY_PIECES) == []
