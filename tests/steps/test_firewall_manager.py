from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from sra_bootstrap.model import MANAGEMENT, Change
from sra_bootstrap.sandbox.services.firewall_manager import policies_of
from sra_bootstrap.sandbox.settings import Settings
from sra_bootstrap.values import nested
from steps.firewall_manager import FirewallManager
from steps.firewall_manager.settings import FirewallSection
from tests.reliability.test_soak import converge
from tests.steps.by_hand import (
    calls,
    clean,
    configure,
    interrupt,
    lines,
    part,
    put_back,
    start_again,
    unmanaged,
    want,
)
from tests.steps.firewall_manager_by_hand import (
    ADMINISTRATOR,
    GLOBAL,
    HOME,
    NETWORK_ACL,
    POLICIES,
    WAF,
    add,
    administrator,
    appoint,
    change,
    fms,
    policies,
    revoke,
)
from tests.world import World, account, organization, pipeline

STEP = "firewall_manager"
SHIELD = {"type": "SHIELD_ADVANCED", "resource_types": ["AWS::EC2::EIP"]}
USAGE = {
    "type": "SECURITY_GROUPS_USAGE_AUDIT",
    "resource_types": ["AWS::EC2::SecurityGroup"],
    "data": {"deleteUnusedSecurityGroups": True},
}


@pytest.fixture
def world(world: World) -> World:
    return World(world.sandbox, pipeline(STEP))


@pytest.fixture
def stood(world: World) -> World:
    """With both policies of `POLICIES`."""
    configure(world, **{STEP: {"policies": POLICIES}})
    world.stand()
    return world


def changes(world: World, *, destroy: bool = False) -> list[Change]:
    return list(part(world.plan(destroy=destroy), STEP).changes)


def blocked(world: World) -> str:
    [one] = part(world.plan(), STEP).blocked
    return f"{one.reason} {one.remedy}"


def test_the_administrator_is_waited_for_and_a_plan_of_what_is_on_its_way_says_so(world: World) -> None:
    world.stand_before_the_last()
    world.sandbox.settings.firewall_manager_ready_seconds = 600
    fms(world, MANAGEMENT, GLOBAL).associate_admin_account(AdminAccount=world.arrive().id_of("security-tooling"))
    world.records.clear()

    [on_its_way] = changes(world)
    assert (on_its_way.before, on_its_way.after) == ({"status": "CREATING"}, {"status": "READY"})
    assert clean(world.apply(world.plan()))

    assert calls(world, "fms:AssociateAdminAccount") == 0
    assert administrator(world) == ("security-tooling", "READY")
    assert calls(world, "fms:ListPolicies") == 0
    assert world.plan().empty


def test_an_organization_that_is_new_does_not_keep_firewall_manager_from_it(world: World) -> None:
    world.sandbox.settings.firewall_manager_deaf_seconds = 120
    world.sandbox.settings.firewall_manager_access_seconds = 90
    world.sandbox.settings.firewall_manager_denies_nobody = True

    world.build()

    assert calls(world, "fms:AssociateAdminAccount") > 1
    assert administrator(world) == ("security-tooling", "READY")
    # What happened behind our back is planned again, and can be done again.
    revoke(world)
    assert lines(changes(world)) == [f"create {ADMINISTRATOR}"]
    put_back(world)


def test_one_that_does_not_take_it_in_the_end_is_said_not_to(world: World) -> None:
    world.sandbox.settings.firewall_manager_deaf_seconds = 9000

    outcome = world.apply(world.plan())

    assert ["does not say why" in failure.reason for failure in outcome.failed] == [True]


def test_the_administrator_of_others_is_in_the_way_and_never_replaced(world: World) -> None:
    world.stand_before_the_last()
    appoint(world, "network")
    add_as_network = fms(world, "network")
    assert add_as_network.list_policies()["PolicyList"] == []

    assert "administered by network (" in blocked(world)
    assert "disassociate-admin-account" in blocked(world)

    assert changes(world) == changes(world, destroy=True) == []
    revoke(world, "network")
    put_back(world)


