"""The administrator of a service that registers it by an API of its own: a resource `administrator` in each region."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Ref
from steps.common import delegations

_PATIENCE = 600
"""How many seconds a service may refuse an administrator after what it stands on was made."""

IMPLIED = frozenset(
    {
        "iam:CreateServiceLinkedRole",
        "organizations:DescribeAccount",
        "organizations:DescribeOrganization",
        "organizations:EnableAWSServiceAccess",
        "organizations:ListAccounts",
        "organizations:ListAWSServiceAccessForOrganization",
        "organizations:RegisterDelegatedAdministrator",
    }
)
"""What AWS checks of whoever appoints an administrator, beyond the operation that is called."""

Refused = type[Exception] | tuple[type[Exception], ...]
"""With what a service refuses an administrator for a while."""

A = TypeVar("A", bound=Collection[str])


def _nobody(region: str, aws: Reader) -> Collection[str]:  # noqa: ARG001 (nobody, wherever)
    return ()


@dataclass(frozen=True)
class Service(Generic[A]):
    """A service that one member administers for the organization.

    Attributes:
        name: of the service in sentences.
        client: of the service in the SDK.
        principal: its service principal.
        removal: the command of the AWS CLI that removes an administrator in one region; `{account}` is its id.
        administrators: the ids of who administers it in a region, as the management account is told; perhaps with what
            it is told of each.
        beforehand: what must come before that removal, as in "do this and "; empty where nothing must.
        also: likewise, who administers what shares its registration.
        part: which account is to administer it, by its part in `roles` of config.yaml.
        regional: whether it has an administrator in each region; if not, the one that is registered is all there is.
    """

    name: str
    client: str
    principal: str
    removal: str
    administrators: Callable[[str, Reader], A]
    beforehand: str = ""
    also: Callable[[str, Reader], Collection[str]] = _nobody
    part: str = "security_tooling"
    regional: bool = True

    def ours(self, org: Org) -> str | Ref:
        """The id of the account that is to administer it."""
        return org.id_of(getattr(org, self.part))


def seen(service: Service[A], region: str, aws: Reader) -> A:
    """Who administers a service in a region, asked once for all places of a round; there must be an organization."""
    return aws.once(f"administrators of {service.name} in {region}", lambda: service.administrators(region, aws))


def is_ours(service: Service[Any], region: str, org: Org, aws: Reader) -> bool:
    """Whether the account that is to administer a service in a region does."""
    return org.live is not None and service.ours(org) in seen(service, region, aws)


def registered(service: Service[Any], aws: Reader) -> list[str]:
    """Who is registered as the administrator of a service, whatever the region; asked once for all of a round."""
    if not service.regional:
        return list(seen(service, "", aws))
    return delegations.registered(service.principal, aws)


def observe(
    service: Service[Any], at: Target, org: Org, aws: Reader, *, regions: Sequence[str]
) -> Iterator[Observation]:
    """The administrator in a region, and whoever is in the way of ours.

    One account administers all regions, so another one that is registered is in the way in each of them. Ours may be
    registered and administer none of the `regions` that it is to, when destroying has been interrupted: it is shown in
    the first of these, so that it can be deregistered.
    """
    if org.live is None:
        return
    ours, here = str(service.ours(org)), seen(service, at.region, aws)
    address = Address("administrator", at)
    for account_id in sorted({*here, *registered(service, aws)} - {ours}):
        removal = service.removal.format(account=account_id)
        yield Obstacle(
            address,
            f"{service.name} is administered by {org.name_of(account_id)} ({account_id}), and has one administrator "
            "only.",
            f"Name that account as roles.{service.part}; or {service.beforehand}remove it"
            f"{' in every region' if service.regional else ''} (aws {removal}), and then from the organization (aws "
            f"organizations deregister-delegated-administrator --service-principal {service.principal} --account-id "
            f"{account_id}).",
        )
    for account_id in here:
        yield Resource(address, {"account": account_id})
    if not here and ours in registered(service, aws):
        offered = _offered(service, regions, aws)
        # What is not regional has no region.
        if at.region in {"", *offered[:1]} and not _administers(service, offered, aws):
            yield Resource(address, {"account": None})


def appoint(
    service: Service[Any], change: Change, enable: Callable[[str], object], refused: Refused, aws: Writer
) -> None:
    """Make the account in a change the administrator in a region, by calling `enable` with its id.

    Services answer with one and the same error, `refused`, when it is that already, and for a while after trusted
    access was enabled, an account was created, or the first region was delegated; so the service is asked which of
    these it is.

    Raises:
        Exception: the last refusal, when the service has not come round in ten minutes.
    """
    account_id, region = str(change.after["account"]), change.address.at.region

    def attempt() -> Exception | None:
        try:
            enable(account_id)
        except refused as refusal:
            return None if account_id in service.administrators(region, aws) else refusal
        return None

    refusal = aws.poll(attempt, lambda refusal: refusal is None, _PATIENCE)
    if refusal is not None:
        raise refusal


def dismiss(
    service: Service[Any],
    change: Change,
    disable: Callable[[str], object],
    org: Org,
    aws: Writer,
    *,
    regions: Sequence[str],
) -> None:
    """Remove the administrator in a region, by calling `disable` with its id.

    After the last of the `regions` it is deregistered too, which services leave to whoever removes it:
    https://docs.aws.amazon.com/guardduty/latest/ug/change-guardduty-delegated-admin.html
    """
    if account_id := change.before.get("account"):
        disable(str(account_id))
    if not _administers(service, _offered(service, regions, aws), aws):
        organizations = aws.client("organizations", Target(ORGANIZATION))
        ours = str(service.ours(org))
        organizations.deregister_delegated_administrator(AccountId=ours, ServicePrincipal=service.principal)


def _offered(service: Service[Any], regions: Sequence[str], aws: Reader) -> list[str]:
    return [region for region in regions if aws.offers(service.client, region)]


def _administers(service: Service[Any], regions: Sequence[str], aws: Reader) -> bool:
    """Whether anybody administers a service, or what shares its registration, in any of the regions."""
    return any(service.administrators(region, aws) or service.also(region, aws) for region in regions)


def desired(org: Org) -> Iterator[Resource]:
    """The security tooling account as the administrator in every governed region."""
    for region in org.regions:
        yield Resource(
            Address("administrator", Target(MANAGEMENT, region)), {"account": org.id_of(org.security_tooling)}
        )
