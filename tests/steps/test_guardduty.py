from __future__ import annotations

from dataclasses import replace

import pytest

from sra_bootstrap.aws import Reader
from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import MANAGEMENT, Action, Address, Plan, Target, Unavailable
from sra_bootstrap.planner import make_plan
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.steps.by_hand import (
    build_until,
    calls,
    clean,
    close_account,
    configure,
    govern,
    lines,
    open_account,
    part,
    put_back,
    want,
    writes,
)
from tests.steps.guardduty_by_hand import AGENTS, FEATURES, HOME, OTHER, GuardDuty, flat, loosened, switched
from tests.world import World, account

DAY = 24 * 3600
KINDS = ("management-detector", "administrator", "detector", "organization-configuration", "members")


class SomewhereLess(Reader):
    """A reader that knows of no GuardDuty in one region."""

    def offers(self, service: str, region: str) -> bool:
        return (service, region) != ("guardduty", OTHER) and super().offers(service, region)


def places(plan: Plan) -> list[str]:
    return lines(part(plan, "guardduty").changes)


@pytest.fixture
def calm(world: World) -> World:
    """An organization that was just built, in which GuardDuty does nothing by itself for a day."""
    world.sandbox.settings.guardduty_auto_enable_seconds = DAY
    world.build()
    world.records.clear()
    return world


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_everything_is_on_in_every_region(built: World, region: str) -> None:
    guardduty = GuardDuty(built, region)
    management = built.client("guardduty", MANAGEMENT, region)

    administrators = management.list_organization_admin_accounts()["AdminAccounts"]
    assert [one["AdminAccountId"] for one in administrators] == [built.arrive().id_of("security-tooling")]
    assert GuardDuty(built, region, MANAGEMENT).detector()["Status"] == "ENABLED"
    detector, configuration = guardduty.detector(), guardduty.configuration()
    assert (detector["Status"], detector["FindingPublishingFrequency"]) == ("ENABLED", "FIFTEEN_MINUTES")
    assert flat(detector["Features"]) == dict.fromkeys(FEATURES, "ENABLED")
    assert configuration["AutoEnableOrganizationMembers"] == "ALL"
    assert flat(configuration["Features"], "AutoEnable") == dict.fromkeys(FEATURES, "ALL")
    names = (MANAGEMENT, "log-archive", "network", "workload-prod")
    assert guardduty.members() == dict.fromkeys(names, "Enabled")
    for name in names:
        assert guardduty.member_features(name) == dict.fromkeys(FEATURES, "ENABLED")


def test_existing_members_are_enrolled_at_once_and_not_by_guardduty_within_a_day(calm: World) -> None:
    for region in (HOME, OTHER):
        assert set(GuardDuty(calm, region).members().values()) == {"Enabled"}
    assert calm.plan().empty


@pytest.mark.parametrize("frequency", ["ONE_HOUR", "SIX_HOURS"])
def test_findings_are_published_as_often_as_config_says(world: World, frequency: str) -> None:
    configure(world, guardduty={"finding_publishing_frequency": frequency})

    world.build()

    assert GuardDuty(world, OTHER).detector()["FindingPublishingFrequency"] == frequency


def delegate_in_one_region(world: World, key: str, region: str) -> str:
    build_until(world, "guardduty")
    account_id = str(world.arrive().id_of(key))
    management = world.client("guardduty", MANAGEMENT, region)
    management.enable_organization_admin_account(AdminAccountId=account_id)
    world.sandbox.clock.wait(60)
    world.records.clear()
    return account_id


def test_another_administrator_in_a_region_blocks_all_regions_with_who_and_what_to_do(world: World) -> None:
    network = delegate_in_one_region(world, "network", OTHER)

    plan = world.plan()
    home, other, *others = plan.blocked

    assert [home.where, other.where] == [f"management/{region} administrator" for region in (HOME, OTHER)]
    assert home.reason == f"GuardDuty is administered by network ({network}), and has one administrator only."
    assert f"disable-organization-admin-account --admin-account-id {network}" in home.remedy
    assert f"--service-principal guardduty.amazonaws.com --account-id {network}" in home.remedy
    assert {blocked.where for blocked in others} == {
        f"security-tooling/{region} {kind}" for region in (HOME, OTHER) for kind in KINDS[2:]
    }
    assert f"create management/{OTHER} management-detector" in places(plan)


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_another_administrator_is_never_replaced(world: World, region: str) -> None:
    network = delegate_in_one_region(world, "network", region)

    outcome = world.apply(world.plan())

    assert outcome.drift is None
    management = world.client("guardduty", MANAGEMENT, region)
    administrators = management.list_organization_admin_accounts()["AdminAccounts"]
    assert [one["AdminAccountId"] for one in administrators] == [network]
    of_guardduty = {write for write in writes(world) if write.startswith("guardduty:")}
    assert of_guardduty <= {"guardduty:CreateDetector", "guardduty:EnableOrganizationAdminAccount"}


