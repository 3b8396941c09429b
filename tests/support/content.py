"""What a request sends, for tests of the protocol that have no prepared call."""

import attrs

from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.protocol import Operation


@attrs.frozen
class SomeContent:
    operation: Operation
    target: str
    body: str = attrs.field(default="", repr=False)
    files: tuple[FilePart, ...] = ()
