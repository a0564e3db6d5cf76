"""Amazon Security Lake: a data lake is made in regions, changed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import later
from sra_bootstrap.sandbox.services.account import has_region
from sra_bootstrap.sandbox.services.iam_service_linked_roles import ensure
from sra_bootstrap.sandbox.services.securitylake import (
    PRINCIPAL,
    Lake,
    RegionalLake,
    absent,
    as_owner,
    bad_request,
    existing,
    lake_of,
    take_a_while,
)
from sra_bootstrap.sandbox.services.securitylake_resources import has_leftovers, make_resources, set_bucket
from sra_bootstrap.sandbox.services.securitylake_subscribers import remove_subscribers

S3_MANAGED_KEY = "S3_MANAGED_KEY"
"""What stands for no key of KMS: https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateDataLake.html"""


def _describe(lake: RegionalLake) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DataLakeResource.html."""
    description = {
        **lake.configuration,
        "dataLakeArn": lake.arn,
        "region": lake.region,
        "createStatus": lake.status,
        "s3BucketArn": f"arn:{lake.arn.split(':')[1]}:s3:::{lake.bucket}" if lake.bucket else None,
        "updateStatus": {"status": lake.updated} if lake.updated else None,
    }
    return {key: value for key, value in description.items() if value is not None}


def _check_role(call: Call, arn: str, beginning: str) -> None:
    """That a role is in the caller's account, and called as Security Lake has it; which error it is, is guessed.

    Raises:
        AwsFault: it is not.
    """
    roles = iam_backends[call.account_id][call.partition].roles.values()
    if not any(role.arn == arn and role.name.startswith(beginning) for role in roles):
        raise bad_request(f"The role {arn} doesn't exist, or Security Lake can't use it.")


def _check_key(call: Call, key_id: str, region: str) -> None:
    """That a key is enabled, in the region and the account; which error it is, is guessed.

    Raises:
        AwsFault: it is not.
    """
    if key_id == S3_MANAGED_KEY:
        return
    keys = kms_backends[call.account_id][region]
    name = key_id.rpartition(":")[2]
    found = keys.get_key_id_from_alias(name) if name.startswith("alias/") else name
    key = keys.keys.get((found or "").rpartition("/")[2])
    if key is None:
        raise bad_request(f"The KMS key {key_id} doesn't exist in {region}.")
    if key.key_state != "Enabled":
        raise bad_request(f"The KMS key {key_id} isn't enabled.")


def _check(call: Call, configuration: dict[str, Any]) -> None:
    region = configuration["region"]
    if not has_region(call.account_id, call.partition, region):
        raise bad_request(f"The Region {region} isn't enabled.")
    if key_id := configuration.get("encryptionConfiguration", {}).get("kmsKeyId"):
        _check_key(call, key_id, region)
    replication = configuration.get("replicationConfiguration", {})
    if replication.get("regions"):
        _check_role(call, replication.get("roleArn", ""), "AmazonSecurityLake")


