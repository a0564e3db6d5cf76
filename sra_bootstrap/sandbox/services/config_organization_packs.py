"""AWS Config: conformance packs of an organization, deployed to all its accounts in a region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from moto.s3.models import s3_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services import config_organization_member_packs as member_packs
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_organization import (
    DEPLOYMENTS,
    Place,
    check_name,
    invalid,
    listed,
    may_read,
    may_write,
    random_suffix,
    roster_of,
)
from sra_bootstrap.sandbox.services.config_organization_deployments import (
    Deployment,
    begin,
    chosen,
    described,
    detailed,
    find,
    in_use,
    owned,
)
from sra_bootstrap.sandbox.services.config_organization_templates import Template, read

_MOST = 50
"""https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
_NAME = "OrganizationConformancePackName"


@dataclass
class OrganizationPack(Deployment):
    """https://docs.aws.amazon.com/config/latest/APIReference/API_OrganizationConformancePack.html."""

    noun: ClassVar[str] = "organization-conformance-pack"

    template: Template = field(default_factory=lambda: Template({}))
    parameters: dict[str, str] = field(default_factory=dict)
    bucket: str | None = None
    prefix: str | None = None

    @property
    def name_in_member(self) -> str:
        """As moto, and https://github.com/aws-samples/aws-security-reference-architecture-examples, have it."""
        return f"OrgConformsPack-{self.name}-{self.suffix}"

    def deploy(self, at: Place) -> None:
        """Make it in an account, or bring it there to what it says now."""
        pack = member_packs.new(at, self.name_in_member, self.parameters, (self.bucket, self.prefix))
        member_packs.deploy(at, pack, self.template)

    def withdraw(self, at: Place) -> None:
        """Remove it from an account; where it is not, nothing happens."""
        member_packs.withdraw(at, self.name_in_member)


def _absent() -> AwsFault:
    text = "AWS Config organization conformance pack that you passed in the filter does not exist."
    return AwsFault("NoSuchOrganizationConformancePackException", text)


