from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sra_bootstrap.aws import Connection
from sra_bootstrap.model import MANAGEMENT, Action, Address, Plan, Target
from sra_bootstrap.sandbox.services.securityhub import Member, securityhub_of
from sra_bootstrap.sandbox.services.securityhub_central import central_of
from steps.security_hub import SecurityHub as Step
from steps.security_hub.standards import FSBP, RECOMMENDED
from tests.steps.by_hand import (
    build_until,
    clean,
    close_account,
    configure,
    govern,
    lines,
    open_account,
    part,
    put_back,
    unmanaged,
    want,
)
from tests.steps.security_hub_by_hand import HOME, LOCAL, NIST, OTHER, POLICY, RULE, SecurityHub
from tests.world import World, account, only

ID = "security_hub"
ADMIN_KINDS = ("finding-aggregator", "central-configuration", f"policy {POLICY}", "association root")
MEMBERS = {MANAGEMENT, "log-archive", "network", "workload-prod"}
EVERYBODY = {*MEMBERS, "security-tooling"}


class SomewhereLess(Connection):
    """A connection that knows of no Security Hub in one region."""

    def offers(self, service: str, region: str) -> bool:
        return (service, region) != ("securityhub", OTHER) and super().offers(service, region)


@pytest.fixture
def world(world: World) -> World:
    """A bare management account, and Security Hub with what it stands on."""
    return World(world.sandbox, only(ID))


@pytest.fixture
def local(world: World) -> World:
    """The same, configured locally; accounts that join are not enrolled for a long time."""
    world.sandbox.settings.auto_enable_seconds = 1e9
    configure(world, **{ID: LOCAL})
    return world


def changes(plan: Plan) -> list[str]:
    return lines(part(plan, ID).changes)


def notes(plan: Plan) -> list[str]:
    return list(part(plan, ID).notes)


def policy(name: str = POLICY, **settings: Any) -> dict[str, Any]:
    return {"name": name, "description": "The baseline of the SRA."} | settings


def test_everything_is_on_in_every_region(built: World) -> None:
    SecurityHub(built).settle()

    for region in (HOME, OTHER):
        there = SecurityHub(built, region)
        assert there.administrators() == ["security-tooling"]
        assert there.members() == dict.fromkeys(MEMBERS, "Enabled")
        for name in EVERYBODY:
            assert SecurityHub(built, region, name).standards() == {*RECOMMENDED}
        assert {f"aws/{product}" for product in ("guardduty", "inspector", "macie")} < there.products()
    home = SecurityHub(built)
    linked = home.aggregator()
    assert (linked["FindingAggregationRegion"], linked["Regions"]) == (HOME, [OTHER])
    assert home.configuration()["OrganizationConfiguration"] == {"ConfigurationType": "CENTRAL", "Status": "ENABLED"}
    assert home.associations() == {home.root(): (POLICY, "SUCCESS")}
    assert home.policy()["Description"] == "The baseline of the SRA."


def test_nobody_gets_the_default_standards_on_the_way(world: World) -> None:
    world.sandbox.settings.enabling_seconds = 1e6

    build_until(world, ID)
    first = world.plan()
    hubs = [change for change in part(first, ID).changes if change.address.kind in {"hub", "administrator"}]
    for change in hubs:
        org = world.arrive()
        world.step(ID).apply(change, org, world.connection.writer(org))
    world.sandbox.clock.wait(60)

    for region in (HOME, OTHER):
        for name in (MANAGEMENT, "security-tooling"):
            assert SecurityHub(world, region, name).standards() == set()


def test_after_central_configuration_no_member_is_entered(built: World) -> None:
    built.build()
    put_back(built)

    org = built.arrive()
    allowed = {"", str(org.id_of("security-tooling"))}
    assert {record.account_id for record in built.records if record.service == "securityhub"} <= allowed
    member_level = {"CreateMembers", "BatchEnableStandards", "UpdateSecurityHubConfiguration", "ListMembers"}
    assert {record.operation for record in built.records} & member_level == set()


