"""The types of policies that can be attached in the organization."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import ORGANIZATION, Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from steps.common.policy_types import PolicyType

_HERE = Target(ORGANIZATION)


class PolicyTypes(Step[StepConfig]):
    """Enable the policy types that guard the organization.

    The SRA guards accounts by service control policies, resource control policies and declarative policies. Enabling a
    type restricts nothing yet: policies are attached later.
    """

    class Config(StepConfig):
        """Which types to enable, beyond those that other steps need; others that are enabled stay so."""

        types: tuple[PolicyType, ...] = Field(
            default=(
                "SERVICE_CONTROL_POLICY",
                "RESOURCE_CONTROL_POLICY",
                "DECLARATIVE_POLICY_EC2",
                "TAG_POLICY",
                "BACKUP_POLICY",
                "AISERVICES_OPT_OUT_POLICY",
            ),
            description="The policy types that are enabled in the root.",
        )

    id = "policy_types"
    # Types of a service, such as SECURITYHUB_POLICY, need its trusted access first.
    after = ("organization", "trusted_access")
    surveyed = frozenset({"policy-type"})
    reads = frozenset({"organizations:ListRoots"})
    writes = frozenset(
        {"organizations:DisablePolicyType", "organizations:EnablePolicyType", "organizations:ListPolicies"}
    )
    considerations = (
        "Disabling a policy type detaches every policy of it, and enabling it again attaches none of them.",
    )
    documentation = (
        "https://docs.aws.amazon.com/organizations/latest/userguide/enable-policy-type.html",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """Every type that config.yaml names, or that a step of the pipeline needs, enabled."""
        for name in dict.fromkeys((*self.config.types, *org.policy_types)):
            yield Resource(Address("policy-type", _HERE, name), {"status": "ENABLED"})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The types that the survey found in the root, with their status."""
        types = org.live.policy_types if org.live else {}
        for name, status in types.items():
            yield Resource(Address("policy-type", at, name), {"status": status})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Enable or disable one type; one that is on its way there already is only waited for."""
        organizations = aws.client("organizations", change.address.at)
        name = change.address.name
        root_id = org.existing.root_id
        if change.action is Action.DELETE:
            pages = organizations.get_paginator("list_policies").paginate(Filter=name)
            names = [policy["Name"] for page in pages for policy in page["Policies"] if not policy["AwsManaged"]]
            if names:
                raise RefusalError(
                    f"Disabling {name} would detach policies that this step did not make: {', '.join(names)}.",
                    "Delete these policies first, or keep the type.",
                )
            organizations.disable_policy_type(RootId=root_id, PolicyType=name)
        elif change.before.get("status") != "PENDING_ENABLE":
            organizations.enable_policy_type(RootId=root_id, PolicyType=name)
