from __future__ import annotations

import botocore.session
import pytest

from sra_bootstrap.aws.operations import is_read


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("organizations", "DescribeOrganization"),
        ("organizations", "ListAccounts"),
        ("guardduty", "GetDetector"),
        ("guardduty", "GetMemberDetectors"),
        ("securityhub", "BatchGetSecurityControls"),
        ("s3", "HeadBucket"),
        ("cloudtrail", "LookupEvents"),
        ("resourcegroups", "SearchResources"),
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRole"),
    ],
)
def test_what_only_looks_is_a_read(service: str, operation: str) -> None:
    assert is_read(service, operation)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("organizations", "CreateAccount"),
        ("guardduty", "DeleteDetector"),
        ("guardduty", "StartMonitoringMembers"),
        ("securityhub", "BatchUpdateStandardsControlAssociations"),
        ("sts", "GetSessionToken"),
        ("sts", "GetFederationToken"),
        ("guardduty", "AssumeRole"),
        ("any", "Listen"),
        ("any", "Getaway"),
        ("any", "Describe"),
        ("any", "ResetListOfThings"),
        ("any", "list_accounts"),
        ("any", ""),
    ],
)
def test_what_is_not_known_to_be_a_read_is_a_write(service: str, operation: str) -> None:
    assert not is_read(service, operation)


def test_every_operation_that_a_service_says_changes_something_is_a_write() -> None:
    """Of the services that the architecture is made of, so far as their names tell it."""
    session = botocore.session.Session()
    writing = ("Create", "Delete", "Put", "Update", "Enable", "Disable", "Register", "Deregister", "Attach", "Detach")
    for service in ("organizations", "account", "guardduty", "securityhub", "iam", "s3", "config", "kms", "cloudtrail"):
        for operation in session.get_service_model(service).operation_names:
            assert not (operation.startswith(writing) and is_read(service, operation))
