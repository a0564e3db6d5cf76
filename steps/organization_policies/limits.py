"""How many policies are attached to one entity, those of others among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from sra_bootstrap.model import Address, Obstacle
from sra_bootstrap.org import Org
from steps.common.policies import as_known, target_id_of
from steps.common.policy_types import PolicyType, most

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


def obstacles(
    missing: Mapping[Address, tuple[PolicyType, str]],
    leaving: Collection[tuple[str, str]],
    there: Mapping[PolicyType, int],
    org: Org,
    organizations: OrganizationsClient,
) -> Iterator[Obstacle]:
    """The attachments that an entity has no room for.

    `missing` are those that are to be made, each with its type and the name of the entity; `leaving` the names of
    policies, each with that of an entity that it is about to be detached from; `there` is how many policies of a type
    there are at all: where these are no more than an entity may have, it is not asked.
    """
    wanted: defaultdict[tuple[PolicyType, str], list[Address]] = defaultdict(list)
    for address, (policy_type, target) in missing.items():
        wanted[policy_type, target].append(address)
    for (policy_type, target), addresses in wanted.items():
        target_id = target_id_of(target, org)
        if target_id is None or there.get(policy_type, 0) + len(addresses) <= most(policy_type):
            continue
        pages = organizations.get_paginator("list_policies_for_target").paginate(
            TargetId=target_id, Filter=as_known(policy_type)
        )
        names = [policy["Name"] for page in pages for policy in page["Policies"]]
        staying = [name for name in names if (name, target) not in leaving]
        for address in addresses[max(most(policy_type) - len(staying), 0) :]:
            yield Obstacle(
                address,
                f"{target} has {len(staying)} of the {most(policy_type)} policies of the type {policy_type} that it "
                f"may have: {', '.join(staying)}.",
                "Detach one of them, or let one policy say what two of them do.",
            )
