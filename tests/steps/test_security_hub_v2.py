from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.aws import Reader
from sra_bootstrap.model import MANAGEMENT, Address, Obstacle, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from tests.steps.by_hand import HERE, calls, clean, close_account, configure, govern, lines, part, put_back, writes
from tests.steps.security_hub_v2_by_hand import (
    HOME,
    NAME,
    OTHER,
    OURS,
    TOOLING,
    TYPE,
    SecurityHub,
    enabling,
    theirs,
)
from tests.world import World, only

STEP = "security_hub_v2"
MEMBERS = ("log-archive", "network", "workload-prod")


class SomewhereLess(Reader):
    """A reader that knows of no Security Hub in one region."""

    def offers(self, service: str, region: str) -> bool:
        return (service, region) != ("securityhub", OTHER) and super().offers(service, region)


@pytest.fixture
def founded(world: World) -> World:
    """An organization with all that the step stands on, Security Hub CSPM among it."""
    founded = World(world.sandbox, only(STEP))
    founded.stand_before_the_last()
    return founded


@pytest.fixture
def alone(world: World) -> World:
    """The same, without Security Hub CSPM."""
    alone = World(world.sandbox, [step for step in only(STEP) if step.id != "security_hub"])
    alone.stand_before_the_last()
    return alone


@pytest.fixture
def there(world: World) -> SecurityHub:
    """Everything built."""
    whole = World(world.sandbox, only(STEP))
    whole.stand()
    return SecurityHub(whole)


def planned(world: World) -> list[str]:
    return lines(part(world.plan(), STEP).changes)


def test_it_is_opted_into() -> None:
    assert [step.config.enabled for step in only(STEP) if step.id == STEP] == [False]


def test_security_hub_is_on_everywhere_and_administered_from_the_security_tooling_account(there: SecurityHub) -> None:
    there.settle()

    for account in (MANAGEMENT, TOOLING, *MEMBERS):
        assert [there.is_on(account, region) for region in (HOME, OTHER)] == [True, True], account
    assert there.administrators() == [TOOLING]
    aggregator = there.aggregator()
    assert (aggregator["AggregationRegion"], aggregator["LinkedRegions"]) == (HOME, [OTHER])
    assert there.policy()["Content"] == enabling(HOME, OTHER)
    assert there.targets() == ["Root"]
    assert set(there.statements()) == set(OURS)


def test_an_account_that_joins_later_has_it_without_a_further_apply(there: SecurityHub) -> None:
    settings = there.world.sandbox.settings
    request = there.organizations.create_account(AccountName="Later", Email="later@example.com")
    there.world.sandbox.clock.wait(settings.account_creation_seconds + settings.role_delay_seconds)
    assert request["CreateAccountStatus"]["State"] == "IN_PROGRESS"
    there.settle()

    assert there.is_on("later@example.com")
    assert there.is_on("later@example.com", OTHER)


def test_the_administrator_can_manage_policies_of_this_type_alone(there: SecurityHub) -> None:
    administrator = there.world.client("organizations", TOOLING)
    root_id = administrator.list_roots()["Roots"][0]["Id"]
    text = {"Name": "theirs", "Description": "", "Content": json.dumps(enabling(HOME))}

    made = administrator.create_policy(Type=TYPE, **text)["Policy"]["PolicySummary"]["Id"]
    administrator.tag_resource(ResourceId=made, Tags=[{"Key": "a", "Value": "b"}])
    administrator.attach_policy(PolicyId=made, TargetId=root_id)
    administrator.detach_policy(PolicyId=made, TargetId=root_id)
    administrator.delete_policy(PolicyId=made)
    with pytest.raises(administrator.exceptions.AccessDeniedException):
        administrator.create_policy(Type="TAG_POLICY", **text)
    with pytest.raises(administrator.exceptions.AccessDeniedException):
        administrator.attach_policy(PolicyId="p-FullAWSAccess", TargetId=root_id)


def test_the_plan_of_what_is_built_is_empty_and_writes_nothing(there: SecurityHub) -> None:
    assert there.world.plan().empty
    assert writes(there.world) == set()


def test_the_policy_type_has_one_owner_and_is_enabled_once(founded: World) -> None:
    types = founded.arrive().existing.policy_types

    assert types[TYPE] == "ENABLED"
    assert TYPE not in founded.step("policy_types").config.types
    owners = [step.id for step in founded.steps for one in step.desired(founded.arrive()) if one.address.name == TYPE]
    assert owners == ["policy_types"]