# blocks it for the other region's sake, as `home_first` takes any region that is blocked for the home region.
def test_a_plan_does_not_promise_what_another_administrator_elsewhere_will_block(world: World) -> None:
    delegate_in_one_region(world, "network", OTHER)
    plan = world.plan()

    outcome = world.apply(plan)

    assert {change.address for change in plan.changes} == {change.address for change in outcome.done}


def test_the_management_detector_is_made_where_another_account_administers(world: World) -> None:
    delegate_in_one_region(world, "network", OTHER)

    outcome = world.apply(world.plan())

    assert f"create management/{OTHER} management-detector" in lines(outcome.done)


def test_an_administrator_of_ours_in_one_region_is_adopted(world: World) -> None:
    delegate_in_one_region(world, "security-tooling", HOME)

    plan = world.plan()

    assert f"create management/{HOME} administrator" not in places(plan)
    assert f"create management/{OTHER} administrator" in places(plan)
    put_back(world)


@pytest.mark.parametrize(
    ("missing", "left_out"),
    [
        ({"AI_PROTECTION"}, {"AI_PROTECTION"}),
        ({"RDS_LOGIN_EVENTS"}, {"RDS_LOGIN_EVENTS", "RDS_DATA_RISK"}),
        ({"RUNTIME_MONITORING", "EKS_AUDIT_LOGS"}, {"RUNTIME_MONITORING", "EKS_AUDIT_LOGS", *AGENTS}),
    ],
)
def test_what_a_region_lacks_is_left_out_there_with_a_note(world: World, missing: set[str], left_out: set[str]) -> None:
    world.sandbox.settings.guardduty_missing_features = {OTHER: frozenset({*missing, "EKS_RUNTIME_MONITORING"})}

    world.build()
    plan = world.plan()

    assert plan.empty
    there, home = GuardDuty(world, OTHER), GuardDuty(world, HOME)
    assert flat(there.detector()["Features"]) == dict.fromkeys(set(FEATURES) - left_out, "ENABLED")
    assert there.member_features("network") == dict.fromkeys(set(FEATURES) - left_out, "ENABLED")
    assert flat(home.detector()["Features"]) == dict.fromkeys(FEATURES, "ENABLED")
    notes = part(plan, "guardduty").notes
    assert len(notes) == len(left_out)
    assert all(any(f"does not offer {name} in {OTHER}" in note for note in notes) for name in left_out)


def test_a_plan_that_drifts_where_another_is_missing_is_put_back_alone(world: World) -> None:
    world.sandbox.settings.guardduty_missing_features = {OTHER: frozenset({"RDS_LOGIN_EVENTS"})}
    world.build()
    GuardDuty(world, OTHER).do("update_detector", **switched("S3_DATA_EVENTS", "Status", "DISABLED", ""))

    [change] = world.plan().changes

    assert change.after == {"features": {"S3_DATA_EVENTS": "ENABLED"}}
    put_back(world)


def test_a_region_without_guardduty_is_left_out_with_a_note(world: World) -> None:
    # Every region that botocore knows has GuardDuty today, so it is made to forget one.
    forgotten = SomewhereLess(world.connection, world.arrive())
    at = Target(MANAGEMENT, OTHER)

    observed = list(world.step("guardduty").observe(at, world.arrive(), forgotten))

    unavailable = {one.address: one for one in observed if isinstance(one, Unavailable) and one.path == ()}
    assert len(unavailable) == len(observed)
    assert {Address("management-detector", at), Address("administrator", at)} == set(unavailable)
    assert f"GuardDuty is not offered in {OTHER}." in {one.reason for one in unavailable.values()}


