"""Permission sets: what they should say, what they say, and what is in accounts of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import reason_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Value
from steps.identity_center.instance import SECONDS, Instance, past_conflicts
from steps.identity_center.settings import Boundary, PermissionSet

_OF_ITSELF = {"description", "session_duration", "relay_state"}


def address(at: Target, name: str) -> Address:
    """The address of a permission set."""
    return Address("permission-set", at, name)


def desired(at: Target, name: str, one: PermissionSet) -> Resource:
    """A permission set as config.yaml says it; without a description it may have any, and others' tags stay."""
    attrs: dict[str, Value] = {
        "session_duration": one.session_duration,
        "relay_state": one.relay_state,
        "aws_managed_policies": tuple(sorted(one.aws_managed_policies)),
        "customer_managed_policies": tuple(sorted(policy.told for policy in one.customer_managed_policies)),
        "inline_policy": _plain(one.inline()),
        "permissions_boundary": _boundary_told(one.permissions_boundary),
        "outdated_in": (),
    }
    if one.description:
        attrs["description"] = one.description
    if one.tags:
        attrs["tags"] = dict(one.tags)
    return Resource(address(at, name), attrs)


def _plain(value: Any) -> Value:
    """A policy as a plan holds it: lists as tuples, and no fractions."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def _boundary_told(boundary: Boundary | None) -> str | None:
    if boundary is None:
        return None
    return boundary.aws_managed if boundary.customer_managed is None else boundary.customer_managed.told


def described(there: Instance) -> Iterator[Mapping[str, Any]]:
    """Every permission set there is, as AWS describes it: no call finds one by its name, or tells more than one."""
    for page in there.sso.get_paginator("list_permission_sets").paginate(InstanceArn=there.arn):
        for arn in page["PermissionSets"]:
            answer = there.sso.describe_permission_set(InstanceArn=there.arn, PermissionSetArn=arn)
            yield answer["PermissionSet"]


def arn_of(name: str, there: Instance, aws: Reader) -> str:
    """The ARN of a permission set; all are asked for once for all changes of a round.

    Raises:
        RefusalError: there is none of this name any more.
    """

    def ask() -> dict[str, str]:
        return {one["Name"]: one["PermissionSetArn"] for one in described(there)}

    found = _made(there, aws).get(name) or aws.once(f"permission sets of {there.arn}", ask).get(name)
    if found is None:
        raise RefusalError(f"There is no permission set {name} any more.", "Plan again.")
    return found


def _made(there: Instance, aws: Reader) -> dict[str, str]:
    """The ARNs of the permission sets that were made in this round, by name."""
    made: dict[str, str] = aws.once(f"permission sets made in {there.arn}", dict)
    return made


def observed(one: Mapping[str, Any], wanted: PermissionSet, there: Instance) -> Resource:
    """What a permission set says, and the active accounts that it is not provisioned in as it says it now."""
    which = {"InstanceArn": there.arn, "PermissionSetArn": one["PermissionSetArn"]}
    sso, org = there.sso, there.org
    inline = sso.get_inline_policy_for_permission_set(**which).get("InlinePolicy")
    attrs: dict[str, Value] = {
        "description": one.get("Description", ""),
        "session_duration": one["SessionDuration"],
        "relay_state": one.get("RelayState") or None,
        "aws_managed_policies": tuple(sorted(_aws_managed(sso, which, org))),
        "customer_managed_policies": tuple(sorted(_customer_managed(sso, which))),
        "inline_policy": _plain(json.loads(inline)) if inline else None,
        "permissions_boundary": _boundary(sso, which, org),
        "outdated_in": tuple(sorted(_outdated(sso, which, org))),
    }
    if wanted.tags:
        tags = {"InstanceArn": there.arn, "ResourceArn": one["PermissionSetArn"]}
        pages = sso.get_paginator("list_tags_for_resource").paginate(**tags)
        attrs["tags"] = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return Resource(address(there.at, one["Name"]), attrs)


def _prefix(org: Org) -> str:
    return f"arn:{org.partition}:iam::aws:policy/"


def _aws_managed(sso: Any, which: Mapping[str, str], org: Org) -> Iterator[str]:
    for page in sso.get_paginator("list_managed_policies_in_permission_set").paginate(**which):
        yield from (policy["Arn"].removeprefix(_prefix(org)) for policy in page["AttachedManagedPolicies"])


def _customer_managed(sso: Any, which: Mapping[str, str]) -> Iterator[str]:
    pages = sso.get_paginator("list_customer_managed_policy_references_in_permission_set").paginate(**which)
    for page in pages:
        yield from (_reference_told(one) for one in page["CustomerManagedPolicyReferences"])


def _reference_told(reference: Mapping[str, str]) -> str:
    return f"{reference.get('Path', '/')}{reference['Name']}"


def _reference(told: str) -> dict[str, str]:
    path, _, name = told.rpartition("/")
    return {"Name": name, "Path": f"{path}/"}


def _boundary(sso: Any, which: Mapping[str, str], org: Org) -> str | None:
    try:
        there = sso.get_permissions_boundary_for_permission_set(**which).get("PermissionsBoundary", {})
    except sso.exceptions.ResourceNotFoundException:
        # So it answers for a permission set that has none.
        return None
    if "CustomerManagedPolicyReference" in there:
        return _reference_told(there["CustomerManagedPolicyReference"])
    found: str | None = there.get("ManagedPolicyArn")
    return found and found.removeprefix(_prefix(org))


def _outdated(sso: Any, which: Mapping[str, str], org: Org) -> Iterator[str]:
    active = set(org.members())
    pages = sso.get_paginator("list_accounts_for_provisioned_permission_set").paginate(
        **which, ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED"
    )
    for page in pages:
        yield from (name for name in map(org.name_of, page["AccountIds"]) if name in active)


def put(change: Change, one: PermissionSet, there: Instance, aws: Writer) -> None:
    """Make a permission set or change what differs, and have it in all accounts that it is in.

    Raises:
        RefusalError: AWS could not provision it everywhere.
    """
    name, sso, org = change.address.name, there.sso, there.org
    arn = _created(name, one, there) if change.action is Action.CREATE else None
    new = arn is not None
    if arn is None:
        arn = arn_of(name, there, aws)
    else:
        _made(there, aws)[name] = arn
    which = {"InstanceArn": there.arn, "PermissionSetArn": arn}
    if not new and _OF_ITSELF & change.after.keys():
        sso.update_permission_set(**which, **_of_itself(one))
    if not new and "tags" in change.after:
        tags = [{"Key": key, "Value": value} for key, value in one.tags.items()]
        sso.tag_resource(InstanceArn=there.arn, ResourceArn=arn, Tags=tags)
    if "aws_managed_policies" in change.after:
        _put_aws_managed(sso, which, set(one.aws_managed_policies), org, new=new)
    if "customer_managed_policies" in change.after:
        _put_customer_managed(sso, which, {policy.told for policy in one.customer_managed_policies}, new=new)
    if "inline_policy" in change.after:
        _put_inline(sso, which, one.inline(), new=new)
    if "permissions_boundary" in change.after:
        _put_boundary(sso, which, one.permissions_boundary, org, new=new)
    if not new and change.after.keys() != {"tags"}:
        _provision(which, name, there, aws)


def _of_itself(one: PermissionSet) -> dict[str, str]:
    """All that it says of itself: AWS clears a relay state that is not sent."""
    told = {"Description": one.description, "SessionDuration": one.session_duration, "RelayState": one.relay_state}
    return {key: value for key, value in told.items() if value}


def _created(name: str, one: PermissionSet, there: Instance) -> str | None:
    """The ARN of a permission set that was made, or None where somebody has made one of its name."""
    tags = {"Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()]} if one.tags else {}
    try:
        answer = there.sso.create_permission_set(InstanceArn=there.arn, Name=name, **_of_itself(one), **tags)
    except there.sso.exceptions.ConflictException:
        return None
    arn: str = answer["PermissionSet"]["PermissionSetArn"]
    return arn


def _put_aws_managed(sso: Any, which: Mapping[str, str], wanted: set[str], org: Org, *, new: bool) -> None:
    there = set() if new else set(_aws_managed(sso, which, org))
    for name in sorted(there - wanted):
        sso.detach_managed_policy_from_permission_set(**which, ManagedPolicyArn=_prefix(org) + name)
    for name in sorted(wanted - there):
        sso.attach_managed_policy_to_permission_set(**which, ManagedPolicyArn=_prefix(org) + name)


def _put_customer_managed(sso: Any, which: Mapping[str, str], wanted: set[str], *, new: bool) -> None:
    there = set() if new else set(_customer_managed(sso, which))
    for told in sorted(there - wanted):
        reference = {"CustomerManagedPolicyReference": _reference(told)}
        sso.detach_customer_managed_policy_reference_from_permission_set(**which, **reference)
    for told in sorted(wanted - there):
        reference = {"CustomerManagedPolicyReference": _reference(told)}
        sso.attach_customer_managed_policy_reference_to_permission_set(**which, **reference)


def _put_inline(sso: Any, which: Mapping[str, str], policy: Mapping[str, Any] | None, *, new: bool) -> None:
    if policy is not None:
        sso.put_inline_policy_to_permission_set(**which, InlinePolicy=json.dumps(policy))
    elif not new:
        sso.delete_inline_policy_from_permission_set(**which)


def _put_boundary(sso: Any, which: Mapping[str, str], boundary: Boundary | None, org: Org, *, new: bool) -> None:
    if boundary is None:
        if not new:
            _delete_boundary(sso, which)
        return
    policy: dict[str, Any] = {"ManagedPolicyArn": f"{_prefix(org)}{boundary.aws_managed}"}
    if boundary.customer_managed is not None:
        policy = {"CustomerManagedPolicyReference": _reference(boundary.customer_managed.told)}
    sso.put_permissions_boundary_to_permission_set(**which, PermissionsBoundary=policy)


def _delete_boundary(sso: Any, which: Mapping[str, str]) -> None:
    try:
        sso.delete_permissions_boundary_from_permission_set(**which)
    except sso.exceptions.ResourceNotFoundException:
        # It has gone since it was planned.
        return


def _provision(which: Mapping[str, str], name: str, there: Instance, aws: Writer) -> None:
    """Have it everywhere as it is now, and wait for it: only the status of the request tells why it fails."""

    def ask() -> Any:
        return there.sso.provision_permission_set(**which, TargetType="ALL_PROVISIONED_ACCOUNTS")

    status = past_conflicts(ask, there, aws)
    request = {
        "InstanceArn": which["InstanceArn"],
        "ProvisionPermissionSetRequestId": status["PermissionSetProvisioningStatus"]["RequestId"],
    }

    def look() -> Mapping[str, Any]:
        found: Mapping[str, Any] = there.sso.describe_permission_set_provisioning_status(**request)
        told: Mapping[str, Any] = found["PermissionSetProvisioningStatus"]
        return told

    ended = aws.poll(look, lambda told: told["Status"] != "IN_PROGRESS", SECONDS)
    if ended["Status"] == "IN_PROGRESS":
        text = f"AWS has not provisioned the permission set {name} in its accounts after {SECONDS} seconds."
        raise RefusalError(text, "Run it again in a while: it goes on where it has ended.")
    if ended["Status"] == "FAILED":
        text = f"The permission set {name} was not provisioned in all accounts: {ended.get('FailureReason', '')}"
        raise RefusalError(text, "Policies that it refers to must be in every account that it is assigned in.")


def delete(change: Change, there: Instance, aws: Writer) -> None:
    """Delete a permission set.

    Raises:
        RefusalError: it is assigned by others.
    """
    name = change.address.name
    arn = arn_of(name, there, aws)
    try:
        there.sso.delete_permission_set(InstanceArn=there.arn, PermissionSetArn=arn)
    except there.sso.exceptions.ResourceNotFoundException:
        return
    except there.sso.exceptions.ConflictException as error:
        text = f"The permission set {name} is assigned where config.yaml does not say it. {reason_of(error)}"
        raise RefusalError(text, "Take those assignments away, and run it again.") from error
