"""AWS KMS: what is encrypted with a key, of one's own account or of another.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import KmsBackend, kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services.kms_access import key_can_be_used, key_of

_BYTES = {"AES_256": 32, "AES_128": 16}


def _backend(key: Any) -> KmsBackend:
    return kms_backends[key.account_id][key.region]


@operation("kms", "Encrypt")
def encrypt(
    call: Call, *, KeyId: str, Plaintext: bytes, EncryptionContext: dict[str, str] | None = None, **_: Any
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html."""
    key = key_of(call, KeyId)
    blob, arn = _backend(key).encrypt(key.id, Plaintext, EncryptionContext or {})
    return {"CiphertextBlob": blob, "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}


@operation("kms", "Decrypt")
def decrypt(
    call: Call,
    *,
    CiphertextBlob: bytes,
    KeyId: str | None = None,
    EncryptionContext: dict[str, str] | None = None,
    **_: Any,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html: the ciphertext tells its key.

    Raises:
        AwsFault: it is none, or the caller may not use the key.
    """
    named = KeyId or _key_id_in(CiphertextBlob)
    key_can_be_used(call, KeyId=named, EncryptionContext=EncryptionContext)
    key = key_of(call, named)
    plaintext, arn = _backend(key).decrypt(CiphertextBlob, EncryptionContext or {}, key.id)
    return {"Plaintext": plaintext, "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}


def _key_id_in(blob: bytes) -> str:
    try:
        return str(_deserialize_ciphertext_blob(blob).key_id)
    except Exception:  # noqa: BLE001 (moto says of none what it is)
        raise AwsFault("InvalidCiphertextException", "") from None


@operation("kms", "GenerateDataKey")
def generate_data_key(call: Call, *, KeyId: str, **sent: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html.

    Raises:
        AwsFault: the size is not given, or given twice.
    """
    key, spec, size = key_of(call, KeyId), sent.get("KeySpec"), sent.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise AwsFault("ValidationException", "Please specify either number of bytes or key spec.")
    if not 1 <= (size or _BYTES.get(str(spec), 0)) <= 1024:
        raise AwsFault("ValidationException", "The size of the data key is not valid.")
    plaintext, blob, arn = _backend(key).generate_data_key(key.id, sent.get("EncryptionContext", {}), size, spec)
    return {"Plaintext": plaintext, "CiphertextBlob": blob, "KeyId": arn}


@operation("kms", "GenerateDataKeyWithoutPlaintext")
def generate_data_key_without_plaintext(call: Call, **sent: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html."""
    answer = generate_data_key(call, **sent)
    return {name: value for name, value in answer.items() if name != "Plaintext"}