def test_further_administrators_are_told_and_go_before_ours(world: World) -> None:
    world.stand()
    network = world.arrive().id_of("network")
    fms(world, MANAGEMENT, GLOBAL).put_admin_account(AdminAccount=network)
    world.sandbox.clock.wait(60)

    plan = world.plan()

    assert plan.empty
    assert [f"network ({network}) administers Firewall Manager too" in note for note in part(plan, STEP).notes] == [
        True
    ]
    [failure, *_] = world.apply(world.plan(world.steps[-1:], destroy=True), world.steps[-1:]).failed
    assert f"the first of them goes last: network ({network})" in failure.reason
    assert calls(world, "fms:DisassociateAdminAccount") == 0


def test_policies_are_made_as_config_yaml_says(stood: World) -> None:
    org = stood.arrive()
    waf, acls = policies(stood)["waf"], policies(stood)["network acls"]

    assert set(policies(stood, GLOBAL)) == {"waf"}
    assert waf["data"].items() >= WAF["data"].items()
    assert waf["data"]["type"] == "WAFV2"
    assert sorted(waf["ResourceTypeList"]) == sorted(WAF["resource_types"])
    assert waf["ExcludeMap"] == {"ACCOUNT": [org.id_of("log-archive")], "ORG_UNIT": [org.existing.units["Suspended"]]}
    assert (waf["ResourceTags"], waf["ExcludeResourceTags"]) == ([{"Key": "exposed", "Value": "yes"}], False)
    assert (waf["RemediationEnabled"], waf["DeleteUnusedFMManagedResources"]) == (False, False)
    assert acls["ResourceType"] == "AWS::EC2::Subnet"
    assert acls["SecurityServicePolicyData"]["PolicyOption"] == NETWORK_ACL["option"]
    assert acls["IncludeMap"] == {"ORG_UNIT": [org.existing.units["Workloads/Prod"]]}


def test_every_setting_that_drifts_is_one_change_and_is_put_back(stood: World) -> None:
    security = policies(stood)["waf"]["SecurityServicePolicyData"]
    data = {**WAF["data"], "type": "WAFV2", "defaultAction": {"type": "BLOCK"}}
    drifts: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("waf", {"PolicyDescription": "mine"}, {"description": "Managed by sra-bootstrap."}),
        ("waf", {"RemediationEnabled": True}, {"remediation_enabled": False}),
        (
            "waf",
            {"DeleteUnusedFMManagedResources": True},
            {"delete_unused_fm_managed_resources": False},
        ),
        (
            "waf",
            {"SecurityServicePolicyData": {**security, "ManagedServiceData": json.dumps(data)}},
            {"data": {"defaultAction": {"type": "ALLOW"}}},
        ),
        (
            "waf",
            {"ResourceTypeList": [], "ResourceType": "AWS::ApiGateway::Stage"},
            {"resource_types": tuple(sorted(WAF["resource_types"]))},
        ),
        ("waf", {"ExcludeResourceTags": True}, {"resource_tags": {"exclude": False}}),
        ("waf", {"ResourceTagLogicalOperator": "OR"}, {"resource_tags": {"operator": "AND"}}),
        (
            "waf",
            {"ResourceTags": [{"Key": "exposed"}]},
            {"resource_tags": {"tags": ("exposed=yes",)}},
        ),
        (
            "waf",
            {"ExcludeMap": {"ORG_UNIT": [stood.arrive().existing.units["Suspended"]]}},
            {"exclude": {"accounts": ("log-archive",)}},
        ),
        ("network acls", {"IncludeMap": {}}, {"include": {"organizational_units": ("Workloads/Prod",)}}),
    ]
    for name, members, after in drifts:
        change(stood, name, **members)

        [drifted] = changes(stood)

        assert (str(drifted.address), drifted.after) == (f"security-tooling/{HOME} policy {name}", after)
        put_back(stood)


def test_what_others_and_aws_add_to_a_policy_is_left_alone(stood: World) -> None:
    security = policies(stood)["waf"]["SecurityServicePolicyData"]
    groups = [{**WAF["data"]["preProcessRuleGroups"][0], "sampledRequestsEnabled": True}]
    data = {**WAF["data"], "type": "WAFV2", "preProcessRuleGroups": groups, "tokenDomains": ["example.com"]}
    change(stood, "waf", SecurityServicePolicyData={**security, "ManagedServiceData": json.dumps(data)})
    assert changes(stood) == []
    add(stood, "theirs")

    assert unmanaged(stood.plan(), STEP) == ["theirs"]
    change(stood, "waf", RemediationEnabled=True)
    put_back(stood)

    assert policies(stood)["waf"]["data"]["tokenDomains"] == ["example.com"]
    assert set(policies(stood)) == {"waf", "network acls", "theirs"}


