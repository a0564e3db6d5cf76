"""The policies of Firewall Manager, known by their names in a region.

https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_Policy.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value
from steps.firewall_manager import content, listing
from steps.firewall_manager.settings import FirewallPolicy, PolicyScope

if TYPE_CHECKING:
    from mypy_boto3_fms import FMSClient

KIND = "policy"
REMOVED = "removed-policy"
_SEVERAL = "ResourceTypeList"
_PATIENCE = 60
"""How many seconds to try again while somebody else changes the same policy."""


def desired(name: str, policy: FirewallPolicy, at: Target) -> Resource:
    """A policy as a plan wants it, or that it is gone."""
    if policy.delete:
        return Resource(Address(REMOVED, at, name), {"policy": None})
    attrs: dict[str, Value] = {
        "type": policy.type,
        "description": policy.description,
        "resource_types": tuple(sorted(policy.resource_types)),
        "resource_tags": _tags(policy),
        "include": _told(policy.include),
        "exclude": _told(policy.exclude),
        "remediation_enabled": policy.remediation_enabled,
        "delete_unused_fm_managed_resources": policy.delete_unused_fm_managed_resources,
        "data": content.planned(content.data_of(policy)),
        "when_deleted": _fate(policy),
    }
    if policy.option is not None:
        attrs["option"] = content.planned(policy.option)
    return Resource(Address(KIND, at, name), attrs)


def observe(wanted: Mapping[str, FirewallPolicy], at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """The policies that are there, those of others included; of ours, what they say."""
    fms: FMSClient = aws.client("fms", at)
    found = listing.policies(fms)
    for name, policy in wanted.items():
        ours = [one for one in found if one.name == name]
        address = Address(REMOVED if policy.delete else KIND, at, name)
        yield from _in_the_way(address, policy, ours)
        if policy.delete:
            yield Resource(address, {"policy": f"{ours[0].type}; {_fate(policy)}" if ours else None})
        elif ours:
            yield Resource(address, _said(policy, fms.get_policy(PolicyId=ours[0].id)["Policy"], org))
    for other in found:
        if other.name not in wanted:
            yield Resource(Address(KIND, at, other.name), {"type": other.type})


def _in_the_way(address: Address, policy: FirewallPolicy, ours: list[listing.Listed]) -> Iterator[Obstacle]:
    name, region = address.name, address.at.region
    if len(ours) > 1:
        ids = " and ".join(one.id for one in ours)
        yield Obstacle(
            address,
            f"{len(ours)} policies are called {name}: {ids}.",
            f"Delete all but one of them: aws fms delete-policy --region {region} --policy-id ...",
        )
    elif ours and ours[0].type != policy.type:
        yield Obstacle(
            address,
            f"There is a policy {name} of the type {ours[0].type}, and a policy keeps its type.",
            f"Give this one another name, or delete that one: aws fms delete-policy --region {region} "
            f"--policy-id {ours[0].id}",
        )
    elif ours and not ours[0].in_scope:
        yield Obstacle(
            address,
            f"The policy {name} is out of the scope of the administrator, who cannot change it.",
            "Widen the scope, from the management account: aws fms put-admin-account",
        )


def put(change: Change, policy: FirewallPolicy, org: Org, aws: Writer) -> None:
    """Make a policy, or bring it to what is wanted; what config.yaml does not say of it stays.

    A policy is changed with the token of the version that was read. When somebody else was faster, or an answer got
    lost, it is another by then, and the policy is read again. The error for that is documented nowhere: it is one of
    those that a wrong policy gets.

    Raises:
        Exception: Firewall Manager does not take the policy.
    """
    at, name = change.address.at, change.address.name
    fms: FMSClient = aws.client("fms", at)
    refused = (fms.exceptions.InvalidOperationException, fms.exceptions.InvalidInputException)
    wanted = desired(name, policy, at).attrs

    def attempt() -> Exception | None:
        there = _find(name, fms)
        if there and _said(policy, there, org) == wanted:
            return None
        try:
            fms.put_policy(Policy=_request(name, policy, there, org))
        except refused as refusal:
            if _find(name, fms).get("PolicyUpdateToken") == there.get("PolicyUpdateToken"):
                raise
            return refusal
        return None

    refusal = aws.poll(attempt, lambda refusal: refusal is None, _PATIENCE)
    if refusal is not None:
        raise refusal


def delete(change: Change, policy: FirewallPolicy, aws: Writer) -> None:
    """Delete a policy, if it is there, and what AWS has put in place by it, if config.yaml says so."""
    fms: FMSClient = aws.client("fms", change.address.at)
    for one in listing.policies(fms):
        if one.name == change.address.name:
            fms.delete_policy(PolicyId=one.id, DeleteAllPolicyResources=policy.delete_resources)


def _fate(policy: FirewallPolicy) -> str:
    return "what it has put in place goes" if policy.delete_resources else "what it has put in place stays"


def _find(name: str, fms: FMSClient) -> Any:
    """The policy of a name; nothing is in it where there is none."""
    ids = (one.id for one in listing.policies(fms) if one.name == name)
    found = next(ids, None)
    return {} if found is None else fms.get_policy(PolicyId=found)["Policy"]


def _told(accounts: PolicyScope) -> Attrs:
    return {
        "accounts": tuple(sorted(accounts.accounts)),
        "organizational_units": tuple(sorted(accounts.organizational_units)),
    }


def _tags(policy: FirewallPolicy) -> Attrs:
    """The tags of a policy. How they are used is nothing to compare where there are none."""
    if not policy.resource_tags:
        return {"tags": ()}
    return {
        "tags": tuple(sorted(f"{key}={value}" for key, value in policy.resource_tags.items())),
        "exclude": policy.exclude_resource_tags,
        "operator": policy.resource_tag_operator,
    }


def _said(policy: FirewallPolicy, there: Any, org: Org) -> Attrs:
    """What a policy says, as far as config.yaml says anything of it."""
    security = there["SecurityServicePolicyData"]
    units = {unit_id: path for path, unit_id in org.existing.units.items()}
    attrs: dict[str, Value] = {
        "type": security["Type"],
        "description": there.get("PolicyDescription", ""),
        "resource_types": tuple(sorted(there.get(_SEVERAL) or [there["ResourceType"]])),
        "resource_tags": _said_tags(there),
        "remediation_enabled": there["RemediationEnabled"],
        "delete_unused_fm_managed_resources": there.get("DeleteUnusedFMManagedResources", False),
        "data": content.seen(json.loads(security.get("ManagedServiceData") or "{}"), content.data_of(policy)),
        "when_deleted": _fate(policy),
    }
    for side in ("include", "exclude"):
        ids = there.get(f"{side.title()}Map", {})
        attrs[side] = {
            "accounts": tuple(sorted(org.name_of(one) for one in ids.get("ACCOUNT", ()))),
            "organizational_units": tuple(sorted(units.get(one, one) for one in ids.get("ORG_UNIT", ()))),
        }
    if policy.option is not None:
        attrs["option"] = content.seen(security.get("PolicyOption", {}), policy.option)
    return attrs


def _said_tags(there: Any) -> Attrs:
    tags = there.get("ResourceTags", ())
    if not tags:
        return {"tags": ()}
    return {
        "tags": tuple(sorted(f"{tag['Key']}={tag.get('Value', '')}" for tag in tags)),
        "exclude": there["ExcludeResourceTags"],
        "operator": there.get("ResourceTagLogicalOperator", "AND"),
    }


def _request(name: str, policy: FirewallPolicy, there: Any, org: Org) -> Any:
    """A policy as AWS takes it: the one that is there, with what config.yaml says of it."""
    security = dict(there.get("SecurityServicePolicyData", {}))
    data = content.merged(json.loads(security.get("ManagedServiceData") or "{}"), content.data_of(policy))
    security["Type"] = policy.type
    if data:
        security["ManagedServiceData"] = content.written(data)
    if policy.option is not None:
        security["PolicyOption"] = content.merged(security.get("PolicyOption"), policy.option)
    types = list(policy.resource_types)
    kept = {key: value for key, value in there.items() if key not in {_SEVERAL, "PolicyStatus"}}
    tags = [{"Key": key, **({"Value": value} if value else {})} for key, value in policy.resource_tags.items()]
    return {
        **kept,
        "PolicyName": name,
        "PolicyDescription": policy.description,
        "SecurityServicePolicyData": security,
        "ResourceType": types[0] if len(types) == 1 else _SEVERAL,
        **({_SEVERAL: types} if len(types) > 1 else {}),
        "ResourceTags": tags,
        "ExcludeResourceTags": policy.exclude_resource_tags,
        "ResourceTagLogicalOperator": policy.resource_tag_operator,
        "RemediationEnabled": policy.remediation_enabled,
        "DeleteUnusedFMManagedResources": policy.delete_unused_fm_managed_resources,
        "IncludeMap": _ids(policy.include, org),
        "ExcludeMap": _ids(policy.exclude, org),
    }


def _ids(accounts: PolicyScope, org: Org) -> dict[str, list[str]]:
    """Accounts and OUs by their ids.

    Raises:
        RefusalError: one does not exist yet. Without it the policy would be for others than config.yaml says.
    """
    names = {org.name_of(account.id): account.id for account in org.live_accounts()}
    units = org.existing.units
    missing = [key for key in accounts.accounts if key not in names]
    missing += [path for path in accounts.organizational_units if path not in units]
    if missing:
        text = f"What the policy is for does not exist yet: {', '.join(missing)}."
        raise RefusalError(text, "Run the steps accounts and organizational_units first.")
    ids = {
        "ACCOUNT": [names[key] for key in accounts.accounts],
        "ORG_UNIT": [units[path] for path in accounts.organizational_units],
    }
    return {kind: found for kind, found in ids.items() if found}
