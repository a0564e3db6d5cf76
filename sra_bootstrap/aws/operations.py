"""Which operations only read."""

from __future__ import annotations

import re

_READS = re.compile(r"(Describe|List|Get|BatchGet|Head|Lookup|Search)[A-Z]\w*")
_READS_BY_OTHER_NAMES = frozenset({"sts:AssumeRole"})
"""Reviewed one by one: what changes nothing in AWS and is not named like a read."""
_WRITES_NAMED_LIKE_READS = frozenset({"sts:GetFederationToken", "sts:GetSessionToken"})
"""Reviewed one by one: what is named like a read and gives something out."""


def is_read(service: str, operation: str) -> bool:
    """Whether an operation changes nothing; what is not known to be a read is none."""
    name = f"{service}:{operation}"
    if name in _WRITES_NAMED_LIKE_READS:
        return False
    return name in _READS_BY_OTHER_NAMES or _READS.fullmatch(operation) is not None
