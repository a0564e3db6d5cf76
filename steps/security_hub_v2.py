"""AWS Security Hub (v2), the unified one: administered from the security tooling account, enabled by a policy."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import (
    MANAGEMENT,
    ORGANIZATION,
    Action,
    Address,
    Change,
    Observation,
    Obstacle,
    Resource,
    Target,
    Unavailable,
)
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value, nested
from steps.common import administrator, policies, resource_policy
from steps.common.administrator import Service
from steps.common.offers import unoffered
from steps.common.statements import Statement, planned

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_securityhub import SecurityHubClient
    from mypy_boto3_securityhub.literals import SecurityHubFeatureType

_HERE = Target(ORGANIZATION)
_TYPE: Literal["SECURITYHUB_POLICY"] = "SECURITYHUB_POLICY"
_ALL = "ALL_SUPPORTED"
_DESCRIPTION = f"Where AWS Security Hub is on; {policies.OF_A_SERVICE}"


def _administrators(feature: SecurityHubFeatureType, region: str, aws: Reader) -> list[str]:
    securityhub: SecurityHubClient = aws.client("securityhub", Target(MANAGEMENT, region))
    pages = securityhub.get_paginator("list_organization_admin_accounts").paginate(Feature=feature)
    return [admin["AccountId"] for page in pages for admin in page["AdminAccounts"]]


_SERVICE = Service(
    name="Security Hub",
    client="securityhub",
    principal="securityhub.amazonaws.com",
    removal="securityhub disable-organization-admin-account --feature SecurityHubV2 --admin-account-id {account}",
    administrators=partial(_administrators, "SecurityHubV2"),
    also=partial(_administrators, "SecurityHub"),
)


class SecurityHubV2(Step[StepConfig]):
    """Correlate the findings of all security services in one place, in every account and governed region.

    The SRA makes the security tooling account, which administers Security Hub CSPM too, the administrator of Security
    Hub. A policy of the organization enables it in every account, those that join later included, and an aggregator
    brings what it finds to the home region.
    """

    class Config(StepConfig):
        """Where Security Hub is on."""

        enabled: bool = Field(
            default=False,
            description="Whether this step is part of the pipeline; it is not by default, as Security Hub has a price "
            "for each resource, beyond that of the services that it correlates.",
        )
        regions: Literal["governed", "all"] = Field(
            default="governed",
            description="Where the policy enables it: in the governed regions, or in all that AWS has and will have.",
        )
        policy: str = Field(
            default="security-hub",
            min_length=1,
            max_length=128,
            description="The name of the policy; one of this name that is there already is taken over.",
        )
        attach_to: tuple[str, ...] = Field(
            default=(policies.ROOT_NAME,),
            description="What the policy is attached to: `root`, OUs by their paths, accounts by their keys.",
        )

    id = "security_hub_v2"
    after = ("accounts", "organizational_units", "policy_types", "security_hub", "trusted_access")
    trusted_access = (_SERVICE.principal,)
    policy_types = (_TYPE,)
    administers = (_SERVICE.principal,)
    reads = frozenset(
        {
            "organizations:DescribePolicy",
            "organizations:DescribeResourcePolicy",
            "organizations:ListDelegatedAdministrators",
            "organizations:ListPolicies",
            "organizations:ListTargetsForPolicy",
            "securityhub:DescribeSecurityHubV2",
            "securityhub:GetAggregatorV2",
            "securityhub:ListAggregatorsV2",
            "securityhub:ListOrganizationAdminAccounts",
        }
    )
    writes = frozenset(
        {
            "organizations:AttachPolicy",
            "organizations:CreatePolicy",
            "organizations:DeletePolicy",
            "organizations:DeleteResourcePolicy",
            "organizations:DeregisterDelegatedAdministrator",
            "organizations:DescribeEffectivePolicy",
            "organizations:DetachPolicy",
            "organizations:PutResourcePolicy",
            "organizations:UpdatePolicy",
            "securityhub:CreateAggregatorV2",
            "securityhub:DeleteAggregatorV2",
            "securityhub:DisableOrganizationAdminAccount",
            "securityhub:DisableSecurityHubV2",
            "securityhub:EnableOrganizationAdminAccount",
            "securityhub:EnableSecurityHubV2",
            "securityhub:UpdateAggregatorV2",
        }
    )
    in_members = frozenset(
        {
            "securityhub:CreateAggregatorV2",
            "securityhub:DeleteAggregatorV2",
            "securityhub:GetAggregatorV2",
            "securityhub:ListAggregatorsV2",
            "securityhub:UpdateAggregatorV2",
        }
    )
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "organizations:DescribeOrganization",
            "organizations:EnableAWSServiceAccess",
            "organizations:RegisterDelegatedAdministrator",
        }
    )
    not_yet = {
        # For a while after a policy is detached, an account is managed by it still.
        "securityhub:DisableSecurityHubV2": frozenset({"AccessDeniedException"}),
        # A hub that was just enabled: https://github.com/awslabs/sra-verify, in NOT_CONFIGURED_ERRORS.
        "securityhub:ListAggregatorsV2": frozenset({"ConflictException"}),
    }
    considerations = (
        "One account administers Security Hub in all regions; it must be the one that administers Security Hub CSPM.",
        "The resource policy is one for the whole organization: only statements with ids of our own are put into it.",
        "The policy is attached last: an account that it manages refuses to enable Security Hub in any other way.",
        "Findings are aggregated in the home region; to move it, the aggregator has to be deleted there first.",
        "Destroying leaves Security Hub on in the members: a policy that is detached does not disable what it enabled.",
    )
    costs = "For each resource that Security Hub looks at, in each account and region where it is on."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-enable.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-policy-statement.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Hubs for the management and the security tooling account; then who administers the others, and how."""
        security = org.security_tooling
        home, *others = org.regions
        for account in (MANAGEMENT, security):
            for region in org.regions:
                yield Resource(Address("hub", Target(account, region)), {"status": "ENABLED"})
        yield Resource(Address("administrator", _HERE), {"account": org.id_of(security)})
        yield Resource(Address("delegation", _HERE), planned(_statements(org)))
        if others:
            linked: Attrs = dict.fromkeys(others, "LINKED")
            yield Resource(Address("aggregator", Target(security, home)), {"regions": linked})
        enabled: Attrs = dict.fromkeys(self._regions(org), "ENABLED")
        wanted: Attrs = {"description": _DESCRIPTION, "regions": enabled, "others": ()}
        yield Resource(Address("policy", _HERE, self.config.policy), wanted)
        for name in self.config.attach_to:
            yield Resource(Address("attachment", _HERE, name), {"policy": self.config.policy})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What there is in the organization as a whole, or in one region of an account."""
        if at == _HERE:
            yield from self._observe_organization(org, aws)
        elif not aws.offers("securityhub", at.region):
            yield from unoffered(self.desired(org), at, "Security Hub")
        else:
            yield from _observe_account(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change."""
        securityhub: SecurityHubClient = aws.client("securityhub", change.address.at)
        organizations: OrganizationsClient = aws.client("organizations", _HERE)
        match change.address.kind, change.action:
            case "hub", Action.DELETE:
                securityhub.disable_security_hub_v2()
            case "hub", _:
                _enable(change.address.at, org, securityhub, organizations)
            case "administrator", Action.DELETE:
                disable = partial(securityhub.disable_organization_admin_account, Feature="SecurityHubV2")
                administrator.dismiss(
                    _SERVICE,
                    change,
                    lambda account: disable(AdminAccountId=account),
                    org,
                    aws,
                    regions=(org.home_region,),
                )
            case "administrator", _:
                enable = partial(securityhub.enable_organization_admin_account, Feature="SecurityHubV2")
                refused = securityhub.exceptions.InvalidInputException
                administrator.appoint(_SERVICE, change, lambda account: enable(AdminAccountId=account), refused, aws)
            case "delegation", Action.DELETE:
                resource_policy.remove(change.before, aws)
            case "delegation", _:
                statements = _statements(org)
                resource_policy.put({sid: statements[sid] for sid in change.after}, aws)
            case "aggregator", Action.DELETE:
                if (arn := _aggregator(securityhub)) is not None:
                    securityhub.delete_aggregator_v2(AggregatorV2Arn=arn)
            case "aggregator", _:
                _link(change, securityhub)
            case "policy", Action.DELETE:
                policies.delete(self.config.policy, _TYPE, organizations)
            case "policy", _:
                regions = (one for one in self._regions(org) if one == _ALL or aws.offers("securityhub", one))
                policies.put(self.config.policy, _TYPE, _DESCRIPTION, _content(regions), organizations)
            case "attachment", action:
                target = change.address.name
                policies.change_attachment(
                    action, self.config.policy, _TYPE, target, org=org, organizations=organizations
                )

    def _regions(self, org: Org) -> tuple[str, ...]:
        return (_ALL,) if self.config.regions == "all" else org.regions

    def _observe_organization(self, org: Org, aws: Reader) -> Iterator[Observation]:
        organizations: OrganizationsClient = aws.client("organizations", _HERE)
        yield from administrator.observe(_SERVICE, _HERE, org, aws, regions=(org.home_region,))
        if found := resource_policy.observed(_statements(org).keys(), aws):
            yield Resource(Address("delegation", _HERE), found)
        address = Address("policy", _HERE, self.config.policy)
        for region in org.regions:
            if not aws.offers("securityhub", region):
                yield Unavailable(address, ("regions", region), f"Security Hub is not offered in {region}.")
        policy = policies.find(self.config.policy, _TYPE, organizations)
        if policy is not None:
            content = policies.said(policy, organizations)
            yield Resource(address, {"description": policy.description, **_said(content, self._regions(org))})
        for name in self.config.attach_to:
            if not policies.is_known(name, org):
                yield policies.unknown(name, _HERE)
        if policy is not None:
            for name in policies.targets(policy, org, organizations):
                yield Resource(Address("attachment", _HERE, name), {"policy": policy.name})


