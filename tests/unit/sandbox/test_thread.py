import asyncio
import inspect
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    ConfigurationError,
    Preflight,
    RetryPolicy,
)
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway, SandboxThread
from alipay_mini_audit.sandbox.pki.x509 import serial_number

DESCRIPTION = "Fixes the amount of a refund, and shows orders by shop."
ONLY_IN_A_LOOP = {"start", "aclose", "offline", "change_certificate"}


@pytest.fixture
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material, strict=False)) as sandbox:
        yield sandbox


def submit(sandbox: SandboxThread, version: str = "0.0.1", attempts: int = 1) -> None:
    """Submit from a loop of the calling thread, as a synchronous program would."""

    async def submit() -> None:
        retry = RetryPolicy(attempts=attempts, initial_delay=0.001, max_delay=0.001)
        config = ClientConfig(preflight=Preflight.OFF, base_url=sandbox.base_url, retry=retry)
        async with AuditClient(sandbox.credentials, config) as client:
            await client.apply(AuditApply(app_version=version, version_desc=DESCRIPTION))

    asyncio.run(submit())


def test_a_synchronous_test_submits_and_looks(sandbox: SandboxThread) -> None:
    assert sandbox.status("0.0.1") == "INIT"
    submit(sandbox)
    assert sandbox.status("0.0.1") == "AUDITING"
    assert (sandbox.accepted("0.0.1"), sandbox.calls) == (1, 1)
    assert [each.app_version for each in sandbox.submissions] == ["0.0.1"]
    decided = sandbox.decide("0.0.1", "AUDIT_REJECT", reject_reason="the logo is blurred")
    assert (decided.status, sandbox.status("0.0.1")) == ("AUDIT_REJECT", "AUDIT_REJECT")


def test_it_fails_on_purpose(sandbox: SandboxThread) -> None:
    sandbox.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
    submit(sandbox, attempts=2)
    assert (sandbox.accepted("0.0.1"), len(sandbox.faults)) == (1, 0)


def test_a_fault_may_ask_the_sandbox_whether_it_strikes(sandbox: SandboxThread) -> None:
    sandbox.faults.add(Fault.RESET, when=lambda _: sandbox.status("0.0.1") == "INIT")
    with pytest.raises(AuditError):
        submit(sandbox)
    assert sandbox.submissions == ()


def test_it_has_the_keys_and_certificates(sandbox: SandboxThread, material: Material) -> None:
    assert sandbox.material == material
    assert sandbox.certificate_credentials.app_id == sandbox.credentials.app_id == material.app_id
    sn = serial_number(material.alipay_certificate)
    assert sandbox.certificate_of(sn) == material.alipay_certificate


def test_it_offers_what_a_gateway_offers_under_the_same_signatures() -> None:
    def public(owner: object) -> set[str]:
        return {name for name in dir(owner) if not name.startswith("_")}

    gateway = public(SandboxGateway) | {"faults"}
    assert public(SandboxThread) == gateway - ONLY_IN_A_LOOP
    for name in public(SandboxThread) - {"faults"}:
        own, its = (inspect.getattr_static(each, name) for each in (SandboxThread, SandboxGateway))
        assert isinstance(own, property) == isinstance(its, property)
        if not isinstance(own, property):
            assert inspect.signature(own) == inspect.signature(its)
            assert own.__doc__ == its.__doc__


def test_what_happened_can_be_read_before_and_after(material: Material) -> None:
    sandbox = SandboxThread(SandboxGateway(material=material, strict=False))
    assert (sandbox.submissions, sandbox.calls, sandbox.status("0.0.1")) == ((), 0, "INIT")
    with sandbox:
        submit(sandbox)
    assert (sandbox.accepted("0.0.1"), sandbox.status("0.0.1")) == (1, "AUDITING")
    with pytest.raises(ConfigurationError):
        _ = sandbox.base_url
    with sandbox:  # it goes on where it ended
        assert sandbox.status("0.0.1") == "AUDITING"


def test_threads_may_use_it_at_once(sandbox: SandboxThread) -> None:
    def work(number: int) -> str:
        version = f"0.0.{number}"
        sandbox.faults.add(Fault.throttled(0), when=lambda call: call.number % 2 == 0)
        submit(sandbox, version, attempts=20)
        return sandbox.decide(version, "RELEASE").status

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(12))) == ["RELEASE"] * 12
    assert len(sandbox.submissions) == 12
    sandbox.faults.clear()


def test_a_hanging_call_does_not_keep_it_open(sandbox: SandboxThread) -> None:
    arrived = threading.Event()
    sandbox.faults.add(Fault.HANG, when=lambda _: not arrived.set())
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(submit, sandbox)
        assert arrived.wait(10)
        began = time.monotonic()
        sandbox.__exit__(None, None, None)
        assert time.monotonic() - began < 5
        assert isinstance(hanging.exception(10), AuditError)


def test_nothing_is_left_behind(material: Material) -> None:
    process = psutil.Process()
    threads, descriptors = threading.enumerate(), process.num_fds()
    with SandboxThread(SandboxGateway(material=material, strict=False)) as sandbox:
        port = int(sandbox.base_url.rpartition(":")[2])
        submit(sandbox)
        with socket.create_connection(("127.0.0.1", port)):
            assert len(threading.enumerate()) > len(threads)
    assert threading.enumerate() == threads
    assert process.num_fds() == descriptors
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_a_failing_start_is_told_and_leaves_no_thread(material: Material) -> None:
    threads = threading.enumerate()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sandbox = SandboxThread(SandboxGateway(port=port, material=material))
        with pytest.raises(ConfigurationError) as caught, sandbox:
            pass
    assert caught.value.setting == f"127.0.0.1:{port}"
    with sandbox:  # the port is free now
        assert sandbox.base_url.endswith(f":{port}")
    assert threading.enumerate() == threads


def test_it_runs_once_at_a_time(sandbox: SandboxThread) -> None:
    with pytest.raises(ConfigurationError), sandbox:
        pass
    assert sandbox.calls == 0
