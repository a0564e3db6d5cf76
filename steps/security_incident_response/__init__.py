"""AWS Security Incident Response: a membership of the organization, held by the security tooling account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

from pydantic import Field, StringConstraints

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Finding, Step, StepConfig
from steps.common.delegations import administrator_of
from steps.security_incident_response import team
from steps.security_incident_response.team import Responder

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_security_ir import SecurityIncidentResponseClient
    from mypy_boto3_security_ir.type_defs import GetMembershipResponseTypeDef

_PRINCIPAL = "security-ir.amazonaws.com"
_TRIAGE_PRINCIPAL = "triage.security-ir.amazonaws.com"
_TRIAGE_ROLE = "AWSServiceRoleForSecurityIncidentResponse_Triage"
_SEARCHED = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    }
)
"""Where a membership of others is looked for; the SDK does not know which regions have the service, and some have not.

https://docs.aws.amazon.com/security-ir/latest/userguide/supported-configs.html
"""
_ROLE = Address("service-linked-role", Target(MANAGEMENT), _TRIAGE_ROLE)


class SecurityIncidentResponse(Step[StepConfig]):
    """Have AWS watch over findings and help with incidents in every account, by a membership of the organization.

    The SRA makes the security tooling account the administrator of AWS Security Incident Response. The membership is
    held there, in one region, and covers every account in all regions, those that join included.
    """

    class Config(StepConfig):
        """The membership, and the people that AWS turns to."""

        enabled: bool = Field(
            default=False,
            description="Off by default: AWS charges by findings, and needs to know whom it turns to.",
        )
        region: str | None = Field(
            default=None,
            description="The governed region that has the membership and its cases; the home region if none is named. "
            "AWS offers it in some regions only, and it cannot be changed later.",
        )
        membership_name: Annotated[str, StringConstraints(min_length=3, max_length=50)] = Field(
            default="sra", description="What the membership is called."
        )
        triage: bool = Field(
            default=True,
            description="Whether AWS takes in findings of GuardDuty and Security Hub, and looks into them by itself.",
        )
        incident_response_team: tuple[Responder, ...] = Field(
            default=(),
            max_length=team.MOST,
            description="The people that AWS turns to: two to ten, each with name, job_title and email. These are "
            "personal data, which plans show. People of whom config.yaml does not know stay in the team.",
        )
        cancel_on_destroy: bool = Field(
            default=False,
            description="Whether destroying cancels the membership, with its cases, at once and for good.",
        )

    id = "security_incident_response"
    after = ("delegated_administrators",)
    follows = ("regions",)
    trusted_access = (_PRINCIPAL,)
    delegates = (_PRINCIPAL,)
    kept = {
        "membership": "Its cases would be lost; cancel_on_destroy in config.yaml says otherwise.",
        "service-linked-role": "AWS leaves it too; it can be deleted by hand once there is no membership.",
    }
    reads = frozenset({"iam:GetRole", "security-ir:GetMembership", "security-ir:ListMemberships"})
    writes = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "security-ir:CancelMembership",
            "security-ir:CreateMembership",
            "security-ir:UpdateMembership",
        }
    )
    in_members = frozenset(
        {
            "security-ir:CancelMembership",
            "security-ir:CreateMembership",
            "security-ir:GetMembership",
            "security-ir:ListMemberships",
            "security-ir:UpdateMembership",
        }
    )
    implied = frozenset({"organizations:DescribeOrganization", "organizations:ListDelegatedAdministrators"})
    # A delegation reaches other services after minutes; that it is so here is guessed from them.
    not_yet = {"security-ir:CreateMembership": frozenset({"AccessDeniedException"})}
    considerations = (
        "A membership is in one region, and watches all of them; its region and its cases cannot be moved.",
        "Removing the administrator, or trusted access, ends the membership at once: both are kept with it.",
        "AWS makes its roles in every account but the management account, where this step makes that of triage.",
        "People whom others have added to the team stay in it. AWS takes two to ten.",
        "A membership that an account of the organization has for itself alone is not looked for in other accounts.",
    )
    costs = "By the number of findings that triage takes in, of all accounts, each month; the first are free of charge."
    irreversible = "A membership that is cancelled is gone at once, with its cases; its region cannot be changed."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/security-ir/latest/userguide/enable-sir-using-cli.html",
        "https://docs.aws.amazon.com/security-ir/latest/userguide/considerations_important.html",
        "https://docs.aws.amazon.com/security-ir/latest/userguide/using-service-linked-roles.html",
        "https://docs.aws.amazon.com/security-ir/latest/userguide/cancel-membership.html",
        "https://docs.aws.amazon.com/security-ir/latest/APIReference/API_CreateMembership.html",
    )

    config: Config

    def problems(self, org: Org) -> Iterable[Finding]:
        """A team that AWS would refuse, and a region that is not governed."""
        people = self.config.incident_response_team
        if len(people) < team.FEWEST:
            text = f"it names {len(people)}; AWS asks for {team.FEWEST} to {team.MOST} people"
            yield ("incident_response_team",), text
        for index, responder in enumerate(people):
            if responder.email in {other.email for other in people[:index]}:
                yield ("incident_response_team", index), f"{responder.email} is named twice; keep one of them"
        if self.config.region not in {None, *org.regions}:
            yield ("region",), f"{self.config.region} is not governed; name one of {', '.join(org.regions)}"

    def keeps(self, address: Address, org: Org) -> bool:
        """The membership stays unless config.yaml says otherwise, and the role of triage in any case."""
        return super().keeps(address, org) and not (address.kind == "membership" and self.config.cancel_on_destroy)

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The security tooling account, which stays the administrator for as long as the membership is kept."""
        yield Delegation(_PRINCIPAL, org.security_tooling, kept=not self.config.cancel_on_destroy)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The role of triage in the management account, and the membership."""
        if self.config.triage:
            yield Resource(_ROLE)
        yield Resource(
            self._address(org),
            {
                "name": self.config.membership_name,
                "covers": "the whole organization",
                "triage": self.config.triage,
                "incident_response_team": team.wanted(self.config.incident_response_team),
            },
        )

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The role in the management account, or the membership in the account that administers it."""
        if at.account == MANAGEMENT:
            yield from _observe_role(aws)
            return
        found = _active(at, aws)
        if found is None:
            yield from self._elsewhere(at, org, aws)
            return
        address = self._address(org)
        if found["customerType"] == "Standalone":
            yield Obstacle(
                address,
                f"{at.account} has a membership for itself alone.",
                "Cancel it first, which ends its cases: aws security-ir cancel-membership --membership-id "
                f"{found['membershipId']} --region {at.region}",
            )
        if others := team.unknown(found, self.config.incident_response_team):
            yield Note(f"The incident response team has {others} whom config.yaml does not name; they stay in it.")
        covers_all = found["membershipAccountsConfigurations"].get("coverEntireOrganization", False)
        yield Resource(
            address,
            {
                "name": found["membershipName"],
                "covers": "the whole organization" if covers_all else "some accounts",
                "triage": _has_triage(found),
                "incident_response_team": team.seen(found),
            },
        )

    def _elsewhere(self, at: Target, org: Org, aws: Reader) -> Iterator[Obstacle]:
        """A membership in another governed region: each region lists only its own.

        https://github.com/awslabs/sra-verify asks one region after the other, for that reason.
        """
        for region in org.regions:
            if region in _SEARCHED - {at.region} and _active(Target(at.account, region), aws) is not None:
                yield Obstacle(
                    self._address(org),
                    f"The membership is in {region}, and an organization has one.",
                    f"Name {region} as steps.security_incident_response.region.",
                )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make the role, or make, change or cancel the membership."""
        if change.address.kind == "service-linked-role":
            _make_role(aws)
            return
        client: SecurityIncidentResponseClient = aws.client("security-ir", change.address.at)
        found = _active(change.address.at, aws)
        if change.action is Action.DELETE:
            if found is not None:
                client.cancel_membership(membershipId=found["membershipId"])
        elif found is None:
            client.create_membership(
                clientToken=str(uuid4()),
                membershipName=self.config.membership_name,
                incidentResponseTeam=team.sent(self.config.incident_response_team),
                optInFeatures=[{"featureName": "Triage", "isEnabled": self.config.triage}],
                coverEntireOrganization=True,
            )
        else:
            self._update(change, found, client)

    def _update(
        self, change: Change, found: GetMembershipResponseTypeDef, client: SecurityIncidentResponseClient
    ) -> None:
        """Change what of a membership is to be changed; a team is sent whole, those of others included."""
        membership_id = found["membershipId"]
        if "name" in change.after:
            client.update_membership(membershipId=membership_id, membershipName=self.config.membership_name)
        if "triage" in change.after:
            client.update_membership(
                membershipId=membership_id, optInFeatures=[{"featureName": "Triage", "isEnabled": self.config.triage}]
            )
        if "covers" in change.after:
            client.update_membership(
                membershipId=membership_id, membershipAccountsConfigurationsUpdate={"coverEntireOrganization": True}
            )
        if "incident_response_team" in change.after:
            people = team.sent(self.config.incident_response_team, found)
            client.update_membership(membershipId=membership_id, incidentResponseTeam=people)

    def _address(self, org: Org) -> Address:
        at = Target(administrator_of(_PRINCIPAL, org), self.config.region or org.home_region)
        return Address("membership", at)


def _active(at: Target, aws: Reader) -> GetMembershipResponseTypeDef | None:
    """The membership that an account has in a region; those that have ended are listed too."""
    client: SecurityIncidentResponseClient = aws.client("security-ir", at)
    pages = client.get_paginator("list_memberships").paginate()
    active = (one for page in pages for one in page.get("items", ()) if one.get("membershipStatus") == "Active")
    found = next(active, None)
    return None if found is None else client.get_membership(membershipId=found["membershipId"])


def _observe_role(aws: Reader) -> Iterator[Resource]:
    iam: IAMClient = aws.client("iam", _ROLE.at)
    try:
        iam.get_role(RoleName=_TRIAGE_ROLE)
    except iam.exceptions.NoSuchEntityException:
        return
    yield Resource(_ROLE)


def _make_role(aws: Writer) -> None:
    """Make the role that the service cannot make in the management account, if it is not there."""
    iam: IAMClient = aws.client("iam", _ROLE.at)
    try:
        iam.create_service_linked_role(AWSServiceName=_TRIAGE_PRINCIPAL)
    except iam.exceptions.InvalidInputException:
        # The code of other refusals too; that it is there already is only in the text.
        if not any(True for _ in _observe_role(aws)):
            raise


def _has_triage(found: GetMembershipResponseTypeDef) -> bool:
    return any(one["featureName"] == "Triage" and one["isEnabled"] for one in found.get("optInFeatures", ()))
