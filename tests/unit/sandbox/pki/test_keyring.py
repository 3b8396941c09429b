import attrs
import pytest
from support.raw_client import cert_sn

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.pki.keyring import Keyring

KEY = "AAECAwQFBgcICQoLDA0ODw=="


async def test_a_change_replaces_all_that_depends_on_the_certificate(material: Material) -> None:
    keyring = Keyring(material)
    before = keyring.identity()
    old = before.signer.alipay_sn
    new = await keyring.change_certificate()
    assert old == cert_sn(material.alipay_certificate)
    assert new == cert_sn(keyring.material.alipay_certificate) != old
    assert keyring.identity() is keyring.identity() is not before
    assert keyring.identity().signer.alipay_sn == new


async def test_certificates_of_the_past_are_remembered(material: Material) -> None:
    keyring = Keyring(material)
    keyring.identity()
    first = material.alipay_certificate
    serial = await keyring.change_certificate()
    assert keyring.certificate_of(cert_sn(first)) == first
    assert keyring.certificate_of(serial) == keyring.material.alipay_certificate
    with pytest.raises(ConfigurationError) as caught:
        keyring.certificate_of("0" * 32)
    assert caught.value.setting == "alipay_cert_sn"


async def test_changes_that_pass_are_undone_together(material: Material) -> None:
    keyring = Keyring(material)
    keyring.restore()
    first = keyring.identity()
    await keyring.change_certificate(passing=True)
    await keyring.change_certificate(passing=True)
    assert keyring.identity() is not first
    keyring.restore()
    assert (keyring.material, keyring.identity()) == (material, first)
    await keyring.change_certificate(passing=True)
    serial = await keyring.change_certificate()
    keyring.restore()
    assert keyring.identity().signer.alipay_sn == serial


async def test_a_change_that_fails_changes_nothing(material: Material) -> None:
    keyring = Keyring(attrs.evolve(material, ca_private_key=None))
    before = keyring.identity()
    with pytest.raises(ConfigurationError) as caught:
        await keyring.change_certificate()
    assert caught.value.setting == "alipay_root_private_key.pem"
    assert keyring.identity() is before


def test_an_encrypt_key_of_its_own_wins_over_the_materials(material: Material) -> None:
    carrying = attrs.evolve(material, encrypt_key=KEY)
    assert Keyring(material).encrypt_key is None
    assert Keyring(carrying).encrypt_key == KEY
    assert Keyring(carrying, "EBESExQVFhcYGRobHB0eHw==").encrypt_key == "EBESExQVFhcYGRobHB0eHw=="


@pytest.mark.parametrize("key", ["", "not base64"])
def test_a_bad_encrypt_key_is_refused_when_it_is_first_used(material: Material, key: str) -> None:
    keyring = Keyring(material, key)
    with pytest.raises(ConfigurationError):
        keyring.identity()
