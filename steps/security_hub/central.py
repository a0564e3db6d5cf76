"""Security Hub CSPM, configured centrally: policies, and what they are associated with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Unpack

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sra_bootstrap.aws import Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Note, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.values import Attrs, Value
from steps.common import members
from steps.security_hub.standards import RECOMMENDED, Standard, arn_of, standard_of

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient
    from mypy_boto3_securityhub.literals import ConfigurationPolicyAssociationStatusType
    from mypy_boto3_securityhub.type_defs import AssociationFiltersTypeDef, TargetTypeDef

PolicyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-.!*/]+$")]
ControlId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+\.[0-9]+$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_MODEL = ConfigDict(extra="forbid", frozen=True)
_ROOT = "root"
_IN_EFFECT: tuple[ConfigurationPolicyAssociationStatusType, ...] = ("SUCCESS", "PENDING")
_SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"


class DisabledControl(BaseModel):
    """A control that a policy switches off, and why."""

    model_config = _MODEL

    id: ControlId = Field(description="The id of the control, as in IAM.6.")
    reason: Reason = Field(description="Why it is switched off, for whoever reads config.yaml.")


class Policy(BaseModel):
    """A configuration policy: the standards and controls of what it is associated with."""

    model_config = _MODEL

    name: PolicyName = Field(description="The name of the policy; one of this name is adopted.")
    description: str = Field(default="", description="What the policy is for.")
    standards: tuple[Standard, ...] = Field(default=RECOMMENDED, description="The standards, by the end of their ARN.")
    disabled_controls: tuple[DisabledControl, ...] = Field(
        default=(), description="Controls that are switched off; all others are on, new ones too."
    )
    root: bool = Field(default=False, description="Whether it applies to the whole organization.")
    organizational_units: tuple[str, ...] = Field(default=(), description="The OUs it applies to, by their path.")
    accounts: tuple[str, ...] = Field(default=(), description="The accounts it applies to, by their key.")

    def targets(self) -> Iterator[tuple[str, dict[str, Value]]]:
        """What the policy is associated with, by name, and the part of config.yaml that each stands on."""
        if self.root:
            yield _ROOT, {}
        for path in self.organizational_units:
            yield f"OU {path}", {"unit": path}
        for key in self.accounts:
            yield f"account {key}", {"account": key}


def policies(wanted: Iterable[Policy], home: Target) -> Iterator[Resource]:
    """Each policy of config.yaml."""
    for policy in wanted:
        settings: Attrs = {
            "enabled": True,
            "description": policy.description,
            "standards": tuple(sorted(policy.standards)),
            "disabled_controls": tuple(sorted(control.id for control in policy.disabled_controls)),
        }
        yield Resource(Address("policy", home, policy.name), settings)


def associations(wanted: Iterable[Policy], home: Target) -> Iterator[Resource]:
    """Each policy with each of its targets; what a target inherits is AWS's to work out."""
    for policy in wanted:
        for name, part in policy.targets():
            yield Resource(Address("association", home, name), {"policy": policy.name} | part)


def policy_ids(securityhub: SecurityHubClient) -> dict[str, str]:
    """The id of each policy of the organization, by name."""
    pages = securityhub.get_paginator("list_configuration_policies").paginate()
    return {policy["Name"]: policy["Id"] for page in pages for policy in page["ConfigurationPolicySummaries"]}


def observe_central(
    wanted: Iterable[Policy], at: Target, org: Org, securityhub: SecurityHubClient
) -> Iterator[Observation]:
    """The policies, and what each is associated with; of those of others, that they are there."""
    ids, ours = policy_ids(securityhub), {policy.name for policy in wanted}
    for name, policy_id in ids.items():
        yield Resource(Address("policy", at, name), _settings(policy_id, securityhub) if name in ours else {})
    yield from _unknown_targets(wanted, at, org)
    names = {policy_id: name for name, policy_id in ids.items()}
    applied = _associations(securityhub, AssociationType="APPLIED")
    for association in applied:
        name, part = _target_name(association, org)
        policy = names.get(association["ConfigurationPolicyId"], association["ConfigurationPolicyId"])
        yield Resource(Address("association", at, name), {"policy": policy} | part)
    if any(association["AssociationStatus"] == "FAILED" for association in applied):
        yield from _failures(names, org, securityhub)


def applies_a_policy_to(account_id: str, securityhub: SecurityHubClient) -> bool:
    """Whether a configuration policy has taken effect in an account, or is about to: it then decides over the hub."""
    organization = securityhub.describe_organization_configuration()["OrganizationConfiguration"]
    if (organization["ConfigurationType"], organization["Status"]) != ("CENTRAL", "ENABLED"):
        return False
    return any(
        association["TargetId"] == account_id and association["ConfigurationPolicyId"] != _SELF_MANAGED
        for status in _IN_EFFECT
        for association in _associations(securityhub, AssociationStatus=status)
    )