def test_policies_of_organizations_that_manage_security_hub_are_an_obstacle(built: World) -> None:
    home = SecurityHub(built)
    home.end(POLICY, RootId=home.root())
    home.api.delete_configuration_policy(Identifier=home.policy_ids()[POLICY])
    home.api.update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "LOCAL"}
    )
    central_of(built.arrive().management_id).overruled = True

    plan = built.plan()

    blocked = {one.where: one for one in plan.blocked}
    assert list(blocked) == [f"security-tooling/{HOME} {kind}" for kind in ADMIN_KINDS[1:]]
    first = blocked[f"security-tooling/{HOME} central-configuration"]
    assert "Security Hub policies of AWS Organizations manage Security Hub" in first.reason
    assert "enabled: false" in first.remedy


def test_a_single_region_links_none(world: World) -> None:
    govern(world, HOME)

    world.build()

    assert SecurityHub(world).aggregator()["RegionLinkingMode"] == "NO_REGIONS"
    assert world.plan().empty


def test_a_region_that_is_governed_later_is_linked_and_configured(world: World) -> None:
    govern(world, HOME)
    world.build()
    govern(world, HOME, OTHER)

    plan = world.plan()
    put_back(world)

    assert changes(plan) == [
        f"create management/{OTHER} hub",
        f"create security-tooling/{OTHER} hub",
        f"create security-tooling/{OTHER} integrations",
        f"update security-tooling/{HOME} finding-aggregator",
    ]
    SecurityHub(world).settle()
    assert SecurityHub(world, OTHER, "network").standards() == {*RECOMMENDED}


def test_an_association_that_takes_a_day_is_neither_waited_for_nor_planned_again(world: World) -> None:
    build_until(world, ID)
    org_settings = world.sandbox.settings
    org_settings.enabling_seconds = 300
    before = world.sandbox.clock.now()

    world.build()

    home = SecurityHub(world)
    assert home.associations() == {home.root(): (POLICY, "PENDING")}
    assert world.plan().empty
    assert world.sandbox.clock.now() - before < 600


def test_central_configuration_is_waited_for(world: World) -> None:
    world.sandbox.settings.enabling_seconds = 400

    world.build()

    waited = {address.kind for address in world.listener.waited}
    assert "central-configuration" in waited
    assert "association" not in waited


def test_central_configuration_that_is_on_its_way_is_not_asked_for_again(world: World) -> None:
    build_until(world, ID)
    world.sandbox.settings.enabling_seconds = 1e6
    outcome = world.apply(world.plan())
    assert [failed.where for failed in outcome.failed] == [f"security-tooling/{HOME} central-configuration"]
    world.sandbox.settings.enabling_seconds = 5

    plan = world.plan()
    change = next(change for change in plan.changes if change.address.kind == "central-configuration")

    assert (change.before, change.after) == ({"status": "PENDING"}, {"status": "ENABLED"})
    world.sandbox.clock.wait(1e6)
    put_back(world)


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_another_administrator_blocks_with_who_and_what_to_do_and_is_never_replaced(world: World, region: str) -> None:
    build_until(world, ID)
    network = str(world.arrive().id_of("network"))
    world.client("securityhub", MANAGEMENT, region).enable_organization_admin_account(AdminAccountId=network)
    world.sandbox.clock.wait(60)

    plan = world.plan()
    outcome = world.apply(plan)

    [first, *others] = plan.blocked
    assert first.where == f"management/{HOME} administrator"
    assert first.reason == f"Security Hub CSPM is administered by network ({network}), and has one administrator only."
    assert f"disable-organization-admin-account --admin-account-id {network}" in first.remedy
    assert f"--service-principal securityhub.amazonaws.com --account-id {network}" in first.remedy
    assert [blocked.where for blocked in others] == [f"security-tooling/{HOME} {kind}" for kind in ADMIN_KINDS]
    assert outcome.failed == []
    assert SecurityHub(world, region).administrators() == ["network"]


