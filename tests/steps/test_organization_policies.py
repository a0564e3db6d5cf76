from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sra_bootstrap.model import Blocked
from sra_bootstrap.registry import discover
from sra_bootstrap.values import Ref
from steps.common.policy_types import EVERY, SERVICES
from tests.steps.by_hand import clean, close_account, configure, lines, part, put_back, unmanaged
from tests.steps.organization_policies_by_hand import AI, LEAVING, RCP, SCP, SHIPPED, STEP, Guardrails, deny, policy
from tests.world import World, organization, pipeline

NAMES = [f"sra-{name}" for name in SHIPPED]
AT_ROOT = ["FullAWSAccess", LEAVING, "sra-deny-root-user", "sra-protect-cross-account-role"]
AT_ROOT += ["sra-protect-log-archive", "sra-protect-security-services"]
PERIMETER = """
Version: 2012-10-17
Statement:
  - Sid: OnlyTheOrganization
    Effect: Deny
    NotAction: <<home_region>>:*
    Resource: arn:<<partition>>:iam::<<account.network>>:role/<<cross_account_role>>
    Condition:
      StringNotEquals:
        aws:PrincipalOrgID: <<organization>>
        aws:RequestedRegion: [<<governed_regions>>, us-west-2]
      ArnNotLike:
        aws:PrincipalArn: ["arn:aws:iam::<<role.log_archive>>:role/${aws:username}", "arn:aws:iam::<<root>>:role/x"]
"""
REGIONS = {"enable_in_regions": {"@@assign": ["eu-west-1"]}, "disable_in_regions": {"@@assign": []}}
FEATURE = {"status": {"@@assign": "enabled"}}
EXAMPLES: dict[str, Any] = {
    SCP: deny({"Sid": "One", "Action": "s3:DeleteBucket"}),
    RCP: deny(
        {"Sid": "One", "Action": "s3:*", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ),
    "DECLARATIVE_POLICY_EC2": {"ec2_attributes": {"exception_message": {"@@assign": "No."}}},
    "TAG_POLICY": {"tags": {"team": {"tag_key": {"@@assign": "Team"}, "tag_value": {"@@assign": ["a", "b"]}}}},
    "BACKUP_POLICY": {
        "plans": {
            "daily": {
                "regions": {"@@assign": ["eu-west-1"]},
                "rules": {"daily": {"target_backup_vault_name": {"@@assign": "vault"}}},
                "selections": {"tags": {"all": {"tag_key": {"@@assign": "backup"}}}},
            }
        }
    },
    AI: {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}},
    "CHATBOT_POLICY": {"chatbot": {"platforms": {"chime": {"client": {"@@assign": "disabled"}}}}},
    "S3_POLICY": {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}},
    "SECURITYHUB_POLICY": {"securityhub": REGIONS},
    "SECURITYHUB_CSPM_POLICY": {"securityhub_cspm": {"cspm_enablement": REGIONS}},
    "INSPECTOR_POLICY": {"inspector": {"enablement": {"ec2_scanning": REGIONS}}},
    "UPGRADE_ROLLOUT_POLICY": {"upgrade_rollout": {"default": {"patch_order": {"@@assign": "last"}}}},
    "BEDROCK_POLICY": {
        "bedrock": {
            "guardrail_inference": {
                "eu-west-1": {
                    "config_1": {
                        "identifier": {"@@assign": "arn:aws:bedrock:eu-west-1:111122223333:guardrail/g:1"},
                        "input_tags": {"@@assign": "honor"},
                    }
                }
            }
        }
    },
    "NETWORK_SECURITY_DIRECTOR_POLICY": {
        "network_security_director": {"enablement": {"network_security_scan": REGIONS}}
    },
    "GUARDDUTY_POLICY": {"guardduty": {"enablement": {"default": {"foundational": FEATURE}}}},
}
"""A policy of each type."""


def naming(**policies: Any) -> dict[str, Any]:
    """The section of config.yaml that names what ships and more."""
    return {"policies": {**SHIPPED, **policies}}


@pytest.fixture
def there(world: World) -> Guardrails:
    """Everything built."""
    whole = World(world.sandbox, pipeline(STEP))
    whole.stand()
    return Guardrails(whole)


def want(there: Guardrails, section: dict[str, Any]) -> None:
    configure(there.world, **{STEP: section})


def test_what_ships_is_written_minified_and_attached_beside_the_policies_of_aws(there: Guardrails) -> None:
    assert there.said(LEAVING)["Statement"][0]["Action"] == "organizations:LeaveOrganization"
    assert all(" " not in there.text(name) for name in NAMES)
    assert there.attached("root") == AT_ROOT
    assert there.attached("root", RCP) == ["RCPFullAWSAccess", "sra-no-confused-deputy"]
    assert (there.attached("network"), there.attached("Suspended")) == (
        ["FullAWSAccess"],
        ["FullAWSAccess", "sra-quarantine"],
    )
    elsewhere = {"sra-only-organization-identities": ["Security"], "sra-quarantine": ["Suspended"]}
    assert {name: there.targets(name) for name in NAMES} == {name: ["Root"] for name in NAMES} | elsewhere