def test_a_member_that_is_deleted_by_hand_is_enrolled_again(calm: World) -> None:
    there = GuardDuty(calm, OTHER)
    there.do("update_organization_configuration", AutoEnableOrganizationMembers="NONE")
    there.do("disassociate_members", AccountIds=["network"])
    there.do("delete_members", AccountIds=["network"])
    there.do("update_organization_configuration", AutoEnableOrganizationMembers="ALL")

    [change] = calm.plan().changes

    assert set(change.after) == {"network"}
    assert change.before == {"network": None}
    put_back(calm)
    assert there.members()["network"] == "Enabled"


# member, GuardDuty refuses UpdateDetector, and the members, whose StartMonitoringMembers would help, stand on it.
def test_the_management_account_that_is_stopped_by_hand_is_put_back(calm: World) -> None:
    loosened(GuardDuty(calm, OTHER), "stop_monitoring_members", MANAGEMENT)

    put_back(calm)

    assert GuardDuty(calm, OTHER, MANAGEMENT).detector()["Status"] == "ENABLED"


def test_the_detector_of_a_suspended_administrator_is_enabled_again(world: World) -> None:
    configure(world, guardduty={"auto_enable": "NONE"})
    world.build()
    GuardDuty(world, OTHER).do("update_detector", Enable=False)

    [change] = world.plan().changes

    assert change.after == {"status": "ENABLED"}
    put_back(world)


def test_a_detector_of_the_management_account_that_is_switched_off_is_enabled_again(world: World) -> None:
    configure(world, guardduty={"auto_enable": "NONE"})
    world.build()
    GuardDuty(world, OTHER, MANAGEMENT).do("update_detector", Enable=False)

    [change] = world.plan().changes

    assert str(change.address) == f"management/{OTHER} management-detector"
    assert change.before == {"status": "DISABLED"}
    put_back(world)


def test_the_delegation_that_is_taken_away_in_a_region_is_given_back_with_all_that_went_with_it(calm: World) -> None:
    administrator = calm.arrive().id_of("security-tooling")
    management = calm.client("guardduty", MANAGEMENT, OTHER)
    management.disable_organization_admin_account(AdminAccountId=administrator)

    plan = calm.plan()

    assert places(plan) == [
        f"create management/{OTHER} administrator",
        f"create security-tooling/{OTHER} organization-configuration",
        f"create security-tooling/{OTHER} members",
    ]
    put_back(calm)


def test_accounts_that_config_does_not_name_are_members_too(calm: World) -> None:
    open_account(calm, "Theirs", "theirs@example.com")

    plan = calm.plan()

    assert places(plan) == [f"update security-tooling/{region} members" for region in (HOME, OTHER)]
    assert {name for change in plan.changes for name in change.after} == {"theirs@example.com"}
    put_back(calm)
    assert GuardDuty(calm, OTHER).members()["theirs@example.com"] == "Enabled"


@pytest.mark.parametrize("enrols", ["NEW", "NONE"])
def test_members_are_left_alone_where_guardduty_is_not_to_enrol_all(world: World, enrols: str) -> None:
    configure(world, guardduty={"auto_enable": enrols})

    world.build()
    there = GuardDuty(world, OTHER)

    assert there.configuration()["AutoEnableOrganizationMembers"] == enrols
    assert flat(there.configuration()["Features"], "AutoEnable") == dict.fromkeys(FEATURES, enrols)
    assert flat(there.detector()["Features"]) == dict.fromkeys(FEATURES, "ENABLED")
    assert there.members() == {}
    assert not writes(world) & {"guardduty:CreateMembers", "guardduty:UpdateMemberDetectors"}
    assert world.plan().empty


def test_an_account_that_joins_is_left_to_guardduty_where_it_enrols_new_ones(world: World) -> None:
    configure(world, guardduty={"auto_enable": "NEW"})
    world.build()
    open_account(world, "Theirs", "theirs@example.com")

    assert world.plan().empty
    world.sandbox.clock.wait(60)
    assert GuardDuty(world, OTHER).members() == {"theirs@example.com": "Enabled"}
    assert world.plan().empty


def test_no_longer_enrolling_all_leaves_the_members_as_they_are(calm: World) -> None:
    members = GuardDuty(calm, OTHER).members()
    configure(calm, guardduty={"auto_enable": "NONE"})

    plan = calm.plan()

    assert places(plan) == [f"update security-tooling/{region} organization-configuration" for region in (HOME, OTHER)]
    put_back(calm)
    assert GuardDuty(calm, OTHER).members() == members