def test_a_policy_type_that_config_names_too_is_one(founded: World) -> None:
    configure(founded, policy_types={"types": (TYPE,)})

    types = [one.address.name for one in founded.step("policy_types").desired(founded.arrive())]

    assert types == [TYPE]


def test_without_the_step_its_policy_type_is_not_enabled(world: World) -> None:
    assert world.wanted.policy_types == ()


def test_statements_of_others_stay_as_they_are_and_where_they_are(founded: World) -> None:
    there = SecurityHub(founded)
    # Another form of writing things down, which must not be normalized.
    one = {**theirs(founded), "Sid": "", "Action": ["organizations:ListRoots"]}
    del one["Sid"]
    there.organizations.put_resource_policy(Content=json.dumps({"Version": "2012-10-17", "Statement": one}))
    founded.records.clear()

    founded.build()

    content = json.loads(there.organizations.describe_resource_policy()["ResourcePolicy"]["Content"])
    assert content["Statement"][0] == one
    assert [statement["Sid"] for statement in content["Statement"][1:]] == list(OURS)
    assert calls(founded, "organizations:PutResourcePolicy") == 1
    assert founded.plan().empty
    assert clean(founded.apply(founded.plan(destroy=True)))
    content = json.loads(there.organizations.describe_resource_policy()["ResourcePolicy"]["Content"])
    assert content["Statement"] == [one]


def test_a_resource_policy_of_ours_alone_goes_with_us(there: SecurityHub) -> None:
    assert clean(there.world.apply(there.world.plan(destroy=True)))

    with pytest.raises(there.organizations.exceptions.ResourcePolicyNotFoundException):
        there.organizations.describe_resource_policy()


def test_a_statement_in_another_order_is_the_same(there: SecurityHub) -> None:
    statements = there.statements()
    for statement in statements.values():
        for name in ("Action", "Resource"):
            value = statement[name]
            statement[name] = value[0] if len(value) == 1 else value[::-1]
        statement["Principal"]["AWS"] = statement["Principal"]["AWS"][0]
    there.delegate(*reversed(statements.values()))

    assert there.world.plan().empty


def test_a_policy_in_another_order_is_the_same(there: SecurityHub) -> None:
    there.write(enabling(OTHER, HOME))

    assert there.world.plan().empty


def test_a_policy_of_the_name_is_taken_over(founded: World) -> None:
    there = SecurityHub(founded)
    text = {"Name": NAME, "Description": "theirs", "Content": json.dumps(enabling("eu-west-2"))}
    there.organizations.create_policy(Type=TYPE, **text)

    plan = founded.plan()
    assert "update organization policy security-hub" in lines(part(plan, STEP).changes)
    put_back(founded)

    assert there.policy()["Content"] == enabling(HOME, OTHER)
    assert len(there.organizations.list_policies(Filter=TYPE)["Policies"]) == 1


def test_what_is_on_already_is_adopted(founded: World) -> None:
    there = SecurityHub(founded)
    there.hub(MANAGEMENT).enable_security_hub_v2()
    there.hub().enable_security_hub_v2()
    there.hub().create_aggregator_v2(RegionLinkingMode="SPECIFIED_REGIONS", LinkedRegions=["eu-west-2"])
    tooling = founded.arrive().id_of(TOOLING)
    there.hub(MANAGEMENT).enable_organization_admin_account(AdminAccountId=tooling, Feature="SecurityHubV2")

    assert planned(founded) == [
        f"create management/{OTHER} hub",
        f"create {TOOLING}/{OTHER} hub",
        "create organization delegation",
        f"update {TOOLING}/{HOME} aggregator",
        f"create organization policy {NAME}",
        "create organization attachment root",
    ]
    put_back(founded)
    # A region that others have linked is theirs.
    assert there.aggregator()["LinkedRegions"] == ["eu-west-2", OTHER]


