"""Encrypted calls on a real socket, encrypted by hand-made vectors and by `cryptography`."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from support.raw_client import Answer, Outsider

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
    async with SandboxGateway(material=material, encrypt_key=KEY) as gateway:
        yield gateway


@pytest.fixture
def outsider(gateway: SandboxGateway) -> Outsider:
    return Outsider(gateway)


@pytest.fixture
def alipay_key(material: Material) -> RSAPublicKey:
    key = load_pem_public_key(material.alipay_public_key.encode())
    assert isinstance(key, RSAPublicKey)
    return key


async def ask(outsider: Outsider, request: bytes) -> Answer:
    answer = await outsider.send(request)
    assert answer is not None
    return answer


@pytest.mark.parametrize("vector", [VECTORS[0], VECTORS[3]], ids=lambda vector: vector["name"])
async def test_a_cancel_is_read_and_answered_in_ciphertext(
    material: Material, alipay_key: RSAPublicKey, vector: dict[str, str]
) -> None:
    async with SandboxGateway(material=material, encrypt_key=vector["key"]) as gateway:
        outsider = Outsider(gateway)
        gateway.decide("0.0.1", "AUDITING")
        answer = await ask(outsider, outsider.cancel(vector["ciphertext"], "text/plain", **AES))
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain"
        assert answer.is_signed_by(alipay_key)
        assert decrypt(answer.body, vector["key"]) == {}
        assert gateway.status("0.0.1") == "INIT"


async def test_an_upload_has_its_data_encrypted_and_its_files_in_clear(
    outsider: Outsider, gateway: SandboxGateway, alipay_key: RSAPublicKey
) -> None:
    fields = {"app_version": "1", "version_desc": "第一个版本", "app_name": "咖啡小站"}
    data = encrypt(json.dumps(fields, ensure_ascii=False))
    request = outsider.apply(data=data, data_type="text/plain", size=1000, headers=AES)
    answer = await ask(outsider, request)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain"
    assert answer.is_signed_by(alipay_key)
    assert decrypt(answer.body) == {"speed_up": "true", "speed_up_memo": "加速审核"}
    (submission,) = gateway.submissions
    assert submission.fields == fields
    assert [(part.name, part.size) for part in submission.parts] == [("app_logo", 1000)]
    again = await ask(outsider, outsider.apply(data=data, data_type="text/plain", headers=AES))
    assert again.code == (400, "SUBMIT_REPEAT")
    assert again.headers["content-type"] == "application/json;charset=UTF-8"


async def test_a_query_without_a_body_is_answered_in_ciphertext(
    outsider: Outsider, gateway: SandboxGateway, alipay_key: RSAPublicKey
) -> None:
    answer = await ask(outsider, outsider.detail(headers=AES))
    assert answer.is_signed_by(alipay_key)
    found = decrypt(answer.body)
    assert (found["app_version"], found["status"]) == ("1", "INIT")
    gateway.decide("1", "AUDITING")
    empty = await ask(outsider, outsider.cancel("", **AES))
    assert decrypt(empty.body) == {}
    plain = await ask(outsider, outsider.detail())
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
    outsider: Outsider, body: str, content_type: str, encrypt_type: str, code: str
) -> None:
    headers = {"alipay-encrypt-type": encrypt_type}
    assert (await ask(outsider, outsider.cancel(body, content_type, **headers))).code == (400, code)
    if code != "invalid-encrypt":
        apply = outsider.apply(data=body, data_type="text/plain", headers=headers)
    else:
        apply = outsider.apply(data=body, headers=headers)
    assert (await ask(outsider, apply)).code == (400, code)


async def test_ciphertext_without_the_header_is_no_json(outsider: Outsider) -> None:
    answer = await ask(outsider, outsider.cancel(encrypt("{}"), "text/plain"))
    assert answer.code == (400, "invalid-content-type")
    answer = await ask(outsider, outsider.cancel(encrypt("{}")))
    assert answer.code == (400, "illegal-json")


async def test_the_signature_is_over_the_ciphertext(
    outsider: Outsider, gateway: SandboxGateway
) -> None:
    request = outsider.cancel("{}", "text/plain", **AES)
    body = encrypt("{}").encode()
    forged = request.replace(b"Content-Length: 2", b"Content-Length: %d" % len(body))[:-2] + body
    assert (await ask(outsider, forged)).code == (400, "invalid-signature")
    assert gateway.calls == 1


async def test_a_platform_without_a_key_says_so(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        outsider = Outsider(gateway)
        answer = await ask(outsider, outsider.cancel(encrypt("{}"), "text/plain", **AES))
        assert answer.code == (400, "missing-encrypt-key")


async def test_the_material_may_carry_the_key(material: Material) -> None:
    kept = attrs.evolve(material, encrypt_key=KEY)
    assert KEY not in repr(kept)
    async with SandboxGateway(material=kept) as gateway:
        outsider = Outsider(gateway)
        assert decrypt((await ask(outsider, outsider.detail(headers=AES))).body)["status"] == "INIT"


@pytest.mark.parametrize("key", ["", "no base64", "AAECAw=="])
async def test_a_bad_key_is_refused_at_the_start(material: Material, key: str) -> None:
    with pytest.raises(ConfigurationError, match="encrypt_key"):
        await SandboxGateway(material=material, encrypt_key=key).start()
