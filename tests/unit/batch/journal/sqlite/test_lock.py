import builtins
from pathlib import Path

import pytest

from alipay_mini_audit.batch.journal.sqlite.lock import OwnerLock
from alipay_mini_audit.errors import ConfigurationError


def test_one_has_the_lock_until_it_is_given_back(path: Path) -> None:
    first, second = OwnerLock(path), OwnerLock(path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
    second.release()


def test_a_lock_that_was_replaced_is_another_one(path: Path) -> None:
    frozen, new, third = OwnerLock(path), OwnerLock(path), OwnerLock(path)
    assert frozen.acquire()
    assert new.replace()
    frozen.release()
    assert not third.acquire()
    new.release()
    assert third.acquire()
    third.release()


def test_without_filelock_it_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def refuse(name: str, *args: object) -> object:
        if name == "filelock":
            raise ImportError
        return original(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigurationError, match=r"alipay-mini-audit\[batch\]"):
        OwnerLock(path)