@operation("config", "PutOrganizationConformancePack")
def put_organization_conformance_pack(
    call: Call,
    *,
    OrganizationConformancePackName: str,
    TemplateS3Uri: str | None = None,
    TemplateBody: str | None = None,
    DeliveryS3Bucket: str | None = None,
    DeliveryS3KeyPrefix: str | None = None,
    ConformancePackInputParameters: list[dict[str, str]] | None = None,
    ExcludedAccounts: list[str] | None = None,
    Tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html.

    Tags are taken at the creation only. While any pack of the caller is being worked on here, every other has to wait:
    the page does not say whether that is meant of one pack or of all, so this is the stricter of both.

    Raises:
        AwsFault: the caller may not, a pack is being worked on, there are 50, or the template will not do.
    """
    may_write(call, DEPLOYMENTS)
    roles.ensure(call.account_id, call.partition, DEPLOYMENTS)
    check_name(OrganizationConformancePackName, "[a-zA-Z][-a-zA-Z0-9]{0,127}", "organizationConformancePackName")
    if DeliveryS3Bucket and not DeliveryS3Bucket.startswith("awsconfigconforms"):
        raise invalid("The delivery bucket name should start with awsconfigconforms.")
    parameters = {one["ParameterName"]: one["ParameterValue"] for one in ConformancePackInputParameters or ()}
    template = read(_body(call, TemplateS3Uri, TemplateBody), parameters, call.partition)
    packs = owned(call, OrganizationPack)
    if any(pack.in_progress for pack in packs):
        raise in_use("A conformance pack")
    pack = find(call, OrganizationPack, OrganizationConformancePackName)
    verb = "UPDATE"
    if pack is None:
        verb = "CREATE"
        if len(packs) >= _MOST:
            text = f"You have reached the limit of {_MOST} organization conformance packs in this account."
            raise AwsFault("MaxNumberOfOrganizationConformancePacksExceededException", text)
        pack = OrganizationPack(
            OrganizationConformancePackName, call.account_id, call.region, call.partition, random_suffix()
        )
        pack.tags = {tag["Key"]: tag["Value"] for tag in Tags or ()}
        roster_of(call.account_id, call.region).deployments.append(pack)
    pack.template, pack.parameters = template, parameters
    pack.bucket, pack.prefix = DeliveryS3Bucket, DeliveryS3KeyPrefix
    pack.excluded, pack.updated = list(ExcludedAccounts or ()), moment()
    begin(pack, verb)
    return {"OrganizationConformancePackArn": pack.arn}


def _body(call: Call, uri: str | None, body: str | None) -> str:
    """The template: what is at the address counts, where both are given."""
    if uri is not None:
        return _at(call, uri)
    if body is None:
        raise invalid("You must specify either the TemplateS3Uri or the TemplateBody parameter.")
    if len(body.encode()) > 51_200:
        raise invalid(
            "1 validation error detected: Value at 'templateBody' must have length less than or equal to 51200"
        )
    return body


def _at(call: Call, uri: str) -> str:
    """What an object of the caller's own buckets says; those of others are not read, which is stricter than AWS.

    Raises:
        AwsFault: there is no such object, or it is none of the caller's, or it is larger than 300 KB.
    """
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    bucket = s3_backends[call.account_id][call.partition].buckets.get(bucket_name)
    found = None if bucket is None else bucket.keys.get(key)
    if found is None:
        text = "You do not have permission to read the Amazon S3 bucket, or the object does not exist."
        raise AwsFault("InsufficientPermissionsException", text)
    body: str = found.value.decode()
    if len(body) > 300 * 1024:
        raise invalid("The template is larger than 300 KB.")
    return body


@operation("config", "DescribeOrganizationConformancePacks")
def describe_organization_conformance_packs(
    call: Call,
    OrganizationConformancePackNames: list[str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePacks.html.

    What a template says is not told.
    """
    may_read(call, DEPLOYMENTS)
    found = []
    for pack in chosen(call, OrganizationPack, OrganizationConformancePackNames, _absent()):
        described_pack = {
            _NAME: pack.name,
            "OrganizationConformancePackArn": pack.arn,
            "DeliveryS3Bucket": pack.bucket,
            "DeliveryS3KeyPrefix": pack.prefix,
            "ConformancePackInputParameters": [
                {"ParameterName": name, "ParameterValue": value} for name, value in pack.parameters.items()
            ],
            "ExcludedAccounts": pack.excluded,
            "LastUpdateTime": pack.updated,
        }
        found.append({key: value for key, value in described_pack.items() if value is not None})
    return listed("OrganizationConformancePacks", found, Limit, NextToken)


@operation("config", "DescribeOrganizationConformancePackStatuses")
def describe_organization_conformance_pack_statuses(
    call: Call,
    OrganizationConformancePackNames: list[str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePackStatuses.html."""
    may_read(call, DEPLOYMENTS)
    packs = chosen(call, OrganizationPack, OrganizationConformancePackNames, _absent())
    return listed("OrganizationConformancePackStatuses", [described(pack, _NAME) for pack in packs], Limit, NextToken)


@operation("config", "GetOrganizationConformancePackDetailedStatus")
def get_organization_conformance_pack_detailed_status(
    call: Call,
    OrganizationConformancePackName: str,
    Filters: dict[str, str] | None = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html."""
    may_read(call, DEPLOYMENTS)
    (pack,) = chosen(call, OrganizationPack, [OrganizationConformancePackName], _absent())
    keys = ("OrganizationConformancePackDetailedStatuses", "ConformancePackName", "Status")
    return detailed(pack, keys, Filters, Limit, NextToken)


@operation("config", "DeleteOrganizationConformancePack")
def delete_organization_conformance_pack(call: Call, OrganizationConformancePackName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteOrganizationConformancePack.html.

    Raises:
        AwsFault: the caller may not, there is no such pack, or a pack is being worked on.
    """
    may_read(call, DEPLOYMENTS)
    (pack,) = chosen(call, OrganizationPack, [OrganizationConformancePackName], _absent())
    if any(one.in_progress for one in owned(call, OrganizationPack)):
        raise in_use("A conformance pack")
    begin(pack, "DELETE")