def _statements(org: Org) -> dict[str, Statement]:
    """What the administrator may do with the organization's Security Hub policies, by the ids of statements of ours.

    They allow what those of the console do:
    https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-policy-statement.html.
    """
    allowing = partial(resource_policy.allowing, org.security_tooling, org=org)
    read = ("Organization", "OrganizationalUnit", "Account", "Policy", "EffectivePolicy", "ResourcePolicy")
    lists = ("Roots", "OrganizationalUnitsForParent", "Parents", "Children", "Accounts", "AccountsForParent")
    of_policies = ("Policies", "PoliciesForTarget", "TargetsForPolicy", "TagsForResource", "DelegatedAdministrators")
    mine = "policy/securityhub_policy/*"
    changes = ("Create", "Update", "Delete", "Attach", "Detach")
    types = ("EnablePolicyType", "DisablePolicyType")
    of_this_type = {"StringLikeIfExists": {"organizations:PolicyType": [_TYPE]}}
    return {
        "SraBootstrapSecurityHubRead": allowing(
            actions=[*(f"Describe{what}" for what in read), *(f"List{what}" for what in (*lists, *of_policies))],
            resources=["*"],
        ),
        "SraBootstrapSecurityHubPolicies": allowing(
            actions=[*(f"{change}Policy" for change in changes), *types],
            resources=["root/*", "ou/*", "account/*", mine],
            conditions=of_this_type,
        ),
        "SraBootstrapSecurityHubTags": allowing(actions=["TagResource", "UntagResource"], resources=[mine]),
    }