def test_a_member_by_invitation_is_noted_and_left_alone(calm: World) -> None:
    details = [{"AccountId": "999999999999", "Email": "partner@example.com"}]
    GuardDuty(calm, OTHER).do("create_members", AccountDetails=details)
    calm.records.clear()

    plan = calm.plan()

    assert plan.empty
    [note] = part(plan, "guardduty").notes
    assert "999999999999" in note
    assert f"by invitation in {OTHER}" in note or ("by invitation" in note and OTHER in note)
    destroyed = calm.apply(calm.plan(destroy=True))
    assert destroyed.drift is None


def test_a_suspended_member_is_not_taken_for_one_by_invitation(calm: World) -> None:
    close_account(calm, "workload-prod")

    assert [note for note in part(calm.plan(), "guardduty").notes if "by invitation" in note] == []


def test_a_suspended_account_of_others_is_not_enrolled(world: World) -> None:
    build_until(world, "guardduty")
    account_id = open_account(world, "Theirs", "theirs@example.com")
    world.client("organizations").close_account(AccountId=account_id)

    world.build()

    assert "theirs@example.com" not in GuardDuty(world, OTHER).members()
    assert world.plan().empty


def test_what_is_off_in_config_from_the_beginning_is_never_on(world: World) -> None:
    off = (*AGENTS, "RUNTIME_MONITORING", "RDS_DATA_RISK", "S3_DATA_EVENTS")
    configure(world, guardduty={"protection_plans": dict.fromkeys(off, False)})

    world.build()

    there = GuardDuty(world, OTHER)
    wanted = dict.fromkeys(FEATURES, "ENABLED") | dict.fromkeys(off, "DISABLED")
    assert flat(there.detector()["Features"]) == wanted
    assert there.member_features("log-archive") == there.member_features(MANAGEMENT) == wanted
    assert world.plan().empty


def test_what_was_off_is_switched_on_again(world: World) -> None:
    configure(world, guardduty={"protection_plans": {"AI_PROTECTION": False, "EC2_AGENT_MANAGEMENT": False}})
    world.build()
    configure(world)

    put_back(world)

    assert GuardDuty(world, OTHER).member_features("network") == dict.fromkeys(FEATURES, "ENABLED")


def test_features_that_we_do_not_manage_are_left(calm: World) -> None:
    there = GuardDuty(calm, OTHER)
    there.do("update_detector", Features=[{"Name": "AI_ANALYST", "Status": "ENABLED"}])
    assert calm.plan().empty

    configure(calm, guardduty={"protection_plans": {"S3_DATA_EVENTS": False}})
    put_back(calm)

    statuses = {feature["Name"]: feature["Status"] for feature in there.detector()["Features"]}
    assert (statuses["AI_ANALYST"], statuses["EKS_RUNTIME_MONITORING"]) == ("ENABLED", "DISABLED")


def test_a_switched_feature_touches_no_other(calm: World) -> None:
    there = GuardDuty(calm, OTHER)
    before = {feature["Name"]: feature["UpdatedAt"] for feature in there.detector()["Features"]}
    calm.sandbox.clock.wait(100)
    configure(calm, guardduty={"protection_plans": {"S3_DATA_EVENTS": False}})

    put_back(calm)

    after = {feature["Name"]: feature["UpdatedAt"] for feature in there.detector()["Features"]}
    assert {name for name in after if after[name] != before[name]} == {"S3_DATA_EVENTS"}


def test_only_the_region_that_drifts_is_written_to(calm: World) -> None:
    GuardDuty(calm, OTHER).do("update_detector", FindingPublishingFrequency="ONE_HOUR")
    calm.records.clear()

    calm.apply(calm.plan())

    [record] = [record for record in calm.records if not record.read]
    assert (record.operation, record.region) == ("UpdateDetector", OTHER)
    assert record.account_id == calm.arrive().id_of("security-tooling")


@pytest.mark.parametrize("enabled", [True, False])
def test_detectors_that_exist_are_adopted(world: World, enabled: bool) -> None:
    build_until(world, "guardduty")
    made = {
        (key, region): world.client("guardduty", key, region).create_detector(Enable=enabled)["DetectorId"]
        for key in (MANAGEMENT, "security-tooling", "network")
        for region in (HOME, OTHER)
    }
    world.records.clear()

    plan = world.plan()
    put_back(world)

    for (key, region), detector_id in made.items():
        guardduty = GuardDuty(world, region, key)
        assert (guardduty.detector_id, guardduty.detector()["Status"]) == (detector_id, "ENABLED")
    assert calls(world, "guardduty:CreateDetector") == 0
    assert {change.action for change in plan.changes if change.address.kind == "detector"} == {Action.UPDATE}
    of_management = [change for change in plan.changes if change.address.kind == "management-detector"]
    assert [change.before for change in of_management] == ([] if enabled else [{"status": "DISABLED"}] * 2)