@pytest.mark.parametrize("feature", ["SecurityHub", "SecurityHubV2"])
def test_another_administrator_of_it_or_of_cspm_is_never_replaced(alone: World, feature: str) -> None:
    there = SecurityHub(alone)
    network = alone.arrive().id_of("network")
    there.hub(MANAGEMENT).enable_organization_admin_account(AdminAccountId=network, Feature=feature)

    plan = alone.plan()
    outcome = alone.apply(plan)

    obstacle, *others = part(plan, STEP).blocked
    assert obstacle.where == "organization administrator"
    assert obstacle.reason == f"Security Hub is administered by network ({network}), and has one administrator only."
    assert f"--feature SecurityHubV2 --admin-account-id {network}" in obstacle.remedy
    assert "deregister-delegated-administrator --service-principal securityhub.amazonaws.com" in obstacle.remedy
    kinds = [blocked.where.removeprefix("organization ") for blocked in others]
    assert kinds == ["delegation", f"{TOOLING}/{HOME} aggregator", f"policy {NAME}", "attachment root"]
    assert {change.address.kind for change in outcome.done} == {"hub"}
    admins = there.hub(MANAGEMENT).list_organization_admin_accounts(Feature=feature)["AdminAccounts"]
    assert [admin["AccountId"] for admin in admins] == [network]


def test_an_aggregator_in_another_region_is_in_the_way(there: SecurityHub) -> None:
    arn = there.aggregator()["AggregatorV2Arn"]
    there.hub().delete_aggregator_v2(AggregatorV2Arn=arn)
    there.hub(region=OTHER).create_aggregator_v2(RegionLinkingMode="SPECIFIED_REGIONS", LinkedRegions=[HOME])

    plan = there.world.plan()

    [blocked] = plan.blocked
    assert blocked.where == f"{TOOLING}/{HOME} aggregator"
    assert f"Security Hub aggregates findings in {OTHER}" in blocked.reason
    assert f"delete-aggregator-v2 --region {OTHER} --aggregator-v2-arn arn:aws:securityhub:{OTHER}:" in blocked.remedy
    assert plan.changes == ()


def test_one_region_has_nothing_to_aggregate(founded: World) -> None:
    govern(founded, HOME)

    put_back(founded)

    there = SecurityHub(founded)
    assert there.hub().list_aggregators_v2()["AggregatorsV2"] == []
    assert there.policy()["Content"] == enabling(HOME)


def test_a_region_that_is_governed_later_is_linked_and_enabled(there: SecurityHub) -> None:
    govern(there.world, HOME, OTHER, "eu-west-2")

    put_back(there.world)
    there.settle()

    assert there.aggregator()["LinkedRegions"] == ["eu-west-2", OTHER]
    assert there.is_on("network", "eu-west-2")


def test_a_region_without_security_hub_is_left_out_with_a_note(there: SecurityHub) -> None:
    org, step = there.world.arrive(), there.world.step(STEP)
    forgotten = SomewhereLess(there.world.connection, org)

    def left_out(at: Target) -> set[tuple[Address, tuple[str, ...]]]:
        observed = [one for one in step.observe(at, org, forgotten) if isinstance(one, Unavailable)]
        assert {one.reason for one in observed} == {f"Security Hub is not offered in {OTHER}."}
        return {(one.address, one.path) for one in observed}

    assert left_out(Target(MANAGEMENT, OTHER)) == {(Address("hub", Target(MANAGEMENT, OTHER)), ())}
    assert left_out(HERE) == {(Address("policy", HERE, NAME), ("regions", OTHER))}
    home = Target(TOOLING, HOME)
    assert left_out(home) == {(Address("aggregator", home), ("regions", OTHER))}


def test_the_policy_is_attached_to_what_config_names(founded: World) -> None:
    names = ("Workloads/Prod", "network")
    configure(founded, security_hub_v2={"attach_to": names, "policy": "ours"})

    put_back(founded)

    there = SecurityHub(founded)
    there.settle()
    on = [name for name in (TOOLING, *MEMBERS) if there.is_on(name)]
    assert on == [TOOLING, "network", "workload-prod"]
    assert there.policy("ours")["Content"] == enabling(HOME, OTHER)


def test_a_name_that_config_does_not_have_is_in_the_way_alone(founded: World) -> None:
    configure(founded, security_hub_v2={"attach_to": ("Workload", "network")})

    plan = founded.plan()

    [blocked] = plan.blocked
    assert blocked.where == "organization attachment Workload"
    assert blocked.reason == "There is no OU and no account Workload in config.yaml."
    assert "the root is called root" in blocked.remedy
    assert "create organization attachment network" in lines(plan.changes)


def test_all_regions_are_those_that_aws_will_have_too(founded: World) -> None:
    configure(founded, security_hub_v2={"regions": "all"})

    put_back(founded)

    there = SecurityHub(founded)
    there.settle()
    assert there.policy()["Content"] == enabling("ALL_SUPPORTED")
    assert there.is_on("network", "eu-west-3")


