"""An embedded gateway to test against.

It judges requests as the platform does, and keeps what arrived.
"""

from alipay_mini_audit.sandbox.faults import Fault, Faults, IncomingCall
from alipay_mini_audit.sandbox.gateway import SandboxGateway
from alipay_mini_audit.sandbox.material import Material
from alipay_mini_audit.sandbox.received import ReceivedPart, Submission
from alipay_mini_audit.sandbox.versions import VersionState

__all__ = [
    "Fault",
    "Faults",
    "IncomingCall",
    "Material",
    "ReceivedPart",
    "SandboxGateway",
    "Submission",
    "VersionState",
]
