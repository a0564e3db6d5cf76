"""AWS IAM Identity Center: who of the people signs in to which account, and with which permissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sra_bootstrap.aws import Reader, Writer, known_regions
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import (
    MANAGEMENT,
    Action,
    Address,
    Change,
    Note,
    Observation,
    Obstacle,
    Resource,
    Target,
    Unavailable,
)
from sra_bootstrap.org import Delegation, Org
from sra_bootstrap.step import Finding, Step
from steps.identity_center import assignments, groups, instance, permission_sets, settings
from steps.identity_center.assignments import Pair
from steps.identity_center.instance import Instance
from steps.identity_center.settings import Section

_PRINCIPAL = "sso.amazonaws.com"


class IdentityCenter(Step[Section]):
    """Let people sign in once, to every account, instead of having IAM users in each.

    The SRA delegates the administration of IAM Identity Center to the shared services account. Only the console can
    enable it for an organization; where that has not been done, the plan says how, and nothing else is held up.
    Permission sets, groups and assignments are as config.yaml has them; by default it has none.
    """

    Config = Section

    id = "identity_center"
    after = ("accounts", "trusted_access")
    trusted_access = (_PRINCIPAL,)
    delegates = (_PRINCIPAL,)
    kept = {
        "instance": "Only a person can delete it, and with it every user, group and assignment.",
        "group": "Who is in it would be lost with it.",
    }
    reads = frozenset(
        {
            "identitystore:DescribeGroup",
            "identitystore:GetGroupId",
            "sso:DescribePermissionSet",
            "sso:GetInlinePolicyForPermissionSet",
            "sso:GetPermissionsBoundaryForPermissionSet",
            "sso:ListAccountAssignmentsForPrincipal",
            "sso:ListAccountsForProvisionedPermissionSet",
            "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
            "sso:ListInstances",
            "sso:ListManagedPoliciesInPermissionSet",
            "sso:ListPermissionSets",
            "sso:ListTagsForResource",
        }
    )
    writes = frozenset(
        {
            "identitystore:CreateGroup",
            "identitystore:UpdateGroup",
            "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
            "sso:AttachManagedPolicyToPermissionSet",
            "sso:CreateAccountAssignment",
            "sso:CreatePermissionSet",
            "sso:DeleteAccountAssignment",
            "sso:DeleteInlinePolicyFromPermissionSet",
            "sso:DeletePermissionSet",
            "sso:DeletePermissionsBoundaryFromPermissionSet",
            "sso:DescribeAccountAssignmentCreationStatus",
            "sso:DescribeAccountAssignmentDeletionStatus",
            "sso:DescribePermissionSetProvisioningStatus",
            "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet",
            "sso:DetachManagedPolicyFromPermissionSet",
            "sso:ProvisionPermissionSet",
            "sso:PutInlinePolicyToPermissionSet",
            "sso:PutPermissionsBoundaryToPermissionSet",
            "sso:TagResource",
            "sso:UpdatePermissionSet",
        }
    )
    # What was assigned until a moment ago: https://github.com/hashicorp/terraform-provider-aws/issues/26757
    not_yet = {"sso-admin:DeletePermissionSet": frozenset({"ConflictException"})}
    considerations = (
        "Only the console enables it for an organization: CreateInstance is refused in the management account.",
        "It is in one region, which cannot be changed without losing everything in it.",
        "All is done from the management account: the delegated administrator cannot manage what is provisioned in it.",
        "Use permission sets of their own for the management account, so that the administrator can change the others.",
        "A permission set of a name that is there is taken over; do not name those of AWS Control Tower.",
        "What config.yaml no longer names stays as it is: the plan lists it, and a person takes it away.",
        "With an external identity provider, make groups there: here they are only named in assignments.",
        "A policy that a permission set refers to must be in each of its accounts before it is assigned there.",
        "To assign permission sets in the management account, AWS wants rights in IAM of the caller too.",
        "Destroying keeps trusted access and the administrator: without trusted access, nobody could sign in.",
    )
    irreversible = "Destroying takes access away from people at once, this tool's operators included."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/shared-services.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/enable-identity-center.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html",
        "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html",
    )

    config: Section

    def problems(self, org: Org) -> Iterable[Finding]:
        """A region that there is not, and what does not fit together."""
        if self.config.region is not None and self.config.region not in known_regions():
            yield ("region",), f'there is no region "{self.config.region}"'
        yield from settings.problems(self.config, org)

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """The shared services account administers it, not the security tooling account."""
        yield Delegation(_PRINCIPAL, org.shared_services, kept=True)

    def desired(self, org: Org) -> Iterable[Resource]:
        """The instance, which is there or not; then groups, permission sets, and who has which of them where."""
        at = Target(MANAGEMENT, self.config.region or org.home_region)
        yield Resource(instance.address(at))
        for name, group in self.config.groups.items():
            yield groups.desired(at, name, group)
        for name, one in self.config.permission_sets.items():
            yield permission_sets.desired(at, name, one)
        for pair, accounts in self._assignments(org).items():
            yield assignments.desired(at, pair, accounts)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The instance and what is in it; where there is none, what to do."""
        there = instance.found(at, org, aws)
        if there is None:
            yield Unavailable(instance.address(at), (), f"{instance.missing(at)} {instance.remedy(at)}")
            for resource in self.desired(org):
                if resource.address != instance.address(at):
                    yield Obstacle(resource.address, instance.missing(at), instance.remedy(at))
            return
        yield Resource(instance.address(at))
        ids: dict[str, str | None] = {}
        for name, group in self.config.groups.items():
            found = ids[name] = groups.id_of(name, there)
            if found is not None:
                yield groups.observed(name, group, found, there)
        if not self.config.permission_sets:
            return
        sets: dict[str, str] = {}
        for one in permission_sets.described(there):
            sets[one["PermissionSetArn"]] = one["Name"]
            wanted = self.config.permission_sets.get(one["Name"])
            if wanted is None:
                about = {"description": one.get("Description", ""), "session_duration": one["SessionDuration"]}
                yield Resource(permission_sets.address(at, one["Name"]), about)
            else:
                yield permission_sets.observed(one, wanted, there)
        for name in dict.fromkeys(one.group for one in self.config.assignments):
            if name not in ids:
                ids[name] = groups.id_of(name, there)
            yield from self._observe_group(name, ids[name], sets, there)

    def _observe_group(
        self, name: str, group_id: str | None, sets: dict[str, str], there: Instance
    ) -> Iterator[Observation]:
        """What a group has; of one that is not there and that config.yaml does not make, that nothing can be given."""
        wanted = {pair: accounts for pair, accounts in self._assignments(there.org).items() if pair[0] == name}
        if group_id is None:
            if name not in self.config.groups:
                for pair in wanted:
                    yield _no_group(assignments.address(there.at, pair), name)
            return
        for permission_set, accounts in assignments.observed(group_id, sets, there).items():
            pair = (name, permission_set)
            yield assignments.there_are(there.at, pair, accounts, wanted.get(pair, ()))
            beyond = sorted(set(accounts) & set(there.org.members()) - set(wanted.get(pair, accounts)))
            if beyond:
                yield Note(
                    f"The group {name} has the permission set {permission_set} in {', '.join(beyond)} too, where "
                    "config.yaml does not give it: it stays there until somebody takes it away."
                )

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change, from the management account."""
        there = instance.existing(change.address.at, org, aws)
        match change.address.kind, change.action:
            case "group", _:
                groups.put(change, self.config.groups[change.address.name], there)
            case "permission-set", Action.DELETE:
                permission_sets.delete(change, there, aws)
            case "permission-set", _:
                permission_sets.put(change, self.config.permission_sets[change.address.name], there, aws)
            case "assignments", _:
                self._assign(change, there, aws)

    def _assignments(self, org: Org) -> dict[Pair, tuple[str, ...]]:
        return assignments.wanted(self.config.assignments, org)

    def _assign(self, change: Change, there: Instance, aws: Writer) -> None:
        pairs = {assignments.address(there.at, pair): pair for pair in self._assignments(there.org)}
        group, permission_set = pairs[change.address]
        group_id = groups.id_of(group, there)
        if group_id is None:
            raise RefusalError(f"There is no group {group} any more.", "Plan again.")
        arn = permission_sets.arn_of(permission_set, there, aws)
        assignments.change_accounts(change, group_id, arn, there, aws)


def _no_group(address: Address, name: str) -> Obstacle:
    return Obstacle(
        address,
        f"There is no group {name} in IAM Identity Center.",
        "Make it where your groups come from, or name it in `groups` to have it made here.",
    )
