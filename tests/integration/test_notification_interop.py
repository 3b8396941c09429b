"""The official Node SDK judges the same notifications, where there is one (`NODE_PATH`)."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from support.certificates import VECTORS
from support.notifications import EXPECTED, FORMS, VERIFIER

from alipay_mini_audit.errors import NotificationRejected
from alipay_mini_audit.notifications.form import read_form
from alipay_mini_audit.notifications.verification import verify_form

SCRIPT = Path(__file__).parents[1] / "support" / "check_notifications.mjs"
NODE_PATH = os.environ.get("NODE_PATH", "")
KEYS = VECTORS / "keys"
# It verifies UTF-8 alone, and of a field named twice it sees one.
SUPPORTED = [name for name in EXPECTED if "gbk" not in name and name != "gateway_check"]
GATEWAY_CHECK = "gateway_check"  # named GBK, and ASCII throughout


def judged(forms: list[dict[str, str]]) -> list[bool]:
    """Ask the SDK of all of them at once."""
    public_key = (KEYS / "alipay.public.b64").read_text("ascii").strip()
    private_key = (KEYS / "app.pkcs8.b64").read_text("ascii").strip()
    asked = {"publicKey": public_key, "privateKey": private_key, "forms": forms}
    done = subprocess.run(
        [str(shutil.which("node")), str(SCRIPT)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={**os.environ, "NODE_PATH": NODE_PATH},
    )
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts


def is_ours(body: bytes) -> bool:
    try:
        verify_form(read_form(body, {}), VERIFIER)
    except NotificationRejected:
        return False
    return True


@pytest.mark.skipif(
    not shutil.which("node") or not (Path(NODE_PATH) / "alipay-sdk").is_dir(),
    reason="node, and alipay-sdk in NODE_PATH",
)
def test_the_official_node_sdk_agrees() -> None:
    forms: list[dict[str, str]] = []
    for name in (*SUPPORTED, GATEWAY_CHECK):
        form = dict(parse_qsl(FORMS[name].decode(), keep_blank_values=True))
        forms.append(form)
        for field, value in form.items():
            if field != "sign_type":  # it takes RSA, too, and a form without one
                # Behind the end of base64 it takes anything, so the change is in front.
                forms += [{**form, field: f"AAAA{value}"}, {**form, f"{field}A": value}]
        forms.append({**form, "later": "1"})
    verdicts = judged(forms)
    assert verdicts == [is_ours(urlencode(form).encode()) for form in forms]
    assert verdicts.count(True) == len(SUPPORTED)  # but that of the other key, and the check
