"""An embedded gateway to test against.

It judges requests as the platform does, and keeps what arrived.
"""

from alipay_mini_audit.sandbox.business.arrivals import Arrival
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import VersionState
from alipay_mini_audit.sandbox.faults.faults import Fault, Faults, IncomingCall
from alipay_mini_audit.sandbox.gateway import SandboxGateway
from alipay_mini_audit.sandbox.pki.material import Material
from alipay_mini_audit.sandbox.protocol.uploads import ReceivedPart
from alipay_mini_audit.sandbox.records import RequestRecord
from alipay_mini_audit.sandbox.thread import SandboxThread

__all__ = [
    "Arrival",
    "Fault",
    "Faults",
    "IncomingCall",
    "Material",
    "ReceivedPart",
    "RequestRecord",
    "SandboxGateway",
    "SandboxThread",
    "Submission",
    "VersionState",
]
