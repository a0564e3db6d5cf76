"""Groups of people, in the identity store of IAM Identity Center."""

from __future__ import annotations

from sra_bootstrap.model import Action, Address, Change, Resource, Target
from steps.identity_center.instance import Instance
from steps.identity_center.settings import Group


def address(at: Target, name: str) -> Address:
    """The address of a group that config.yaml has made."""
    return Address("group", at, name)


def desired(at: Target, name: str, group: Group) -> Resource:
    """A group; one without a description may have any."""
    return Resource(address(at, name), {"description": group.description} if group.description else {})


def id_of(name: str, there: Instance) -> str | None:
    """The id of a group, or None."""
    # As HashiCorp's provider spells it; AWS gives no list of paths.
    by_name = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
    try:
        answer = there.store.get_group_id(IdentityStoreId=there.store_id, AlternateIdentifier=by_name)
    except there.store.exceptions.ResourceNotFoundException as error:
        if error.response.get("ResourceType") == "IDENTITY_STORE":
            raise
        return None
    found: str = answer["GroupId"]
    return found


def observed(name: str, group: Group, group_id: str, there: Instance) -> Resource:
    """A group that is there; what it is for is only asked where config.yaml says it."""
    if not group.description:
        return Resource(address(there.at, name))
    answer = there.store.describe_group(IdentityStoreId=there.store_id, GroupId=group_id)
    return Resource(address(there.at, name), {"description": answer.get("Description", "")})


def put(change: Change, group: Group, there: Instance) -> None:
    """Make a group, or say anew what it is for."""
    name = change.address.name
    if change.action is Action.CREATE and _created(name, group, there):
        return
    group_id = id_of(name, there)
    if group.description and group_id is not None:
        operations = [{"AttributePath": "description", "AttributeValue": group.description}]
        there.store.update_group(IdentityStoreId=there.store_id, GroupId=group_id, Operations=operations)


def _created(name: str, group: Group, there: Instance) -> bool:
    """Make a group; tells whether there was none of its name."""
    about = {"Description": group.description} if group.description else {}
    try:
        there.store.create_group(IdentityStoreId=there.store_id, DisplayName=name, **about)
    except there.store.exceptions.ConflictException:
        return False
    return True
