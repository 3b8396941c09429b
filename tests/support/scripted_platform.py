"""A platform whose answers a test says beforehand, for what a batch makes of them."""

import inspect
from collections.abc import Callable

import attrs

from alipay_mini_audit.batch import Binding, Submission
from alipay_mini_audit.calls import Call, CallOptions, CallPreparation, CallSpec, SendGate
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.models import ApplyReply, ReplyMeta, Resolution
from alipay_mini_audit.protocol import APPLY
from alipay_mini_audit.retry import RetryPolicy

OPTIONS = CallOptions(Timeouts(), RetryPolicy())
REPLY = ApplyReply(meta=ReplyMeta(request_id="r", trace_id="t", http_status=200))
BINDING = Binding(app_id="2021", base_url="https://x")

Answer = ApplyReply | Exception | Callable[[], object]


@attrs.define
class ScriptedPlatform:
    """Prepares as ever, and answers what it was told to, in this order; then it accepts."""

    binding: Binding = BINDING
    token: str | None = None
    unprepared: list[Exception] = attrs.Factory(list)
    answers: list[Answer] = attrs.Factory(list)
    findings: list[Resolution | Exception] = attrs.Factory(list)
    prepared: list[str] = attrs.Factory(list)
    sent: list[str] = attrs.Factory(list)
    asked: list[tuple[str, float]] = attrs.Factory(list)
    _preparation: CallPreparation = attrs.Factory(
        lambda: CallPreparation(UploadResources(buffers=BufferPool(1024)))
    )

    def token_of(self, submission: Submission) -> str | None:
        return submission.app_auth_token or self.token

    async def prepare(self, submission: Submission) -> Call:
        self.prepared.append(submission.key)
        if self.unprepared:
            raise self.unprepared.pop(0)
        fields = submission.request.to_wire()
        spec = CallSpec(operation=APPLY, fields=fields, attachments=submission.attachments)
        return await self._preparation.prepare(spec, OPTIONS)

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        assert call.fields is not None
        await gate.before_request("r")
        await gate.before_piece(1)
        self.sent.append(str(call.fields["app_version"]))
        answer: object = self.answers.pop(0) if self.answers else REPLY
        if callable(answer):
            answer = answer()
            if inspect.isawaitable(answer):
                answer = await answer
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, ApplyReply)
        return answer

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        self.asked.append((submission.key, ago))
        found = self.findings.pop(0)
        if isinstance(found, Exception):
            raise found
        return found
