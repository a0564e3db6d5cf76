"""Whether a change of a policy that is attached would lock somebody out: by what it denies, or allows no more.

Each of the root, the OUs and the account must allow what a member does. AWS attaches a policy to all of them that
allows everything. Only where somebody has detached that does it matter what a policy of ours has allowed, and allows no
more.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sra_bootstrap.errors import RefusalError
from sra_bootstrap.iam.document import MalformedError, Statement, restrictions
from sra_bootstrap.model import Address, Obstacle
from sra_bootstrap.org import Org
from steps.common import policies as there
from steps.common.policies import as_known, target_id_of
from steps.common.policy_types import PolicyType, of_aws
from steps.organization_policies.guard import Guard
from steps.organization_policies.settings import HERE, Attachment, Policy

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_SCP: PolicyType = "SERVICE_CONTROL_POLICY"


@dataclass(frozen=True)
class Allowances:
    """What is allowed where, once all policies say what they should.

    Attributes:
        wanted: our policies, by their names.
        locking: the attachments that would lock somebody out.
        removing: the names of the policies that will not be there any more.
    """

    guard: Guard
    wanted: Mapping[str, Policy]
    locking: Mapping[Attachment, Obstacle]
    removing: Collection[str]
    org: Org
    organizations: OrganizationsClient

    def obstacles(
        self, policy: Policy, content: Mapping[str, Any], targets: Iterable[str], *, differs: bool
    ) -> Iterator[Obstacle]:
        """Why a policy must not be changed as it should be.

        Args:
            policy: as it should be.
            content: what it says now.
            targets: the names of what it is attached to.
            differs: whether it should say something else.

        Raises:
            RefusalError: what a policy says is not to be understood.
        """
        address, leaving = Address("policy", HERE, policy.name), []
        for target in targets:
            attachment = Attachment(policy, target)
            if differs and attachment in self.locking:
                yield replace(self.locking[attachment], address=address)
            if differs or target not in policy.attach_to:
                leaving.append(target)
        if policy.type == _SCP:
            yield from self.without(policy.name, content, leaving, address)

    def without(
        self, name: str, content: Mapping[str, Any], targets: Iterable[str], address: Address
    ) -> Iterator[Obstacle]:
        """Why a service control policy must not stop saying what it does; AWS is asked only if that allows something.

        Raises:
            RefusalError: what a policy says is not to be understood.
        """
        allowing = [statement for statement in _statements(name, content) if statement.effect == "Allow"]
        for target in targets if allowing else ():
            for lost in self._lost(allowing, target):
                reason = f"Without what {name} says now we would be locked out: {lost}."
                yield Obstacle(address, reason, f"Attach {', '.join(of_aws(_SCP))} to {target} first.")

    def _lost(self, allowing: Sequence[Statement], target: str) -> Iterator[str]:
        """What nothing would allow any more."""
        target_id = target_id_of(target, self.org)
        if target_id is None:
            return
        paginator = self.organizations.get_paginator("list_policies_for_target")
        pages = paginator.paginate(TargetId=target_id, Filter=as_known(_SCP))
        attached = [
            there.Policy(one["Id"], one["Name"], one.get("Description", ""), one["AwsManaged"])
            for page in pages
            for one in page["Policies"]
        ]
        if not {one.name for one in attached if one.by_aws} & {*of_aws(_SCP)}:
            left = [statement for one in attached for statement in self._left(one, target)]
            yield from self.guard.no_longer_allowed(_SCP, target, allowing, left)

    def _left(self, one: there.Policy, target: str) -> Iterable[Statement]:
        """What a policy that is attached to something will say there."""
        ours = self.wanted.get(one.name)
        if one.name in self.removing:
            return ()
        if ours is None:
            return _statements(one.name, there.said(one, self.organizations))
        return self.guard.statements(ours) if target in ours.attach_to else ()


def _statements(name: str, content: Mapping[str, Any]) -> tuple[Statement, ...]:
    try:
        return restrictions(content)
    except MalformedError as error:
        text = f"What the policy {name} says is not to be understood: {error}."
        raise RefusalError(text, "Write it by AWS's grammar of its type.") from error
