"""IAM Access Analyzer: which account may analyze an organization."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.accessanalyzer_faults import denied, invalid
from sra_bootstrap.sandbox.settings import Rules

PRINCIPAL = "access-analyzer.amazonaws.com"


def _in_effect(since: datetime) -> bool:
    """Whether what AWS Organizations has registered has reached Access Analyzer, which takes minutes.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/accessanalyzer/analyzer.go: "the
    cross-service validation appears to be consistently caching for 5 minutes".
    """
    return moment() >= since + timedelta(seconds=Rules.settings.delegation_seconds)


def _trusted(backend: Any) -> bool:
    return any(one["ServicePrincipal"] == PRINCIPAL and _in_effect(one["DateEnabled"]) for one in backend.services)


def _administers(backend: Any, account_id: str) -> bool:
    """Whether an account is the management account or the delegated administrator.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html
    """
    if account_id == backend.org.master_account_id:
        return True
    services = [admin.services for admin in backend.admins if admin.account.id == account_id]
    return any(PRINCIPAL in one and _in_effect(one[PRINCIPAL]["DelegationEnabledDate"]) for one in services)


def disabling(account_id: str) -> str | None:
    """Why an account's analyzers of its organization are disabled, if they are.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StatusReason.html
    """
    backend = membership.organization_of(account_id)
    if backend is None:
        return "ORGANIZATION_DELETED"
    if not _trusted(backend):
        return "AWS_SERVICE_ACCESS_DISABLED"
    if not _administers(backend, account_id):
        return "DELEGATED_ADMINISTRATOR_DEREGISTERED"
    return None


def refuse_others(account_id: str) -> None:
    """Refuse whoever may not create analyzers of an organization.

    The texts, in this order: the same file of terraform-provider-aws as above,
    https://github.com/nozaq/terraform-aws-secure-baseline/issues/184 and
    https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/922.

    Raises:
        AwsFault: the account is in no organization, the organization does not trust Access Analyzer, or another
            account administers it.
    """
    backend = membership.organization_of(account_id)
    if backend is None:
        raise invalid("You must create an organization", "type")
    if not _trusted(backend):
        raise invalid("Service not enabled for AWS Organizations", "type")
    if not _administers(backend, account_id):
        raise denied(f"Account {account_id} is not a delegated administrator")
