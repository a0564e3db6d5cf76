from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from tests.sandbox.conftest import Aws, refusal

PRINCIPAL = "security-ir.amazonaws.com"
HOME, OTHER = "eu-west-1", "us-east-1"
TEAM = [{"name": name, "jobTitle": "Team", "email": f"{name}@example.com"} for name in ("security", "platform")]
TRIAGE = [{"featureName": "Triage", "isEnabled": True}]
ROLE = "AWSServiceRoleForSecurityIncidentResponse"


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A bare management account, in process."""
    with sandbox.in_process() as running:
        yield Aws(running)


def company(aws: Aws) -> tuple[str, str]:
    """Two accounts, of which the first administers the service."""
    aws.found_organization()
    audit, workload = aws.add_account("audit"), aws.add_account("workload")
    organizations = aws.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal=PRINCIPAL)
    return audit, workload


def create(aws: Aws, account: str | None = None, region: str = HOME, **more: Any) -> str:
    client = aws.client("security-ir", region, account)
    answer = client.create_membership(membershipName="ours", incidentResponseTeam=TEAM, **more)
    made: str = answer["membershipId"]
    return made


def roles(aws: Aws, account: str | None) -> set[str]:
    found = aws.client("iam", account=account).list_roles(PathPrefix="/aws-service-role/")["Roles"]
    return {role["RoleName"] for role in found}


def test_the_administrator_has_the_membership_of_the_organization(aws: Aws) -> None:
    audit, workload = company(aws)
    wanted = {"membershipName": "ours", "incidentResponseTeam": TEAM}
    client = aws.client("security-ir", HOME, audit)
    assert refusal(client.create_membership, **wanted)[0] == "AccessDeniedException"
    assert refusal(aws.client("security-ir", HOME, workload).create_membership, **wanted)[0] == "AccessDeniedException"
    aws.clock.wait(aws.settings.delegation_seconds)

    made = create(aws, audit, clientToken="once", optInFeatures=TRIAGE, coverEntireOrganization=True)

    assert create(aws, audit, clientToken="once") == made
    assert refusal(client.create_membership, **wanted)[0] == "ConflictException"
    elsewhere = aws.client("security-ir", OTHER, audit)
    assert refusal(elsewhere.create_membership, **wanted)[0] == "ConflictException"
    assert elsewhere.list_memberships()["items"] == []
    [listed] = client.list_memberships()["items"]
    assert (listed["membershipId"], listed["membershipStatus"], listed["region"]) == (made, "Active", HOME)
    told = client.get_membership(membershipId=made)
    assert (told["customerType"], told["numberOfAccountsCovered"], told["optInFeatures"]) == ("Organization", 3, TRIAGE)
    assert told["incidentResponseTeam"] == TEAM
    assert refusal(elsewhere.get_membership, membershipId=made)[0] == "ResourceNotFoundException"
    details = client.batch_get_member_account_details(membershipId=made, accountIds=[workload, "999999999999"])["items"]
    assert [one["relationshipStatus"] for one in details] == ["Associated", "Unassociated"]
    assert roles(aws, audit) >= {ROLE, f"{ROLE}_Triage"}
    assert f"{ROLE}_Triage" in roles(aws, workload)
    assert f"{ROLE}_Triage" not in roles(aws, None)
    client.tag_resource(resourceArn=told["membershipArn"], tags={"owner": "us"})
    assert client.list_tags_for_resource(resourceArn=told["membershipArn"])["tags"] == {"owner": "us"}


def test_what_of_a_membership_is_named_is_changed_and_the_rest_stays(aws: Aws) -> None:
    audit, workload = company(aws)
    aws.clock.wait(aws.settings.delegation_seconds)
    made = create(aws, audit)
    client = aws.client("security-ir", HOME, audit)
    before = client.get_membership(membershipId=made)
    assert (before["numberOfAccountsCovered"], "optInFeatures" in before) == (1, False)

    client.update_membership(membershipId=made, membershipName="theirs")
    client.update_membership(membershipId=made, optInFeatures=TRIAGE)
    client.update_membership(
        membershipId=made, membershipAccountsConfigurationsUpdate={"coverEntireOrganization": True}
    )

    after = client.get_membership(membershipId=made)
    assert (after["membershipName"], after["optInFeatures"], after["numberOfAccountsCovered"]) == ("theirs", TRIAGE, 3)
    assert after["incidentResponseTeam"] == TEAM
    assert f"{ROLE}_Triage" in roles(aws, workload)
    client.cancel_membership(membershipId=made)
    assert client.list_memberships()["items"][0]["membershipStatus"] == "Cancelled"
    assert refusal(client.update_membership, membershipId=made, membershipName="late")[0] == "ConflictException"
    assert create(aws, audit) != made


def test_a_membership_goes_with_its_administrator(aws: Aws) -> None:
    audit, _ = company(aws)
    aws.clock.wait(aws.settings.delegation_seconds)
    create(aws, audit)
    aws.client("organizations").deregister_delegated_administrator(AccountId=audit, ServicePrincipal=PRINCIPAL)

    [listed] = aws.client("security-ir", HOME, audit).list_memberships()["items"]

    assert listed["membershipStatus"] == "Terminated"


def test_an_account_in_no_organization_has_a_membership_for_itself(aws: Aws) -> None:
    made = create(aws)
    assert aws.client("security-ir").get_membership(membershipId=made)["customerType"] == "Standalone"
