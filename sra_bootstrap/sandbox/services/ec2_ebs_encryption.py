"""Amazon EC2: whether new EBS volumes are encrypted, and with which key, for an account and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.kms.models import kms_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault

OF_AWS = "alias/aws/ebs"
"""The key that AWS manages, as https://docs.aws.amazon.com/cli/latest/reference/ec2/get-ebs-default-kms-key-id.html."""


@dataclass
class EbsEncryption:
    """Whether encryption by default is on, and the key: AWS's own by its alias, any other by its ARN."""

    on: bool = False
    key: str = OF_AWS


@operation("ec2", "GetEbsEncryptionByDefault")
def get_ebs_encryption_by_default(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsEncryptionByDefault.html."""
    on = call.state(EbsEncryption).on
    return {"EbsEncryptionByDefault": on, "SseType": "sse-kms" if on else "none"}


@operation("ec2", "EnableEbsEncryptionByDefault")
def enable_ebs_encryption_by_default(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableEbsEncryptionByDefault.html."""
    call.state(EbsEncryption).on = True
    return {"EbsEncryptionByDefault": True}


@operation("ec2", "DisableEbsEncryptionByDefault")
def disable_ebs_encryption_by_default(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableEbsEncryptionByDefault.html."""
    call.state(EbsEncryption).on = False
    return {"EbsEncryptionByDefault": False}


@operation("ec2", "GetEbsDefaultKmsKeyId")
def get_ebs_default_kms_key_id(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsDefaultKmsKeyId.html."""
    return {"KmsKeyId": call.state(EbsEncryption).key}


@operation("ec2", "ModifyEbsDefaultKmsKeyId")
def modify_ebs_default_kms_key_id(call: Call, KmsKeyId: str, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyEbsDefaultKmsKeyId.html.

    That a key of the account which does not exist is refused at once, with this code, is guessed; one of another
    account is taken as it is.

    Raises:
        AwsFault: the account has no such key.
    """
    state = call.state(EbsEncryption)
    if KmsKeyId.endswith(OF_AWS):
        state.key = OF_AWS
    elif KmsKeyId.startswith("arn:") and f":{call.account_id}:" not in KmsKeyId:
        state.key = KmsKeyId
    else:
        kms = kms_backends[call.account_id][call.region]
        alias = KmsKeyId[KmsKeyId.find("alias/") :]
        key = kms.keys.get(kms.get_key_id_from_alias(alias) if "alias/" in KmsKeyId else kms.get_key_id(KmsKeyId))
        if key is None:
            raise AwsFault("InvalidParameterValue", f"The key '{KmsKeyId}' does not exist.")
        state.key = str(key.arn)
    return {"KmsKeyId": state.key}


@operation("ec2", "ResetEbsDefaultKmsKeyId")
def reset_ebs_default_kms_key_id(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetEbsDefaultKmsKeyId.html."""
    call.state(EbsEncryption).key = OF_AWS
    return {"KmsKeyId": OF_AWS}
