"""AWS Config: the conformance packs that an organization has deployed to an account, as the account sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_organization import Place, listed, random_suffix
from sra_bootstrap.sandbox.services.config_organization_member_rules import DeployedRule, put, rules_of
from sra_bootstrap.sandbox.services.config_organization_templates import Template

_OWNER = "config-multiaccountsetup.amazonaws.com"
_RULES_OWNER = "config-conforms.amazonaws.com"


@dataclass
class MemberPack:
    """A conformance pack in one account."""

    name: str
    arn: str
    id: str
    parameters: list[dict[str, str]]
    bucket: str | None
    prefix: str | None
    requested: datetime = field(default_factory=moment)
    created: bool = True
    rules: list[str] = field(default_factory=list)


@dataclass
class MemberPacks:
    """The conformance packs of an account in a region, by name."""

    packs: dict[str, MemberPack] = field(default_factory=dict)


def packs_of(account_id: str, region: str) -> dict[str, MemberPack]:
    """The conformance packs of an account in a region, by name."""
    return store.state(MemberPacks, account_id, region).packs


def new(at: Place, name: str, parameters: Mapping[str, str], delivery: tuple[str | None, str | None]) -> MemberPack:
    """A pack that is in no account yet; what it is delivered to is a bucket and a prefix."""
    pack_id = f"conformance-pack-{random_suffix()}"
    arn = f"arn:{at.partition}:config:{at.region}:{at.account_id}:conformance-pack/{name}/{pack_id}"
    pairs = [{"ParameterName": key, "ParameterValue": value} for key, value in parameters.items()]
    return MemberPack(name, arn, pack_id, pairs, *delivery)


def deploy(at: Place, pack: MemberPack, template: Template) -> None:
    """Make a pack and its rules in an account, or bring them there to what the template says.

    What a rule is called: https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html.
    """
    roles.ensure(at.account_id, at.partition, _RULES_OWNER)
    before = packs_of(at.account_id, at.region).get(pack.name)
    if before is not None:
        pack.id, pack.arn, pack.created = before.id, before.arn, False
    suffix = f"conformance-pack-{pack.id.rpartition('-')[2]}"
    pack.rules = [f"{name}-{suffix}" for name in template.rules]
    rules = rules_of(at.account_id, at.region)
    for name in [] if before is None else before.rules:
        if name not in pack.rules:
            del rules[name]
    for name, properties in zip(pack.rules, template.rules.values(), strict=True):
        put(DeployedRule(name, at, properties, _RULES_OWNER))
    packs_of(at.account_id, at.region)[pack.name] = pack


def withdraw(at: Place, name: str) -> None:
    """Remove a pack and its rules from an account, if it is there."""
    pack = packs_of(at.account_id, at.region).pop(name, None)
    for rule in [] if pack is None else pack.rules:
        rules_of(at.account_id, at.region).pop(rule, None)


def _chosen(call: Call, names: Sequence[str] | None) -> list[MemberPack]:
    packs = packs_of(call.account_id, call.region)
    return [pack for name, pack in sorted(packs.items()) if not names or name in names]


def _page(key: str, found: list[Any], limit: int | None, token: str | None) -> dict[str, Any]:
    if limit is not None and not 0 <= limit <= 20:
        raise AwsFault("InvalidLimitException", "The specified limit is outside the allowable range.")
    return listed(key, found, limit or 20, token)


@operation("config", "DescribeConformancePacks")
def describe_conformance_packs(
    call: Call,
    ConformancePackNames: list[str] | None = None,
    Filters: Any = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConformancePacks.html.

    Raises:
        AwsFault: there is no pack of one of the names.
    """
    chosen = _chosen(call, ConformancePackNames)
    if len(chosen) < len(ConformancePackNames or ()):
        text = "You specified one or more conformance packs that do not exist."
        raise AwsFault("NoSuchConformancePackException", text)
    details = []
    for pack in chosen:
        detail = {
            "ConformancePackName": pack.name,
            "ConformancePackArn": pack.arn,
            "ConformancePackId": pack.id,
            "DeliveryS3Bucket": pack.bucket,
            "DeliveryS3KeyPrefix": pack.prefix,
            "ConformancePackInputParameters": pack.parameters,
            "LastUpdateRequestedTime": pack.requested,
            "CreatedBy": _OWNER,
        }
        details.append({key: value for key, value in detail.items() if value is not None})
    return _page("ConformancePackDetails", details, Limit, NextToken)


@operation("config", "DescribeConformancePackStatus")
def describe_conformance_pack_status(
    call: Call,
    ConformancePackNames: list[str] | None = None,
    Filters: Any = None,
    Limit: int | None = None,
    NextToken: str | None = None,
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConformancePackStatus.html."""
    details = [
        {
            "ConformancePackName": pack.name,
            "ConformancePackId": pack.id,
            "ConformancePackArn": pack.arn,
            "ConformancePackState": "CREATE_COMPLETE" if pack.created else "UPDATE_COMPLETE",
            "LastUpdateRequestedTime": pack.requested,
            "LastUpdateCompletedTime": pack.requested,
        }
        for pack in _chosen(call, ConformancePackNames)
    ]
    return _page("ConformancePackStatusDetails", details, Limit, NextToken)


@operation("config", "DescribeConformancePackCompliance")
def describe_conformance_pack_compliance(
    call: Call, ConformancePackName: str, Filters: Any = None, Limit: int | None = None, NextToken: str | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConformancePackCompliance.html.

    Nothing is ever evaluated in the sandbox.

    Raises:
        AwsFault: there is no such pack.
    """
    pack = packs_of(call.account_id, call.region).get(ConformancePackName)
    if pack is None:
        raise AwsFault("NoSuchConformancePackException", "You specified a conformance pack that does not exist.")
    rules = [{"ConfigRuleName": name, "ComplianceType": "INSUFFICIENT_DATA", "Controls": []} for name in pack.rules]
    answer = listed("ConformancePackRuleComplianceList", rules, Limit, NextToken)
    return {"ConformancePackName": pack.name, **answer}


@operation("config", "DeleteConformancePack")
def delete_conformance_pack(call: Call, ConformancePackName: str) -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteConformancePack.html.

    All packs of the sandbox are an organization's, which its accounts cannot delete; with which code is guessed.

    Raises:
        AwsFault: always.
    """
    if ConformancePackName not in packs_of(call.account_id, call.region):
        raise AwsFault("NoSuchConformancePackException", "You specified a conformance pack that does not exist.")
    text = "An AWS service owns the conformance pack. You do not have permissions to take action on it."
    raise AwsFault("AccessDeniedException", text)