def test_it_comes_last_and_attaches_what_restricts_most_last(world: World) -> None:
    steps = [name for name, step in discover().items() if step.last]
    assert list(discover())[-len(steps) :] == steps
    whole = World(world.sandbox, pipeline(STEP))
    whole.build()

    operations = [r.operation for r in whole.records if not r.read and r.about.startswith(STEP)]
    assert operations == ["CreatePolicy"] * len(NAMES) + ["AttachPolicy"] * len(NAMES)
    attached = [change.address.name for change in whole.listener.made if change.address.kind == "attachment"]
    assert attached[-6:] == [*(f"{name} to root" for name in AT_ROOT[1:]), "sra-quarantine to Suspended"]


def test_variables_are_planned_as_unknown_and_filled_in(world: World) -> None:
    whole = World(world.sandbox, pipeline(STEP))
    configure(whole, **{STEP: naming(perimeter=policy(SCP, PERIMETER, "Workloads"))})

    plan = whole.plan()
    [bare] = [change for change in plan.changes if change.address.name == "sra-perimeter"]
    outcome = whole.apply(plan)

    statement: Any = bare.after["statements"]
    assert statement["OnlyTheOrganization"]["resources"] == Ref("account.network.id")
    assert isinstance(statement["OnlyTheOrganization"]["conditions"], Ref)
    assert statement["OnlyTheOrganization"]["others"] == ("NotAction eu-west-1:*",)
    assert clean(outcome)
    org = whole.arrive()
    [said] = Guardrails(whole).said("sra-perimeter")["Statement"]
    assert said["Resource"] == f"arn:aws:iam::{org.id_of('network')}:role/OrganizationAccountAccessRole"
    assert said["Condition"]["StringNotEquals"] == {
        "aws:PrincipalOrgID": org.existing.id,
        "aws:RequestedRegion": ["eu-west-1", "us-east-1", "us-west-2"],
    }
    assert said["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [
        f"arn:aws:iam::{org.id_of('log-archive')}:role/${{aws:username}}",
        f"arn:aws:iam::{org.existing.root_id}:role/x",
    ]
    assert whole.plan().empty


def test_policies_of_every_type_are_made_and_attached(world: World) -> None:
    files = {f"of-{number}": policy(kind, EXAMPLES[kind], "Workloads") for number, kind in enumerate(EVERY)}
    steps = [step for step in pipeline(STEP, **{STEP: {"policies": files}}) if step.id != "policy_types"]
    types = pipeline("policy_types", policy_types={"types": ()})[-1]
    whole = World(world.sandbox, [*steps[:-1], types, steps[-1]])

    put_back(whole)

    assert [problem for step in whole.steps for problem in step.problems(whole.wanted)] == []
    assert set(whole.wanted.policy_types) == set(EVERY) == set(EXAMPLES) == whole.arrive().existing.policy_types.keys()
    assert set(SERVICES.values()) <= set(whole.wanted.trusted_access)
    api = whole.client("organizations")
    for number, kind in enumerate(EVERY):
        [made] = [one for one in api.list_policies(Filter=kind)["Policies"] if one["Name"] == f"sra-of-{number}"]
        assert json.loads(api.describe_policy(PolicyId=made["Id"])["Policy"]["Content"]) == EXAMPLES[kind]
        [target] = api.list_targets_for_policy(PolicyId=made["Id"])["Targets"]
        assert target["Name"] == "Workloads"


def test_a_policy_that_is_there_is_taken_over_and_others_are_left_alone(there: Guardrails) -> None:
    there.create("theirs", description="Theirs.")
    there.attach("theirs", "network")
    there.create("sra-ours", description="By hand.")
    there.attach("sra-ours", "Suspended")
    before = there.said("theirs")
    want(there, naming(ours=policy(SCP, EXAMPLES[SCP], "Workloads", description="Ours.")))

    plan = there.world.plan()
    outcome = there.world.apply(plan)

    assert lines(plan.changes) == [
        "update organization policy sra-ours",
        "create organization attachment sra-ours to Workloads",
    ]
    assert plan.changes[0].before["elsewhere"] == ("Suspended",)
    assert unmanaged(plan, STEP) == ["theirs"]
    assert clean(outcome)
    assert (there.targets("sra-ours"), there.said("sra-ours")) == (["Workloads"], EXAMPLES[SCP])
    assert (there.targets("theirs"), there.said("theirs")) == (["Network"], before)