def test_a_detector_that_guardduty_does_not_make_is_made(world: World) -> None:
    world.sandbox.settings.guardduty_detector_seconds = DAY

    world.build()

    assert GuardDuty(world, OTHER).detector()["Status"] == "ENABLED"


def test_more_regions_are_added_to_those_that_are_there(calm: World) -> None:
    govern(calm, HOME, OTHER, "eu-central-1", "ap-southeast-2")

    plan = calm.plan()

    assert {change.address.at.region for change in plan.changes} == {"eu-central-1", "ap-southeast-2"}
    put_back(calm)


def many(world: World, number: int) -> None:
    """Want so many accounts in all, the management account beside them."""
    settings = world.sandbox.settings
    settings.account_quota = number + 10
    settings.account_creation_seconds = settings.guardduty_auto_enable_seconds = 1
    settings.guardduty_auto_enable_seconds = DAY
    more = number - len(world.wanted.accounts)
    want(world, *(account(f"team-{index:03}", "Workloads") for index in range(more)))


@pytest.mark.sampled(3)
def test_more_members_than_a_page_and_a_batch(world: World) -> None:
    many(world, 60)
    govern(world, HOME)

    world.build()

    # 59 accounts beside the administrator, and the management account.
    assert calls(world, "guardduty:CreateMembers") == 2
    members = GuardDuty(world, HOME).members()
    assert len(members) == 60
    assert set(members.values()) == {"Enabled"}
    world.records.clear()
    assert world.plan().empty
    # Pages of 50 members, and batches of 50 of their detectors.
    assert calls(world, "guardduty:ListMembers") == 2
    assert calls(world, "guardduty:GetMemberDetectors") == 2
    configure(world, guardduty={"protection_plans": {"EBS_MALWARE_PROTECTION": False}})
    put_back(world)
    assert calls(world, "guardduty:UpdateMemberDetectors") == 2
    for name in ("log-archive", "team-054", MANAGEMENT):
        assert GuardDuty(world, HOME).member_features(name)["EBS_MALWARE_PROTECTION"] == "DISABLED"


@pytest.mark.sampled(3)
def test_members_of_more_than_one_kind_of_drift_are_brought_to_the_same_features(calm: World) -> None:
    there = GuardDuty(calm, OTHER)
    for name, feature in (("network", "S3_DATA_EVENTS"), ("log-archive", "EC2_AGENT_MANAGEMENT")):
        there.do("update_member_detectors", AccountIds=[name], **switched(feature, "Status", "DISABLED", "ENABLED"))
    loosened(there, "disassociate_members", "workload-prod")

    [change] = calm.plan().changes

    assert set(change.after) == {"network", "log-archive", "workload-prod"}
    put_back(calm)


def test_destroying_leaves_guardduty_on_in_the_members(built: World) -> None:
    outcome = built.apply(built.plan(destroy=True))

    assert clean(outcome)
    assert GuardDuty(built, OTHER, "network").detector()["Status"] == "ENABLED"
    management = built.client("guardduty", MANAGEMENT, OTHER)
    assert management.list_organization_admin_accounts()["AdminAccounts"] == []
    assert management.list_detectors()["DetectorIds"] == []


def test_without_the_accounts_nothing_of_another_account_is_tried(world: World) -> None:
    step = world.step("guardduty")
    plan = make_plan([step], world.arrive(), world.connection)

    outcome = apply_plan(plan, [step], world.arrive(), world.connection, world.listener)

    assert {change.address.kind for change in outcome.done} <= {"management-detector"}
    assert outcome.failed == []
    assert MANAGEMENT_ACCOUNT_ID not in {record.account_id for record in world.records}


def test_the_security_tooling_account_may_be_another_one_of_ours(world: World) -> None:
    world.wanted = replace(world.wanted, security_tooling="network")

    world.build()

    members = GuardDuty(world, HOME, "network").members()
    assert set(members) == {MANAGEMENT, "log-archive", "security-tooling", "workload-prod"}
    assert world.plan().empty
