"""Fixtures for users' tests.

A running gateway and a client of it. pytest loads this module in every run.
"""

# ruff: noqa: PLC0415  # a run that uses none of the fixtures should not pay for them
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alipay_mini_audit.client import AuditClient
    from alipay_mini_audit.sandbox import Material, SandboxGateway, SandboxThread

try:
    from pytest_asyncio import fixture as _async_fixture
except ImportError:
    # Another plugin may run async fixtures; if none does, pytest says so to those who use them.
    _async_fixture = pytest.fixture  # type: ignore[assignment]

__all__ = [
    "alipay_sandbox",
    "alipay_sandbox_material",
    "alipay_sandbox_thread",
    "audit_client",
]


@pytest.fixture(scope="session")
def alipay_sandbox_material() -> Material:
    """Keys and certificates of the gateways, made once; an AES key is not among them."""
    from alipay_mini_audit.sandbox import Material

    return Material.generate()


@_async_fixture
async def alipay_sandbox(alipay_sandbox_material: Material) -> AsyncIterator[SandboxGateway]:
    """A running sandbox gateway, new for each test.

    It runs in the loop of the test, so a synchronous test takes `alipay_sandbox_thread` in place of
    it.
    """
    from alipay_mini_audit.sandbox import SandboxGateway

    async with SandboxGateway(material=alipay_sandbox_material) as gateway:
        yield gateway


@_async_fixture
async def audit_client(alipay_sandbox: SandboxGateway) -> AsyncIterator[AuditClient]:
    """A client of `alipay_sandbox` in key mode, with default settings."""
    from alipay_mini_audit.client import AuditClient
    from alipay_mini_audit.config import ClientConfig

    config = ClientConfig(base_url=alipay_sandbox.base_url)
    async with AuditClient(alipay_sandbox.credentials, config) as client:
        yield client


@pytest.fixture
def alipay_sandbox_thread(alipay_sandbox_material: Material) -> Iterator[SandboxThread]:
    """A running sandbox gateway for a synchronous test, new for each test.

    It runs in a thread of its own; its methods may be called from any other.
    """
    from alipay_mini_audit.sandbox import SandboxGateway, SandboxThread

    with SandboxThread(SandboxGateway(material=alipay_sandbox_material)) as sandbox:
        yield sandbox
