"""What is wrong with keys, certificates and settings is there in Chinese, too, in every case."""

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
from cryptography.hazmat.primitives.hashes import MD5
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from support.certificates import (
    DAY,
    NOW,
    VECTORS,
    armour,
    attribute,
    below,
    by_hand,
    issue,
    key,
    middle,
    name,
    oid,
    pem,
    root,
    sm2,
    spki,
    tlv,
    unknown_extension,
    usage,
)
from support.languages import assert_told_in_chinese, chinese_faults

from alipay_mini_audit import AuditClient, Preflight, explain
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.client_settings import read_client_file
from alipay_mini_audit.credentials.diagnosis import Fact, examine
from alipay_mini_audit.credentials.rules import app_id_problem, trial_problem, verifier_problem
from alipay_mini_audit.credentials.settings import CredentialSettings, read_environment, read_file
from alipay_mini_audit.crypto import RSASigner, RSAVerifier, load_certificates, root_serial_number
from alipay_mini_audit.crypto.chain import expiry_warning, find_chain, find_trusted_chain
from alipay_mini_audit.crypto.cipher import ContentCipher
from alipay_mini_audit.crypto.faults import CertificateFault
from alipay_mini_audit.crypto.limits import KeyFault
from alipay_mini_audit.errors import ConfigurationError, ConnectionFailed, Problem
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight.check import find_problems
from alipay_mini_audit.preflight.rules import Subject
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport.failures import failure_of
from alipay_mini_audit.transport.progress import Phase

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
APP_ID = "2021000000000001"
SECRET = Path("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC==")
NUMBER = re.compile(r"\d+")


def refusal(make: Callable[..., object], *values: object, **named: Any) -> Problem:
    with pytest.raises(ConfigurationError) as caught:
        make(*values, **named)
    assert str(caught.value).isascii() or "…" in str(caught.value)
    return caught.value.as_problem()


def expect_chinese(problem: Problem, *given: str) -> None:
    """Check it, and that every number of it is there in both languages."""
    assert_told_in_chinese(problem, given)
    chinese = problem.in_language("zh")
    english = (problem.message, problem.advice)
    for one, other in zip(english, (chinese.message, chinese.advice), strict=True):
        assert sorted(NUMBER.findall(one)) == sorted(NUMBER.findall(other)), (one, other)


# Keys.


def labelled(label: str) -> bytes:
    return f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n".encode()


def spelt(how: PrivateFormat, *, password: bytes | None = None) -> bytes:
    lock = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key("app").private_bytes(Encoding.PEM, how, lock)


PEM = (KEYS / "app.pkcs8.pem").read_bytes()
PRIVATE_KEYS: dict[str, Any] = {
    "no source": 5,
    "missing file": Path("/nowhere/app.pem"),
    "folder": VECTORS,
    "key as the name of a file": SECRET,
    "empty": " ",
    "utf-16": b"\xff\xfea\x00",
    "too large": b"x" * 70_000,
    "cut short": PEM.partition(b"-----END")[0],
    "damaged lines": "-----BEGIN PRIVATE KEY----",
    "name of a file": "app.pem",
    "garbage": "garbage",
    "unknown": b"\x30\x82\xff",
    "public": KEYS / "app.public.pem",
    "certificate": FILES / "app.crt",
    "encrypted": spelt(PrivateFormat.PKCS8, password=b"x"),
    "openssh": spelt(PrivateFormat.OpenSSH),
    "damaged": PEM.replace(b"A", b"B"),
} | {
    label: labelled(label)
    for label in ("EC PRIVATE KEY", "DSA PRIVATE KEY", "CERTIFICATE REQUEST", "PRIVATE KEY")
}
PUBLIC_KEYS = {
    "private": KEYS / "app.pkcs8.pem",
    "old private": KEYS / "app.pkcs1.pem",
    "damaged": spki(3**1300, 3),
}
ODD_KEYS = {
    KeyFault.TOO_SMALL: spki((1 << 1023) + 1),
    KeyFault.TOO_LARGE: spki((1 << 8192) + 1),
    KeyFault.BAD_NUMBERS: spki((1 << 2047) + 1, 65536),
}


