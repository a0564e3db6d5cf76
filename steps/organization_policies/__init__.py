"""Organization policies of every type, as files beside config.yaml, and the ones that ship."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Finding, Step, StepConfig
from sra_bootstrap.values import Attrs, Value
from steps.common import policies as there
from steps.common.policy_types import EVERY, SERVICES, PolicyType
from steps.organization_policies import content, limits
from steps.organization_policies.allowances import Allowances
from steps.organization_policies.checks import problems
from steps.organization_policies.documents import parsed
from steps.organization_policies.guard import Guard
from steps.organization_policies.settings import HERE, MARK, Attachment, Policy, Section, policies_of
from steps.organization_policies.variables import filled, known

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_UNNAMED = Address("unnamed-policies", HERE)


class OrganizationPolicies(Step[StepConfig]):
    """Guard accounts by policies of the organization, attached to the root, OUs and accounts.

    The SRA guards accounts from the management account, where nobody else can change the guardrails: service control
    and resource control policies say what may be done at most, and the others declare how services are to be set up.
    Policies are files beside config.yaml, or ship with this tool.
    """

    Config = Section

    id = "organization_policies"
    after = ("accounts", "organizational_units", "policy_types")
    last = True
    kept = {"unnamed-policies": "Policies that config.yaml no longer names are left as they are."}
    reads = frozenset(
        {
            "organizations:DescribePolicy",
            "organizations:ListPolicies",
            "organizations:ListPoliciesForTarget",
            "organizations:ListTargetsForPolicy",
        }
    )
    writes = frozenset(
        {
            "organizations:AttachPolicy",
            "organizations:CreatePolicy",
            "organizations:DeletePolicy",
            "organizations:DetachPolicy",
            "organizations:UpdatePolicy",
        }
    )
    considerations = (
        "It comes behind all other steps, and what restricts most is attached last: it could lock out what is to come.",
        "A declarative policy at the root replaces a call in each account and region, and holds for later accounts.",
        "A policy is known by its name. It is attached to what config.yaml says: from anything else it is detached.",
        f"The descriptions of its policies end with {MARK}, by which it knows those that config.yaml no longer names.",
        "Neither service control nor resource control policies restrict the management account.",
        "What would lock this tool, or a break-glass role, out of a member is refused; what may is noted.",
    )
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/organizations.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
    )

    config: Section

    def types(self) -> Iterable[str]:
        """The types of the policies that config.yaml names."""
        return dict.fromkeys(policy.type for policy in policies_of(self.config))

    def principals(self) -> Iterable[str]:
        """The services whose trusted access these types need."""
        found = (SERVICES.get(policy.type) for policy in policies_of(self.config))
        return dict.fromkeys(principal for principal in found if principal is not None)

    def problems(self, org: Org) -> Iterable[Finding]:
        """What is wrong with the policies, and with the files that say what they say."""
        return problems(list(policies_of(self.config)), self.config.newer_actions, self.config.break_glass, org)

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every policy; then what each is attached to, the most restrictive last."""
        for policy in policies_of(self.config):
            yield Resource(Address("policy", HERE, policy.name), _wanted(policy, org))
        for policy in policies_of(self.config):
            yield from (attachment.resource for attachment in _attachments(policy, org))
        if self.config.remove_unnamed and org.live is not None:
            yield Resource(_UNNAMED, {"policies": ()})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The policies of each type that is enabled or wanted, and what ours are attached to."""
        organizations: OrganizationsClient = aws.client("organizations", at)
        wanted = {policy.name: policy for policy in policies_of(self.config)}
        enabled = {*org.existing.policy_types, *self.types()}
        types = [policy_type for policy_type in EVERY if policy_type in enabled]
        listed = {policy_type: list(there.listed(policy_type, organizations)) for policy_type in types}
        found: list[tuple[Policy, there.Policy]] = []
        for policy_type, live in ((kind, one) for kind in types for one in listed[kind]):
            policy = wanted.get(live.name)
            if policy is not None and policy.type == policy_type:
                found.append((policy, live))
            elif policy is not None:
                yield _of_another_type(policy, policy_type)
            elif not live.by_aws and there.OF_A_SERVICE not in live.description:
                about: Attrs = {"type": policy_type, "description": live.description}
                yield Resource(Address("policy", at, live.name), about)
        unnamed = self._unnamed(listed)
        targets = {policy.name: there.targets(live, org, organizations) for policy, live in found}
        attached = [Attachment(policy, target) for policy, _ in found for target in targets[policy.name]]
        elsewhere = [one for one in attached if one.target not in one.policy.attach_to]
        wished = [one for policy in wanted.values() for one in _attachments(policy, org)]
        yield from (one.resource for one in wished if one in attached)
        missing = [one for one in wished if one not in attached]
        names = {policy_type: [live.name for live in policies] for policy_type, policies in listed.items()}
        yield from limits.obstacles(missing, elsewhere, names, org, organizations)
        guard = Guard(org, self.config.break_glass)
        locking = guard.obstacles(wished)
        yield from (locking[one] for one in missing if one in locking)
        yield from guard.notes(wished)
        removing = [live.name for live in unnamed] if self.config.remove_unnamed else []
        allowances = Allowances(guard, wanted, locking, removing, org, organizations)
        for policy, live in found:
            document, should = there.said(live, organizations), _wanted(policy, org)
            says = content.said(policy.type, document, should)
            differs = any(should[key] != value for key, value in says.items())
            yield from allowances.obstacles(policy, document, targets[policy.name], differs=differs)
            beyond: Value = tuple(sorted(one.target for one in elsewhere if one.policy == policy))
            attrs: Attrs = {"type": policy.type, "description": live.description, "elsewhere": beyond, **says}
            yield Resource(Address("policy", at, policy.name), attrs)
        if self.config.remove_unnamed:
            for live in (one for one, policy_type in unnamed.items() if policy_type == "SERVICE_CONTROL_POLICY"):
                document, leaving = there.said(live, organizations), there.targets(live, org, organizations)
                yield from allowances.without(live.name, document, leaving, _UNNAMED)
            yield Resource(_UNNAMED, {"policies": tuple(sorted(removing))})
        else:
            yield from map(_left_alone, unnamed.items())

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Write a policy, and detach it from where it does not belong; or attach or remove one."""
        organizations: OrganizationsClient = aws.client("organizations", change.address.at)
        policies = {policy.name: policy for policy in policies_of(self.config)}
        match change.address.kind, change.action:
            case "policy", Action.DELETE:
                there.delete(change.address.name, policies[change.address.name].type, organizations)
            case "policy", _:
                _write(policies[change.address.name], change, org, organizations)
            case "attachment", action:
                attached = {**change.before, **change.after}
                policy, target = policies[str(attached["policy"])], str(attached["target"])
                there.change_attachment(action, policy.name, policy.type, target, org=org, organizations=organizations)
            case "unnamed-policies", _:
                names = change.before.get("policies", ())
                _remove(names if isinstance(names, tuple) else (), org, organizations)

    def _unnamed(self, listed: Mapping[PolicyType, Iterable[there.Policy]]) -> dict[there.Policy, PolicyType]:
        """What was made from config.yaml and is no longer named by it."""
        names = {policy.name for policy in policies_of(self.config)}
        return {
            live: policy_type
            for policy_type, policies in listed.items()
            for live in policies
            if live.description.endswith(MARK) and live.name not in names
        }


