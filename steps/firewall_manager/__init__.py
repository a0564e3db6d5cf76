"""AWS Firewall Manager, administered from the security tooling account, with the policies of config.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, Step, StepConfig
from steps.common.administrator import IMPLIED
from steps.common.offers import unoffered
from steps.firewall_manager import administrator, checks, policies
from steps.firewall_manager.settings import FirewallPolicy, FirewallSection

_NOT_DELEGATED = frozenset({"AccessDeniedException"})


class FirewallManager(Step[StepConfig]):
    """Administer firewalls in all accounts from the security tooling account, by policies that config.yaml names.

    The SRA makes the security tooling account the administrator of Firewall Manager. Its policies put AWS WAF, Shield
    Advanced, security groups, network ACLs, Network Firewall and DNS Firewall in place, in all accounts and those that
    join; which of these, and with which rules, depends on the workloads.
    """

    Config = FirewallSection

    id = "firewall_manager"
    after = ("accounts", "trusted_access")
    # Policies need AWS Config in every account that they are for, whoever records there.
    follows = ("config", "regions")
    trusted_access = (administrator.PRINCIPAL,)
    administers = (administrator.PRINCIPAL,)
    kept = {policies.REMOVED: "It is not there, or is for a run that does not destroy to delete."}
    reads = frozenset(
        {
            "fms:GetAdminAccount",
            "fms:GetPolicy",
            "fms:ListAdminAccountsForOrganization",
            "fms:ListPolicies",
        }
    )
    writes = frozenset(
        {
            "fms:AssociateAdminAccount",
            "fms:DeletePolicy",
            "fms:DisassociateAdminAccount",
            "fms:PutPolicy",
        }
    )
    in_members = frozenset(
        {
            "fms:DeletePolicy",
            "fms:DisassociateAdminAccount",
            "fms:GetPolicy",
            "fms:ListPolicies",
            "fms:PutPolicy",
        }
    )
    implied = IMPLIED
    # https://github.com/hashicorp/terraform-provider-aws/issues/23249
    not_yet = dict.fromkeys(("fms:GetPolicy", "fms:ListPolicies", "fms:PutPolicy"), _NOT_DELEGATED)
    considerations = (
        "One account is the administrator for all regions. It takes AWS some minutes to be ready.",
        "Further administrators, each with a scope of its own, are told of and left alone.",
        "A policy needs AWS Config in every account and region that it is for; without it, AWS does nothing there.",
        "A policy that config.yaml no longer names stays as it is; name it with delete: true to have it deleted.",
        "What a policy's data does not say is left as it is, for AWS adds to it; to unset something, let it be null.",
        "Destroying does not revoke the administrator as long as there are policies of others.",
    )
    costs = (
        "Nothing for the administrator. For each policy a monthly price in each region, beside what it puts in place, "
        "such as web ACLs and firewalls, and AWS Config; with Shield Advanced, its subscription and no price for "
        "policies of AWS WAF and Shield."
    )
    irreversible = (
        "When the administrator is revoked, AWS deletes all its policies, also in regions that are not governed. A "
        "policy that is deleted with delete_resources takes the protection of resources with it."
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/waf/latest/developerguide/fms-prereq.html",
        "https://docs.aws.amazon.com/waf/latest/developerguide/fms-administrators.html",
        "https://docs.aws.amazon.com/waf/latest/developerguide/working-with-policies.html",
        "https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_Policy.html",
    )

    config: FirewallSection

    def problems(self, org: Org) -> Iterable[Finding]:
        """What is wrong with the policies, and with the files that say what they say."""
        return checks.problems(self.config, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator, and each policy in each of its regions; last, which are to be gone."""
        yield administrator.desired(org)
        for removed in (False, True):
            for name, policy in self.config.policies.items():
                for region in _regions(policy, org) if policy.delete is removed else ():
                    yield policies.desired(name, policy, Target(org.security_tooling, region))

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """Who administers Firewall Manager, or the policies in one region."""
        if not aws.offers("fms", at.region):
            yield from unoffered(self.desired(org), at, "Firewall Manager")
        elif at.account == MANAGEMENT:
            yield from administrator.observe(org, aws)
        else:
            yield from self._observe_policies(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change."""
        match change.address.kind, change.action:
            case administrator.KIND, Action.DELETE:
                administrator.dismiss(change, self._every_region(org, aws), org, aws)
            case administrator.KIND, _:
                administrator.appoint(change, org, aws)
            case policies.KIND, Action.DELETE:
                policies.delete(change, self.config.policies[change.address.name], aws)
            case policies.KIND, _:
                policies.put(change, self.config.policies[change.address.name], org, aws)
            case policies.REMOVED, _:
                policies.delete(change, self.config.policies[change.address.name], aws)

    def _observe_policies(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        if administrator.is_ours(org, aws):
            # Before it is the administrator, it has no policies, and may not ask for them.
            wanted = {name: one for name, one in self.config.policies.items() if at.region in _regions(one, org)}
            yield from policies.observe(wanted, at, org, aws)

    def _every_region(self, org: Org, aws: Reader) -> list[str]:
        """Every region that may have policies, as far as config.yaml knows of it."""
        named = (region for policy in self.config.policies.values() for region in policy.regions)
        regions = dict.fromkeys((administrator.global_region(org), *org.regions, *named))
        return [region for region in regions if aws.offers("fms", region)]


def _regions(policy: FirewallPolicy, org: Org) -> tuple[str, ...]:
    return policy.regions or org.regions
