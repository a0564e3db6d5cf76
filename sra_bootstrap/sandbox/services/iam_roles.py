"""AWS IAM: roles that are new are not at once known everywhere. All operations are moto's."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import iam_backends

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, Time, check
from sra_bootstrap.sandbox.settings import Rules


@dataclass
class Made:
    """When the roles of an account were made, in seconds since the epoch, by their names."""

    at: dict[str, float] = field(default_factory=dict)


def role_of(account_id: str, partition: str, name: str) -> Any:
    """A role of an account, or None."""
    return next((role for role in iam_backends[account_id][partition].get_roles() if role.name == name), None)


@check("iam", "CreateRole")
def note_when(call: Call, RoleName: str, **_: Any) -> None:
    """Remember when a role was made."""
    if role_of(call.account_id, call.partition, RoleName) is None:
        store.state(Made, call.account_id, call.partition).at[RoleName] = call.now()


def is_known(account_id: str, partition: str, name: str) -> bool:
    """Whether services know of a role already.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    """
    made = store.state(Made, account_id, partition).at.get(name, -math.inf)
    return round(Time.clock.now() - made, 3) >= Rules.settings.new_role_seconds
