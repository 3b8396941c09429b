import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.pki.folder import (
    ensure_folder,
    is_used,
    read_folder,
    write_folder,
)


@pytest.fixture
def texts(material: Material) -> dict[str, str]:
    return attrs.asdict(material, filter=lambda _, text: text is not None)


def refused(folder: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read_folder(folder)
    return caught.value


def test_what_is_written_is_read_again(texts: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert not is_used(folder)
    write_folder(folder, texts)
    assert is_used(folder)
    assert read_folder(folder) == texts
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    public = {"app_id", "app_cert.crt", "alipay_cert.crt", "alipay_root_cert.crt"}
    assert modes == {name: 0o644 if name in public else 0o600 for name in modes}


def test_the_roots_key_and_the_aes_key_may_be_missing(
    texts: dict[str, str], tmp_path: Path
) -> None:
    kept = {field: text for field, text in texts.items() if field != "ca_private_key"}
    write_folder(tmp_path, kept)
    assert read_folder(tmp_path) == kept


def test_one_file_of_a_sandbox_makes_a_folder_used(texts: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not of a sandbox")
    assert not is_used(tmp_path)
    (tmp_path / "encrypt_key").write_text("kept")
    assert is_used(tmp_path)
    with pytest.raises(ConfigurationError, match="encrypt_key") as caught:
        write_folder(tmp_path, texts)
    assert caught.value.setting == str(tmp_path)
    assert (tmp_path / "encrypt_key").read_text() == "kept"


def test_one_of_many_makes_it_and_the_others_wait(texts: dict[str, str], tmp_path: Path) -> None:
    folder, made, started = tmp_path / "keys", [], threading.Barrier(4)

    def make() -> Mapping[str, str]:
        made.append(texts)
        return texts

    def ensure(_: int) -> dict[str, str]:
        started.wait()
        return ensure_folder(folder, make)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ensure, range(4))) == [texts] * 4
    assert len(made) == 1


def test_the_wait_for_another_has_an_end(
    texts: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alipay_mini_audit.sandbox.pki.folder._PATIENCE", 0.1)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(ConfigurationError, match="another program") as caught:
        ensure_folder(tmp_path, lambda: texts)
    assert caught.value.setting == str(tmp_path)
    os.close(descriptor)
    assert ensure_folder(tmp_path, lambda: texts) == texts


FILL = """
import json, pathlib, sys
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.folder import write_folder
try:
    write_folder(pathlib.Path(sys.argv[1]), json.load(sys.stdin))
except ConfigurationError as error:
    print(error.problem)
"""


def test_a_full_disk_leaves_no_half_of_it(texts: dict[str, str], tmp_path: Path) -> None:
    small = 'ulimit -f 1; exec "$@"'  # a file of 1 KiB at most: the app id fits, a key does not
    done = subprocess.run(
        # Nothing is compiled: half a module would be left to all who import it later.
        ["/bin/sh", "-c", small, "-", sys.executable, "-B", "-c", FILL, str(tmp_path)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "cannot be written: " in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(texts: dict[str, str], tmp_path: Path) -> None:
    write_folder(tmp_path, texts)
    (tmp_path / "alipay_cert.crt").unlink()
    error = refused(tmp_path)
    assert error.setting == str(tmp_path)
    assert "alipay_cert.crt" in error.problem


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("app_private_key.pem", "alipay_public_key.pem"),
        ("alipay_private_key.pem", "app_id"),
        ("alipay_root_private_key.pem", "app_private_key.pem"),
        ("alipay_public_key.pem", "app_id"),
        ("alipay_public_key.pem", "app_private_key.pem"),
        ("app_cert.crt", "app_id"),
        ("app_cert.crt", "alipay_cert.crt"),
        ("alipay_cert.crt", "alipay_root_cert.crt"),
        ("alipay_root_cert.crt", "app_id"),
    ],
)
def test_the_file_that_does_not_fit_is_named(
    texts: dict[str, str], tmp_path: Path, name: str, content: str
) -> None:
    write_folder(tmp_path, texts)
    (tmp_path / name).write_bytes((tmp_path / content).read_bytes())
    # A root's private key that is another's is told by the root's certificate.
    named = "alipay_root_cert.crt" if name == "alipay_root_private_key.pem" else name
    assert refused(tmp_path).setting == str(tmp_path / named)


def test_a_file_that_is_not_text_cannot_be_read(texts: dict[str, str], tmp_path: Path) -> None:
    write_folder(tmp_path, texts)
    (tmp_path / "app_id").write_bytes(b"\xff")
    assert "cannot be read" in refused(tmp_path).problem
