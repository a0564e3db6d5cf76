"""What would lock the tool, or whom else it must not, out of a member is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sra_bootstrap.aws import region_of_requests
from tests.steps.by_hand import clean, configure, lines, open_account, part
from tests.steps.organization_policies_by_hand import SCP, SHIPPED, STEP, Guardrails, deny, policy
from tests.world import World, organization, pipeline

RCP = "RESOURCE_CONTROL_POLICY"
OURS = "arn:<<partition>>:iam::*:role/<<cross_account_role>>"
ROLE = "OrganizationAccountAccessRole"
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": OURS}}
EVERYTHING = {"Action": "*"}


def when(operator: str, key: str, *values: str, **elements: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}, **elements}


def resources(action: str, *conditions: tuple[str, str, str]) -> dict[str, Any]:
    tests: dict[str, Any] = {operator: {key: value} for operator, key, value in conditions}
    return {"Action": action, "Principal": "*", **({"Condition": tests} if tests else {})}


def refused(statement: dict[str, Any], *attach_to: str, kind: str = SCP, break_glass: Sequence[Any] = ()) -> list[str]:
    """What is said of a policy of one statement before AWS is asked anything."""
    says = deny(statement)
    if "NotAction" in statement:
        del says["Statement"][0]["Action"]
    section = {"policies": {"ours": policy(kind, says, *attach_to)}, "break_glass": tuple(break_glass)}
    steps = pipeline("account_baseline", "cloudtrail", "config", STEP, **{STEP: section})
    return [what for _, what in steps[-1].problems(organization(steps, "eu-west-1", "eu-central-1"))]


def test_what_denies_everything_is_refused_with_its_line_and_statement() -> None:
    [message] = refused({"Sid": "No", **EVERYTHING}, "Workloads")

    assert message.startswith("policies/one.yaml:1: it would lock us out: the statement No denies ")
    assert f" more to this tool's role {ROLE} in network, workload-prod; " in message
    assert message.endswith(f"exempt them by ArnNotLike, aws:PrincipalArn, arn:aws:iam::*:role/{ROLE}")


@pytest.mark.parametrize(
    ("statement", "attach_to", "words"),
    [
        (EVERYTHING, "root", "security-tooling, log-archive, network, workload-prod"),
        (EVERYTHING, "log-archive", f"{ROLE} in log-archive;"),
        ({"Action": "sts:*"}, "Workloads/Prod", "sts:GetCallerIdentity"),
        ({"Action": "s3:PutAccountPublicAccessBlock"}, "root", "s3:PutAccountPublicAccessBlock"),
        ({"Action": "iam:Update*"}, "root", "iam:UpdateAccountPasswordPolicy"),
        ({"NotAction": "iam:*"}, "root", " more to"),
        (
            when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::<<account.network>>:role/*"),
            "Workloads",
            "workload-prod",
        ),
        (when("StringNotEquals", "aws:RequestedRegion", "eu-west-1", NotAction="iam:*"), "root", " more to"),
        # IAM is asked in us-east-1, whichever regions are governed.
        (when("StringNotEquals", "aws:RequestedRegion", "<<governed_regions>>"), "root", "iam:"),
        (when("StringNotEquals", "aws:PrincipalOrgID", "o-0"), "root", " more to"),
        (when("Null", "aws:CalledVia", "true"), "root", " more to"),
    ],
)
def test_what_shuts_the_tool_out_is_refused(statement: dict[str, Any], attach_to: str, words: str) -> None:
    [message] = refused({"Sid": "No", "Action": "*", **statement}, attach_to)

    assert words in message


@pytest.mark.parametrize(
    ("statement", "attach_to"),
    [
        ({"Condition": EXEMPT}, "root"),
        (EVERYTHING, "Suspended"),
        (EVERYTHING, "management"),
        ({"Action": ["organizations:LeaveOrganization", "ec2:RunInstances"]}, "root"),
        # Only the log archive, and who administers it, work with buckets.
        ({"Action": "s3:PutBucketPolicy"}, "Workloads"),
        (when("ArnLike", "aws:PrincipalArn", "arn:*:iam::*:root"), "root"),
        (when("StringNotEquals", "aws:PrincipalOrgID", "<<organization>>"), "root"),
        (when("StringNotEquals", "aws:RequestedRegion", "<<governed_regions>>", NotAction="iam:*"), "root"),
        # It depends on what is not known, or not yet.
        (when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "root"),
        (when("StringNotEquals", "aws:PrincipalAccount", "111122223333"), "root"),
        ({"Resource": "arn:aws:iam::*:role/ours"}, "root"),
    ],
)
def test_what_leaves_the_tool_what_it_needs_is_accepted(statement: dict[str, Any], attach_to: str) -> None:
    assert refused({"Action": "*", **statement}, attach_to) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (resources("sts:AssumeRole"), "sts:AssumeRole to the management account in security-tooling"),
        (
            resources("sts:AssumeRole", ("StringNotEquals", "aws:PrincipalAccount", "<<account.network>>")),
            "to the management account in",
        ),
        (
            resources("s3:*", ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "<<organization>>")),
            "denies s3:GetBucketAcl, s3:PutObject to the services of AWS that deliver logs in log-archive; exempt",
        ),
        (resources("s3:*", ("ArnNotLike", "aws:PrincipalArn", OURS)), "to the services of AWS that deliver logs"),
        (resources("s3:*", ("BoolIfExists", "aws:PrincipalIsAWSService", "false")), f"to this tool's role {ROLE}"),
    ],
)
def test_resource_control_policies_restrict_who_asks_from_elsewhere_too(statement: dict[str, Any], words: str) -> None:
    [message] = refused(statement, "root", kind=RCP)

    assert words in message


@pytest.mark.parametrize(
    "statement",
    [
        resources(
            "sts:AssumeRole",
            ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "<<organization>>"),
            ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
        ),
        resources(
            "s3:*",
            ("StringNotEqualsIfExists", "aws:SourceOrgID", "<<organization>>"),
            ("Bool", "aws:PrincipalIsAWSService", "true"),
        ),
        resources("s3:*", ("NumericLessThan", "s3:TlsVersion", "1.2")),
        resources("dynamodb:*"),
    ],
)
def test_a_perimeter_of_the_organization_is_accepted(statement: dict[str, Any]) -> None:
    assert refused(statement, "root", kind=RCP) == []


def test_a_break_glass_role_is_not_locked_out_either() -> None:
    glass = [{"role": "emergency/BreakGlass*", "actions": ["iam:Put*", "ec2:RunInstances"]}]
    denying = {"Sid": "No", "Action": ["iam:PutRolePolicy", "iam:DeleteRole"]}
    ours = "arn:*:iam::*:role/emergency/BreakGlass*"

    [message] = refused({**denying, "Condition": EXEMPT}, "network", break_glass=glass)

    assert "No denies iam:PutRolePolicy to the break-glass role emergency/BreakGlass* in network; exempt" in message
    exempting = {**denying, "Condition": {"ArnNotLike": {"aws:PrincipalArn": [OURS, ours]}}}
    assert refused(exempting, "network", break_glass=glass) == []
    wrong = [{"role": "x", "actions": ["iam:PutRolPolicy"]}]
    assert refused(exempting, "network", break_glass=wrong) == [
        "there is no action iam:PutRolPolicy; did you mean iam:PutRolePolicy?"
    ]


def test_where_aws_says_that_requests_to_global_services_are_sent() -> None:
    asked = [("iam", "eu-west-1"), ("iam", "us-gov-east-1"), ("s3", "eu-west-1"), ("no-service", "eu-west-1")]

    assert [region_of_requests(*one) for one in asked] == ["us-east-1", "us-gov-west-1", "eu-west-1", "eu-west-1"]


@pytest.fixture
def there(world: World) -> Guardrails:
    """Everything built."""
    whole = World(world.sandbox, pipeline(STEP))
    whole.stand()
    return Guardrails(whole)


def naming(there: Guardrails, **policies: Any) -> None:
    configure(there.world, **{STEP: {"policies": {**SHIPPED, **policies}}})


def test_what_only_ids_tell_is_refused_when_they_are_known_and_the_rest_is_made(there: Guardrails) -> None:
    only_them = deny(when("StringNotEquals", "aws:PrincipalOrgID", "o-1234567890", Sid="OnlyThem"))
    naming(there, perimeter=policy(SCP, only_them, "Workloads", "Suspended"))
    world = there.world
    assert list(world.steps[-1].problems(world.wanted)) == []

    plan = world.plan()
    world.records.clear()
    outcome = world.apply(plan)

    [blocked] = plan.blocked
    assert blocked.where == "organization attachment sra-perimeter to Workloads"
    assert "sra-perimeter would lock us out: the statement OnlyThem denies " in blocked.reason
    assert f"this tool's role {ROLE} in network, workload-prod." in blocked.reason
    assert lines(plan.changes) == [
        "create organization policy sra-perimeter",
        "create organization attachment sra-perimeter to Suspended",
    ]
    assert outcome.failed == []
    assert there.targets("sra-perimeter") == ["Suspended"]


def test_a_policy_is_not_changed_to_one_that_locks_out_what_it_is_attached_to(there: Guardrails) -> None:
    naming(there, ours=policy(SCP, deny({"Action": "s3:DeleteBucket"}), "Workloads"))
    there.world.build()
    only_them = deny(when("StringNotEquals", "aws:PrincipalOrgID", "o-1234567890"))
    naming(there, ours=policy(SCP, only_them, "Workloads"))

    plan = there.world.plan()

    assert plan.changes == ()
    assert [blocked.where for blocked in plan.blocked] == ["organization policy sra-ours"]
    assert "the statement 1 denies" in plan.blocked[0].reason


def test_what_may_be_denied_and_what_is_denied_in_accounts_of_others_is_noted(there: Guardrails) -> None:
    open_account(there.world, "Theirs", "theirs@example.com")
    inside = deny(when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", Sid="Inside", Action="iam:*"))
    everything = deny({"Sid": "All", **EVERYTHING})
    naming(there, inside=policy(SCP, inside, "network"), nothing=policy(SCP, everything, "Suspended"))
    organizations = there.organizations
    parents = {"SourceParentId": there.target("root"), "DestinationParentId": there.target("Suspended")}
    organizations.move_account(AccountId=there.world.arrive().id_of("theirs@example.com"), **parents)

    plan = there.world.plan()

    assert plan.blocked == ()
    may, does = part(plan, STEP).notes
    assert may.startswith(f"sra-inside: the statement Inside denies iam:GetRole to this tool's role {ROLE} in network")
    assert may.endswith(", or not: that depends on aws:sourceip.")
    assert does.startswith("sra-nothing: the statement All denies iam:GetRole, sts:GetCallerIdentity to this tool's")
    assert does.endswith(f"{ROLE} in theirs@example.com, which config.yaml does not name.")


def test_what_nothing_else_allows_is_not_taken_away(there: Guardrails) -> None:
    def allow(*actions: str) -> dict[str, Any]:
        said = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [said]}

    naming(there, list=policy(SCP, allow("*"), "network"))
    there.world.build()
    less = policy(SCP, allow("s3:*"), "network")
    naming(there, list=less)
    assert there.world.plan().blocked == ()
    there.detach("FullAWSAccess", "network")
    there.create("theirs", content=allow("sts:*"))
    there.attach("theirs", "network")

    [blocked] = there.world.plan().blocked

    assert blocked.where == "organization policy sra-list"
    assert blocked.reason == (
        "Without what sra-list says now we would be locked out: nothing attached to network would allow iam:GetRole to "
        f"this tool's role {ROLE} in network."
    )
    assert blocked.remedy == "Attach FullAWSAccess to network first."
    configure(there.world, **{STEP: {"policies": SHIPPED, "remove_unnamed": True}})
    assert [one.where for one in there.world.plan().blocked] == ["organization unnamed-policies"]
    naming(there, list=less)
    there.write("theirs", allow("iam:*", "sts:*"))
    assert clean(there.world.apply(there.world.plan()))
