"""AWS KMS: moto's, held to what AWS checks.

Symmetric keys, which are all that logs are encrypted with, have no private key: moto makes one of RSA for each, which
takes 42 ms and can not be put aside with the rest of what the sandbox remembers.
"""

from __future__ import annotations

from typing import Any

from moto.kms import models

_moto_makes_a_private_key = models.generate_private_key


def _make_private_key(key_spec: str) -> Any:
    return None if key_spec == "SYMMETRIC_DEFAULT" else _moto_makes_a_private_key(key_spec)


models.generate_private_key = _make_private_key
