import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.raw_client import Answer, alipay_key, cert_sn

from alipay_mini_audit import Credentials
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.pki.identity import Identity


def is_signature(key: RSAPublicKey, signature: str, body: bytes) -> bool:
    headers = {"alipay-timestamp": "1", "alipay-nonce": "n", "alipay-signature": signature}
    return Answer(200, headers, body).is_signed_by(key)


def test_the_signer_signs_with_the_platforms_key(material: Material) -> None:
    signer = Identity.make(material, None).signer
    assert signer.alipay_sn == cert_sn(material.alipay_certificate)
    assert is_signature(alipay_key(material), signer.sign(b"1\nn\n{}\n"), b"{}")


def test_a_client_gets_credentials_of_both_modes(material: Material) -> None:
    identity = Identity.make(material, None)
    assert identity.certificate_credentials.app_cert_sn == cert_sn(material.app_certificate)
    assert identity.key_credentials.app_cert_sn is None
    assert identity.key_credentials.app_id == material.app_id


def test_certificates_that_a_client_refuses_leave_key_mode_alone(material: Material) -> None:
    expired = attrs.evolve(material, alipay_certificate=material.expired_certificate())
    identity = Identity.make(expired, None)
    errors = []
    for _ in range(2):
        with pytest.raises(ConfigurationError) as caught:
            _ = identity.certificate_credentials
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    assert errors[0] is not errors[1]
    assert isinstance(identity.key_credentials, Credentials)


def test_the_same_material_is_parsed_once(material: Material) -> None:
    assert Identity.make(material, None) is Identity.make(attrs.evolve(material), None)


def test_an_unusable_encrypt_key_is_refused(material: Material) -> None:
    with pytest.raises(ConfigurationError):
        Identity.make(material, "AAECAw==")


def test_no_key_is_printed(material: Material) -> None:
    assert "KEY" not in repr(Identity.make(material, None))