def test_a_policy_that_is_named_no_more_is_reported_and_only_removed_where_config_says_so(there: Guardrails) -> None:
    there.attach(LEAVING, "network")
    there.create("theirs")
    fewer = {name: one for name, one in SHIPPED.items() if name != "deny-leaving-organization"}

    want(there, {"policies": fewer})
    reported = part(there.world.plan(), STEP)
    want(there, {"policies": fewer, "remove_unnamed": True})
    removing = there.world.plan()
    outcome = there.world.apply(removing)

    assert (reported.changes, reported.blocked) == ((), ())
    assert any(f"The policy {LEAVING} of the type {SCP}" in note for note in reported.notes)
    assert lines(removing.changes) == ["update organization unnamed-policies"]
    assert removing.changes[0].before == {"policies": (LEAVING,)}
    assert clean(outcome)
    assert there.named(LEAVING) == {}
    assert there.named("theirs")
    assert there.attached("root") == [name for name in AT_ROOT if name != LEAVING]
    assert there.world.plan().empty


def test_an_entity_without_room_is_not_attached_to_and_the_others_are(there: Guardrails) -> None:
    for number in range(4):
        there.create(f"theirs-{number}", AI, EXAMPLES[AI])
        there.attach(f"theirs-{number}", "root")
    want(there, naming(more=policy(AI, EXAMPLES[AI], "root", "Workloads")))

    plan = there.world.plan()
    there.world.apply(plan)

    attached = "sra-ai-opt-out, theirs-0, theirs-1, theirs-2, theirs-3"
    assert plan.blocked == (
        Blocked(
            "organization attachment sra-more to root",
            f"root may have 5 policies of the type {AI}, and has {attached}.",
            "Detach one of them, or let one policy say what two of them do.",
        ),
    )
    assert there.targets("sra-more") == ["Workloads"]
    there.detach("theirs-3", "root")
    put_back(there.world)
    assert there.targets("sra-more") == ["Root", "Workloads"]


def test_a_policy_that_makes_room_for_another_is_no_obstacle(there: Guardrails) -> None:
    many = {f"ai-{number}": policy(AI, EXAMPLES[AI], "root") for number in range(4)}
    want(there, naming(**many))
    put_back(there.world)

    moved = policy(AI, EXAMPLES[AI], "Workloads")
    want(there, naming(**{**many, "ai-0": moved}, another=policy(AI, EXAMPLES[AI], "root")))

    put_back(there.world)
    assert (there.targets("sra-ai-0"), there.targets("sra-another")) == (["Workloads"], ["Root"])


def test_a_name_that_is_one_of_another_type_is_in_the_way(there: Guardrails) -> None:
    there.create("sra-ours", "TAG_POLICY", EXAMPLES["TAG_POLICY"])
    want(there, naming(ours=policy(SCP, EXAMPLES[SCP], "Workloads")))

    blocked = there.world.plan().blocked

    assert blocked[0].reason == "There is a policy sra-ours of the type TAG_POLICY, and a name is for one policy only."
    assert [one.where for one in blocked] == [
        "organization policy sra-ours",
        "organization attachment sra-ours to Workloads",
    ]


def test_an_account_that_is_suspended_keeps_its_policies(there: Guardrails) -> None:
    section = naming(ours=policy(SCP, EXAMPLES[SCP], "network", "workload-prod"))
    want(there, section)
    put_back(there.world)

    close_account(there.world, "workload-prod")

    service = part(there.world.plan(), STEP)
    assert (service.changes, service.blocked, service.unmanaged) == ((), (), ())
    there.detach("sra-ours", "network")
    outcome = there.world.apply(there.world.plan())
    assert lines(outcome.done) == ["create organization attachment sra-ours to network"]
    assert there.targets("sra-ours") == ["Network", "Workload Prod"]


def test_what_is_recommended_is_not_attached_to_an_ou_that_there_is_not() -> None:
    org = replace(organization(pipeline(STEP), "eu-west-1"), units=("Security", "Workloads", "Workloads/Prod"))
    [step] = [step for step in pipeline(STEP) if step.id == STEP]
    [named] = [step for step in pipeline(STEP, **{STEP: {"policies": SHIPPED}}) if step.id == STEP]

    attached = {resource.address.name for resource in step.desired(org) if resource.address.kind == "attachment"}

    assert "sra-only-organization-identities to Security" in attached
    assert not any("Suspended" in one for one in attached)
    assert list(step.problems(org)) == []
    assert [what for _, what in named.problems(org) if "Suspended" in what]


def test_destroying_takes_away_what_was_made_and_nothing_else(there: Guardrails) -> None:
    there.create("theirs")
    step = there.world.step(STEP)

    outcome = there.world.apply(there.world.plan([step], destroy=True), [step])

    assert clean(outcome)
    assert [there.named(name) for name in NAMES] == [{}] * len(NAMES)
    assert there.named("theirs")
    assert there.attached("root") == ["FullAWSAccess"]
    assert there.world.plan([step], destroy=True).changes == ()


def test_the_types_and_the_services_that_policies_need_come_with_them() -> None:
    section = naming(inspector=policy("INSPECTOR_POLICY", EXAMPLES["INSPECTOR_POLICY"], "root"))

    org = organization(pipeline(STEP, **{STEP: section}), "eu-west-1")

    assert "INSPECTOR_POLICY" in org.policy_types
    assert "inspector2.amazonaws.com" in org.trusted_access
