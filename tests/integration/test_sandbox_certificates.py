"""Certificate mode on a real socket, across changes of the platform's certificate.

`cryptography` is the judge.
"""

import asyncio
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.raw_client import RawClient, alipay_key, cert_sn

from alipay_mini_audit import (
    AuditClient,
    ClientConfig,
    ConfigurationError,
    Credentials,
    Preflight,
    UntrustedReply,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def key_of(pem: str) -> RSAPublicKey:
    key = certificate(pem).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


@pytest.fixture
async def gateway(material: Material) -> AsyncIterator[SandboxGateway]:
    async with SandboxGateway(material=material) as gateway:
        yield gateway


@pytest.fixture
def raw(gateway: SandboxGateway) -> RawClient:
    return RawClient(gateway, by_certificate=True)


async def test_answers_name_the_certificate_that_signed_them(
    raw: RawClient, gateway: SandboxGateway, material: Material
) -> None:
    first = await raw.ask(raw.detail())
    serial = await gateway.change_certificate()
    second = await raw.ask(raw.detail())
    old, new = first.headers["alipay-sn"], second.headers["alipay-sn"]
    assert old == cert_sn(material.alipay_certificate) != new == serial
    assert first.is_signed_by(key_of(gateway.certificate_of(old)))
    assert second.is_signed_by(key_of(gateway.certificate_of(new)))
    assert not second.is_signed_by(key_of(gateway.certificate_of(old)))
    assert gateway.certificate_of(old) == material.alipay_certificate
    assert gateway.material.alipay_certificate == gateway.certificate_of(new)
    with pytest.raises(ConfigurationError, match="never used"):
        gateway.certificate_of("0" * 32)


async def test_the_successor_has_the_same_subject_and_root(
    gateway: SandboxGateway, material: Material
) -> None:
    await gateway.change_certificate()
    old, new = (
        certificate(material.alipay_certificate),
        certificate(gateway.material.alipay_certificate),
    )
    new.verify_directly_issued_by(certificate(material.root_certificate))
    assert (old.subject, old.issuer) == (new.subject, new.issuer)
    assert old.serial_number != new.serial_number
    assert new.not_valid_after_utc > datetime.datetime.now(datetime.UTC) > new.not_valid_before_utc
    changed = ("alipay_certificate", "alipay_private_key", "alipay_public_key")
    same = attrs.evolve(gateway.material, **{name: getattr(material, name) for name in changed})
    assert same == material


async def test_an_expired_and_a_forged_certificate_sign_all_the_same(
    raw: RawClient, gateway: SandboxGateway, material: Material
) -> None:
    root = certificate(material.root_certificate)
    await gateway.change_certificate(expired=True)
    expired = certificate(gateway.material.alipay_certificate)
    expired.verify_directly_issued_by(root)
    assert expired.not_valid_after_utc < datetime.datetime.now(datetime.UTC)
    with pytest.raises(ConfigurationError):
        _ = gateway.certificate_credentials
    serial = await gateway.change_certificate(forged=True)
    forged = certificate(gateway.certificate_of(serial))
    assert forged.issuer == root.subject
    with pytest.raises(InvalidSignature):
        forged.verify_directly_issued_by(root)
    answer = await raw.ask(raw.detail())
    assert answer.headers["alipay-sn"] == serial
    assert answer.is_signed_by(key_of(gateway.certificate_of(serial)))
    with pytest.raises(ConfigurationError):
        _ = gateway.certificate_credentials


async def test_a_fault_changes_the_certificate_in_mid_run(
    raw: RawClient, gateway: SandboxGateway
) -> None:
    gateway.faults.add(Fault.CERTIFICATE_CHANGE, call=2)
    serials = [(await raw.ask(raw.detail())).headers["alipay-sn"] for _ in range(3)]
    assert serials[0] != serials[1] == serials[2]
    assert cert_sn(gateway.material.alipay_certificate) == serials[1]


async def test_key_mode_is_signed_with_the_new_key_too(gateway: SandboxGateway) -> None:
    await gateway.change_certificate()
    raw = RawClient(gateway)
    answer = await raw.ask(raw.detail())
    assert answer.is_signed_by(alipay_key(gateway.material))
    assert "alipay-sn" not in answer.headers


async def test_certificates_of_the_present_key_on_demand(material: Material) -> None:
    root = certificate(material.root_certificate)
    expired, forged = material.expired_certificate(), material.forged_certificate()
    assert key_of(expired) == key_of(forged) == key_of(material.alipay_certificate)
    certificate(expired).verify_directly_issued_by(root)
    assert certificate(expired).not_valid_after_utc < datetime.datetime.now(datetime.UTC)
    assert certificate(forged).issuer == root.subject
    with pytest.raises(InvalidSignature):
        certificate(forged).verify_directly_issued_by(root)
    for pem in (expired, forged):
        with pytest.raises(ConfigurationError):
            Credentials.from_certificates(
                material.app_id,
                material.app_private_key,
                material.app_certificate,
                pem,
                material.root_certificate,
            )


async def test_credentials_are_made_once(gateway: SandboxGateway, material: Material) -> None:
    old, old_certified = gateway.credentials, gateway.certificate_credentials
    assert gateway.credentials is old
    assert gateway.certificate_credentials is old_certified
    await gateway.change_certificate()
    assert gateway.credentials is not old
    assert gateway.certificate_credentials is not old_certified
    unstarted = SandboxGateway(material=material)
    assert unstarted.credentials is unstarted.credentials
    assert (
        unstarted.certificate_of(cert_sn(material.alipay_certificate))
        == material.alipay_certificate
    )
    with pytest.raises(ConfigurationError, match="start"):
        await unstarted.change_certificate()


async def test_a_client_with_certificates_is_served_until_the_change(
    gateway: SandboxGateway,
) -> None:
    config = ClientConfig(preflight=Preflight.OFF, base_url=gateway.base_url)
    async with AuditClient(gateway.certificate_credentials, config) as client:
        assert (await client.version_detail("1")).status == "INIT"
        await gateway.change_certificate()
        with pytest.raises(UntrustedReply):
            await client.version_detail("1")
    async with AuditClient(gateway.certificate_credentials, config) as client:
        assert (await client.version_detail("1")).status == "INIT"


async def test_material_without_the_roots_key_cannot_change(
    material: Material, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    await asyncio.to_thread(material.write, folder)
    path = folder / "alipay_root_private_key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Material.read(folder) == material
    assert "PRIVATE" not in repr(material)
    path.unlink()
    old = Material.read(folder)
    assert old.ca_private_key is None
    async with SandboxGateway(material=old) as gateway:
        with pytest.raises(ConfigurationError, match=r"alipay_root_private_key\.pem"):
            await gateway.change_certificate()
    with pytest.raises(ConfigurationError, match=r"alipay_root_private_key\.pem"):
        old.expired_certificate()
    path.write_text(material.app_private_key)
    with pytest.raises(ConfigurationError, match=r"alipay_root_cert\.crt"):
        Material.read(folder)


async def test_a_folder_may_hold_an_aes_key(tmp_path: Path) -> None:
    made = await asyncio.to_thread(lambda: Material.generate("my-app", encrypt_key=True))
    assert made.encrypt_key is not None
    made.write(tmp_path)
    path = tmp_path / "encrypt_key"
    assert path.read_text() == made.encrypt_key + "\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Material.read(tmp_path) == made
    path.write_text("short\n")
    with pytest.raises(ConfigurationError, match="encrypt_key"):
        Material.read(tmp_path)
