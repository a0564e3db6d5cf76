"""Amazon Security Lake: the data lake of an account, with what it makes there in each region; moto lacks the service.

The texts of errors are those of the modelled errors' documentation, where no other source is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox import membership, store
from sra_bootstrap.sandbox.extension import Call, Time, add_service
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.settings import Rules

add_service("securitylake")

PRINCIPAL = "securitylake.amazonaws.com"
PAGE = 100
"""The most that a list takes for `maxResults`, which is guessed to be its default too."""
CURRENT_VERSION = "2.0"
"""What `latest` stands for, and what a source has whose version is not said.

https://docs.aws.amazon.com/security-lake/latest/userguide/internal-sources.html
"""


@dataclass
class RegionalLake:
    """What the data lake is in one region: https://docs.aws.amazon.com/security-lake/latest/APIReference/API_DataLakeResource.html.

    `bucket` is empty until it is made; `updated` is the status of the last update, None before the first.
    """

    region: str
    arn: str
    configuration: dict[str, Any]
    status: str = "INITIALIZED"
    bucket: str = ""
    updated: str | None = None


@dataclass
class Lake:
    """All of Security Lake that an account has, in every region.

    Attributes:
        regions: the data lake by region.
        busy: until when the lake is being changed, in seconds since the epoch.
        sources: the versions of each source that is collected, by account and region.
        auto_enable: the versions of the sources that accounts get that join, by region; None if nothing is to happen.
        met: the accounts whose joining the organization is dealt with.
        tags: by the ARN of a lake in a region, or of a subscriber.
        exceptions: where exceptions are told, or None.
    """

    regions: dict[str, RegionalLake] = field(default_factory=dict)
    busy: float = 0.0
    sources: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=dict)
    auto_enable: dict[str, dict[str, set[str]]] | None = None
    met: set[str] = field(default_factory=set)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    exceptions: dict[str, Any] | None = None


@dataclass
class Delegation:
    """Since when the administrator of an organization can act, in seconds since the epoch; and who it was last."""

    effective: float = 0.0
    were: set[str] = field(default_factory=set)


def lake_of(account_id: str, partition: str) -> Lake:
    """What Security Lake knows of an account; it is the same from every region."""
    return store.state(Lake, account_id, partition)


def bad_request(message: str) -> AwsFault:
    """https://docs.aws.amazon.com/security-lake/latest/APIReference/API_CreateDataLake.html#API_CreateDataLake_Errors."""
    return AwsFault("BadRequestException", message)


def absent(what: str = "resource") -> AwsFault:
    """https://github.com/hashicorp/terraform-provider-aws, service/securitylake/data_lake.go, has the text."""
    return AwsFault("ResourceNotFoundException", f"The request failed because the specified {what} doesn't exist.")


def denied(call: Call) -> AwsFault:
    """https://github.com/hashicorp/terraform-provider-aws, service/securitylake/data_lake.go, has the text."""
    text = f"User: {call.account_id} is not authorized to perform: securitylake:{call.operation}"
    return AwsFault("AccessDeniedException", text)


def conflict() -> AwsFault:
    """https://github.com/hashicorp/terraform-provider-aws, service/securitylake/data_lake.go, has the text."""
    text = (
        "The request failed because your Security Lake configuration or resources are currently being updated. Wait a "
        "few minutes and then try again."
    )
    return AwsFault("ConflictException", text)


def is_administrator(call: Call) -> bool:
    """Whether the caller administers Security Lake for its organization."""
    return call.account_id in membership.administrators(call.account_id, PRINCIPAL)


def as_owner(call: Call) -> Lake:
    """The caller's lake, which it may set up: alone, or as the administrator of its organization.

    That another member is denied it, once there is an administrator, is guessed.

    Raises:
        AwsFault: it is another's to set up, or what was written before has not reached the lake yet.
    """
    administrators = membership.administrators(call.account_id, PRINCIPAL)
    if administrators and call.account_id not in administrators:
        raise denied(call)
    management_id = membership.management_account_of(call.account_id)
    lake = lake_of(call.account_id, call.partition)
    delegated = 0.0 if management_id is None else store.state(Delegation, management_id, call.partition).effective
    if max(lake.busy, delegated) > call.now():
        raise conflict()
    return lake


def existing(call: Call) -> Lake:
    """The caller's lake, for whoever changes what is in it. Which error it is where there is none, is Terraform's word.

    https://github.com/hashicorp/terraform-provider-aws, service/securitylake/data_lake.go: "No data lake".

    Raises:
        AwsFault: there is none, or it cannot be changed now.
    """
    lake = as_owner(call)
    if not lake.regions:
        raise denied(call)
    return lake


def readable(call: Call) -> Lake:
    """The caller's lake, for whoever reads what is in it.

    https://github.com/aws-samples/aws-security-reference-architecture-examples, security_lake.py, expects this error.

    Raises:
        AwsFault: there is none.
    """
    lake = lake_of(call.account_id, call.partition)
    if not lake.regions:
        raise absent("data lake")
    return lake


def take_a_while(lake: Lake) -> float:
    """Let a lake be busy with what it was told, and give how long.

    That an operation goes on after its answer, and that no other is taken meanwhile, whatever it is of:
    https://github.com/hashicorp/terraform-provider-aws/issues/42973.
    """
    seconds = Rules.settings.enabling_seconds
    lake.busy = Time.clock.now() + seconds
    return seconds


def regional(lake: Lake, region: str) -> RegionalLake:
    """The lake in a region where it is ready.

    Raises:
        AwsFault: there is none, or it is not ready.
    """
    found = lake.regions.get(region)
    if found is None or found.status == "FAILED":
        raise absent("data lake")
    if found.status != "COMPLETED":
        raise conflict()
    return found


def listed(name: str, items: Sequence[Any], size: int | None, token: str | None) -> dict[str, Any]:
    """One page of a list, as every list of Security Lake is answered."""
    found, following = page(items, size or PAGE, token, bad_request("The pagination token is invalid."))
    return {name: found} if following is None else {name: found, "nextToken": following}