def test_what_is_half_configured_is_adopted(world: World) -> None:
    build_until(world, ID)
    org = world.arrive()
    ours = str(org.id_of("security-tooling"))
    for region in (HOME, OTHER):
        world.client("securityhub", MANAGEMENT, region).enable_security_hub()
    world.client("securityhub", MANAGEMENT, HOME).enable_organization_admin_account(AdminAccountId=ours)
    world.sandbox.clock.wait(60)
    home = SecurityHub(world)
    home.api.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    home.api.create_members(AccountDetails=[{"AccountId": home.id_of("network")}])
    home.api.update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "CENTRAL"}
    )
    home.settle()
    home.make_policy(POLICY, NIST)

    plan = world.plan()
    put_back(world)

    assert changes(plan) == [
        f"update security-tooling/{HOME} finding-aggregator",
        f"update security-tooling/{HOME} policy {POLICY}",
        f"create security-tooling/{HOME} association root",
    ]
    home.settle()
    assert set(home.policy_ids()) == {POLICY}
    for name in EVERYBODY:
        assert SecurityHub(world, HOME, name).standards() == {*RECOMMENDED}


def test_policies_of_others_are_left_alone_and_named(built: World) -> None:
    home = SecurityHub(built)
    home.make_policy("theirs", NIST)
    home.associate("theirs", AccountId=home.id_of("network"))

    plan = built.plan()

    assert plan.empty
    assert set(unmanaged(plan, ID)) == {"theirs", "account network"}
    assert SecurityHub(built, HOME, "network").standards() == {NIST}


def test_custom_parameters_that_others_have_put_into_our_policy_are_kept(built: World) -> None:
    home = SecurityHub(built)
    parameters = [
        {
            "SecurityControlId": "ACM.1",
            "Parameters": {"daysToExpiration": {"ValueType": "CUSTOM", "Value": {"Integer": 15}}},
        }
    ]
    home.change_policy(
        SecurityControlsConfiguration={
            "DisabledSecurityControlIdentifiers": [],
            "SecurityControlCustomParameters": parameters,
        }
    )
    assert built.plan().empty
    configure(built, **{ID: {"policies": [policy(root=True, disabled_controls=[{"id": "IAM.6", "reason": "SSO"}])]}})

    put_back(built)

    found = home.policy()["ConfigurationPolicy"]["SecurityHub"]["SecurityControlsConfiguration"]
    assert found["SecurityControlCustomParameters"] == parameters
    assert found["DisabledSecurityControlIdentifiers"] == ["IAM.6"]


def test_policies_apply_to_units_and_accounts_by_name(world: World) -> None:
    strict = policy("strict", standards=[FSBP, NIST], organizational_units=["Workloads/Prod"])
    own = policy("own", standards=[FSBP], accounts=["network", MANAGEMENT])
    configure(world, **{ID: {"policies": [policy(root=True), strict, own]}})

    world.build()

    home = SecurityHub(world)
    home.settle()
    org = world.arrive()
    assert {target: name for target, (name, _) in home.associations().items()} == {
        home.root(): POLICY,
        org.existing.units["Workloads/Prod"]: "strict",
        home.id_of("network"): "own",
        org.management_id: "own",
    }
    for name, standards in {
        "workload-prod": {FSBP, NIST},
        "network": {FSBP},
        MANAGEMENT: {FSBP},
        "log-archive": {*RECOMMENDED},
    }.items():
        assert SecurityHub(world, OTHER, name).standards() == standards
    assert world.plan().empty


@pytest.mark.parametrize("target", [{"organizational_units": ["Nowhere"]}, {"accounts": ["nobody"]}])
def test_a_policy_for_what_is_not_there_is_blocked_alone(built: World, target: dict[str, Any]) -> None:
    configure(built, **{ID: {"policies": [policy(root=True), policy("lost", **target)]}})

    plan = built.plan()
    outcome = built.apply(plan)

    [name] = [value for [value] in target.values()]
    [blocked] = plan.blocked
    assert name in blocked.where
    assert "which is not in the organization" in blocked.reason
    assert changes(plan) == [f"create security-tooling/{HOME} policy lost"]
    assert outcome.failed == []


def test_an_account_that_joins_gets_what_its_place_inherits(built: World) -> None:
    want(built, account("laboratory", "Workloads"))

    put_back(built)
    SecurityHub(built).settle()

    assert changes(built.plan()) == []
    assert SecurityHub(built, OTHER, "laboratory").standards() == {*RECOMMENDED}
    assert SecurityHub(built, OTHER).members()["laboratory"] == "Enabled"


