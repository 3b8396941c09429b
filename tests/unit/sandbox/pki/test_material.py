from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox import Material

FILES = {
    "app_id",
    "app_private_key.pem",
    "alipay_private_key.pem",
    "alipay_root_private_key.pem",
    "alipay_public_key.pem",
    "app_cert.crt",
    "alipay_cert.crt",
    "alipay_root_cert.crt",
}
SPKI = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public(private_pem: str) -> bytes:
    key = load_pem_private_key(private_pem.encode(), None)
    return key.public_key().public_bytes(*SPKI)


def test_the_root_signed_the_certificates_of_the_two_keys(material: Material) -> None:
    app, alipay, root = (
        x509.load_pem_x509_certificate(pem.encode())
        for pem in (
            material.app_certificate,
            material.alipay_certificate,
            material.root_certificate,
        )
    )
    for certificate in (app, alipay, root):
        certificate.verify_directly_issued_by(root)
    assert app.public_key().public_bytes(*SPKI) == public(material.app_private_key)
    assert alipay.public_key().public_bytes(*SPKI) == public(material.alipay_private_key)
    assert public(material.alipay_private_key) == material.alipay_public_key.encode()
    assert public(material.app_private_key) == material.app_public_key.encode()
    assert material.ca_private_key is not None
    assert root.public_key().public_bytes(*SPKI) == public(material.ca_private_key)
    assert len({app.serial_number, alipay.serial_number, root.serial_number}) == 3


def test_private_keys_are_pkcs8_and_not_printed(material: Material) -> None:
    assert material.app_private_key.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert "BEGIN" not in repr(material)


def test_a_folder_is_written_and_read_again(material: Material, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"
    material.write(folder)
    assert {path.name for path in folder.iterdir()} == FILES
    assert (folder / "app_id").read_text() == material.app_id + "\n"
    for path in folder.glob("*.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
    expected = material
    assert Material.read(folder) == expected
    assert Material.ensure(folder) == expected
    assert Material.ensure(folder, material.app_id) == expected
    with pytest.raises(ConfigurationError, match="app id"):
        Material.ensure(folder, "another")


def test_nothing_is_overwritten(material: Material, tmp_path: Path) -> None:
    (tmp_path / "app_id").write_text("kept")
    with pytest.raises(ConfigurationError, match="app_id"):
        material.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["app_id"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    made = Material.ensure(tmp_path, "my-app")
    assert made.app_id == "my-app"
    assert Material.read(tmp_path).app_private_key == made.app_private_key


def test_a_half_filled_folder_names_what_is_missing(material: Material, tmp_path: Path) -> None:
    material.write(tmp_path)
    (tmp_path / "app_cert.crt").unlink()
    (tmp_path / "app_id").unlink()
    for use in (Material.read, Material.ensure):
        with pytest.raises(ConfigurationError, match=r"lacks app_id, app_cert\.crt\."):
            use(tmp_path)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("alipay_public_key.pem", "app_cert.crt"),
        ("alipay_cert.crt", "app_cert.crt"),
        ("app_cert.crt", "alipay_cert.crt"),
        ("app_private_key.pem", "alipay_public_key.pem"),
        ("app_private_key.pem", "app_id"),
        ("alipay_root_cert.crt", "app_id"),
        ("app_id", "alipay_cert.crt"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(
    material: Material, tmp_path: Path, name: str, source: str
) -> None:
    material.write(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / source).read_bytes())
    with pytest.raises(ConfigurationError):
        Material.read(tmp_path)


def test_unusable_places_and_ids_are_refused(material: Material, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        material.write(tmp_path / "file")
    material.write(tmp_path / "keys")
    (tmp_path / "keys" / "app_id").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Material.read(tmp_path / "keys")
    with pytest.raises(ConfigurationError, match="app_id"):
        Material.generate("two words")