def _settings(policy_id: str, securityhub: SecurityHubClient) -> dict[str, Value]:
    policy = securityhub.get_configuration_policy(Identifier=policy_id)
    security_hub = policy["ConfigurationPolicy"].get("SecurityHub", {})
    controls = security_hub.get("SecurityControlsConfiguration", {})
    disabled: Value = tuple(sorted(controls.get("DisabledSecurityControlIdentifiers", ())))
    if "EnabledSecurityControlIdentifiers" in controls:
        disabled = f"all but {', '.join(sorted(controls['EnabledSecurityControlIdentifiers']))}"
    return {
        "enabled": security_hub.get("ServiceEnabled", False),
        "description": policy.get("Description", ""),
        "standards": tuple(sorted(map(standard_of, security_hub.get("EnabledStandardIdentifiers", ())))),
        "disabled_controls": disabled,
    }


def _associations(
    securityhub: SecurityHubClient, **filters: Unpack[AssociationFiltersTypeDef]
) -> list[Mapping[str, Any]]:
    pages = securityhub.get_paginator("list_configuration_policy_associations").paginate(Filters=filters)
    return [association for page in pages for association in page["ConfigurationPolicyAssociationSummaries"]]


def _target_name(association: Mapping[str, Any], org: Org) -> tuple[str, dict[str, Value]]:
    target_id, kind = association["TargetId"], association["TargetType"]
    if kind == "ROOT":
        return _ROOT, {}
    if kind == "ACCOUNT":
        key = org.name_of(target_id)
        return f"account {key}", {"account": key}
    path = next((path for path, unit_id in org.existing.units.items() if unit_id == target_id), target_id)
    return f"OU {path}", {"unit": path}


def _unknown_targets(wanted: Iterable[Policy], at: Target, org: Org) -> Iterator[Obstacle]:
    known = {*org.units, *org.existing.units}
    accounts = set(org.members())
    for policy in wanted:
        for name, part in policy.targets():
            if part.get("unit", next(iter(known), "")) in known and part.get("account", at.account) in accounts:
                continue
            yield Obstacle(
                Address("association", at, name),
                f"The policy {policy.name} is to apply to the {name}, which is not in the organization.",
                "Name an OU by its path or an account by its key, as config.yaml has them.",
            )


def _failures(names: Mapping[str, str], org: Org, securityhub: SecurityHubClient) -> Iterator[Note]:
    """What a policy has failed in. To associate it again would not mend that, so it is not planned."""
    for association in _associations(securityhub, AssociationStatus="FAILED"):
        if association["TargetType"] == "ACCOUNT":
            policy = names.get(association["ConfigurationPolicyId"], association["ConfigurationPolicyId"])
            account = org.name_of(association["TargetId"])
            why = association.get("AssociationStatusMessage", "AWS does not say why.")
            yield Note(
                f"Security Hub could not apply the policy {policy} in {account}: {why} Once that is mended, `aws "
                "securityhub start-configuration-policy-association` tries again."
            )


def apply_central(
    change: Change, wanted: Sequence[Policy], org: Org, securityhub: SecurityHubClient, aws: Writer
) -> None:
    """Make a change of central configuration.

    Raises:
        RefusalError: a target does not exist yet; or policies of others are left, so that it cannot be stopped.
    """
    match change.address.kind, change.action:
        case "central-configuration", Action.DELETE:
            stop_central([policy.name for policy in wanted], securityhub, auto_enable=False)
        case "central-configuration", _:
            _start(securityhub)
        case "policy", _:
            _apply_policy(change, wanted, org, securityhub, aws)
        case "association", _:
            _apply_association(change, org, securityhub, aws)


def _start(securityhub: SecurityHubClient) -> None:
    # It may be on its way already, and is waited for then.
    with suppress(securityhub.exceptions.ResourceConflictException):
        securityhub.update_organization_configuration(
            AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "CENTRAL"}
        )


