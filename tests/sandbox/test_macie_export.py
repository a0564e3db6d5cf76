from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.archive import FURTHER, HOME, OTHER, Archive
from tests.sandbox.conftest import Aws, refusal

INVALID = "ValidationException"
EXPORTS = f"arn:aws:macie2:*:{MANAGEMENT_ACCOUNT_ID}:export-configuration:*"


@pytest.fixture
def aws() -> Iterator[Aws]:
    with sandbox.in_process() as running:
        aws = Aws(running)
        aws.found_organization()
        yield aws


@pytest.fixture
def archive(aws: Aws) -> Archive:
    return Archive.of(aws, aws.add_account("log"))


def macie_of(aws: Aws, region: str = HOME) -> Any:
    macie = aws.client("macie2", region)
    macie.enable_macie()
    return macie


def destination(archive: Archive, **other: str) -> dict[str, Any]:
    named = {"bucketName": "findings", "kmsKeyArn": archive.key_arn, "expectedBucketOwner": archive.owner}
    return {"configuration": {"s3Destination": {**named, **other}}}


def test_results_are_stored_where_macie_is_let_in(aws: Aws, archive: Archive) -> None:
    archive.admit("macie.amazonaws.com", EXPORTS)
    macie = macie_of(aws)
    assert "configuration" not in macie.get_classification_export_configuration()

    macie.put_classification_export_configuration(**destination(archive, keyPrefix="results/"))

    found = macie.get_classification_export_configuration()
    assert {"configuration": found["configuration"]} == destination(archive, keyPrefix="results/")
    assert archive.objects() == ["results/macie-test-object"]
    macie.put_classification_export_configuration(configuration={})
    assert macie.get_classification_export_configuration()["configuration"] == found["configuration"]


def test_macie_must_be_let_in(aws: Aws, archive: Archive) -> None:
    put = macie_of(aws).put_classification_export_configuration
    wrong = (
        ("guardduty.amazonaws.com", EXPORTS, True),
        ("macie.amazonaws.com", EXPORTS.replace("export", "other"), True),
        ("macie.amazonaws.com", EXPORTS, False),
    )

    for service, source, key_too in wrong:
        archive.admit(service, source, key_too=key_too)
        assert refusal(put, **destination(archive))[0] == INVALID
    assert archive.objects() == []


def test_bucket_owner_and_key_must_be_right(aws: Aws, archive: Archive) -> None:
    archive.admit("macie.amazonaws.com", EXPORTS)
    put = macie_of(aws).put_classification_export_configuration

    for wrong in (
        {"bucketName": "none"},
        {"expectedBucketOwner": MANAGEMENT_ACCOUNT_ID},
        {"kmsKeyArn": archive.key_arn.replace(HOME, OTHER)},
    ):
        assert refusal(put, **destination(archive, **wrong))[0] == INVALID
    unnamed = destination(archive)
    del unnamed["configuration"]["s3Destination"]["expectedBucketOwner"]
    assert refusal(put, **unnamed)[0] == INVALID


def test_in_an_opt_in_region_macie_goes_by_another_name(aws: Aws, archive: Archive) -> None:
    aws.client("account").enable_region(RegionName=FURTHER)
    aws.clock.wait(aws.settings.region_seconds)
    put = macie_of(aws, FURTHER).put_classification_export_configuration
    archive.admit("macie.amazonaws.com", EXPORTS)

    assert refusal(put, **destination(archive))[0] == INVALID
    archive.admit(f"macie.{FURTHER}.amazonaws.com", EXPORTS)
    put(**destination(archive))
