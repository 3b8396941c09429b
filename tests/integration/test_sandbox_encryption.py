"""Encrypted calls on a real socket, encrypted by hand-made vectors and by `cryptography`."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from support.raw_client import RawClient, alipay_key

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Material, SandboxGateway

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "vectors.json").read_text(encoding="utf-8")
)["aes"]
KEY = "AAECAwQFBgcICQoLDA0ODw=="
AES = {"alipay-encrypt-type": "AES"}


def encrypt(text: str, key: str = KEY) -> str:
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(base64.b64decode(key)), modes.CBC(bytes(16))).encryptor()
    return base64.b64encode(
        encryptor.update(padder.update(text.encode()) + padder.finalize())
    ).decode()


def decrypt(text: bytes, key: str = KEY) -> dict[str, object]:
    decryptor = Cipher(
        algorithms.AES(base64.b64decode(key, validate=True)), modes.CBC(bytes(16))
    ).decryptor()
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(base64.b64decode(text, validate=True))
    return json.loads(unpadder.update(padded) + unpadder.finalize())


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material, encrypt_key=KEY, strict=False) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway)


@pytest.mark.parametrize("vector", [VECTORS[0], VECTORS[3]], ids=lambda vector: vector["name"])
async def test_a_cancel_is_read_and_answered_in_ciphertext(
    material: Material, vector: dict[str, str]
) -> None:
    async with SandboxGateway(material=material, encrypt_key=vector["key"]) as gateway:
        raw = RawClient(gateway)
        gateway.decide("0.0.1", "AUDITING")
        answer = await raw.ask(raw.cancel(vector["ciphertext"], "text/plain", headers=AES))
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain"
        assert answer.is_signed_by(alipay_key(gateway.material))
        assert decrypt(answer.body, vector["key"]) == {}
        assert gateway.status("0.0.1") == "INIT"


async def test_an_upload_has_its_data_encrypted_and_its_files_in_clear(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    fields = {"app_version": "1", "version_desc": "第一个版本", "app_name": "咖啡小站"}
    data = encrypt(json.dumps(fields, ensure_ascii=False))
    request = raw.apply(data=data, data_type="text/plain", size=1000, headers=AES)
    answer = await raw.ask(request)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain"
    assert answer.is_signed_by(alipay_key(gateway.material))
    assert decrypt(answer.body) == {"speed_up": "true", "speed_up_memo": "加速审核"}
    (submission,) = gateway.submissions
    assert submission.fields == fields
    assert [(part.name, part.size) for part in submission.parts] == [("app_logo", 1000)]
    again = await raw.ask(raw.apply(data=data, data_type="text/plain", headers=AES))
    assert again.refusal == (400, "SUBMIT_REPEAT")
    assert again.headers["content-type"] == "application/json;charset=UTF-8"


async def test_a_query_without_a_body_is_answered_in_ciphertext(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    answer = await raw.ask(raw.detail(headers=AES))
    assert answer.is_signed_by(alipay_key(gateway.material))
    found = decrypt(answer.body)
    assert (found["app_version"], found["status"]) == ("1", "INIT")
    gateway.decide("1", "AUDITING")
    empty = await raw.ask(raw.cancel("", headers=AES))
    assert decrypt(empty.body) == {}
    plain = await raw.ask(raw.detail())
    assert plain.json["status"] == "INIT"


@pytest.mark.parametrize(
    ("body", "content_type", "encrypt_type", "code"),
    [
        (encrypt("{}", "EBESExQVFhcYGRobHB0eHw=="), "text/plain", "AES", "decryption-error"),
        (encrypt("{}")[:-1], "text/plain", "AES", "decryption-error"),
        (base64.b64encode(b"x" * 15).decode(), "text/plain", "AES", "decryption-error"),
        ("{}", "text/plain; charset=utf-8", "AES", "decryption-error"),
        ("\n" + encrypt("{}"), "text/plain", "AES", "decryption-error"),
        (encrypt("[]"), "text/plain", "AES", "illegal-json"),
        (encrypt("{}"), "application/json", "AES", "invalid-encrypt"),
        (encrypt("{}"), "text/plain", "SM4", "invalid-encrypt-type"),
        (encrypt("{}"), "text/plain", "aes", "invalid-encrypt-type"),
        (encrypt("{}"), "text/plain", "", "missing-encrypt-type"),
    ],
)
async def test_wrong_encryption_is_refused(
    raw: RawClient, body: str, content_type: str, encrypt_type: str, code: str
) -> None:
    headers = {"alipay-encrypt-type": encrypt_type}
    assert (await raw.ask(raw.cancel(body, content_type, headers))).refusal == (400, code)
    if code != "invalid-encrypt":
        apply = raw.apply(data=body, data_type="text/plain", headers=headers)
    else:
        apply = raw.apply(data=body, headers=headers)
    assert (await raw.ask(apply)).refusal == (400, code)


async def test_ciphertext_without_the_header_is_no_json(raw: RawClient) -> None:
    answer = await raw.ask(raw.cancel(encrypt("{}"), "text/plain"))
    assert answer.refusal == (400, "invalid-content-type")
    answer = await raw.ask(raw.cancel(encrypt("{}")))
    assert answer.refusal == (400, "illegal-json")


async def test_the_signature_is_over_the_ciphertext(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    request = raw.cancel("{}", "text/plain", headers=AES)
    body = encrypt("{}").encode()
    forged = request.replace(b"Content-Length: 2", b"Content-Length: %d" % len(body))[:-2] + body
    assert (await raw.ask(forged)).refusal == (400, "invalid-signature")
    assert gateway.calls == 1


async def test_a_platform_without_a_key_says_so(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        raw = RawClient(gateway)
        answer = await raw.ask(raw.cancel(encrypt("{}"), "text/plain", headers=AES))
        assert answer.refusal == (400, "missing-encrypt-key")


async def test_the_material_may_carry_the_key(material: Material) -> None:
    kept = attrs.evolve(material, encrypt_key=KEY)
    assert KEY not in repr(kept)
    async with SandboxGateway(material=kept) as gateway:
        raw = RawClient(gateway)
        assert decrypt((await raw.ask(raw.detail(headers=AES))).body)["status"] == "INIT"


@pytest.mark.parametrize("key", ["", "no base64", "AAECAw=="])
async def test_a_bad_key_is_refused_at_the_start(material: Material, key: str) -> None:
    with pytest.raises(ConfigurationError, match="encrypt_key"):
        await SandboxGateway(material=material, encrypt_key=key).start()