def stop_central(ours: Iterable[str], securityhub: SecurityHubClient, *, auto_enable: bool) -> None:
    """Go over to local configuration. AWS wants policies and all associations gone before.

    https://docs.aws.amazon.com/securityhub/latest/userguide/stop-central-configuration.html

    Raises:
        RefusalError: policies of others are left.
    """
    organization = securityhub.describe_organization_configuration()["OrganizationConfiguration"]
    if organization["ConfigurationType"] == "CENTRAL" and organization["Status"] == "ENABLED":
        ids, wanted = policy_ids(securityhub), set(ours)
        if others := sorted(ids.keys() - wanted):
            raise RefusalError(
                f"Central configuration cannot be stopped: there are policies of others, {', '.join(others)}.",
                "Agree with their owners, and delete them first.",
            )
        for association in _associations(securityhub, AssociationType="APPLIED"):
            securityhub.start_configuration_policy_disassociation(
                ConfigurationPolicyIdentifier=association["ConfigurationPolicyId"],
                Target=_target(association["TargetType"], association["TargetId"]),
            )
        for policy_id in ids.values():
            securityhub.delete_configuration_policy(Identifier=policy_id)
    securityhub.update_organization_configuration(
        AutoEnable=auto_enable,
        AutoEnableStandards="NONE",
        OrganizationConfiguration={"ConfigurationType": "LOCAL"},
    )


def _apply_policy(
    change: Change, wanted: Iterable[Policy], org: Org, securityhub: SecurityHubClient, aws: Writer
) -> None:
    """Create, update or delete one policy. Others' custom parameters of controls in it are kept."""
    name = change.address.name
    if change.action is Action.DELETE:
        policy_id = policy_ids(securityhub).get(name)
        if policy_id is not None:
            securityhub.delete_configuration_policy(Identifier=policy_id)
        return
    policy = next(policy for policy in wanted if policy.name == name)
    security_hub = _security_hub(policy, org)
    if change.action is Action.CREATE:
        try:
            securityhub.create_configuration_policy(
                Name=name, Description=policy.description, ConfigurationPolicy={"SecurityHub": security_hub}
            )
        except securityhub.exceptions.ResourceConflictException:
            # There is one of this name already, which may not have been shown yet.
            pass
        else:
            return
    policy_id = _shown(name, securityhub, aws)
    current = securityhub.get_configuration_policy(Identifier=policy_id)["ConfigurationPolicy"].get("SecurityHub", {})
    parameters = current.get("SecurityControlsConfiguration", {}).get("SecurityControlCustomParameters")
    if parameters:
        security_hub["SecurityControlsConfiguration"]["SecurityControlCustomParameters"] = parameters
    securityhub.update_configuration_policy(
        Identifier=policy_id, Description=policy.description, ConfigurationPolicy={"SecurityHub": security_hub}
    )


def _security_hub(policy: Policy, org: Org) -> Any:
    controls = sorted(control.id for control in policy.disabled_controls)
    return {
        "ServiceEnabled": True,
        "EnabledStandardIdentifiers": [arn_of(one, org.home_region, org.partition) for one in policy.standards],
        "SecurityControlsConfiguration": {"DisabledSecurityControlIdentifiers": controls},
    }


def _shown(name: str, securityhub: SecurityHubClient, aws: Writer) -> str:
    found = aws.poll(lambda: policy_ids(securityhub).get(name), lambda one: one is not None, members.PATIENCE)
    if found is None:
        raise RefusalError(f"Security Hub does not show the policy {name}.", "Run it again in a while.")
    return found


def _apply_association(change: Change, org: Org, securityhub: SecurityHubClient, aws: Writer) -> None:
    """Associate a policy with one target, in place of what was; or end that.

    Raises:
        RefusalError: the target does not exist yet.
    """
    target = _named(change.address.name, org)
    if change.action is not Action.DELETE:
        policy_id = _shown(str(change.after["policy"]), securityhub, aws)
        securityhub.start_configuration_policy_association(ConfigurationPolicyIdentifier=policy_id, Target=target)
        return
    policy = str(change.before["policy"])
    policy_id = policy_ids(securityhub).get(policy, policy)
    securityhub.start_configuration_policy_disassociation(ConfigurationPolicyIdentifier=policy_id, Target=target)


def _named(name: str, org: Org) -> TargetTypeDef:
    if name == _ROOT:
        return _target("ROOT", org.existing.root_id)
    kind, _, key = name.partition(" ")
    if kind == "account":
        return _target("ACCOUNT", members.live(key, org).id)
    if key not in org.existing.units:
        raise RefusalError(f"The OU {key} does not exist yet.", "Run the step organizational_units first.")
    return _target("ORGANIZATIONAL_UNIT", org.existing.units[key])


def _target(kind: str, target_id: str) -> TargetTypeDef:
    match kind:
        case "ROOT":
            return {"RootId": target_id}
        case "ACCOUNT":
            return {"AccountId": target_id}
        case _:
            return {"OrganizationalUnitId": target_id}
