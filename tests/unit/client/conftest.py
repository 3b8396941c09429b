"""A client that reaches nobody."""

import pytest

from alipay_mini_audit import AuditClient, ClientConfig, Credentials, Preflight
from alipay_mini_audit.sandbox import Material


@pytest.fixture
def client(material: Material) -> AuditClient:
    credentials = Credentials.from_keys(
        material.app_id, material.app_private_key, material.alipay_public_key
    )
    return AuditClient(
        credentials, ClientConfig(preflight=Preflight.OFF, base_url="http://127.0.0.1:1")
    )