@pytest.mark.parametrize("source", PRIVATE_KEYS.values(), ids=PRIVATE_KEYS)
def test_a_wrong_private_key(source: Any) -> None:
    problem = refusal(RSASigner, source)
    if problem.code == "unreadable":  # no file is named
        chinese = problem.in_language("zh").message
        assert chinese.endswith(("：文件或目录不存在。", "：这是一个目录。"))
        assert str(SECRET) not in problem.message + chinese
        return
    expect_chinese(problem)


@pytest.mark.parametrize("source", PUBLIC_KEYS.values(), ids=PUBLIC_KEYS)
def test_a_wrong_public_key(source: Path | bytes) -> None:
    expect_chinese(refusal(RSAVerifier, source))


@pytest.mark.parametrize("fault", KeyFault)
def test_a_key_of_odd_numbers(fault: KeyFault) -> None:
    problem = refusal(RSAVerifier, ODD_KEYS[fault])
    assert problem.code == fault
    expect_chinese(problem)
    certificate = armour(by_hand(public_key=ODD_KEYS[fault]))
    (leaf,) = load_certificates(certificate, "x")
    problem = refusal(lambda: leaf.public_key)
    assert problem.code == fault
    expect_chinese(problem, leaf.subject)


def test_signing_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    expect_chinese(refusal(RSASigner, PEM, backend="{given}"), "{given}")
    monkeypatch.setitem(sys.modules, "cryptography", None)  # as if it were not installed
    expect_chinese(refusal(RSASigner, PEM, backend="openssl"))


@pytest.mark.parametrize("encrypt_key", ["*", "AAEC", None])
def test_a_wrong_key_for_content(encrypt_key: Any) -> None:
    expect_chinese(refusal(ContentCipher, encrypt_key))


# Certificates.


@pytest.mark.parametrize(
    "content", ["garbage", PEM, pem(root()) * 9], ids=["garbage", "key", "nine"]
)
def test_a_file_that_holds_no_certificates(content: str | bytes) -> None:
    expect_chinese(refusal(load_certificates, content, "alipay_certificate"))


def test_roots_that_do_not_count() -> None:
    expect_chinese(refusal(root_serial_number, load_certificates(armour(sm2()), "x")))


def critical(extension: Any) -> dict[str, Any]:
    return {"extensions": ((extension, True),)}


RING = [middle(f"m{i}", issuer=f"m{1 - i}", by="alipay_next", serial=70 + i) for i in range(2)]
SMALL = by_hand(
    subject=name(attribute("2.5.4.3", "middle")),
    issuer=name(attribute("2.5.4.3", "root")),
    public_key=ODD_KEYS[KeyFault.TOO_SMALL],
)
LOWER = middle("lower", "app", issuer="middle", by="alipay_next", serial=52)
ISSUER = "CN=middle"
MD5_WITH_RSA = "1.2.840.113549.1.1.4"
CHAINS = {
    CertificateFault.EXPIRED: pem(issue(end=NOW - DAY)),
    CertificateFault.NOT_YET_VALID: pem(issue(start=NOW + DAY)),
    CertificateFault.IS_AUTHORITY: pem(root()),
    CertificateFault.NOT_FOR_SIGNATURES: pem(issue(**critical(usage("key_encipherment")))),
    CertificateFault.UNKNOWN_EXTENSION: pem(issue(**critical(unknown_extension()))),
    CertificateFault.TWO_ALGORITHMS: armour(
        by_hand(outer_algorithm=tlv(0x30, oid(MD5_WITH_RSA), b"\x05\x00"))
    ),
    CertificateFault.REFUSED_ALGORITHM: armour(by_hand(algorithm=MD5_WITH_RSA, digest=MD5())),  # noqa: S303  # a bad one
    CertificateFault.ISSUER_MISSING: pem(below()),
    CertificateFault.ISSUER_DID_NOT_SIGN: pem(below(), middle(by="app")),
    CertificateFault.ISSUER_NOT_AUTHORITY: pem(below(), middle(authority=None)),
    CertificateFault.ISSUER_EXPIRED: pem(below(), middle(end=NOW - DAY)),
    CertificateFault.ISSUER_NOT_YET_VALID: pem(below(), middle(start=NOW + DAY)),
    CertificateFault.ISSUER_KEY: pem(below()) + armour(SMALL),
    CertificateFault.ISSUER_UNKNOWN_EXTENSION: pem(
        below(), middle(**critical(unknown_extension()))
    ),
    CertificateFault.PATH_TOO_LONG: pem(below("lower", "app"), LOWER, middle(path_length=0)),
    CertificateFault.CHAIN_TOO_LONG: pem(below("m0"), *RING),
}


