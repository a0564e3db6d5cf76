"""AWS Health across the organization: its events of all accounts in one view."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import FAILURES, code_of
from sra_bootstrap.model import Action, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Step, StepConfig
from steps.common import delegations, trust
from steps.common.delegations import Part

_PRINCIPAL = "health.amazonaws.com"
_HERE = trust.address(_PRINCIPAL)
_NO_PLAN = "SubscriptionRequiredException"


class Health(Step[StepConfig]):
    """Let AWS Health gather the events of all accounts: outages, maintenance, exposed credentials, abuse.

    The view of the organization has the events from then on, for 90 days.
    """

    class Config(StepConfig):
        """Who sees the events of all accounts."""

        enabled: bool = Field(
            default=False,
            description="Off by default: the API of AWS Health needs a support plan that AWS charges for. Without one, "
            "the view is enabled in the console.",
        )
        administrator: Part | None = Field(
            default=None,
            description="Which account, by its part in `roles`, sees the events beside the management account.",
        )

    id = "health"
    after = ("accounts",)
    own_access = (_PRINCIPAL,)
    reads = frozenset({"health:DescribeHealthServiceStatusForOrganization"})
    writes = frozenset(
        {"health:DisableHealthServiceAccessForOrganization", "health:EnableHealthServiceAccessForOrganization"}
    )
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "organizations:DisableAWSServiceAccess",
            "organizations:EnableAWSServiceAccess",
            "organizations:ListAccounts",
        }
    )
    considerations = ("Events go to Amazon EventBridge of each account with or without this.",)
    costs = "Nothing beyond the support plan that its API needs."
    documentation = (
        "https://docs.aws.amazon.com/health/latest/ug/aggregate-events.html",
        "https://docs.aws.amazon.com/health/latest/ug/delegated-administrator-organizational-view.html",
        "https://docs.aws.amazon.com/health/latest/APIReference/API_EnableHealthServiceAccessForOrganization.html",
    )

    config: Config

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The administrator that config.yaml names."""
        return delegations.to(self.config.administrator, _PRINCIPAL, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The view of the organization, enabled."""
        yield Resource(_HERE, {"status": "ENABLED"})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Its status, which the API tells to those who have the support plan."""
        health = aws.client("health", at)
        try:
            answer = health.describe_health_service_status_for_organization()
        except FAILURES as error:
            if code_of(error) != _NO_PLAN:
                raise
            yield Unavailable(
                _HERE,
                (),
                "The API of AWS Health needs a Business Support+, Enterprise Support or Unified Operations plan. "
                "Without one, enable the organizational view in the console of AWS Health.",
            )
            return
        status = answer["healthServiceAccessStatusForOrganization"]
        if status != "DISABLED":
            yield Resource(_HERE, {"status": status})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enable or disable it; what is on its way is only waited for."""
        health = aws.client("health", change.address.at)
        if change.action is Action.DELETE:
            health.disable_health_service_access_for_organization()
        elif change.before.get("status") != "PENDING":
            health.enable_health_service_access_for_organization()
