"""AWS KMS: which key a call means, whether it is in a state for it, and whether its policy admits the caller.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import re
from typing import Any

from moto.core.utils import get_service_model
from moto.kms.models import kms_backends

from sra_bootstrap.iam.document import parse
from sra_bootstrap.iam.request import Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from sra_bootstrap.sandbox.extension import Call, check
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.policy import facts

_ARN = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):(?P<account>\d{12}):(?P<id>(?:key|alias)/.+)")
_OF_OTHER_ACCOUNTS = {"Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"}
"""What the sandbox knows of what can be done with a key of another account, beside what is in the next."""
_OF_OTHER_ACCOUNTS_TOO = {
    *("CreateGrant", "DeriveSharedSecret", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
    *("GenerateMac", "GetPublicKey", "ListGrants", "ReEncrypt", "RevokeGrant", "Sign", "Verify", "VerifyMac"),
}
_ENABLED_ONLY = {
    *("Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt", "CreateGrant"),
    *("EnableKeyRotation", "DisableKeyRotation"),
}
_NOT_WHILE_PENDING_DELETION = _ENABLED_ONLY | {
    *("CreateAlias", "UpdateAlias", "EnableKey", "DisableKey", "ScheduleKeyDeletion"),
    *("TagResource", "UntagResource", "UpdateKeyDescription"),
}
_NAMES_OF_KEYS = {"KeyId", "TargetKeyId", "DestinationKeyId"}


def _names_a_key(operation_name: str) -> bool:
    shape: Any = get_service_model("kms").operation_model(operation_name).input_shape
    return shape is not None and not _NAMES_OF_KEYS.isdisjoint(shape.members)


def key_of(call: Call, named: str) -> Any:
    """The key with an id, an alias or the ARN of either, as moto keeps it.

    Raises:
        AwsFault: there is none.
    """
    parts = _ARN.fullmatch(named)
    account_id, region = (parts["account"], parts["region"]) if parts else (call.account_id, call.region)
    backend = kms_backends[account_id][region]
    name = parts["id"].removeprefix("key/") if parts else named
    key = backend.keys.get(backend.get_key_id_from_alias(name) if name.startswith("alias/") else name)
    if key is None or region != call.region:
        kind = "Alias" if name.startswith("alias/") else "Key"
        path = name if kind == "Alias" else f"key/{name}"
        arn = f"arn:{call.partition}:kms:{region}:{account_id}:{path}"
        text = f"Alias {arn} is not found." if kind == "Alias" else f"Key '{arn}' does not exist"
        raise AwsFault("NotFoundException", text)
    return key


@check("kms", *filter(_names_a_key, get_service_model("kms").operation_names))
def key_can_be_used(
    call: Call,
    *,
    KeyId: str | None = None,
    TargetKeyId: str | None = None,
    DestinationKeyId: str | None = None,
    EncryptionContext: dict[str, str] | None = None,
    **_: Any,
) -> None:
    """States: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.

    Raises:
        AwsFault: there is no such key, its policy does not admit the caller, or it is in a state that has no such use.
        NotImplementedError: the sandbox does not know the use of another account's key.
    """
    named = KeyId or TargetKeyId or DestinationKeyId
    if named is None:
        return
    key = key_of(call, named)
    _refuse_stranger(call, key)
    _refuse_unless_admitted(call, key, EncryptionContext or {})
    if key.key_state == "PendingDeletion" and call.operation in _NOT_WHILE_PENDING_DELETION:
        raise AwsFault("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_state != "PendingDeletion" and call.operation == "CancelKeyDeletion":
        raise AwsFault("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    if key.key_state == "Disabled" and call.operation in _ENABLED_ONLY:
        raise AwsFault("DisabledException", f"{key.arn} is disabled.")


def _refuse_stranger(call: Call, key: Any) -> None:
    """What cannot be done across accounts is refused as if there were no such key, which is guessed."""
    if call.account_id == key.account_id or call.operation in _OF_OTHER_ACCOUNTS:
        return
    if call.operation in _OF_OTHER_ACCOUNTS_TOO:
        raise NotImplementedError("a key of another account")
    raise AwsFault("NotFoundException", f"Key '{key.arn}' does not exist")


def _refuse_unless_admitted(call: Call, key: Any, encryption_context: dict[str, str]) -> None:
    caller = facts.caller_of(call)
    keys = condition_keys(
        {
            "kms:CallerAccount": call.account_id,
            "kms:EncryptionContextKeys": tuple(encryption_context),
            **{f"kms:EncryptionContext:{name}": value for name, value in encryption_context.items()},
        }
    )
    known = {**facts.of_caller(call), **facts.of_resource(key.account_id, key.region), **keys}
    action = f"kms:{call.operation}"
    verdict = judge(parse(key.policy), Request(caller, action, key.arn, known))
    if verdict is not Verdict.ADMITTED:
        why = "with an explicit deny in a resource-based policy"
        if verdict is Verdict.UNMENTIONED:
            why = f"because no resource-based policy allows the {action} action"
        text = f"User: {caller.arns[-1]} is not authorized to perform: {action} on resource: {key.arn} {why}"
        raise AwsFault("AccessDeniedException", text)