def test_a_suspended_account_is_noted_where_a_policy_fails_and_does_not_hinder(built: World) -> None:
    close_account(built, "network")
    home = SecurityHub(built)
    home.associate(POLICY, AccountId=home.id_of("log-archive"))
    home.change_policy(SecurityControlsConfiguration={"DisabledSecurityControlIdentifiers": ["IAM.6"]})
    home.settle()

    assert built.apply(built.plan()).failed == []
    home.settle()
    plan = built.plan()

    assert changes(plan) == []
    assert any(
        "could not apply the policy sra-baseline in network: The account is suspended." in one for one in notes(plan)
    )


def test_a_policy_that_failed_in_the_management_account_is_noted_and_not_planned(world: World) -> None:
    build_until(world, ID)
    world.build()
    home = SecurityHub(world)
    home.associate("SELF_MANAGED_SECURITY_HUB", AccountId=world.arrive().management_id)
    world.client("securityhub", MANAGEMENT, OTHER).disable_security_hub()
    home.end("SELF_MANAGED_SECURITY_HUB", AccountId=world.arrive().management_id)
    home.api.list_configuration_policies()
    home.settle()

    plan = world.plan()

    assert changes(plan) == [f"create management/{OTHER} hub"]
    [note] = notes(plan)
    assert "could not apply the policy sra-baseline in management: Security Hub is not enabled" in note
    assert "start-configuration-policy-association" in note
    put_back(world)
    assert len(notes(world.plan())) == 1
    home.associate(POLICY, RootId=home.root())
    assert notes(world.plan()) == []


def test_another_home_region_is_an_obstacle_with_what_to_do(world: World) -> None:
    build_until(world, ID)
    other = SecurityHub(world, OTHER)
    other.api.enable_security_hub(EnableDefaultStandards=False)
    other.api.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")

    plan = world.plan()
    outcome = world.apply(plan)

    blocked = next(one for one in outcome.blocked if one.where == f"security-tooling/{HOME} finding-aggregator")
    assert f"gathers findings in {OTHER}" in blocked.reason
    assert f"Set organization.home_region to {OTHER}" in blocked.remedy
    assert f"delete-finding-aggregator --region {OTHER}" in blocked.remedy
    again = [one.where for one in world.plan().blocked]
    assert again == [f"security-tooling/{HOME} {kind}" for kind in ADMIN_KINDS]
    assert other.aggregator()["RegionLinkingMode"] == "ALL_REGIONS"


def test_a_region_without_security_hub_is_left_out_and_noted(world: World) -> None:
    world.connection = SomewhereLess(HOME, world.sandbox.clock, not_yet=Step.not_yet, on_call=world.records.append)

    world.build()
    plan = world.plan()

    assert plan.empty
    noted = set(notes(plan))
    assert f"Security Hub is not offered in {OTHER}. It is left out in security-tooling/{HOME}." in noted
    assert f"Security Hub is not offered in {OTHER}. It is left out in management/{OTHER}." in noted
    assert SecurityHub(world).aggregator()["Regions"] == []