def _left_alone(unnamed: tuple[there.Policy, PolicyType]) -> Note:
    policy, policy_type = unnamed
    return Note(
        f"The policy {policy.name} of the type {policy_type} was made from config.yaml, which no longer names it: it "
        "stays as it is, and where it is attached. Set remove_unnamed to have it detached and deleted."
    )


def _wanted(policy: Policy, org: Org) -> Attrs:
    says = filled(parsed(policy.text).data, known(org))
    about: dict[str, Value] = {"type": policy.type, "description": policy.description, "elsewhere": ()}
    return {**about, **content.planned(policy.type, says)}


def _attachments(policy: Policy, org: Org) -> Iterator[Attachment]:
    """What a policy should be attached to, but for accounts that AWS has suspended.

    One that config.yaml does not name is not attached to what config.yaml does not have.
    """
    active = set(org.members())
    targets = (target for target in policy.attach_to if target not in org.accounts or target in active)
    if policy.recommended:
        targets = (target for target in targets if there.is_known(target, org))
    return (Attachment(policy, target) for target in targets)


def _of_another_type(policy: Policy, policy_type: PolicyType) -> Obstacle:
    return Obstacle(
        Address("policy", HERE, policy.name),
        f"There is a policy {policy.name} of the type {policy_type}, and a name is for one policy only.",
        "Give one of the two another name.",
    )


def _write(policy: Policy, change: Change, org: Org, organizations: OrganizationsClient) -> None:
    if change.after.keys() != {"elsewhere"}:
        says = filled(parsed(policy.text).data, known(org))
        there.put(policy.name, policy.type, policy.description, says, organizations)
    elsewhere = change.before.get("elsewhere", ())
    for target in elsewhere if isinstance(elsewhere, tuple) else ():
        there.change_attachment(
            Action.DELETE, policy.name, policy.type, str(target), org=org, organizations=organizations
        )


def _remove(names: Iterable[Value], org: Org, organizations: OrganizationsClient) -> None:
    """Detach policies from everything, and delete them."""
    for policy_type in (policy_type for policy_type in EVERY if policy_type in org.existing.policy_types):
        for policy in [one for one in there.listed(policy_type, organizations) if one.name in names]:
            for target_id in there.targets(policy, org, organizations).values():
                there.detach(policy, target_id, organizations)
            organizations.delete_policy(PolicyId=policy.id)
