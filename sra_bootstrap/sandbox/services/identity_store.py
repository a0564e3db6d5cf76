"""The identity store of IAM Identity Center: users and groups are moto's, in the one store that an organization has."""

from __future__ import annotations

from typing import Any

from moto.core.utils import get_service_model
from moto.identitystore.models import identitystore_backends

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.identity_center import Center, center_of


def _absent(kind: str, text: str) -> AwsFault:
    return AwsFault("ResourceNotFoundException", text, ResourceType=kind)


def groups_of(center: Center) -> dict[str, Any]:
    """The groups of a store, by their ids: moto's own."""
    groups: dict[str, Any] = _shared(center, center.management).groups
    return groups


def _shared(center: Center, account_id: str) -> Any:
    """What moto keeps of the store, wherever it is asked for: the owner's."""
    owners = identitystore_backends[center.management][center.region]
    kept = owners._IdentityStoreBackend__get_identity_store(center.store_id)  # noqa: SLF001 (moto has no public way)
    identitystore_backends[account_id][center.region].identity_stores[center.store_id] = kept
    return kept


@check("identitystore", *get_service_model("identitystore").operation_names)
def is_there(call: Call, IdentityStoreId: str = "", **_: Any) -> None:
    """A store is its organization's, in the region of the instance.

    Members may read it too: https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_GetGroupId.html.
    Who may write to it is not checked.

    Raises:
        AwsFault: there is none of this id.
    """
    center = center_of(call)
    if center is None or IdentityStoreId != center.store_id:
        raise _absent("IDENTITY_STORE", "IDENTITYSTORE not found.")
    _shared(center, call.account_id)


@operation("identitystore", "UpdateGroup")
def update_group(call: Call, IdentityStoreId: str, GroupId: str, Operations: list[dict[str, Any]], **_: Any) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_UpdateGroup.html.

    Raises:
        AwsFault: there is no such group, or another of its new name.
        NotImplementedError: an attribute is neither its name nor its description.
    """
    center = center_of(call)
    groups = {} if center is None else groups_of(center)
    if GroupId not in groups:
        raise _absent("GROUP", "GROUP not found.")
    for one in Operations:
        path, value = one["AttributePath"].lower(), one.get("AttributeValue", "")
        if path == "description":
            groups[GroupId] = groups[GroupId]._replace(Description=value)
        elif path == "displayname":
            if any(group.DisplayName == value for group_id, group in groups.items() if group_id != GroupId):
                reason = {"Reason": "UNIQUENESS_CONSTRAINT_VIOLATION"}
                raise AwsFault("ConflictException", "Duplicate GroupDisplayName", **reason)
            groups[GroupId] = groups[GroupId]._replace(DisplayName=value)
        else:
            raise NotImplementedError(f"the attribute {path}")