def test_a_policy_of_the_same_name_is_taken_over_and_one_of_another_type_is_in_the_way(world: World) -> None:
    world.stand()
    add(world, "unused", PolicyDescription="By hand")
    configure(world, **{STEP: {"policies": {"unused": {**USAGE, "regions": [HOME]}}}})

    [taken] = changes(world)
    assert taken.after == {
        "description": "Managed by sra-bootstrap.",
        "data": {"deleteUnusedSecurityGroups": True},
    }
    put_back(world)

    configure(world, **{STEP: {"policies": {"unused": {**SHIELD, "regions": [HOME]}}}})
    assert "of the type SECURITY_GROUPS_USAGE_AUDIT, and a policy keeps its type" in blocked(world)


def test_a_policy_that_is_there_twice_or_out_of_scope_is_in_the_way(stood: World) -> None:
    there = policies_of(str(stood.arrive().id_of("security-tooling")), "aws", HOME)
    waf = next(policy for policy in there.values() if policy.name == "waf")
    waf.says |= {"PolicyStatus": "OUT_OF_ADMIN_SCOPE", "RemediationEnabled": True}
    assert "waf is out of the scope" in blocked(stood)

    there["twin"] = waf
    assert "2 policies are called waf" in blocked(stood)


def test_a_policy_is_deleted_when_config_yaml_says_so_and_what_goes_with_it_is_told(stood: World) -> None:
    configure(stood, **{STEP: {"policies": {"waf": WAF}}})
    assert stood.plan().empty
    gone = {**NETWORK_ACL, "delete": True}
    configure(stood, **{STEP: {"policies": {"waf": WAF, "network acls": gone}}})

    [deletion] = changes(stood)

    assert deletion.before == {"policy": "NETWORK_ACL_COMMON; what it has put in place goes"}
    assert deletion.after == {"policy": None}
    put_back(stood)
    assert set(policies(stood)) == {"waf"}
    assert [one for one in changes(stood, destroy=True) if one.address.kind == "removed-policy"] == []


def test_the_policies_of_others_keep_the_administrator_from_being_revoked(stood: World) -> None:
    add(stood, "theirs", GLOBAL)
    last = stood.steps[-1:]
    deletions = [one for one in changes(stood, destroy=True) if one.address.kind == "policy"]
    assert {one.before["when_deleted"] for one in deletions} == {
        "what it has put in place stays",
        "what it has put in place goes",
    }

    [failure] = stood.apply(stood.plan(last, destroy=True), last).failed

    assert f"policies in {GLOBAL} that AWS would delete with its administrator: theirs" in failure.reason
    assert set(policies(stood, GLOBAL)) == {"theirs"}
    fms(stood, region=GLOBAL).delete_policy(
        PolicyId=fms(stood, region=GLOBAL).list_policies()["PolicyList"][0]["PolicyId"]
    )
    assert clean(stood.apply(stood.plan(last, destroy=True), last))
    assert administrator(stood) == ("security-tooling", "DELETED")


def test_a_run_that_is_stopped_or_overtaken_is_completed_by_the_next(world: World) -> None:
    configure(world, **{STEP: {"policies": POLICIES}})
    world.stand_before_the_last()
    interrupt(world, "PutPolicy")
    assert world.apply(world.plan()).interrupted
    start_again(world)

    put_back(world)

    change(world, "waf", RemediationEnabled=True)
    [reviewed] = changes(world)
    change(world, "waf", PolicyDescription="somebody is faster")
    step = world.step(STEP)
    step.apply(reviewed, world.arrive(), world.connection.writer(world.arrive()))
    step.apply(reviewed, world.arrive(), world.connection.writer(world.arrive()))
    assert world.plan().empty


def test_policies_come_to_be_whatever_fails_and_none_of_them_twice(world: World) -> None:
    configure(world, **{STEP: {"policies": POLICIES}})
    world.stand_before_the_last()
    world.sandbox.settings.faults = Settings.hostile(5, 0.3).faults

    converge(world)

    assert (set(policies(world)), set(policies(world, GLOBAL))) == ({"waf", "network acls"}, {"waf"})