def test_what_others_have_attached_and_made_is_left_alone(there: SecurityHub) -> None:
    network = str(there.world.arrive().id_of("network"))
    there.attach(network)
    text = {"Name": "another", "Description": "", "Content": json.dumps(enabling())}
    there.organizations.create_policy(Type=TYPE, **text)

    plan = there.world.plan()

    assert plan.empty
    assert [one.address.name for one in part(plan, STEP).unmanaged] == ["network"]


def test_a_suspended_account_is_in_nobodys_way(there: SecurityHub) -> None:
    close_account(there.world, "workload-prod")

    assert part(there.world.plan(), STEP).changes == ()
    assert part(there.world.plan(), STEP).blocked == ()


def test_a_policy_that_keeps_it_off_is_reported_in_the_words_of_aws(founded: World) -> None:
    there = SecurityHub(founded)
    off = {"securityhub": {"enable_in_regions": {"@@assign": []}, "disable_in_regions": {"@@assign": [OTHER]}}}
    text = {"Name": "off", "Description": "", "Content": json.dumps(off)}
    made = there.organizations.create_policy(Type=TYPE, **text)["Policy"]["PolicySummary"]["Id"]
    there.organizations.attach_policy(PolicyId=made, TargetId=str(founded.arrive().id_of(TOOLING)))

    outcome = founded.apply(founded.plan())

    [failure] = outcome.failed
    assert failure.where == f"{TOOLING}/{OTHER} hub"
    assert "is being managed by a Security Hub policy" in failure.reason


def test_a_denial_to_enable_it_is_not_taken_for_a_policy(founded: World) -> None:
    founded.sandbox.settings.denied = frozenset({"securityhub:EnableSecurityHubV2"})

    outcome = founded.apply(founded.plan())

    assert {failure.where for failure in outcome.failed} == {
        f"{account}/{region} hub" for account in (MANAGEMENT, TOOLING) for region in (HOME, OTHER)
    }
    assert all("AccessDenied" in failure.reason for failure in outcome.failed)


def test_security_hub_needs_no_cspm(alone: World) -> None:
    put_back(alone)

    assert SecurityHub(alone).administrators() == [TOOLING]
    assert clean(alone.apply(alone.plan(destroy=True)))
    registered = alone.client("organizations").list_delegated_administrators()["DelegatedAdministrators"]
    assert registered == []


def test_destroying_leaves_members_on_and_the_registration_of_cspm(there: SecurityHub) -> None:
    tooling = there.world.arrive().id_of(TOOLING)
    there.settle()
    steps = [there.world.step(STEP)]

    outcome = there.world.apply(there.world.plan(steps, destroy=True), steps)

    assert clean(outcome)
    assert [there.is_on(account) for account in (MANAGEMENT, TOOLING)] == [False, False]
    assert there.is_on("network")
    assert there.administrators() == []
    registered = there.organizations.list_delegated_administrators(ServicePrincipal="securityhub.amazonaws.com")
    assert [admin["Id"] for admin in registered["DelegatedAdministrators"]] == [tooling]


def test_destroying_does_not_delete_a_policy_that_others_have_attached(there: SecurityHub) -> None:
    there.attach(str(there.world.arrive().id_of("network")))

    outcome = there.world.apply(there.world.plan(destroy=True))

    assert f"organization policy {NAME}" in {failure.where for failure in outcome.failed}
    assert there.policy() != {}


def test_an_unreadable_resource_policy_is_not_written_over(founded: World) -> None:
    there = SecurityHub(founded)
    there.delegate(theirs(founded))
    founded.sandbox.settings.denied = frozenset({"organizations:DescribeResourcePolicy"})

    plan = founded.plan()
    founded.apply(plan)

    assert any("cannot be read" in blocked.reason for blocked in plan.blocked)
    founded.sandbox.settings.denied = frozenset()
    assert there.statements() == {"Backup": theirs(founded)}


def test_what_is_seen_of_statements_and_policies_says_all_that_they_say(there: SecurityHub) -> None:
    org: Org = there.world.arrive()
    observed = list(there.world.step(STEP).observe(HERE, org, there.world.connection.reader(org)))

    found: dict[Address, Any] = {one.address: one.attrs for one in observed if isinstance(one, Resource)}
    assert not any(isinstance(one, Obstacle) for one in observed)
    wanted = {one.address: one.attrs for one in there.world.step(STEP).desired(org) if one.address.at == HERE}
    assert found == wanted
