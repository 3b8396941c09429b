"""What surrounds a submission: its build before, its repetition, its way to the users after."""

import typing

from alipay_mini_audit.on_demand import names_on_demand

if typing.TYPE_CHECKING:
    from alipay_mini_audit.lifecycle.building import BuildPending, wait_for_build
    from alipay_mini_audit.lifecycle.grants import TokenQuestion, preflight_tokens
    from alipay_mini_audit.lifecycle.release_policy import Halt, Release, ReleaseKind, ReleasePolicy
    from alipay_mini_audit.lifecycle.releasing import ReleaseCalls, release
    from alipay_mini_audit.lifecycle.resubmission import (
        Resubmission,
        ResubmissionKind,
        ResubmitCalls,
        ResubmitPolicy,
        resubmit,
    )

__all__ = [
    "BuildPending",
    "Halt",
    "Release",
    "ReleaseCalls",
    "ReleaseKind",
    "ReleasePolicy",
    "Resubmission",
    "ResubmissionKind",
    "ResubmitCalls",
    "ResubmitPolicy",
    "TokenQuestion",
    "preflight_tokens",
    "release",
    "resubmit",
    "wait_for_build",
]

if not typing.TYPE_CHECKING:
    __getattr__, __dir__ = names_on_demand(
        globals(), "building", "grants", "release_policy", "releasing", "numbering", "resubmission"
    )
