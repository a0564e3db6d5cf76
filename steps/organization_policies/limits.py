"""How many policies are attached to one entity, those of others among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sra_bootstrap.model import Obstacle
from sra_bootstrap.org import Org
from steps.common.policies import as_known, target_id_of
from steps.common.policy_types import PolicyType, most
from steps.organization_policies.settings import Attachment

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


def obstacles(
    missing: Iterable[Attachment],
    leaving: Collection[Attachment],
    there: Mapping[PolicyType, Collection[str]],
    org: Org,
    organizations: OrganizationsClient,
) -> Iterator[Obstacle]:
    """The attachments that are missing and that an entity has no room for, when those that are leaving have left it.

    `there` are the names of all policies of each type: an entity is not asked for so few that it has room for all.
    """
    wanted: defaultdict[tuple[PolicyType, str], list[Attachment]] = defaultdict(list)
    for attachment in missing:
        wanted[attachment.policy.type, attachment.target].append(attachment)
    gone = {(attachment.policy.name, attachment.target) for attachment in leaving}
    for (policy_type, target), attachments in wanted.items():
        target_id, at_most = target_id_of(target, org), most(policy_type)
        names = {*there.get(policy_type, ()), *(attachment.policy.name for attachment in attachments)}
        if target_id is None or len(names) <= at_most:
            continue
        paginator = organizations.get_paginator("list_policies_for_target")
        pages = paginator.paginate(TargetId=target_id, Filter=as_known(policy_type))
        attached = [policy["Name"] for page in pages for policy in page["Policies"]]
        staying = [name for name in attached if (name, target) not in gone]
        for attachment in attachments[max(at_most - len(staying), 0) :]:
            yield Obstacle(
                attachment.address,
                f"{target} may have {at_most} policies of the type {policy_type}, and has {', '.join(staying)}.",
                "Detach one of them, or let one policy say what two of them do.",
            )