@pytest.mark.parametrize("fault", set(CertificateFault) - {CertificateFault.EXPIRES_SOON})
def test_a_certificate_that_is_not_trusted(fault: CertificateFault) -> None:
    leaf, *others = load_certificates(CHAINS[fault], "alipay_certificate")
    roots = load_certificates(pem(root()), "root_certificate")
    rules = (find_trusted_chain, find_chain)
    found = [rule(leaf, others, roots, path="alipay_certificate", now=NOW) for rule in rules]
    problems = [each for each in found if isinstance(each, Problem) and each.code == fault]
    assert problems
    named = {each.subject for each in (leaf, *others)} | {leaf.issuer, ISSUER}
    for problem in problems:
        expect_chinese(problem, *sorted(named, key=len, reverse=True))


def test_a_certificate_that_expires_soon() -> None:
    (leaf,) = load_certificates(pem(issue(end=NOW + 9 * DAY)), "x")
    problem = expiry_warning(leaf, "x", NOW)
    assert problem is not None
    assert problem.code == CertificateFault.EXPIRES_SOON
    expect_chinese(problem)


# Credentials.


CERTIFICATES: dict[str, Any] = {
    "private_key": KEYS / "app.pkcs8.pem",
    "app_certificate": pem(issue("app", "app", serial=8)).decode(),
    "alipay_certificate": pem(issue()).decode(),
    "root_certificate": pem(root()).decode(),
}
PUBLIC: dict[str, Any] = {
    "private_key": KEYS / "app.pkcs8.pem",
    "alipay_public_key": KEYS / "alipay.public.pem",
}
ODD_CREDENTIALS: list[dict[str, Any]] = [
    PUBLIC,
    CERTIFICATES,
    PUBLIC | {"app_id": ""},
    PUBLIC | {"app_id": "shop"},
    PUBLIC | {"private_key": object()},
    PUBLIC | {"alipay_public_key": KEYS / "app.public.pem", "encrypt_key": "*"},
    PUBLIC | {"encrypt_key": "AAECAwQFBgcICQoLDA0ODw=="},
    CERTIFICATES | {"private_key": KEYS / "ca.pkcs8.pem"},
    CERTIFICATES | {"check_certificates": False},
    CERTIFICATES | {"app_certificate": pem(root()).decode()},
    CERTIFICATES | {"app_certificate": pem(issue("app", "app", end=NOW - DAY)).decode()},
    CERTIFICATES | {"app_certificate": pem(issue("app", "app", issuer="elsewhere")).decode()},
    CERTIFICATES | {"app_certificate": armour(sm2()).decode()},
    CERTIFICATES | {"alipay_certificate": pem(issue("app", "app")).decode()},
    CERTIFICATES | {"alipay_certificate": pem(issue(issuer="elsewhere")).decode()},
    CERTIFICATES | {"alipay_certificate": pem(below(), middle(), middle(end=NOW - DAY)).decode()},
    CERTIFICATES | {"root_certificate": armour(sm2()).decode()},
]
VALUES = re.compile(r"CN=\w+|CN=Hand R1,C=CN|<ContentCipher: AES-128>")


@pytest.mark.parametrize("given", ODD_CREDENTIALS)
def test_whatever_doctor_says(given: dict[str, Any]) -> None:
    settings = CredentialSettings(**({"app_id": APP_ID, "names": {}} | given))
    found = list(examine(lambda: settings, NOW))
    assert len(found) > 3
    for each in found:
        if isinstance(each, Problem):
            expect_chinese(each, *VALUES.findall(each.message))
        elif each.text != APP_ID:
            expect_fact(each)


def expect_fact(fact: Fact) -> None:
    chinese = fact.in_language("zh")
    assert chinese.path == fact.path
    assert fact.in_language("en") == fact
    assert sorted(NUMBER.findall(chinese.text)) == sorted(NUMBER.findall(fact.text))
    assert chinese_faults(VALUES.sub("X", chinese.text) + "。") == [], chinese.text


class Elsewhere:
    """Signs where the key is."""

    async def sign(self, message: bytes) -> bytes:
        raise AssertionError(message)

    async def verify(self, *_: object, **__: object) -> None:
        """Nobody awaits it."""

    def is_sound(self) -> bool:
        return False


