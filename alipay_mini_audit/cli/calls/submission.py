"""What `apply` shows before it asks: what will be sent, and to whom."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from alipay_mini_audit.cli.calls.printing import print_rows
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.models import AuditApply

__all__ = ["host_of", "show_submission", "size_of"]

_KB: Final = 1024


def show_submission(
    app_id: str,
    config: ClientConfig,
    request: AuditApply,
    parts: Mapping[str, Path],
    folder: Path,
    language: str,
    *,
    has_token: bool,
) -> None:
    """Print on stderr what will be sent: names of fields, not what they hold; files with sizes.

    Args:
        app_id: who calls.
        config: says whom.
        request: the fields.
        parts: the files.
        folder: what is in it is named from there.
        language: "zh" or "en".
        has_token: whether it is for a merchant.
    """
    sizes = {name: size_of(path) for name, path in parts.items()}
    total = sum(sizes.values())
    merchant = said("the merchant of the token", "令牌所属的商家", language)
    files = [
        f"{name}  {_shown(sizes[name])}  {_named(path, folder)}" for name, path in parts.items()
    ]
    count = said(
        f"{len(files)} files, {_shown(total)}", f"共 {len(files)} 个，{_shown(total)}", language
    )
    rows = {
        said("version", "版本号", language): [request.app_version or ""],
        said("bundle", "端", language): [str(request.bundle_id)] if request.bundle_id else [],
        said("app id", "应用", language): [app_id],
        said("for", "代调用", language): [merchant] if has_token else [],
        said("host", "主机", language): [host_of(config)],
        said("fields", "字段", language): [", ".join(request.to_wire())],
        said("files", "文件", language): [*files, count] if files else [],
    }
    print_rows(rows.items(), language, sys.stderr)
    sys.stderr.write("\n")


def host_of(config: ClientConfig) -> str:
    """Return where a client calls, without the scheme if that is https."""
    return (
        urlsplit(config.base_url).netloc if config.base_url.startswith("https") else config.base_url
    )


def _named(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def size_of(path: Path) -> int:
    """Return the bytes of a file; 0 if it is gone."""
    with contextlib.suppress(OSError):  # it is gone since it was checked; the call will tell
        return path.stat().st_size
    return 0


def _shown(size: int) -> str:
    if size < _KB * _KB:
        return f"{size / _KB:.1f} KB"
    return f"{size / _KB / _KB:.1f} MB"
