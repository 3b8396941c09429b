"""An embedded gateway to test against.

It judges requests as the platform does, and keeps what arrived.
"""

import typing

from alipay_mini_audit.on_demand import names_on_demand

if typing.TYPE_CHECKING:
    from alipay_mini_audit.sandbox.business.arrivals import Arrival
    from alipay_mini_audit.sandbox.business.merchants import Grant
    from alipay_mini_audit.sandbox.business.states import VersionState
    from alipay_mini_audit.sandbox.business.submissions import Submission
    from alipay_mini_audit.sandbox.faults.faults import Fault, Faults, IncomingCall
    from alipay_mini_audit.sandbox.gateway import SandboxGateway
    from alipay_mini_audit.sandbox.notifications.deliveries import Delivery
    from alipay_mini_audit.sandbox.notifications.mischief import Mischief
    from alipay_mini_audit.sandbox.notifications.notifications import Notifications
    from alipay_mini_audit.sandbox.notifications.style import MessageStyle
    from alipay_mini_audit.sandbox.pki.material import Material
    from alipay_mini_audit.sandbox.protocol.uploads import ReceivedPart
    from alipay_mini_audit.sandbox.records import RequestRecord
    from alipay_mini_audit.sandbox.thread import SandboxThread

__all__ = [
    "Arrival",
    "Delivery",
    "Fault",
    "Faults",
    "Grant",
    "IncomingCall",
    "Material",
    "MessageStyle",
    "Mischief",
    "Notifications",
    "ReceivedPart",
    "RequestRecord",
    "SandboxGateway",
    "SandboxThread",
    "Submission",
    "VersionState",
]

if not typing.TYPE_CHECKING:
    __getattr__, __dir__ = names_on_demand(
        globals(),
        "business.arrivals",
        "business.merchants",
        "business.states",
        "business.submissions",
        "faults.faults",
        "notifications.deliveries",
        "notifications.mischief",
        "notifications.notifications",
        "notifications.style",
        "pki.material",
        "protocol.uploads",
        "records",
        "gateway",
        "thread",
    )
