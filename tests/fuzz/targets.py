"""Every target, by its name."""

from fuzz import credential_targets, reply_targets, sandbox_targets

TARGETS = {
    target.name: target
    for room in (credential_targets, reply_targets, sandbox_targets)
    for target in room.TARGETS
}
