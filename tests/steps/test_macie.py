from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sra_bootstrap.executor import apply_plan
from sra_bootstrap.model import MANAGEMENT, Action, Plan
from sra_bootstrap.planner import make_plan
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.steps.by_hand import (
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
from tests.steps.findings_exports_by_hand import ELSEWHERE, elsewhere
from tests.steps.macie_by_hand import HOME, OTHER, Macie
from tests.world import World, account, only

DAY = 24 * 3600
NAMES = (MANAGEMENT, "log-archive", "network", "workload-prod")
OF_THE_ADMINISTRATOR = ("organization-configuration", "automated-discovery", "members")
DISCOVER = {"automated_discovery": {"enabled": True}}
FURTHER = "eu-central-2"
"""A region in which AWS does not offer Macie."""


@pytest.fixture
def world(world: World) -> World:
    """A bare management account, and Macie on what it stands on."""
    return World(world.sandbox, only("macie"))


@pytest.fixture
def calm(world: World) -> World:
    """An organization that was just built, in which Macie does nothing by itself for a day."""
    world.stand()
    world.sandbox.settings.auto_enable_seconds = DAY
    return world


def places(plan: Plan) -> list[str]:
    return lines(part(plan, "macie").changes)


def administrators(world: World, region: str) -> list[str]:
    admins = Macie(world, region, MANAGEMENT).api.list_organization_admin_accounts()["adminAccounts"]
    return [world.arrive().name_of(admin["accountId"]) for admin in admins if admin["status"] == "ENABLED"]


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_everything_is_on_in_every_region(built: World, region: str) -> None:
    macie = Macie(built, region)

    assert administrators(built, region) == ["security-tooling"]
    for of in (macie, Macie(built, region, MANAGEMENT)):
        assert of.session() == ("ENABLED", "FIFTEEN_MINUTES")
        assert of.published() == {"publishPolicyFindings": True, "publishClassificationFindings": True}
    assert macie.api.describe_organization_configuration()["autoEnable"] is True
    assert macie.discovery()[0] == "DISABLED"
    assert macie.members() == dict.fromkeys(NAMES, "Enabled")
    for name in NAMES:
        assert Macie(built, region, name).session()[0] == "ENABLED"


def test_existing_accounts_are_enrolled_at_once_and_not_by_macie(calm: World) -> None:
    for region in (HOME, OTHER):
        assert set(Macie(calm, region).members().values()) == {"Enabled"}
    assert calm.plan().empty


def test_findings_are_published_as_config_says(world: World) -> None:
    hub = {"policy_findings": False, "classification_findings": True}
    configure(world, macie={"finding_publishing_frequency": "SIX_HOURS", "security_hub": hub})

    world.build()

    for account_name in (MANAGEMENT, "security-tooling"):
        there = Macie(world, OTHER, account_name)
        assert there.session() == ("ENABLED", "SIX_HOURS")
        assert there.published() == {"publishPolicyFindings": False, "publishClassificationFindings": True}
    assert world.plan().empty


@pytest.mark.parametrize("members", [True, False])
def test_members_publish_alike_only_where_config_says(world: World, members: bool) -> None:
    configure(world, macie={"security_hub": {"members": members}})

    world.build()

    for name in ("log-archive", "network", "workload-prod"):
        published = Macie(world, OTHER, name).published()
        assert published == {"publishPolicyFindings": True, "publishClassificationFindings": members}
    world.records.clear()
    assert world.plan().empty
    entered = {world.arrive().name_of(r.account_id) for r in world.records if r.service == "macie2" and r.account_id}
    assert entered == {"security-tooling", *(("log-archive", "network", "workload-prod") if members else ())}


@pytest.mark.parametrize(("mode", "discovered"), [("ALL", "ENABLED"), ("NEW", "ENABLED"), ("NONE", "DISABLED")])
def test_sensitive_data_is_discovered_where_config_says(world: World, mode: str, discovered: str) -> None:
    configure(world, macie={"automated_discovery": {"enabled": True, "members": mode}})

    world.build()

    there = Macie(world, OTHER)
    assert there.discovery() == ("ENABLED", mode)
    assert there.discovered() == {"security-tooling": "ENABLED"} | dict.fromkeys(NAMES, discovered)
    assert world.plan().empty


def test_discovery_that_is_switched_on_later_takes_in_all_members_and_off_again_none(calm: World) -> None:
    configure(calm, macie=DISCOVER)
    put_back(calm)
    assert set(Macie(calm, OTHER).discovered().values()) == {"ENABLED"}

    configure(calm)
    plan = calm.plan()
    put_back(calm)

    assert places(plan) == [f"update security-tooling/{region} automated-discovery" for region in (HOME, OTHER)]
    assert set(Macie(calm, OTHER).discovered().values()) == {"DISABLED"}


def delegate(world: World, key: str, region: str) -> str:
    """Have an account administer Macie in one region, before the tool comes."""
    world.stand_before_the_last()
    account_id = str(world.arrive().id_of(key))
    Macie(world, region, MANAGEMENT).api.enable_organization_admin_account(adminAccountId=account_id)
    world.sandbox.clock.wait(60)
    world.records.clear()
    return account_id


def test_another_administrator_in_a_region_blocks_all_regions_with_who_and_what_to_do(world: World) -> None:
    network = delegate(world, "network", OTHER)

    plan = world.plan()
    blocked = {one.where: one for one in part(plan, "macie").blocked}

    for region in (HOME, OTHER):
        obstacle = blocked[f"management/{region} administrator"]
        assert obstacle.reason == f"Macie is administered by network ({network}), and has one administrator only."
        assert "(aws macie2 disassociate-member), then remove it in every region" in obstacle.remedy
        assert f"aws macie2 disable-organization-admin-account --admin-account-id {network}" in obstacle.remedy
        assert f"--service-principal macie.amazonaws.com --account-id {network}" in obstacle.remedy
        assert {f"security-tooling/{region} {kind}" for kind in OF_THE_ADMINISTRATOR} <= set(blocked)


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_another_administrator_is_never_replaced(world: World, region: str) -> None:
    delegate(world, "network", region)

    outcome = world.apply(world.plan())

    assert outcome.drift is None
    assert outcome.failed == []
    assert administrators(world, region) == ["network"]
    ours = {write for write in writes(world) if write.startswith("macie2:")}
    assert ours <= {"macie2:EnableMacie", "macie2:PutFindingsPublicationConfiguration"}


def test_an_administrator_of_ours_in_one_region_is_adopted(world: World) -> None:
    delegate(world, "security-tooling", HOME)

    plan = world.plan()

    assert f"create management/{HOME} administrator" not in places(plan)
    assert f"create management/{OTHER} administrator" in places(plan)
    put_back(world)


def test_sessions_that_are_there_are_brought_to_what_is_wanted(world: World) -> None:
    world.stand_before_the_last()
    for key, status in ((MANAGEMENT, "PAUSED"), ("security-tooling", "PAUSED"), ("network", "ENABLED")):
        Macie(world, OTHER, key).api.enable_macie(status=status, findingPublishingFrequency="SIX_HOURS")
    world.records.clear()

    plan = world.plan()
    put_back(world)

    sessions = {str(c.address.at): c for c in plan.changes if c.address.kind == "session"}
    for key in (MANAGEMENT, "security-tooling"):
        change = sessions[f"{key}/{OTHER}"]
        assert change.action is Action.UPDATE
        assert change.before["status"] == "PAUSED"
        assert Macie(world, OTHER, key).session() == ("ENABLED", "FIFTEEN_MINUTES")
    # Its own affair: the frequency of a member.
    assert Macie(world, OTHER, "network").session() == ("ENABLED", "SIX_HOURS")
    # In the other region, and nowhere else.
    assert calls(world, "macie2:EnableMacie") == 2


def test_a_member_that_has_paused_macie_itself_is_enrolled_and_enabled(world: World) -> None:
    world.stand_before_the_last()
    Macie(world, OTHER, "network").api.enable_macie(status="PAUSED")

    outcome = world.apply(world.plan())
    put_back(world)

    assert outcome.failed == []
    assert Macie(world, OTHER).members()["network"] == "Enabled"


def test_a_denial_is_not_taken_for_macie_being_off(world: World) -> None:
    world.stand_before_the_last()
    world.sandbox.settings.denied = frozenset({"macie2:GetMacieSession"})

    plan = world.plan()

    assert [place for place in places(plan) if place.endswith("session")] == []
    assert any("not authorized" in blocked.reason for blocked in part(plan, "macie").blocked)


def test_a_region_without_macie_is_left_out_with_a_note(world: World) -> None:
    world.client("account").enable_region(RegionName=FURTHER)
    world.sandbox.clock.wait(world.sandbox.settings.region_seconds)
    govern(world, HOME, FURTHER)

    world.build()
    plan = world.plan()

    assert plan.empty
    assert f"Macie is not offered in {FURTHER}." in " ".join(part(plan, "macie").notes)
    assert {record.region for record in world.records if record.service == "macie2"} == {HOME}


@pytest.mark.parametrize("by_hand", [Macie.remove, Macie.delete, Macie.pause])
@pytest.mark.parametrize("name", ["network", MANAGEMENT])
def test_a_member_that_is_let_go_by_hand_is_enrolled_again(
    calm: World, by_hand: Callable[[Macie, str], None], name: str
) -> None:
    there = Macie(calm, OTHER)
    by_hand(there, name)

    [change] = calm.plan().changes

    assert str(change.address) == f"security-tooling/{OTHER} members"
    assert change.after == {name: {"status": "ENABLED"}}
    put_back(calm)
    assert there.members() == dict.fromkeys(NAMES, "Enabled")


@pytest.mark.sampled(3)
def test_members_of_more_than_one_kind_of_drift_are_all_put_back(world: World) -> None:
    configure(world, macie=DISCOVER)
    world.build()
    there = Macie(world, OTHER)
    there.leave_out("network")
    there.leave_out("log-archive")
    there.pause("network")
    there.remove("workload-prod")

    [change] = world.plan().changes

    both = {"status": "ENABLED", "automated_discovery": "ENABLED"}
    assert change.after == {
        "network": both,
        "log-archive": {"automated_discovery": "ENABLED"},
        "workload-prod": both,
    }
    put_back(world)
    assert set(there.discovered().values()) == {"ENABLED"}


def test_an_administrator_that_has_paused_itself_is_enabled_again(world: World) -> None:
    configure(world, macie={"auto_enable": "NONE"})
    world.build()
    for key in (MANAGEMENT, "security-tooling"):
        Macie(world, OTHER, key).api.update_macie_session(status="PAUSED")

    plan = world.plan()

    assert places(plan) == [f"update {key}/{OTHER} session" for key in (MANAGEMENT, "security-tooling")]
    assert [change.after for change in plan.changes] == [{"status": "ENABLED"}] * 2
    put_back(world)


def test_the_delegation_that_is_taken_away_in_a_region_is_given_back_with_all_that_went_with_it(calm: World) -> None:
    there, management = Macie(calm, OTHER), Macie(calm, OTHER, MANAGEMENT)
    there.remove(MANAGEMENT)
    management.api.disable_organization_admin_account(adminAccountId=there.id_of("security-tooling"))

    plan = calm.plan()

    assert places(plan) == [
        f"create management/{OTHER} administrator",
        f"create security-tooling/{OTHER} organization-configuration",
        f"create security-tooling/{OTHER} automated-discovery",
        f"create security-tooling/{OTHER} members",
    ]
    put_back(calm)


def test_accounts_that_config_does_not_name_are_members_too(calm: World) -> None:
    open_account(calm, "Theirs", "theirs@example.com")

    plan = calm.plan()

    assert places(plan) == [f"update security-tooling/{region} members" for region in (HOME, OTHER)]
    assert {name for change in plan.changes for name in change.after} == {"theirs@example.com"}
    put_back(calm)
    assert Macie(calm, OTHER).members()["theirs@example.com"] == "Enabled"


def test_an_account_that_macie_enrolls_at_the_same_time_is_no_failure(calm: World) -> None:
    open_account(calm, "Theirs", "theirs@example.com")
    plan = calm.plan()
    calm.sandbox.settings.auto_enable_seconds = 0
    calm.sandbox.settings.enabling_seconds = 300

    change = next(change for change in plan.changes if change.address.at.region == OTHER)
    org = calm.arrive()
    calm.step("macie").apply(change, org, calm.connection.writer(org))

    assert Macie(calm, OTHER).members()["theirs@example.com"] == "Created"
    calm.sandbox.clock.wait(300)
    put_back(calm)


@pytest.mark.parametrize("enrols", ["NEW", "NONE"])
def test_members_are_left_alone_where_config_does_not_want_all(world: World, enrols: str) -> None:
    configure(world, macie={"auto_enable": enrols})

    world.build()
    there = Macie(world, OTHER)

    assert there.api.describe_organization_configuration()["autoEnable"] is (enrols == "NEW")
    assert there.members() == {}
    assert "macie2:CreateMember" not in writes(world)
    assert world.plan().empty
    open_account(world, "Theirs", "theirs@example.com")
    world.sandbox.clock.wait(60)
    assert world.plan().empty
    world.sandbox.clock.wait(60)
    assert there.members() == ({"theirs@example.com": "Enabled"} if enrols == "NEW" else {})


def test_no_longer_enrolling_all_leaves_the_members_as_they_are(calm: World) -> None:
    before = Macie(calm, OTHER).members()
    configure(calm, macie={"auto_enable": "NONE"})

    plan = calm.plan()

    assert places(plan) == [f"update security-tooling/{region} organization-configuration" for region in (HOME, OTHER)]
    put_back(calm)
    assert Macie(calm, OTHER).members() == before


def test_a_member_by_invitation_is_noted_and_left_alone(calm: World) -> None:
    outsider = {"accountId": "999999999999", "email": "partner@example.com"}
    Macie(calm, OTHER).api.create_member(account=outsider)

    plan = calm.plan()

    assert plan.empty
    [note] = part(plan, "macie").notes
    assert note == f"999999999999 is a member of Macie in {OTHER} by invitation; it is left alone."


def test_a_suspended_account_is_left_out(calm: World) -> None:
    close_account(calm, "workload-prod")

    plan = calm.plan()

    assert Macie(calm, OTHER).members()["workload-prod"] == "AccountSuspended"
    assert places(plan) == []
    assert part(plan, "macie").blocked == ()
    assert [note for note in part(plan, "macie").notes if "by invitation" in note] == []


def test_where_results_are_stored_is_left_alone(calm: World) -> None:
    wanted = {"s3Destination": {"bucketName": ELSEWHERE, "kmsKeyArn": elsewhere(calm)}}
    there = Macie(calm, HOME)
    there.api.put_classification_export_configuration(configuration=wanted)
    configure(calm, macie={"finding_publishing_frequency": "ONE_HOUR"})

    put_back(calm)

    assert there.api.get_classification_export_configuration()["configuration"] == wanted


def test_only_what_drifts_is_written(calm: World) -> None:
    Macie(calm, OTHER).publish(policy=True, classification=False)
    calm.records.clear()

    calm.apply(calm.plan())

    [record] = [record for record in calm.records if not record.read]
    assert (record.operation, record.region) == ("PutFindingsPublicationConfiguration", OTHER)
    assert record.account_id == calm.arrive().id_of("security-tooling")


def test_more_regions_are_added_to_those_that_are_there(calm: World) -> None:
    govern(calm, HOME, OTHER, "eu-central-1")

    plan = calm.plan()

    assert {change.address.at.region for change in plan.changes} == {"eu-central-1"}
    put_back(calm)


@pytest.mark.sampled(3)
def test_more_members_than_a_page_and_a_batch(world: World) -> None:
    settings = world.sandbox.settings
    settings.account_quota, settings.account_creation_seconds, settings.auto_enable_seconds = 80, 1, DAY
    want(world, *(account(f"team-{index:03}", "Workloads") for index in range(48)))
    govern(world, HOME)
    configure(world, macie=DISCOVER)

    world.build()

    macie = Macie(world, HOME)
    assert len(macie.members()) == 52
    assert set(macie.members().values()) == {"Enabled"}
    assert calls(world, "macie2:CreateMember") == 52
    world.records.clear()
    assert world.plan().empty
    # Pages of 25, of members and of discovered accounts.
    assert calls(world, "macie2:ListMembers") == calls(world, "macie2:ListAutomatedDiscoveryAccounts") == 3
    macie.leave_out(*macie.members())
    world.records.clear()
    put_back(world)
    assert calls(world, "macie2:BatchUpdateAutomatedDiscoveryAccounts") == 2
    assert set(macie.discovered().values()) == {"ENABLED"}


def test_destroying_takes_away_in_order_and_leaves_macie_on_in_the_members(built: World) -> None:
    govern(built, HOME)
    built.build()
    built.records.clear()

    plan = built.plan(destroy=True)
    outcome = built.apply(plan)

    assert clean(outcome)
    done = [record.operation for record in built.records if not record.read and record.service == "macie2"]
    assert done[0] == "UpdateOrganizationConfiguration"
    assert done[1:-3] == ["DisassociateMember", "DeleteMember"] * 4
    assert done[-3:] == ["DisableOrganizationAdminAccount", "DisableMacie", "DisableMacie"]
    assert {address.kind for address in part(plan, "macie").kept} == {
        "organization-configuration",
        "automated-discovery",
    }
    assert administrators(built, HOME) == []
    assert Macie(built, HOME, "network").session()[0] == "ENABLED"
    assert built.plan(destroy=True).changes == ()


def test_destroying_with_a_suspended_member_takes_all_away(calm: World) -> None:
    close_account(calm, "workload-prod")

    outcome = calm.apply(calm.plan(destroy=True))

    assert clean(outcome)
    assert administrators(calm, OTHER) == []


def test_without_the_accounts_nothing_of_another_account_is_tried(world: World) -> None:
    step = world.step("macie")
    plan = make_plan([step], world.arrive(), world.connection)

    outcome = apply_plan(plan, [step], world.arrive(), world.connection, world.listener)

    assert {str(change.address.at.account) for change in outcome.done} <= {MANAGEMENT}
    assert outcome.failed == []
    assert MANAGEMENT_ACCOUNT_ID not in {record.account_id for record in world.records}


def test_the_security_tooling_account_may_be_another_one_of_ours(world: World) -> None:
    world.wanted = replace(world.wanted, security_tooling="network")

    world.build()

    assert set(Macie(world, HOME, "network").members()) == {
        MANAGEMENT,
        "log-archive",
        "security-tooling",
        "workload-prod",
    }
    assert world.plan().empty
