"""The data lake: one in every region, changed as a whole; and the region that the others are rolled up into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Address, Change, Note, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import keys
from steps.security_lake.access import KEY, METASTORE, REPLICATION
from steps.security_lake.calling import client, persist, when_free

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_securitylake.type_defs import DataLakeResourceTypeDef

Lakes = Mapping[str, "DataLakeResourceTypeDef"]
_S3_MANAGED_KEY = "S3_MANAGED_KEY"
"""https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateDataLake.html"""


def read(org: Org, aws: Reader) -> Lakes:
    """The lake in every region where there is one."""
    return {lake["region"]: lake for lake in client(org, aws).list_data_lakes()["dataLakes"]}


def observe(lakes: Lakes, at: Target, org: Org, aws: Reader) -> Iterator[Note | Obstacle | Resource]:
    """What the lake is in each region, and the regions where it could not be made, or changed."""
    address = Address("data-lake", at)
    for region, lake in lakes.items():
        if lake.get("createStatus") == "FAILED":
            yield _failed(address, region)
        if why := lake.get("updateStatus", {}).get("exception", {}).get("reason"):
            yield Note(f"Security Lake could not make the last change of its data lake in {region}: {why}")
    if lakes:
        yield Resource(address, {region: _told(lake, org, aws) for region, lake in lakes.items()})
    rollups = {region: dict.fromkeys(_destinations(lake), "replicated") for region, lake in lakes.items()}
    if any(rollups.values()):
        yield Resource(Address("rollup", at), rollups)


def _failed(address: Address, region: str) -> Obstacle:
    """https://github.com/hashicorp/terraform-provider-aws/issues/40363 has what it is about."""
    database = f"amazon_security_lake_glue_db_{region.replace('-', '_')}"
    return Obstacle(
        address,
        f"Security Lake could not make the data lake in {region}; mostly, a Glue database is left of an earlier one.",
        f"In the log archive account, see why (aws securitylake list-data-lake-exceptions --regions {region}); delete "
        f"the database if nobody needs it (aws glue delete-database --region {region} --name {database}) and what was "
        f"made of the lake (aws securitylake delete-data-lake --regions {region}), and run it again.",
    )


def _told(lake: DataLakeResourceTypeDef, org: Org, aws: Reader) -> Attrs:
    lifecycle = lake.get("lifecycleConfiguration", {})
    return {
        "status": lake.get("createStatus"),
        "encryption": _key(lake, org, aws),
        "retention_days": lifecycle.get("expiration", {}).get("days"),
        "transitions": {one.get("storageClass", ""): one.get("days") for one in lifecycle.get("transitions", [])},
    }


def _key(lake: DataLakeResourceTypeDef, org: Org, aws: Reader) -> str:
    """What a lake is encrypted with, as a plan tells it: AWS also takes an id for a key."""
    key_id, region = lake.get("encryptionConfiguration", {}).get("kmsKeyId", _S3_MANAGED_KEY), lake["region"]
    if key_id == _S3_MANAGED_KEY:
        return key_id
    if not key_id.startswith(("arn:", "alias/")):
        key_id = f"arn:{org.partition}:kms:{region}:{org.id_of(org.log_archive)}:key/{key_id}"
    return keys.told(key_id, KEY, org, region, aws)


def _destinations(lake: DataLakeResourceTypeDef) -> list[str]:
    return list(lake.get("replicationConfiguration", {}).get("regions", []))


def put(change: Change, org: Org, aws: Writer) -> None:
    """Make the lake in the regions that lack it, and set what differs in the others; each at once."""
    securitylake = client(org, aws)
    refused = (securitylake.exceptions.BadRequestException, securitylake.exceptions.ConflictException)

    def make() -> None:
        there = read(org, aws)
        new = [region for region in change.after if region not in there]
        if new:
            configurations: Any = [_configuration(region, nested(change.after, region), {}, org, aws) for region in new]
            role = _role_arn(METASTORE, org, aws)
            securitylake.create_data_lake(configurations=configurations, metaStoreManagerRoleArn=role)

    there = read(org, aws)
    persist(make, refused, aws)
    found = {region: _configuration(region, nested(change.after, region), there[region], org, aws) for region in there}
    changed: Any = [found[region] for region in change.after if len(found.get(region, {})) > 1]
    if changed:
        when_free(lambda: securitylake.update_data_lake(configurations=changed), securitylake, aws)


def _configuration(region: str, wanted: Attrs, there: Any, org: Org, aws: Writer) -> dict[str, Any]:
    """What to send of a region: what is not sent stays as it is, but all transitions are one setting."""
    made: dict[str, Any] = {"region": region}
    if "encryption" in wanted:
        made["encryptionConfiguration"] = {"kmsKeyId": keys.arn_of(KEY, org, region, aws)}
    if wanted.keys() & {"retention_days", "transitions"}:
        lifecycle = dict(there.get("lifecycleConfiguration", {}))
        if "retention_days" in wanted:
            lifecycle["expiration"] = {"days": wanted["retention_days"]}
        if transitions := nested(wanted, "transitions"):
            others = [one for one in lifecycle.get("transitions", []) if one["storageClass"] not in transitions]
            ours = [{"storageClass": storage_class, "days": days} for storage_class, days in transitions.items()]
            lifecycle["transitions"] = [*others, *ours]
        made["lifecycleConfiguration"] = lifecycle
    return made


def put_rollup(change: Change, org: Org, aws: Writer) -> None:
    """Roll up regions into another one; those that they are rolled up into already stay."""
    there, role = read(org, aws), _role_arn(REPLICATION, org, aws)
    configurations: Any = [
        {"region": region, "replicationConfiguration": {"regions": _all(there, region, into), "roleArn": role}}
        for region, into in change.after.items()
        if region in there
    ]
    securitylake = client(org, aws)
    when_free(lambda: securitylake.update_data_lake(configurations=configurations), securitylake, aws)


def _all(there: Lakes, region: str, into: Value) -> list[str]:
    return sorted({*_destinations(there[region]), *(into if isinstance(into, Mapping) else ())})


def _role_arn(name: str, org: Org, aws: Writer) -> str:
    iam: IAMClient = aws.client("iam", Target(org.log_archive))
    return iam.get_role(RoleName=name)["Role"]["Arn"]
