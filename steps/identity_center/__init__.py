"""AWS IAM Identity Center: who of the people signs in to which account, and with which permissions."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer, known_regions
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Change, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Finding, Step, StepConfig
from steps.identity_center import instance

_PRINCIPAL = "sso.amazonaws.com"


class IdentityCenter(Step[StepConfig]):
    """Let people sign in once, to every account, instead of having IAM users in each.

    The SRA delegates the administration of IAM Identity Center to the shared services account. Only the console can
    enable it for an organization; where that has not been done, the plan says how, and nothing else is held up.
    """

    class Config(StepConfig):
        """Where IAM Identity Center is."""

        region: str | None = Field(
            default=None, description="The region in which it is, or is to be, enabled; by default the home region."
        )

    id = "identity_center"
    after = ("accounts", "trusted_access")
    trusted_access = (_PRINCIPAL,)
    delegates = (_PRINCIPAL,)
    kept = {"instance": "Only a person can delete it, and with it every user, group and assignment."}
    reads = frozenset({"sso:ListInstances"})
    considerations = (
        "Only the console enables it for an organization: CreateInstance is refused in the management account.",
        "It is in one region, which cannot be changed without losing everything in it.",
        "Destroying keeps trusted access and the administrator: without trusted access, nobody could sign in.",
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/shared-services.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/enable-identity-center.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html",
    )

    config: Config

    def problems(self, org: Org) -> Iterable[Finding]:
        """A region that there is not."""
        if self.config.region is not None and self.config.region not in known_regions():
            yield ("region",), f'there is no region "{self.config.region}"'

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The shared services account administers it, not the security tooling account."""
        yield Delegation(_PRINCIPAL, org.shared_services, kept=True)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The instance, which is there or not."""
        yield Resource(instance.address(self._at(org)))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The instance; where there is none, what to do."""
        there = instance.found(at, org, aws)
        if there is None:
            yield Unavailable(instance.address(at), (), f"{instance.missing(at)} {instance.remedy(at)}")
            return
        yield Resource(instance.address(at))

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Nothing that this step could make is missing: see `observe`."""
        raise RefusalError(instance.missing(change.address.at), instance.remedy(change.address.at))

    def _at(self, org: Org) -> Target:
        return Target(MANAGEMENT, self.config.region or org.home_region)
