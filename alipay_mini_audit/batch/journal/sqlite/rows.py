"""How a `Row` stands in its table. No I/O here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import Identity, Row
from alipay_mini_audit.errors import Outcome
from alipay_mini_audit.models import Verdict

__all__ = ["COLUMNS", "IDENTITY", "from_columns", "to_columns"]

IDENTITY: Final = ("key", "app_version", "bundle_id")
_FACTS: Final = (
    *("mini_app", "template", "state", "epoch", "stamp", "digest", "attempts", "tries"),
    *("sending_at", "doubt_since", "alive_until", "asked_at", "landed", "outcome"),
    *("is_repeatable", "code"),
    *("retry_at", "reason", "reply", "request_id", "trace_id", "quota_day"),
    *("accepted_at", "audit_since", "verdict", "verdict_at", "caller", "former"),
    *("updated_at", "owner"),
)
COLUMNS: Final = (*_FACTS, "run", *IDENTITY)
"""In the order of `to_columns` and `from_columns`."""
_STATES: Final = {state.value: state for state in EntryState}
_OUTCOMES: Final[dict[str | None, Outcome | None]] = {
    None: None,
    **{outcome.value: outcome for outcome in Outcome},
}


def to_columns(row: Row, run: int) -> tuple[object, ...]:
    """Return a row as it is written."""
    identity = row.identity
    return (
        row.mini_app,
        row.template,
        row.state.value,
        row.epoch,
        row.stamp,
        row.digest,
        row.attempts,
        row.tries,
        row.sending_at,
        row.doubt_since,
        row.alive_until,
        row.asked_at,
        row.landed,
        None if row.outcome is None else row.outcome.value,
        row.is_repeatable,
        row.code,
        row.retry_at,
        row.reason,
        None if row.reply is None else json.dumps(dict(row.reply)),
        row.request_id,
        row.trace_id,
        row.quota_day,
        row.accepted_at,
        row.audit_since,
        None if row.verdict is None else json.dumps(row.verdict.to_json()),
        row.verdict_at,
        row.caller,
        None if row.former is None else _to_text(row.former),
        row.updated_at,
        row.owner,
        run,
        identity.key,
        identity.app_version,
        identity.bundle_id,
    )


def from_columns(columns: Sequence[Any]) -> tuple[Row, int]:
    """Return what was written."""
    identity = Identity(*columns[-3:])
    return _from_facts(identity, dict(zip(_FACTS, columns, strict=False))), columns[-4]


def _to_text(former: Row) -> str:
    return json.dumps(dict(zip(_FACTS, to_columns(former, 0), strict=False)))


def _from_facts(identity: Identity, facts: dict[str, Any]) -> Row:
    reply, landed = facts["reply"], facts["landed"]
    facts["state"] = _STATES[facts["state"]]
    facts["outcome"] = _OUTCOMES[facts["outcome"]]
    facts["landed"] = None if landed is None else bool(landed)
    facts["is_repeatable"] = bool(facts["is_repeatable"])
    facts["reply"] = None if reply is None else json.loads(reply)
    if (verdict := facts["verdict"]) is not None:
        facts["verdict"] = Verdict.from_json(json.loads(verdict))
    if (former := facts["former"]) is not None:
        facts["former"] = _from_facts(identity, json.loads(former))
    return Row(identity=identity, **facts)