def _check_replication(lake: Lake, configurations: Sequence[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/userguide/add-rollup-region.html.

    Data that is encrypted with a key of the customer cannot be rolled up into a region whose data is not. That a region
    is rolled up only into one that has its lake, is guessed.

    Raises:
        AwsFault: a region cannot be rolled up into another.
    """
    for configuration in configurations:
        own = lake.regions.get(configuration["region"])
        encrypted = configuration.get("encryptionConfiguration") or (
            own.configuration["encryptionConfiguration"] if own else {}
        )
        for region in configuration.get("replicationConfiguration", {}).get("regions", []):
            there = lake.regions.get(region)
            if there is None or there.status != "COMPLETED" or region == configuration["region"]:
                raise bad_request(f"{region} can't be a rollup Region.")
            managed = there.configuration["encryptionConfiguration"]["kmsKeyId"] == S3_MANAGED_KEY
            if managed and encrypted.get("kmsKeyId", S3_MANAGED_KEY) != S3_MANAGED_KEY:
                raise bad_request("Data that is encrypted with a KMS key can't be replicated to an S3 managed key.")


@operation("securitylake", "CreateDataLake")
def create_data_lake(
    call: Call,
    configurations: list[dict[str, Any]],
    metaStoreManagerRoleArn: str,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateDataLake.html.

    The role that is linked to the service is made: https://docs.aws.amazon.com/security-lake/latest/userguide/slr-permissions.html.
    The other role must be made beforehand: https://docs.aws.amazon.com/security-lake/latest/userguide/get-started-programmatic.html.
    A region whose lake is there is refused, with a text that
    https://github.com/aws-samples/aws-security-reference-architecture-examples knows in security_lake.py, and under one
    of two codes.

    Raises:
        AwsFault: it cannot be made as asked for.
    """
    lake = as_owner(call)
    _check_role(call, metaStoreManagerRoleArn, "AmazonSecurityLakeMetaStoreManager")
    for configuration in configurations:
        _check(call, configuration)
        if configuration["region"] in lake.regions:
            text = "The CreateDataLake operation can't be used to update the settings for an existing data lake."
            raise bad_request(text)
    _check_replication(lake, configurations)
    return {"dataLakes": _make(call, lake, configurations, tags or [])}


def _make(
    call: Call, lake: Lake, configurations: Sequence[dict[str, Any]], tags: Sequence[dict[str, str]]
) -> list[dict[str, Any]]:
    made = []
    ensure(call.account_id, call.partition, PRINCIPAL)
    for configuration in configurations:
        region = configuration["region"]
        arn = f"arn:{call.partition}:securitylake:{region}:{call.account_id}:data-lake/default"
        settings = {"encryptionConfiguration": {"kmsKeyId": S3_MANAGED_KEY}, **configuration}
        lake.regions[region] = RegionalLake(region, arn, settings)
        lake.tags[arn] = {tag["key"]: tag["value"] for tag in tags}
        made.append(_describe(lake.regions[region]))
        later(take_a_while(lake), partial(_complete, lake, lake.regions[region], call))
    return made


def _complete(lake: Lake, there: RegionalLake, call: Call, at: float) -> None:
    """It fails over a database of Glue that was left of an earlier lake.

    https://github.com/hashicorp/terraform-provider-aws/issues/40363
    """
    if lake.regions.get(there.region) is not there:
        return
    if has_leftovers(call.account_id, there.region):
        there.status = "FAILED"
        return
    there.status, there.bucket = "COMPLETED", make_resources(call, there.region)
    set_bucket(call, there.region, there.bucket, there.configuration)


@operation("securitylake", "UpdateDataLake")
def update_data_lake(
    call: Call, configurations: list[dict[str, Any]], metaStoreManagerRoleArn: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_UpdateDataLake.html.

    It is an "upsert"; what a configuration does not name stays as it is.

    Raises:
        AwsFault: it cannot be as asked for.
    """
    lake = existing(call)
    if metaStoreManagerRoleArn is not None:
        _check_role(call, metaStoreManagerRoleArn, "AmazonSecurityLakeMetaStoreManager")
    for configuration in configurations:
        _check(call, configuration)
        there = lake.regions.get(configuration["region"])
        if there is not None and there.status != "COMPLETED":
            raise bad_request(f"The data lake in {there.region} isn't complete.")
    _check_replication(lake, configurations)
    new = [configuration for configuration in configurations if configuration["region"] not in lake.regions]
    made = _make(call, lake, new, [])
    for configuration in configurations:
        if configuration not in new:
            there = lake.regions[configuration["region"]]
            there.updated = "INITIALIZED"
            made.append(_describe(there))
            later(take_a_while(lake), partial(_update, there, configuration, call))
    return {"dataLakes": made}


def _update(there: RegionalLake, configuration: dict[str, Any], call: Call, at: float) -> None:
    there.updated = "COMPLETED"
    there.configuration = {**there.configuration, **configuration}
    set_bucket(call, there.region, there.bucket, there.configuration)


@operation("securitylake", "DeleteDataLake")
def delete_data_lake(call: Call, regions: list[str]) -> None:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DeleteDataLake.html.

    The bucket stays with its data, and so does what Security Lake has made beside it:
    https://docs.aws.amazon.com/security-lake/latest/userguide/disable-security-lake.html.

    Raises:
        AwsFault: there is no lake in one of the regions.
    """
    lake = existing(call)
    if not lake.regions.keys() >= set(regions):
        raise absent("data lake")
    for region in regions:
        remove_subscribers(call.account_id, call.partition, region)
        del lake.regions[region]
    lake.sources = {place: sources for place, sources in lake.sources.items() if place[1] not in regions}
    take_a_while(lake)


@operation("securitylake", "ListDataLakes")
def list_data_lakes(call: Call, regions: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListDataLakes.html.

    Without regions, those of all are listed. Empty in an account without a lake, as
    https://github.com/aws-samples/aws-security-reference-architecture-examples expects it in security_lake.py.
    """
    lakes = lake_of(call.account_id, call.partition).regions
    return {"dataLakes": [_describe(lake) for region, lake in lakes.items() if not regions or region in regions]}
