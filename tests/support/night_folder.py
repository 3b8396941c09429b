"""A folder with what a person needs for a night: credentials, pictures and a manifest."""

import json
from pathlib import Path

from support.sandbox_material import KEYS

from alipay_mini_audit.sandbox.samples import png

DESCRIPTION = "Orders can be filtered by shop, and refunds show the right amount again."


def night_folder(folder: Path, base_url: str, count: int, **columns: object) -> Path:
    """Make all of it, and return the manifest.

    Args:
        folder: where.
        base_url: of the sandbox.
        count: how many entries there are, of a merchant each.
        columns: of every entry; one that is called with its number if it can be called.
    """
    (folder / "alipay.toml").write_text(
        'app_id = "9021000000000001"\n'
        f'private_key = "{KEYS / "app.pkcs8.pem"}"\n'
        f'alipay_public_key = "{KEYS / "alipay.public.pem"}"\n'
        f'base_url = "{base_url}"\n'
    )
    (folder / "logo.png").write_bytes(png(8_000, seed=1, square=True))
    manifest = folder / "night.jsonl"
    with manifest.open("w") as lines:
        for number in range(1, count + 1):
            own = {name: each(number) if callable(each) else each for name, each in columns.items()}
            line = {
                "key": f"shop-{number}",
                "app_auth_token": f"token-{number}-{folder.name}",  # of this test alone
                "app_version": f"0.0.{number}",
                "version_desc": DESCRIPTION,
                "app_logo": "logo.png",
                **own,
            }
            lines.write(json.dumps({name: each for name, each in line.items() if each}) + "\n")
    return manifest


def run_options(folder: Path) -> list[str]:
    """Return what `batch run` needs beside the manifest."""
    return ["--journal", str(folder / "journal"), "--credentials", str(folder / "alipay.toml")]
