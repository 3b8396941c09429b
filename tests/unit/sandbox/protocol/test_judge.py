import json
from pathlib import Path
from typing import Any

import pytest

from alipay_mini_audit.sandbox.protocol.judge import Judge, Nonces
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

VECTORS = Path(__file__).parents[3] / "vectors"
REQUESTS: list[dict[str, Any]] = json.loads((VECTORS / "vectors.json").read_text("utf-8"))[
    "requests"
]
CERT_SN = "866efef280dec9137a87d047ac446315"


@pytest.fixture
def judge() -> Judge:
    return Judge(
        app_id="2021000000000001",
        public_key=(VECTORS / "keys" / "app.public.pem").read_text(),
        app_cert_sn=CERT_SN,
        alipay_root_cert_sn="root-sn",
    )


def judged(
    judge: Judge, vector: dict[str, Any], *, late: float = 0.0, **changes: str | None
) -> str:
    """Judge a known request; return `ok` or the code of the refusal."""
    given = vector | changes
    headers = {"authorization": given["authorization"]}
    if given["app_auth_token"] is not None:
        headers["alipay-app-auth-token"] = given["app_auth_token"]
    if "root_sn" in given:
        headers["alipay-root-cert-sn"] = given["root_sn"]
    now = int(vector["timestamp"]) / 1000 + late
    try:
        caller = judge.identify(headers, now)
        judge.verify(caller, given["method"], given["request_uri"], given["body"].encode(), now)
    except Refusal as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_known_requests_are_accepted(judge: Judge, vector: dict[str, Any]) -> None:
    assert judged(judge, vector) == "ok"


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_one_changed_character_is_refused(judge: Judge, vector: dict[str, Any]) -> None:
    changes: list[dict[str, str]] = [
        {"body": vector["body"] + " "},
        {"request_uri": vector["request_uri"] + "?"},
        {"method": "PUT"},
        {"app_auth_token": (vector["app_auth_token"] or "") + "x"},
        {"authorization": vector["authorization"].replace("nonce=", "nonce=x")},
        {"authorization": vector["authorization"].replace(",nonce=", ",extra=1,nonce=")},
        {"authorization": vector["authorization"][:-8] + "AAAAAA=="},
        {"authorization": vector["authorization"] + "%"},
        {"authorization": vector["authorization"][:-4]},
    ]
    for change in changes:
        assert judged(judge, vector, **change) == "invalid-signature"
    if vector["app_auth_token"]:
        assert judged(judge, vector, app_auth_token=None) == "invalid-signature"


def test_the_app_id_is_looked_up_before_the_signature_is_verified(judge: Judge) -> None:
    other = REQUESTS[0]["authorization"].replace("2021000000000001", "2021000000000002")
    assert judged(judge, REQUESTS[0], authorization=other) == "invalid-app-id"


@pytest.mark.parametrize(
    ("late", "answer"),
    [(600, "ok"), (-600, "ok"), (600.01, "illegal-timestamp"), (-600.01, "illegal-timestamp")],
)
def test_ten_minutes_are_tolerated(judge: Judge, late: float, answer: str) -> None:
    vector = next(vector for vector in REQUESTS if vector["timestamp"] == "1700000000000")
    assert judged(judge, vector, late=late) == answer


def test_a_nonce_is_used_up_only_by_a_valid_signature(judge: Judge) -> None:
    assert judged(judge, REQUESTS[0], body="{}") == "invalid-signature"
    assert judged(judge, REQUESTS[0]) == "ok"
    assert judged(judge, REQUESTS[0]) == "invalid-parameter"


def test_other_certificates_are_unknown(judge: Judge) -> None:
    vector = next(vector for vector in REQUESTS if vector["app_cert_sn"])
    other = vector["authorization"].replace(CERT_SN, "0" * 32)
    assert judged(judge, vector, authorization=other) == "app-cert-not-exist"
    assert judged(judge, vector, root_sn="another") == "invalid-alipay-root-cert-sn"
    assert judged(judge, vector, root_sn="root-sn") == "ok"


def test_an_empty_token_is_refused(judge: Judge) -> None:
    assert judged(judge, REQUESTS[0], app_auth_token="") == "invalid-app-auth-token"


def test_bytes_that_are_not_text_are_judged_as_received(judge: Judge) -> None:
    target = REQUESTS[0]["request_uri"] + "?\udcff"
    assert judged(judge, REQUESTS[0], request_uri=target) == "invalid-signature"


def test_nonces_are_forgotten_when_their_time_is_over() -> None:
    nonces = Nonces()
    assert all(nonces.use(f"n-{i}", expiry_ms=1000 + i, now_ms=0) for i in range(100))
    assert not nonces.use("n-99", expiry_ms=5000, now_ms=1099)
    assert len(nonces) == 1
    assert nonces.use("n-99", expiry_ms=5000, now_ms=1100)
    assert len(nonces) == 1
