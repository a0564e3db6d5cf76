from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sra_bootstrap import sandbox
from sra_bootstrap.sandbox import MANAGEMENT_ACCOUNT_ID
from tests.sandbox.conftest import Aws, refusal

PRINCIPAL = "auditmanager.amazonaws.com"


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A bare management account, in process."""
    with sandbox.in_process() as running:
        yield Aws(running)


def use(aws: Aws, account: str | None = None, region: str = "eu-west-1") -> Any:
    """Have an account be a customer of old, and give a client of it."""
    client = aws.client("auditmanager", region, account)
    aws.settings.auditmanager_takes_new_customers = True
    client.register_account()
    aws.settings.auditmanager_takes_new_customers = False
    return client


def test_no_new_account_is_taken(aws: Aws) -> None:
    aws.found_organization()
    client = aws.client("auditmanager")

    assert client.get_account_status()["status"] == "INACTIVE"
    assert refusal(client.register_account)[0] == "AccessDeniedException"
    with pytest.raises(ClientError, match="Please complete AWS Audit Manager setup from home page"):
        client.get_organization_admin_account()


def test_a_customer_of_old_names_an_administrator_in_each_region(aws: Aws) -> None:
    aws.found_organization()
    audit, workload = aws.add_account("audit"), aws.add_account("workload")
    client = use(aws)
    assert client.get_account_status()["status"] == "ACTIVE"
    assert refusal(client.get_organization_admin_account)[0] == "ResourceNotFoundException"
    register = client.register_organization_admin_account
    assert refusal(register, adminAccountId=MANAGEMENT_ACCOUNT_ID)[0] == "ValidationException"
    assert refusal(register, adminAccountId=audit)[0] == "AccessDeniedException"
    inside = use(aws, audit)
    assert refusal(inside.register_organization_admin_account, adminAccountId=audit)[0] == "AccessDeniedException"

    register(adminAccountId=audit)
    register(adminAccountId=audit)

    assert client.get_organization_admin_account()["adminAccountId"] == audit
    assert refusal(register, adminAccountId=workload)[0] == "ValidationException"
    organizations = aws.client("organizations")
    [administrator] = organizations.list_delegated_administrators(ServicePrincipal=PRINCIPAL)["DelegatedAdministrators"]
    assert administrator["Id"] == audit
    elsewhere = use(aws, region="us-east-1")
    assert refusal(elsewhere.get_organization_admin_account)[0] == "ResourceNotFoundException"
    client.deregister_organization_admin_account(adminAccountId=audit)
    assert refusal(client.deregister_organization_admin_account, adminAccountId=audit)[0] == "ValidationException"
