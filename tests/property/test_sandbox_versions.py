"""Whatever is called in whatever order, the sandbox's versions keep to a few rules."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.lists import list_versions
from alipay_mini_audit.sandbox.business.moves import ABSENT, MOVES, STATUSES, MoveName
from alipay_mini_audit.sandbox.business.releases import Releases
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

NOW = 1_704_038_400.0
NAMES = ("1.0.0", "1.0.1", "1.0.2")
ALONE = {"AUDITING", "WAIT_RELEASE", "AUDIT_REJECT", "GRAY"}
"""Where one version of a mini-program at most may stand."""
VERDICTS = ("WAIT_RELEASE", "AUDIT_REJECT", "BASE_AUDIT_PASS", "PROMOTE_AUDIT_REJECT")
Step = tuple[str, str, str, bool]
FORWARD = ("apply", "verdict", "online") * 4 + ("gray_online", "rollback") * 2
"""What brings a version on is tried more often: the rest leaves it where it starts."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*FORWARD, *MOVES, "build", "penalty"]),
        st.sampled_from(NAMES),
        st.sampled_from(["p10", "p30", "p50"]),
        st.booleans(),
    ),
    max_size=60,
)


class Scene:
    """One mini-program, what is done to it, and what was online, as a note-taker sees it."""

    def __init__(self) -> None:
        self.versions = Versions(NOW)
        self.desk = Desk(self.versions, strict=True, basic_info=True, templates={})
        self.releases = Releases(self.versions)
        self.now = NOW

    def standing(self) -> dict[str, str]:
        return {
            name: self.versions.find("app", {"app_version": name}).standing(self.now)
            for name in NAMES
        }

    def do(self, step: Step) -> str | None:
        """Do a step that is possible, and return the code if it is refused."""
        what, name, share, flag = step
        self.now += 1
        state = self.versions.find("app", {"app_version": name})
        standing = state.standing(self.now)
        if what == "verdict":
            if standing == "AUDITING":
                status = VERDICTS[len(share + name) % 4 if flag else 0]
                decision = Decision(status=status, can_release=flag)
                self.versions.decide("app", state, decision, self.now)
        elif what == "penalty":
            if standing == "RELEASE" and flag:
                decision = Decision(status="AUDIT_OFFLINE")
                self.versions.decide("app", state, decision, self.now)
        elif what == "build":
            if standing == ABSENT:
                build = Build(began=self.now, ends=self.now + 2, fails=flag)
                self.versions.build("app", state, build)
        else:
            return self._call(what, {"app_version": name, "gray_strategy": share}, flag=flag)
        return None

    def _call(self, call: str, fields: Mapping[str, str], *, flag: bool) -> str | None:
        version_desc = "A version like any other, to be moved about."
        rules = {"auto_online": str(flag).lower(), "audit_rule": "BASE_PROMOTE"}
        asked = {**fields, "version_desc": version_desc, **rules}
        names: dict[str, MoveName] = {name: name for name in MOVES}
        try:
            if call == "apply":
                self.desk.apply("app", None, asked, {}, self.now)
            elif call == "cancel":
                self.versions.cancel("app", fields)
            else:
                self.releases.move(names[call], "app", fields, self.now)
        except Refusal as refusal:
            return refusal.code
        return None


@given(STEPS)
def test_versions_keep_to_the_rules(steps: list[Step]) -> None:
    scene = Scene()
    shelved: list[str] = []
    for step in steps:
        before = scene.standing()
        code = scene.do(step)
        after = scene.standing()
        if code is not None:
            # A build may end meanwhile; nothing else happens by itself.
            assert {name for name in NAMES if before[name] != after[name]} <= {
                name for name in NAMES if before[name] == ABSENT
            }
        online = [name for name in NAMES if after[name] == "RELEASE"]
        assert len(online) <= 1
        assert len([name for name in NAMES if after[name] in ALONE]) <= 1
        if step[0] == "rollback" and code is None:
            assert step[1] == shelved[-1]
            assert online[0] in shelved[:-1]
        if online and online != shelved[-1:]:
            shelved.append(online[0])
        listed = list_versions(
            scene.versions,
            "app",
            {"version_status": ",".join(STATUSES), "bundle_id": "com.alipay.alipaywallet"},
            scene.now,
        )
        infos = listed["app_version_infos"]
        assert isinstance(infos, list)
        told = {info["app_version"]: info["version_status"] for info in infos}
        assert told.items() <= after.items()
        assert {name for name, where in after.items() if where not in (ABSENT, "INIT")} <= set(told)


@given(STEPS)
def test_the_share_of_a_gray_release_only_grows(steps: list[Step]) -> None:
    scene = Scene()
    for step in steps:
        before = {name: scene.versions.find("app", {"app_version": name}) for name in NAMES}
        scene.do(step)
        for name, was in before.items():
            state = scene.versions.find("app", {"app_version": name})
            assert (state.gray_strategy is not None) is (state.status == "GRAY")
            if state.status == was.status == "GRAY":
                assert str(state.gray_strategy) >= str(was.gray_strategy)
