"""KMS keys that logs are encrypted with: what a step needs of one, and what it is called.

A key is known by its alias. Its id, which AWS chooses, is in no plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sra_bootstrap.aws import Reader
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Target
from sra_bootstrap.org import Need, Org
from steps.common.statements import Statement

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@dataclass(frozen=True)
class Key(Need):
    """A key that the step `log_keys` makes.

    Attributes:
        account: whose it is: that of the account that plays this part, or the management account's.
        statements: what its policy says, by the ids of statements, in a region; beside that its account administers it.
        everywhere: whether there is one in every governed region, and not only in the home region.
    """

    account: Literal["security_tooling", "log_archive", "management"]
    statements: Callable[[Org, str], Mapping[str, Statement]]
    everywhere: bool = False

    def places(self, org: Org) -> list[Target]:
        """Where there is such a key."""
        return [self.place(org, region) for region in (org.regions if self.everywhere else org.regions[:1])]

    def place(self, org: Org, region: str) -> Target:
        """Where the key is that is used in a region."""
        account = MANAGEMENT if self.account == "management" else str(getattr(org, self.account))
        return Target(account, region if self.everywhere else org.home_region)


def needed(org: Org) -> list[Key]:
    """The keys that the steps of the pipeline need."""
    return [need for need in org.needs if isinstance(need, Key)]


def alias_of(key: Key, org: Org) -> str:
    """The alias of a key, such as `alias/sra-cloudtrail`."""
    config = org.sections["log_keys"]
    return f"alias/{config.names.get(key.name, config.prefix + key.name)}"


def aliases(at: Target, aws: Reader) -> Mapping[str, str]:
    """The ids of the keys at a place by their aliases; asked once for all of a round.

    Aliases of AWS's own keys are among them, without those of keys that are not there yet.
    """

    def ask() -> dict[str, str]:
        kms: KMSClient = aws.client("kms", at)
        pages = kms.get_paginator("list_aliases").paginate()
        found = (alias for page in pages for alias in page["Aliases"])
        return {alias["AliasName"]: alias["TargetKeyId"] for alias in found if "TargetKeyId" in alias}

    return aws.once(f"aliases of keys in {at}", ask)


def arn_of(key: Key, org: Org, region: str, aws: Reader) -> str:
    """The ARN of a key that is used in a region.

    Raises:
        RefusalError: there is none.
    """
    at = key.place(org, region)
    key_id = aliases(at, aws).get(alias_of(key, org))
    if key_id is None:
        raise RefusalError(f"The key {alias_of(key, org)} is not there in {at}.", "Run the whole pipeline.")
    return f"arn:{org.partition}:kms:{at.region}:{org.id_of(at.account)}:key/{key_id}"


def told(arn: str, key: Key, org: Org, region: str, aws: Reader) -> str:
    """An ARN as a plan tells it: the alias of `key` if it is that key's, and otherwise the ARN as it is.

    AWS also takes ids, ARNs of aliases and, in the same account, aliases for a key.
    """
    at, alias = key.place(org, region), alias_of(key, org)
    if not org.exists(at.account):
        return arn
    key_id = aliases(at, aws).get(alias)
    owner = f"arn:{org.partition}:kms:{at.region}:{org.id_of(at.account)}"
    return alias if arn in {f"{owner}:key/{key_id}", f"{owner}:{alias}"} else arn
