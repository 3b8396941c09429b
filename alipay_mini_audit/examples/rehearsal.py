"""A sandbox with a list of merchants and pictures, so that examples run without anything else."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from alipay_mini_audit.sandbox import Material, SandboxGateway
from alipay_mini_audit.sandbox.samples import png

__all__ = ["rehearsal"]

_COLUMNS: Final = ("key", "app_auth_token", "app_version", "version_desc", "folder")
_PICTURES: Final = ("app_logo", "first_screen_shot", "second_screen_shot")
_MERCHANTS: Final = 40
_DESCRIPTION: Final = "Orders can be filtered by shop, and refunds show the right amount again."


@asynccontextmanager
async def rehearsal(path: Path, port: int) -> AsyncIterator[SandboxGateway]:
    """Run a sandbox; make a list and pictures unless the list is there.

    A journal is bound to an app and a base URL, so keys and port have to stay the same: the keys
    are kept in `sandbox-keys` beside the list.

    Args:
        path: of the list.
        port: of the sandbox.
    """
    material = await asyncio.to_thread(_prepare, path)
    async with SandboxGateway(material=material, port=port) as gateway:
        yield gateway


def _prepare(path: Path) -> Material:
    if not path.exists():
        folder = path.parent / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        for seed, name in enumerate(_PICTURES):
            picture = png(100_000, seed=seed, square=name == "app_logo")
            (folder / f"{name}.png").write_bytes(picture)
        with path.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines)
            rows.writerow(_COLUMNS)
            for number in range(1, _MERCHANTS + 1):
                names = f"shop-{number}", f"token-{number}"
                rows.writerow([*names, "1.0.0", _DESCRIPTION, folder.name])
    return Material.ensure(path.parent / "sandbox-keys")
