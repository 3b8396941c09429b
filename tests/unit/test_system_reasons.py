"""Why a system refuses something, in Chinese."""

import errno
import os
from pathlib import Path

import pytest
from support.languages import chinese_faults

from alipay_mini_audit.system_reasons import chinese_reason


def test_a_real_refusal_has_its_reason(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "none").read_bytes()
    with pytest.raises(IsADirectoryError) as directory:
        tmp_path.read_bytes()
    assert chinese_reason(missing.value) == "文件或目录不存在"
    assert chinese_reason(directory.value) == "这是一个目录"


@pytest.mark.parametrize("symbol", ["EACCES", "EFBIG", "EIO", "ENOSPC", "ENOTDIR", "EROFS"])
def test_a_reason_has_no_full_stop(symbol: str) -> None:
    number = getattr(errno, symbol)
    reason = chinese_reason(OSError(number, os.strerror(number)))
    assert reason is not None
    assert chinese_faults(reason) == ["no full stop"]


@pytest.mark.parametrize(
    "error", [OSError("no number"), OSError(errno.EXDEV, "x"), OSError(9999, "x"), ValueError(2)]
)
def test_what_nobody_has_written_has_none(error: Exception) -> None:
    assert chinese_reason(error) is None