def test_an_account_that_is_still_to_come_is_known_to_the_plan_by_its_name(world: World) -> None:
    configure(world, **{STEP: {"policies": {"shield": {**SHIELD, "include": {"accounts": ["sandbox"]}}}}})
    want(world, account("sandbox"))

    plan = world.plan()

    wanted = [nested(one.after, "include") for one in part(plan, STEP).changes if one.address.name]
    assert wanted == [{"accounts": ("sandbox",), "organizational_units": ()}] * 2
    assert clean(world.apply(plan))
    [shield] = policies(world).values()
    assert shield["IncludeMap"] == {"ACCOUNT": [world.arrive().id_of("sandbox")]}


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ({**WAF, "data": None}, "must have data or a file"),
        ({**NETWORK_ACL, "option": None}, "must have an option NetworkAclCommonPolicy"),
        ({**WAF, "include": {"accounts": ["network"]}}, "both include and exclude"),
        ({**SHIELD, "delete_unused_fm_managed_resources": True}, "not for the type SHIELD_ADVANCED"),
        ({**SHIELD, "exclude_resource_tags": True}, "resource_tags names none"),
        ({**SHIELD, "resource_types": []}, "at least 1 item"),
        ({**SHIELD, "description": "what?"}, "should match pattern"),
    ],
)
def test_a_policy_that_does_not_fit_together_is_refused_by_the_model(policy: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        FirewallSection.model_validate({"policies": {"one": policy}})


def test_what_is_wrong_with_policies_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("a: 1\nb: {c: 1.5}\n", encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"type": ', encoding="utf-8")
    section = FirewallSection.model_validate(
        {
            "policies": {
                "regions": {**SHIELD, "regions": ["eu-west-9"]},
                "cloudfront": {**SHIELD, "resource_types": ["AWS::CloudFront::Distribution"]},
                "right": {**SHIELD, "resource_types": ["AWS::CloudFront::Distribution"], "regions": [GLOBAL]},
                "scope": {**SHIELD, "exclude": {"accounts": ["nobody"], "organizational_units": ["Nowhere"]}},
                "data": {**USAGE, "data": {"type": "WAFV2", "share": 0.5}},
                "file": {**USAGE, "data": None, "file": "rules.yaml"},
                "broken": {**USAGE, "data": None, "file": "broken.json"},
                "long": {**USAGE, "data": {"text": "x" * 30_000}},
            }
        },
        context={"folder": tmp_path},
    )
    step = FirewallManager(section)

    found = {place[1:]: what for place, what in step.problems(organization([step], HOME))}

    assert found.pop(("broken", "file")).startswith("broken.json:1: ")
    assert found == {
        ("regions", "regions", 0): "there is no region eu-west-9 in this part of AWS",
        ("cloudfront", "resource_types"): "AWS::CloudFront::Distribution is protected in us-east-1 alone: let regions "
        "be [us-east-1]",
        ("scope", "exclude", "accounts", 0): "there is no account nobody; accounts go by their keys, the management "
        "account is management",
        ("scope", "exclude", "organizational_units", 0): "there is no OU Nowhere; OUs go by their paths",
        ("data", "data"): "it says that its type is WAFV2; leave that out, or let it be SECURITY_GROUPS_USAGE_AUDIT",
        ("data", "data", "share"): "0.5 must be a whole number",
        ("file", "file"): "rules.yaml:2: 1.5 must be a whole number",
        ("long", "data"): "it has 30048 characters without white space; a policy has 30000 at most",
    }


def test_the_policies_of_the_guide_are_right_and_can_be_made(world: World) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "firewall-manager.md").read_text(encoding="utf-8")
    config = YAML(typ="safe").load(guide.partition("```yaml")[2].partition("```")[0])["steps"][STEP]
    world.wanted = replace(world.wanted, units=(*world.wanted.units, "Sandbox"))
    assert list(FirewallManager(FirewallSection(**config)).problems(world.wanted)) == []
    units = world.wanted.units
    configure(world, **{STEP: config})
    world.wanted = replace(world.wanted, units=units)

    world.build()

    assert set(policies(world)) == set(config["policies"])
    assert world.plan().empty
