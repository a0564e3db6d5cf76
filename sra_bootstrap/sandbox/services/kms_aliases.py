"""AWS KMS: aliases, each of which leads to one key.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import kms_backends
from moto.kms.utils import RESERVED_ALIASES

from sra_bootstrap.sandbox.extension import Call, check, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services.kms import paged
from sra_bootstrap.sandbox.services.kms_access import key_of

_MOST = 50
"""Per key: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""


@operation("kms", "CreateAlias")
def create_alias(call: Call, *, AliasName: str, TargetKeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html.

    Raises:
        AwsFault: there is such an alias, it is a name of AWS's own, or the key has too many.
    """
    backend, key = kms_backends[call.account_id][call.region], key_of(call, TargetKeyId)
    if backend.alias_exists(AliasName):
        arn = f"arn:{call.partition}:kms:{call.region}:{call.account_id}:{AliasName}"
        raise AwsFault("AlreadyExistsException", f"An alias with the name {arn} already exists")
    if len(key.aliases) >= _MOST:
        raise AwsFault("LimitExceededException", f"{key.arn} has {_MOST} aliases already.")
    alias = backend.create_alias(key.id, AliasName)
    alias.created = alias.updated = moment()


@operation("kms", "UpdateAlias")
def update_alias(call: Call, *, AliasName: str, TargetKeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html.

    Raises:
        AwsFault: there is no such alias, or it is a name of AWS's own.
    """
    key_of(call, AliasName)
    alias = kms_backends[call.account_id][call.region].update_alias(key_of(call, TargetKeyId).id, AliasName)
    alias.updated = moment()


@check("kms", "CreateAlias", "UpdateAlias", "DeleteAlias")
def name_is_ones_own(call: Call, *, AliasName: str, TargetKeyId: str = "", **_: Any) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html#API_CreateAlias_RequestParameters.

    Raises:
        AwsFault: it is none of an alias, or one of AWS's own, or the alias would be one of an alias.
    """
    if AliasName.startswith("alias/aws/"):
        raise AwsFault("NotAuthorizedException", "")
    if not AliasName.startswith("alias/") or len(AliasName) > 256:
        raise AwsFault("ValidationException", "Invalid identifier")
    if "alias/" in TargetKeyId:
        raise AwsFault("ValidationException", "Aliases must refer to keys. Not aliases")


@operation("kms", "ListAliases")
def list_aliases(call: Call, *, KeyId: str | None = None, Limit: int = 50, Marker: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html: AWS's own come before their keys."""
    backend = kms_backends[call.account_id][call.region]
    key_id = None if KeyId is None else key_of(call, KeyId).id
    found = [_described(alias) for alias in backend.list_aliases(key_id)]
    named = {alias["AliasName"] for alias in found}
    prefix = f"arn:{call.partition}:kms:{call.region}:{call.account_id}"
    if KeyId is None:
        own = (name for name in RESERVED_ALIASES if name not in named)
        found += [{"AliasName": name, "AliasArn": f"{prefix}:{name}"} for name in own]
    return paged("Aliases", sorted(found, key=lambda alias: str(alias["AliasName"])), Limit, Marker)


def _described(alias: Any) -> dict[str, Any]:
    described = {"AliasName": alias.alias_name, "AliasArn": alias.alias_arn, "TargetKeyId": alias.target_key_id}
    dates = {"CreationDate": "created", "LastUpdatedDate": "updated"}
    return described | {name: getattr(alias, kept) for name, kept in dates.items() if hasattr(alias, kept)}
