"""What is wrong with a setting of the sandbox is said in both languages."""

import errno
from pathlib import Path

import pytest
from support.languages import assert_told_in_chinese

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import Material, SandboxGateway
from alipay_mini_audit.sandbox.unusable import unusable


def test_values_are_filled_in_and_never_read_as_texts() -> None:
    error = unusable("port", ("it is {what}.", "Stop."), ("它是 {what}。", "请停。"), what="{x}")
    assert str(error) == "port: it is {x}. Stop."
    assert str(error.as_problem().in_language("zh")) == "port: 它是 {x}。请停。"


async def test_a_port_in_use_is_told_in_both_languages(material: Material) -> None:
    async with SandboxGateway(material=material) as gateway:
        port = int(gateway.base_url.rpartition(":")[2])
        with pytest.raises(ConfigurationError) as caught:
            async with SandboxGateway(material=material, port=port):
                pass
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.EADDRINUSE
    assert_told_in_chinese(caught.value.as_problem())


def test_a_folder_of_keys_that_cannot_be_used_is_told_in_both_languages(
    material: Material, tmp_path: Path
) -> None:
    material.write(tmp_path)
    with pytest.raises(ConfigurationError) as full:
        material.write(tmp_path)
    with pytest.raises(ConfigurationError) as other:
        Material.ensure(tmp_path, "9021000000000002")
    key = tmp_path / "alipay_private_key.pem"
    key.write_text("no key")
    with pytest.raises(ConfigurationError) as damaged:
        Material.read(tmp_path)
    key.unlink()
    with pytest.raises(ConfigurationError) as lacking:
        Material.read(tmp_path)
    for error in (full, other, damaged, lacking):
        assert_told_in_chinese(error.value.as_problem())
