"""What a service needs to act in the organization: trusted access, and the role in the management account.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION, Address, Target

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

READS = frozenset({"organizations:ListAWSServiceAccessForOrganization"})
"""The IAM actions that seeing whether a service is trusted takes; and, seeing its role."""
ROLE_READS = frozenset({"iam:GetRole"})


def address(principal: str) -> Address:
    """Where the trusted access of a service is, whoever gives it."""
    return Address("trusted-access", Target(ORGANIZATION), principal)


def is_given(principal: str, aws: Reader) -> bool:
    """Whether a service has trusted access to the organization."""
    organizations = aws.client("organizations", Target(ORGANIZATION))
    pages = organizations.get_paginator("list_aws_service_access_for_organization").paginate()
    return any(
        service["ServicePrincipal"] == principal for page in pages for service in page["EnabledServicePrincipals"]
    )


def role_in_place(name: str, aws: Reader) -> str | None:
    """The name of a role that is linked to a service, if the management account has it."""
    iam: IAMClient = aws.client("iam", Target(MANAGEMENT))
    try:
        return iam.get_role(RoleName=name)["Role"]["RoleName"]
    except iam.exceptions.NoSuchEntityException:
        return None


def make_role(principal: str, name: str, aws: Writer) -> None:
    """Make the role that is linked to a service in the management account, if it is not there."""
    iam: IAMClient = aws.client("iam", Target(MANAGEMENT))
    try:
        iam.create_service_linked_role(AWSServiceName=principal)
    except iam.exceptions.InvalidInputException:
        # The code of other refusals too; that it is there already is only in the text.
        if role_in_place(name, aws) is None:
            raise
