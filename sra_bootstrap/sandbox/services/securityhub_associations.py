"""AWS Security Hub CSPM: what configuration policies are associated with: accounts, OUs and the root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.sandbox import membership
from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.later import moment
from sra_bootstrap.sandbox.paging import page
from sra_bootstrap.sandbox.services.securityhub import not_found
from sra_bootstrap.sandbox.services.securityhub_administrator import invalid
from sra_bootstrap.sandbox.services.securityhub_central import (
    SELF_MANAGED,
    Central,
    as_central_administrator,
    effective,
    lineage,
    take_effect,
)
from sra_bootstrap.sandbox.services.securityhub_policies import policy_named
from sra_bootstrap.sandbox.services.securityhub_standards import BAD_TOKEN

_KEYS = {"AccountId": "ACCOUNT", "OrganizationalUnitId": "ORGANIZATIONAL_UNIT", "RootId": "ROOT"}


@dataclass(frozen=True)
class Scene:
    """The organization that associations are in, as the caller sees it."""

    central: Central
    backend: Any

    def everything(self) -> list[tuple[str, Any]]:
        """The root, the OUs and the accounts, each with its type."""
        units = [("ROOT" if unit.type == "ROOT" else "ORGANIZATIONAL_UNIT", unit) for unit in self.backend.ou]
        return [*units, *(("ACCOUNT", account) for account in self.backend.accounts)]

    def target(self, named: Mapping[str, str]) -> tuple[str, Any]:
        """The type and the entity that a Target names.

        Raises:
            AwsFault: it names none, or more than one.
        """
        if len(named) != 1:
            raise invalid("Invalid parameter 'Target'.")
        [(key, target_id)] = named.items()
        for kind, entity in self.everything():
            if kind == _KEYS.get(key) and entity.id == target_id:
                return kind, entity
        raise not_found(f"Target {target_id} not found in the organization.")

    def describe(self, kind: str, entity: Any) -> dict[str, Any] | None:
        """An association as Security Hub gives it, or None where there is none.

        The status of an OU or the root is that of the accounts in it which inherit from it:
        https://docs.aws.amazon.com/securityhub/latest/userguide/view-policy.html.
        """
        found = effective(self.central, self.backend, entity)
        if found is None:
            return None
        policy_id, applied_to = found
        outcomes = list(self._outcomes(kind, entity, applied_to))
        statuses = {status for status, _ in outcomes}
        status = next((one for one in ("PENDING", "FAILED") if one in statuses), "SUCCESS")
        messages = [message for one, message in outcomes if one == "FAILED" and message]
        described = {
            "ConfigurationPolicyId": policy_id,
            "TargetId": entity.id,
            "TargetType": kind,
            "AssociationType": "APPLIED" if applied_to == entity.id else "INHERITED",
            "UpdatedAt": self.central.applied[applied_to][1],
            "AssociationStatus": status,
        }
        return described if status != "FAILED" else described | {"AssociationStatusMessage": messages[0]}

    def _outcomes(self, kind: str, entity: Any, applied_to: str) -> Iterable[tuple[str, str | None]]:
        for account in [entity] if kind == "ACCOUNT" else self.backend.accounts:
            inherits = effective(self.central, self.backend, account)
            if entity.id in lineage(self.backend, account) and inherits is not None and inherits[1] == applied_to:
                outcome = self.central.outcomes[account.id]
                yield outcome.status, outcome.message


def _scene(call: Call) -> Scene:
    return Scene(as_central_administrator(call), membership.organization_of(call.account_id))


@operation("securityhub", "StartConfigurationPolicyAssociation")
def start_configuration_policy_association(
    call: Call, ConfigurationPolicyIdentifier: str, Target: Mapping[str, str]
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_StartConfigurationPolicyAssociation.html.

    Doing it again tries again what has failed, which is guessed.

    Raises:
        AwsFault: there is no such policy or target.
    """
    scene = _scene(call)
    policy_id = ConfigurationPolicyIdentifier
    if policy_id != SELF_MANAGED:
        policy_id = policy_named(scene.central, policy_id).id
    kind, entity = scene.target(Target)
    scene.central.applied[entity.id] = (policy_id, moment())
    for account in scene.backend.accounts:
        outcome = scene.central.outcomes.get(account.id)
        if outcome is not None and outcome.status == "FAILED" and entity.id in lineage(scene.backend, account):
            del scene.central.outcomes[account.id]
    take_effect(call)
    return scene.describe(kind, entity) or {}


@operation("securityhub", "StartConfigurationPolicyDisassociation")
def start_configuration_policy_disassociation(
    call: Call, ConfigurationPolicyIdentifier: str, Target: Mapping[str, str] | None = None
) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_StartConfigurationPolicyDisassociation.html.

    "The target inherits the configuration of the closest parent. If there's no configuration to inherit, the target
    retains its settings but becomes a self-managed account."

    Raises:
        AwsFault: the target is not associated with the policy itself.
    """
    scene = _scene(call)
    _, entity = scene.target(Target or {})
    applied, _ = scene.central.applied.get(entity.id, (None, None))
    if applied is None or applied != ConfigurationPolicyIdentifier.rpartition("/")[2]:
        raise not_found(f"Target {entity.id} is not associated with {ConfigurationPolicyIdentifier}.")
    del scene.central.applied[entity.id]
    take_effect(call)


@operation("securityhub", "GetConfigurationPolicyAssociation")
def get_configuration_policy_association(call: Call, Target: Mapping[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetConfigurationPolicyAssociation.html.

    Raises:
        AwsFault: there is no such target, or nothing is associated with it.
    """
    scene = _scene(call)
    kind, entity = scene.target(Target)
    association = scene.describe(kind, entity)
    if association is None:
        raise not_found(f"Target {entity.id} has no association.")
    return association


@operation("securityhub", "BatchGetConfigurationPolicyAssociations")
def batch_get_configuration_policy_associations(
    call: Call, ConfigurationPolicyAssociationIdentifiers: list[dict[str, Any]]
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchGetConfigurationPolicyAssociations.html."""
    scene = _scene(call)
    found, unprocessed = [], []
    for identifier in ConfigurationPolicyAssociationIdentifiers:
        association = scene.describe(*scene.target(identifier["Target"]))
        if association is not None:
            found.append(association)
        else:
            reason = {"ErrorCode": "ResourceNotFoundException", "ErrorReason": "The target has no association."}
            unprocessed.append({"ConfigurationPolicyAssociationIdentifiers": identifier} | reason)
    return {
        "ConfigurationPolicyAssociations": found,
        "UnprocessedConfigurationPolicyAssociations": unprocessed,
    }


@operation("securityhub", "ListConfigurationPolicyAssociations")
def list_configuration_policy_associations(
    call: Call, MaxResults: int = 100, NextToken: str | None = None, Filters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListConfigurationPolicyAssociations.html."""
    scene = _scene(call)
    described = [scene.describe(kind, entity) for kind, entity in scene.everything()]
    chosen = [
        one for one in described if one is not None and all(one[key] == value for key, value in (Filters or {}).items())
    ]
    found, following = page(chosen, MaxResults, NextToken, BAD_TOKEN)
    answer: dict[str, Any] = {"ConfigurationPolicyAssociationSummaries": found}
    return answer if following is None else answer | {"NextToken": following}
