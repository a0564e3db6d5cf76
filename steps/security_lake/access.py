"""What Security Lake needs to be allowed: its key, and the roles that it acts by in the account that has the lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Address, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import filled
from steps.common import keys
from steps.common.keys import Key
from steps.common.roles import Role
from steps.common.statements import EVERYONE, Statement, Text, allow

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

METASTORE = "AmazonSecurityLakeMetaStoreManagerV2"
"""https://docs.aws.amazon.com/security-lake/latest/userguide/get-started-programmatic.html"""
REPLICATION = "AmazonSecurityLakeS3ReplicationRole"
"""https://docs.aws.amazon.com/security-lake/latest/userguide/add-rollup-region.html"""
_LINKED = "AWSServiceRoleForSecurityLakeResourceManagement"
"""The role by which Security Lake looks after what it has made, and compacts it.

https://docs.aws.amazon.com/security-lake/latest/userguide/AWSServiceRoleForSecurityLakeResourceManagement.html
"""
_PATH = "/service-role/"
_USE = ("kms:Decrypt", "kms:GenerateDataKey")


def _statements(org: Org, region: str) -> Mapping[str, Statement]:
    """What the key's policy says beside that its account administers it, and with it the roles of that account.

    Services write to queues:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html.
    Amazon EventBridge does not say for whom, but which queue is meant is said of every use, as in
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSecurityLakePermissionsBoundary.html. Queries:
    https://docs.aws.amazon.com/lake-formation/latest/dg/register-encrypted.html. Roles that are made later are named by
    a condition, as what is named as a principal must be there.
    """
    account_id = org.id_of(org.log_archive)
    queues = filled(f"arn:{org.partition}:sqs:{region}:{{}}:AmazonSecurityLake*", account_id)
    of_ours: dict[str, dict[str, list[Text]]] = {"ArnLike": {"kms:EncryptionContext:aws:sqs:arn": [queues]}}

    def by(role: str, operator: str) -> dict[str, dict[str, list[Text]]]:
        arn = filled(f"arn:{org.partition}:iam::{{}}:role/{role}", account_id)
        return {operator: {"aws:PrincipalArn": [arn]}, "StringEquals": {"kms:CallerAccount": [account_id]}}

    linked = "aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"
    return {
        "QueuesAreWritten": allow({"Service": ["events.amazonaws.com", "s3.amazonaws.com"]}, _USE, ["*"], of_ours),
        "SubscribersRead": allow(EVERYONE, ["kms:Decrypt"], ["*"], by("AmazonSecurityLake-*", "ArnLike")),
        "LakeFormationReads": allow(
            EVERYONE, [*_USE, "kms:CreateGrant", "kms:DescribeKey"], ["*"], by(linked, "ArnEquals")
        ),
    }


KEY = Key("security-lake", "log_archive", _statements, everywhere=True)


def roles(org: Org, *, rollup: bool) -> list[Role]:
    """The roles that must be there before the lake is; with a rollup region, one that replicates too."""
    metastore = Role(
        METASTORE,
        trust={"AllowLambda": allow({"Service": ["lambda.amazonaws.com"]}, ["sts:AssumeRole"], [])},
        managed=(f"arn:{org.partition}:iam::aws:policy/service-role/AmazonSecurityLakeMetastoreManager",),
        inline={"sra-security-lake": {"UseKey": _with_key(["kms:Decrypt", "kms:RetireGrant"], org)}},
        path=_PATH,
    )
    replication = Role(
        REPLICATION,
        trust={"AllowS3": allow({"Service": ["s3.amazonaws.com"]}, ["sts:AssumeRole"], [])},
        inline={"sra-security-lake": _replication(org)},
        path=_PATH,
    )
    return [metastore, replication] if rollup else [metastore]


def linked(at: Target) -> Resource:
    """The role that AWS "highly" recommends, and that only the console makes by itself."""
    return Resource(Address("service-linked-role", at, _LINKED))


def observe_linked(at: Target, aws: Reader) -> Iterator[Resource]:
    """That role, if it is there."""
    iam: IAMClient = aws.client("iam", at)
    try:
        iam.get_role(RoleName=_LINKED)
    except iam.exceptions.NoSuchEntityException:
        return
    yield linked(at)


def make_linked(at: Target, aws: Writer) -> None:
    """Make that role, if it is not there."""
    iam: IAMClient = aws.client("iam", at)
    try:
        iam.create_service_linked_role(AWSServiceName="resource-management.securitylake.amazonaws.com")
    except iam.exceptions.InvalidInputException:
        # The code of other refusals too; that it is there already is only in the text.
        if not any(True for _ in observe_linked(at, aws)):
            raise


def _replication(org: Org) -> Mapping[str, Statement]:
    """https://docs.aws.amazon.com/security-lake/latest/userguide/add-rollup-region.html."""
    buckets = f"arn:{org.partition}:s3:::aws-security-data-lake-*"
    ours: dict[str, dict[str, list[Text]]] = {"StringEquals": {"s3:ResourceAccount": [org.id_of(org.log_archive)]}}
    reading = [
        *("s3:GetObjectLegalHold", "s3:GetObjectRetention", "s3:GetObjectVersion", "s3:GetObjectVersionAcl"),
        *("s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging", "s3:GetReplicationConfiguration"),
        "s3:ListBucket",
    ]
    writing = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    return {
        "Read": allow({}, reading, [buckets, f"{buckets}/*"], ours),
        "Replicate": allow({}, writing, [f"{buckets}/*"], ours),
        "UseKey": _with_key(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], org),
    }


def _with_key(actions: list[str], org: Org) -> Statement:
    """That a role may use the key of whichever region."""
    resource = filled(f"arn:{org.partition}:kms:*:{{}}:key/*", org.id_of(org.log_archive))
    return allow(
        {}, actions, [resource], {"ForAnyValue:StringEquals": {"kms:ResourceAliases": [keys.alias_of(KEY, org)]}}
    )