def test_security_hub_that_is_off_is_told_apart_from_security_hub_that_may_not_be_read(world: World) -> None:
    build_until(world, ID)
    assert f"create management/{HOME} hub" in changes(world.plan())

    world.sandbox.settings.denied = frozenset({"securityhub:DescribeHub"})
    plan = world.plan()

    assert [change for change in changes(plan) if "management" in change] == []
    assert {blocked.where for blocked in plan.blocked} >= {f"management/{HOME}", f"management/{OTHER}"}


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"policies": [policy(), policy()]}, "there are two policies sra-baseline"),
        ({"policies": [policy(root=True), policy("b", root=True)]}, "there are two policies for root"),
        ({"policies": [policy("a b")]}, "string_pattern_mismatch"),
        ({"policies": [policy(disabled_controls=[{"id": "IAM.6", "reason": " "}])]}, "string_too_short"),
        ({"policies": [policy(disabled_controls=[{"id": "IAM.6"}])]}, "missing"),
        ({"automation_rules": [RULE, RULE]}, "there are two automation rules quiet sandbox"),
        ({"automation_rules": [RULE | {"order": 1001}]}, "less_than_equal"),
        ({"standards": ["arn:aws:securityhub:::ruleset/x"]}, "string_pattern_mismatch"),
        ({"integrations": ["guardduty"]}, "string_pattern_mismatch"),
        ({"configuration": "BOTH"}, "literal_error"),
    ],
)
def test_a_section_that_cannot_be_is_refused(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Step.Config(**config)

    assert any(problem in f"{error['type']} {error['msg']}" for error in raised.value.errors())


def test_no_policies_and_no_integrations_are_fine(world: World) -> None:
    configure(world, **{ID: {"policies": [], "integrations": []}})

    world.build()

    assert SecurityHub(world).policy_ids() == {}
    assert world.plan().empty


def test_destroying_takes_policies_first_and_says_what_stays(built: World) -> None:
    SecurityHub(built).settle()
    plan = built.plan(destroy=True)

    assert changes(plan)[:5] == [
        f"delete security-tooling/{HOME} association root",
        f"delete security-tooling/{HOME} policy {POLICY}",
        f"delete security-tooling/{HOME} central-configuration",
        f"delete security-tooling/{HOME} finding-aggregator",
        f"delete management/{HOME} administrator",
    ]
    assert {address.kind for address in part(plan, ID).kept} == {"integrations"}
    assert clean(built.apply(plan))
    assert SecurityHub(built, OTHER).administrators() == []
    assert SecurityHub(built, OTHER, "network").standards() == {*RECOMMENDED}


def test_destroying_stops_before_the_policies_of_others(built: World) -> None:
    home = SecurityHub(built)
    home.make_policy("theirs")

    outcome = built.apply(built.plan(destroy=True))

    failed = outcome.failed[0]
    assert failed.where == f"security-tooling/{HOME} central-configuration"
    assert "there are policies of others, theirs" in failed.reason
    assert home.configuration()["OrganizationConfiguration"]["ConfigurationType"] == "CENTRAL"
    assert home.administrators() == ["security-tooling"]


def test_locally_everything_is_on_in_every_account_and_region(local: World) -> None:
    local.build()

    for region in (HOME, OTHER):
        there = SecurityHub(local, region)
        assert there.administrators() == ["security-tooling"]
        assert there.members() == dict.fromkeys(MEMBERS, "Enabled")
        configuration = there.configuration()
        assert (configuration["AutoEnable"], configuration["AutoEnableStandards"]) == (True, "NONE")
        for name in EVERYBODY:
            assert SecurityHub(local, region, name).standards() == {*RECOMMENDED}
    assert SecurityHub(local).aggregator()["Regions"] == [OTHER]
    assert local.plan().empty


def test_accounts_that_join_are_members_at_once_and_get_their_standards(local: World) -> None:
    local.build()
    want(local, account("laboratory", "Workloads"))

    plan = local.plan()
    put_back(local)

    assert f"update security-tooling/{OTHER} members" in changes(plan)
    assert f"create laboratory/{OTHER} standards" in changes(plan)
    assert SecurityHub(local, OTHER, "laboratory").standards() == {*RECOMMENDED}


def test_an_account_that_config_does_not_name_is_a_member_too(local: World) -> None:
    local.build()
    open_account(local, "Somebody", "somebody@example.com")

    put_back(local)

    assert SecurityHub(local, OTHER).members()["somebody@example.com"] == "Enabled"
    assert SecurityHub(local, OTHER, "somebody@example.com").standards() == {*RECOMMENDED}


def test_a_suspended_account_is_left_out_locally(local: World) -> None:
    local.build()
    close_account(local, "network")

    plan = local.plan()

    assert changes(plan) == []
    assert part(plan, ID).blocked == ()
    assert SecurityHub(local).members()["network"] == "Enabled"


@pytest.mark.sampled(3)
def test_more_members_than_a_page_and_a_batch(local: World) -> None:
    local.sandbox.settings.account_quota = 200
    local.sandbox.settings.concurrent_creations = 200
    local.regions = (HOME,)
    want(local, *(account(f"team-{number}", "Workloads") for number in range(60)))
    configure(local, **{ID: LOCAL | {"standards": []}})
    local.build()

    members = [record for record in local.records if record.operation == "CreateMembers" and record.error is None]
    assert len(members) == 2
    pages = SecurityHub(local).api.get_paginator("list_members").paginate()
    assert sum(len(page["Members"]) for page in pages) == 64
    assert local.plan().empty


def test_a_member_by_invitation_is_noted_and_left_alone(local: World) -> None:
    local.build()
    administrator_id = str(local.arrive().id_of("security-tooling"))
    securityhub_of(administrator_id, OTHER).members["999999999999"] = Member("999999999999", "Enabled")

    plan = local.plan()

    assert plan.empty
    assert f"999999999999 is a member of Security Hub in {OTHER} by invitation; it is left alone." in notes(plan)


def test_going_over_to_local_configuration_shows_which_policies_go(built: World) -> None:
    configure(built, **{ID: LOCAL})

    plan = built.plan()
    change = next(
        change
        for change in plan.changes
        if change.address == Address("organization-configuration", Target("security-tooling", HOME))
    )
    put_back(built)

    assert change.action is Action.UPDATE
    assert (change.before["type"], change.before["policies"]) == ("CENTRAL", (POLICY,))
    assert (change.after["type"], change.after["policies"]) == ("LOCAL", ())
    assert SecurityHub(built).configuration()["OrganizationConfiguration"]["ConfigurationType"] == "LOCAL"
    assert SecurityHub(built, OTHER, "network").standards() == {*RECOMMENDED}


def test_policies_of_others_keep_central_configuration(built: World) -> None:
    SecurityHub(built).make_policy("theirs")
    configure(built, **{ID: LOCAL})

    plan = built.plan()

    blocked = next(one for one in plan.blocked if one.where == f"security-tooling/{HOME} organization-configuration")
    assert "with policies of others: theirs" in blocked.reason
    assert "Keep `configuration: CENTRAL`" in blocked.remedy


def test_and_back_to_central_configuration(local: World) -> None:
    local.build()
    configure(local, **{ID: {}})

    put_back(local)

    home = SecurityHub(local)
    home.settle()
    assert home.associations() == {home.root(): (POLICY, "SUCCESS")}
    assert changes(local.plan()) == []


def test_rules_of_others_are_left_alone(world: World) -> None:
    configure(world, **{ID: {"automation_rules": [RULE]}})
    world.build()
    other = SecurityHub(world, OTHER)
    other.api.create_automation_rule(
        RuleName="theirs",
        Description="Theirs",
        RuleOrder=5,
        Criteria=RULE["criteria"],
        Actions=[{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Criticality": 1}}],
    )

    plan = world.plan()

    assert plan.empty
    assert unmanaged(plan, ID) == ["theirs"]
    assert clean(world.apply(world.plan(destroy=True)))


def test_of_two_rules_with_one_name_the_first_is_ours(world: World) -> None:
    configure(world, **{ID: {"automation_rules": [RULE]}})
    world.build()
    other = SecurityHub(world, OTHER)
    twin = other.rules()[RULE["name"]]
    other.api.create_automation_rule(
        RuleName=RULE["name"],
        Description="Twin",
        RuleOrder=7,
        Criteria=twin["Criteria"],
        Actions=twin["Actions"],
    )

    assert world.plan().empty


def test_a_hub_that_a_policy_is_about_to_switch_on_again_is_left_to_it(built: World) -> None:
    there = SecurityHub(built)
    there.change_policy(ServiceEnabled=False)
    for _ in range(2):
        there.administrators()
        there.settle()
    assert clean(built.apply(built.plan()))
    there.administrators()

    plan = built.plan()

    assert plan.empty
    assert [note for note in part(plan, "security_hub").notes if "has switched Security Hub off" in note]
    there.settle()
    assert built.plan().empty
    assert SecurityHub(built, HOME, MANAGEMENT).standards() == {*RECOMMENDED}