def test_a_signer_of_ones_own_is_a_fact() -> None:
    settings = CredentialSettings(
        app_id=APP_ID,
        private_key=Elsewhere(),  # type: ignore[arg-type]
        alipay_public_key=KEYS / "alipay.public.pem",
        names={},
    )
    facts = [each for each in examine(lambda: settings, NOW) if isinstance(each, Fact)]
    (elsewhere,) = (each for each in facts if each.path == "private_key")
    expect_fact(elsewhere)


@pytest.mark.parametrize(
    "problem",
    [
        app_id_problem(5),
        verifier_problem(5),
        verifier_problem(Elsewhere()),
        trial_problem(Elsewhere()),  # type: ignore[arg-type]
    ],
    ids=lambda problem: problem.code,
)
def test_a_rule_that_is_broken(problem: Problem) -> None:
    expect_chinese(problem)


@pytest.mark.parametrize(
    "changes", [{"cipher": 5}, {"app_cert_sn": "a,b"}, {"signer": 5}, {"verifier": 5}]
)
def test_parts_that_are_none(changes: dict[str, Any]) -> None:
    good = Credentials.from_keys(APP_ID, **PUBLIC)
    expect_chinese(refusal(attrs.evolve, good, **changes))


# Settings.


@pytest.mark.parametrize(
    "content",
    [
        "",
        "app_id = 5",
        "app_id =",
        'app_id = "x"\ny',
        'app_id = "' + "." * 1001 + '"',
        'privat_key = "x"\n"MIIEvQIBADANBg=" = "y"',
        'app_id = "x"\napp_id_file = "y"',
        'app_id = "x"\nprivate_key = "x"',
        'app_id = "x"\nprivate_key = "x"\nalipay_public_key = "x"\napp_certificate = "x"',
        'app_id = "x"\nprivate_key = "x"\nalipay_public_key = "x"\ncheck_certificates = 5',
        'app_id = "x.txt"\nprivate_key = "x"\nalipay_public_key = "x"',
        'app_id = "x"\nprivate_key = "x"\nalipay_public_key = "x"\nencrypt_key_file = "x"',
    ],
)
def test_a_file_of_settings_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    file = tmp_path / "alipay.toml"
    file.write_text(content)
    problem = refusal(read_file, file)
    names = (problem.in_language("zh").message, problem.message)
    assert not any("MII" in each for each in names)
    hidden = [each for each in ("of 15 characters, not shown",) if each in problem.message]
    if hidden:
        assert "15 个字符，不予显示" in names[0]
        return
    known = (problem.advice.removeprefix("Known: ").rstrip("."),) if "Known" in names[1] else ()
    expect_chinese(problem, str(tmp_path / "x.txt"), *known)


def test_a_file_of_settings_that_is_not_there(tmp_path: Path) -> None:
    for file, reason in ((tmp_path / "x.toml", "文件或目录不存在"), (tmp_path, "这是一个目录")):
        problem = refusal(read_file, file).in_language("zh")
        assert problem.message == f"无法读取该文件：{reason}。"


def test_what_python_refuses_before_the_system_is_named_by_its_type() -> None:
    problem = refusal(read_file, "x\0y").in_language("zh")
    assert problem.message == "无法读取该文件：ValueError。"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for each in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(each, raising=False)
        monkeypatch.delenv(each.upper(), raising=False)
    return monkeypatch


