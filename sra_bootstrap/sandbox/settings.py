"""How long the sandbox's AWS takes, and how much it allows: what a test or a demonstration sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from pydantic import ConfigDict

from sra_bootstrap.sandbox.injection.plan import Faults


@dataclass
class Settings:
    """AWS's delays, in seconds of the sandbox's clock, and its quotas.

    The delays are shorter than AWS's, so that a served sandbox is pleasant to try; the quotas are AWS's defaults.
    Changing one takes effect at once, in process and served alike.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    finalizing_seconds: float = 5
    """After CreateOrganization: how long no account can be created; AWS takes up to an hour."""
    policy_type_seconds: float = 3
    """How long a policy type is PENDING_ENABLE or PENDING_DISABLE."""
    account_creation_seconds: float = 20
    """How long CreateAccount is IN_PROGRESS."""
    role_delay_seconds: float = 10
    """How long the role of a new account cannot be assumed yet."""
    account_closure_seconds: float = 30
    """How long a closed account is PENDING_CLOSURE."""
    region_seconds: float = 60
    """How long an opt-in region is ENABLING or DISABLING."""
    region_changes_of_account: int = 6
    """How many regions of an account may be ENABLING or DISABLING at a time."""
    region_changes_of_organization: int = 50
    """How many may be in all accounts of an organization."""
    account_quota: int = 10
    """How many accounts an organization may have, the management account included."""
    concurrent_creations: int = 5
    """How many accounts may be in creation at a time."""
    concurrent_closures: int = 3
    """How many accounts may be in closure at a time."""
    organizational_unit_quota: int = 2000
    """How many OUs an organization may have."""
    denied: frozenset[str] = frozenset()
    """IAM actions, as in `guardduty:ListDetectors`, that nobody is allowed."""
    allowed: frozenset[str] | None = None
    """The only IAM actions that the caller is allowed in the management account, or None for all."""
    paths_in_lists: bool = True
    """Whether ListAccounts tells the path of each account, which its documentation calls optional."""
    guardduty_detector_seconds: float = 5
    """After a region's delegation of GuardDuty: when a detector appears in the administrator's account."""
    guardduty_delegation_seconds: float = 10
    """After a region's delegation of GuardDuty: when the administrator can manage the organization there."""
    guardduty_first_delegation_seconds: float = 15
    """After an organization's first delegation of GuardDuty: how long no other region takes one."""
    guardduty_auto_enable_seconds: float = 20
    """How long GuardDuty takes to enable itself in an account that joins, or in all of them; AWS takes up to a day."""
    guardduty_missing_features: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"ap-east-2": frozenset({"RDS_LOGIN_EVENTS"})}
    )
    """The protection plans of GuardDuty that a region lacks.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_regions.html
    """
    inspector_missing_scan_types: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: dict.fromkeys(
            ("ap-northeast-2", "ap-south-1", "eu-central-2", "eu-west-3", "us-gov-west-1"), frozenset({"LAMBDA_CODE"})
        )
    )
    """The scan types of Inspector that a region lacks; these are regions where AWS was seen to say so.

    https://github.com/aws-samples/inspector2-enablement-with-cli/issues/7 and, of terraform-provider-aws, 38327, 34039,
    38845 and 38254.
    """
    delegation_seconds: float = 10
    """After another service's delegation: when the administrator can manage the organization."""
    enabling_seconds: float = 5
    """How long what such a service enables is on its way, as in ENABLING or PENDING."""
    auto_enable_seconds: float = 20
    """How long such a service takes to enrol an account that joins."""
    macie_first_delegation_seconds: float = 15
    """After an organization's first delegation of Macie: how long no other region takes one."""
    cloudtrail_access_seconds: float = 5
    """After trusted access was enabled: how long CloudTrail does not know of it."""
    cloudtrail_delivery_seconds: float = 5
    """How long CloudTrail takes to deliver a log file; AWS's takes about five minutes."""
    accessanalyzer_age_is_final: bool = False
    """Whether an analyzer of unused access keeps the age that it was created with.

    UpdateAnalyzer has the parameter; CloudFormation has called its change a "Replacement", and the console offers none:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-manage-unused.html.
    """
    support_plan: bool = True
    """Whether the management account has a support plan that includes the API of AWS Health."""
    detective_too_much_data: frozenset[str] = frozenset()
    """The accounts whose data volume is too high for a behavior graph of Detective to take."""
    shield_commitment_days: int = 365
    """How many days a subscription of Shield Advanced goes on, at least."""
    auditmanager_takes_new_customers: bool = False
    """Whether Audit Manager takes accounts that do not use it yet, as it did until April 30, 2026."""
    firewall_manager_access_seconds: float = 5
    """After trusted access was enabled: how long Firewall Manager refuses an administrator."""
    firewall_manager_deaf_seconds: float = 0
    """After an organization is finalized: how long Firewall Manager takes an administrator and does nothing."""
    firewall_manager_ready_seconds: float = 10
    """How long the role of an administrator of Firewall Manager is CREATING; AWS takes minutes."""
    firewall_manager_removal_seconds: float = 10
    """How long that of one that is revoked is DELETING."""
    firewall_manager_denies_nobody: bool = False
    """Whether Firewall Manager denies to say who administers it where nobody does.

    Its documentation has ResourceNotFoundException; terraform-provider-aws has seen AccessDeniedException.
    """
    new_role_seconds: float = 5
    """After CreateRole: how long services do not know of the role yet."""
    service_linked_role_seconds: float = 5
    """After CreateServiceLinkedRole: how long the service cannot assume the role yet."""
    ec2_block_seconds: float = 5
    """How long EC2 takes to block public access to images or through internet gateways; AWS takes up to 10 minutes."""
    securityhub_policy_seconds: float = 20
    """How long what the organization's Security Hub policies say takes to arrive in its accounts."""
    overlaps_conflict: bool = True
    """Whether a write of Organizations is refused while another is under way in the same organization."""
    organizations_write_seconds: float = 0
    """How long a write of Organizations takes when served, in real seconds: for overlaps that are to happen."""
    faults: Faults | None = None
    """What fails, and when."""

    @classmethod
    def at_once(cls) -> Settings:
        """An AWS that takes no time, for a clock that stands still."""
        settings = cls()
        for delay in (one.name for one in fields(cls) if one.name.endswith("_seconds")):
            setattr(settings, delay, 0)
        return settings

    @classmethod
    def hostile(cls, seed: int, rate: float = 0.2) -> Settings:
        """An AWS that fails in every way that it can, and takes its time: about as long as it has been seen to.

        How long an organization is not finalized:
        https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html.
        """
        return cls(
            finalizing_seconds=3600,
            policy_type_seconds=60,
            account_creation_seconds=240,
            role_delay_seconds=300,
            account_closure_seconds=600,
            region_seconds=600,
            guardduty_detector_seconds=60,
            guardduty_delegation_seconds=240,
            guardduty_first_delegation_seconds=300,
            guardduty_auto_enable_seconds=600,
            delegation_seconds=240,
            enabling_seconds=60,
            auto_enable_seconds=600,
            firewall_manager_access_seconds=60,
            firewall_manager_deaf_seconds=60,
            firewall_manager_ready_seconds=420,
            firewall_manager_removal_seconds=120,
            new_role_seconds=30,
            service_linked_role_seconds=60,
            ec2_block_seconds=600,
            securityhub_policy_seconds=600,
            macie_first_delegation_seconds=300,
            cloudtrail_access_seconds=60,
            cloudtrail_delivery_seconds=300,
            faults=Faults(seed, rate),
        )


class Rules:
    """The settings that AWS lives by in this process; the sandbox that runs sets them."""

    settings: Settings = Settings()