def _observe_account(at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    securityhub: SecurityHubClient = aws.client("securityhub", at)
    if not _is_on(securityhub):
        return
    yield Resource(Address("hub", at), {"status": "ENABLED"})
    if at != Target(org.security_tooling, org.home_region) or len(org.regions) == 1:
        return
    address = Address("aggregator", at)
    for region in org.regions:
        if not aws.offers("securityhub", region):
            yield Unavailable(address, ("regions", region), f"Security Hub is not offered in {region}.")
    arn = _aggregator(securityhub)
    if arn is None:
        return
    home = arn.split(":")[3]
    if home != at.region:
        yield Obstacle(
            address,
            f"Security Hub aggregates findings in {home}, and does so in one region only.",
            f"Govern {home} as the home region; or delete the aggregator in the account {at.account}: aws securityhub "
            f"delete-aggregator-v2 --region {home} --aggregator-v2-arn {arn}.",
        )
        return
    linked = securityhub.get_aggregator_v2(AggregatorV2Arn=arn).get("LinkedRegions", [])
    yield Resource(address, {"regions": dict.fromkeys(linked, "LINKED")})


def _is_on(securityhub: SecurityHubClient) -> bool:
    try:
        securityhub.describe_security_hub_v2()
    except securityhub.exceptions.ResourceNotFoundException:
        return False
    return True


def _enable(at: Target, org: Org, securityhub: SecurityHubClient, organizations: OrganizationsClient) -> None:
    """Enable a hub. An account that a policy manages is refused, and if the policy enables the hub, it will be there.

    That refusal has no code of its own (https://github.com/primeharbor/org-kickstart), so Organizations is asked.
    """
    try:
        securityhub.enable_security_hub_v2()
    except securityhub.exceptions.AccessDeniedException:
        if not _is_enabled_by_policy(str(org.id_of(at.account)), at.region, organizations):
            raise


def _is_enabled_by_policy(account_id: str, region: str, organizations: OrganizationsClient) -> bool:
    try:
        answer = organizations.describe_effective_policy(PolicyType=_TYPE, TargetId=account_id)
    except organizations.exceptions.EffectivePolicyNotFoundException:
        return False
    lists = json.loads(answer["EffectivePolicy"]["PolicyContent"]).get("securityhub", {})
    enabled, disabled = ({region, _ALL} & {*lists.get(f"{what}_in_regions", ())} for what in ("enable", "disable"))
    return bool(enabled) and not disabled


def _aggregator(securityhub: SecurityHubClient) -> str | None:
    """The ARN of the only aggregator that an account can have, whatever the region."""
    found = (one["AggregatorV2Arn"] for one in securityhub.list_aggregators_v2()["AggregatorsV2"])
    return next(found, None)


def _link(change: Change, securityhub: SecurityHubClient) -> None:
    """Link regions to the home region, beside those that are linked already."""
    wanted = set(nested(change.after, "regions"))
    arn = _aggregator(securityhub)
    if arn is None:
        # The SDK sends a token with it, the same when it is sent again, so that no answer that gets lost matters.
        securityhub.create_aggregator_v2(RegionLinkingMode="SPECIFIED_REGIONS", LinkedRegions=sorted(wanted))
        return
    linked = securityhub.get_aggregator_v2(AggregatorV2Arn=arn).get("LinkedRegions", [])
    securityhub.update_aggregator_v2(
        AggregatorV2Arn=arn, RegionLinkingMode="SPECIFIED_REGIONS", LinkedRegions=sorted(wanted | set(linked))
    )


def _content(regions: Iterable[str]) -> dict[str, Any]:
    lists = {"enable_in_regions": {"@@assign": sorted(regions)}, "disable_in_regions": {"@@assign": []}}
    return {"securityhub": lists}


def _said(content: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Value]:
    """What a policy enables of what is wanted, in whatever order; `others` is all that it says beyond."""
    block = content.get("securityhub", {})
    enabling = block.get("enable_in_regions", {})
    listed = set(enabling.get("@@assign", ()))
    beyond = {"enable_in_regions": {**enabling, "@@assign": sorted(listed - set(wanted))}}
    rest = {**content, "securityhub": {**block, **beyond}}
    others = () if rest == _content(()) else (json.dumps(rest, sort_keys=True),)
    return {"regions": dict.fromkeys(sorted(listed & set(wanted)), "ENABLED"), "others": others}