def test_an_error_that_is_renamed_keeps_its_chinese(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHOP_APP_ID", APP_ID)
    environment.setenv("SHOP_PRIVATE_KEY", "garbage")
    environment.setenv("SHOP_PUBLIC_KEY", (KEYS / "alipay.public.pem").read_text())
    problem = refusal(Credentials.from_env, "SHOP_")
    assert problem.path == "SHOP_PRIVATE_KEY"
    expect_chinese(problem)
    environment.setenv("SHOP_TIMEOUT_STALL", "0")
    problem = refusal(ClientConfig.from_env, "SHOP_")
    assert problem.path == "SHOP_TIMEOUT_STALL"
    expect_chinese(problem)
    environment.setenv("SHOP_TIMEOUT_STALL", "long")
    expect_chinese(refusal(ClientConfig.from_env, "SHOP_"))
    (first, *_) = examine(lambda: read_environment("NONE_"), NOW)
    assert isinstance(first, Problem)
    expect_chinese(first)


@pytest.mark.parametrize("content", ["timeouts = 30", "timeouts.day = 30", "allow_plain_http = 1"])
def test_settings_of_a_client_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    (tmp_path / "alipay.toml").write_text(content)
    problem = refusal(read_client_file, tmp_path / "alipay.toml", attrs.fields_dict(Timeouts))
    expect_chinese(problem, ", ".join(attrs.fields_dict(Timeouts)))


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "openapi.alipay.com"},
        {"base_url": "https://openapi.alipay.com/gateway.do"},
        {"base_url": "https://openapi.alipaydev.com"},
        {"base_url": "https://openapi.sandbox.dl.alipaydev.com"},
        {"base_url": "https://openapi.alipay.com/v3"},
        {"base_url": "http://{host}.example"},
        {"proxy": "proxy:3128"},
        {"max_connections": 0},
        *(
            {each: None}
            for each in ("timeouts", "retry", "preflight", "ssl", "trust_env", "check_freshness")
        ),
    ],
)
def test_a_client_that_is_configured_wrongly(changes: dict[str, Any]) -> None:
    expect_chinese(refusal(ClientConfig, **changes), "{host}.example")


def test_a_proxy_of_the_environment_that_is_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "socks5://proxy.example")
    credentials = Credentials.from_keys(APP_ID, **PUBLIC)
    expect_chinese(refusal(AuditClient, credentials, ClientConfig(trust_env=True)))


@pytest.mark.parametrize("value", [0, "{given}"])
def test_a_number_that_is_none(value: Any) -> None:
    expect_chinese(refusal(Timeouts, total=value), "{given}")
    expect_chinese(refusal(RetryPolicy, attempts=value), "{given}")
    expect_chinese(refusal(RetryPolicy, initial_delay=-1))


@pytest.mark.parametrize(
    "changes",
    [
        {each: 5}
        for each in (
            *("refuse", "levels", "first_submission"),
            *("placeholders", "other_platforms", "extra_rules"),
        )
    ],
)
def test_a_preflight_that_is_none(changes: dict[str, Any]) -> None:
    expect_chinese(refusal(Preflight, **changes))


def failing(_: Subject) -> list[Problem]:
    raise KeyError


def odd(_: Subject) -> list[str]:
    return ["not a problem"]


@pytest.mark.parametrize("rule", [failing, odd])
def test_a_rule_of_ones_own_that_fails(rule: Any) -> None:
    request = AuditApply(app_version="0.0.1", version_desc="x")
    subject = Subject(
        request=request, heads={}, preflight=Preflight(extra_rules=(rule,)), today=NOW.date()
    )
    expect_chinese(refusal(find_problems, subject), "failing", "odd")


def test_a_language_that_nobody_has_written() -> None:
    expect_chinese(refusal(explain, "SUBMIT_REPEAT", "fr"))


# A client.


async def test_a_client_or_session_that_is_closed() -> None:
    credentials = Credentials.from_keys(APP_ID, **PUBLIC)
    async with aiohttp.ClientSession() as session:
        client = AuditClient(credentials, session=session)
    with pytest.raises(ConfigurationError) as caught:
        await client.cancel(app_version="0.0.1")
    expect_chinese(caught.value.as_problem())
    await client.aclose()
    with pytest.raises(ConfigurationError) as caught:
        await client.cancel(app_version="0.0.1")
    expect_chinese(caught.value.as_problem())


def test_a_client_of_two_loops() -> None:
    config = ClientConfig(base_url="http://127.0.0.1:1", retry=RetryPolicy(attempts=1))

    async def make() -> AuditClient:
        async with aiohttp.ClientSession() as session:
            client = AuditClient(Credentials.from_keys(APP_ID, **PUBLIC), config, session=session)
            with pytest.raises(ConnectionFailed):
                await client.cancel(app_version="0.0.1")
        return client

    async def call(client: AuditClient) -> None:
        await client.cancel(app_version="0.0.1")

    client = asyncio.run(make())
    with pytest.raises(ConfigurationError) as caught:
        asyncio.run(call(client))
    assert caught.value.code == "other_event_loop"
    expect_chinese(caught.value.as_problem())


def test_a_session_that_cannot_send() -> None:
    error = failure_of(KeyError("x"), Phase.CONNECTING)
    assert isinstance(error, ConfigurationError)
    expect_chinese(error.as_problem(), "KeyError")
