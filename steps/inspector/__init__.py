"""Amazon Inspector, administered from the security tooling account in every governed region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import MANAGEMENT, Action, Address, Change, Note, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value
from steps.common import administrator, members
from steps.common.administrator import Service
from steps.common.offers import unoffered
from steps.inspector import scans

if TYPE_CHECKING:
    from mypy_boto3_inspector2 import Inspector2Client

_NOT_THERE_YET = frozenset({"AccessDeniedException"})
_OFF_OR_NOT_THERE_YET = frozenset({"AccessDeniedException", "ValidationException"})
_ScanType = Literal["ec2", "ecr", "lambda_standard", "lambda_code", "code_repository"]
_PushDuration = Literal["LIFETIME", "DAYS_180", "DAYS_90", "DAYS_60", "DAYS_30", "DAYS_14", "DAYS_7", "DAYS_3"]
_PullDuration = Literal["DAYS_180", "DAYS_90", "DAYS_60", "DAYS_30", "DAYS_14", "DAYS_7", "DAYS_3"]
_PackagePath = Annotated[str, Field(min_length=1, max_length=512)]


def _administrators(region: str, aws: Reader) -> list[str]:
    inspector: Inspector2Client = aws.client("inspector2", Target(MANAGEMENT, region))
    pages = inspector.get_paginator("list_delegated_admin_accounts").paginate()
    admins = (admin for page in pages for admin in page.get("delegatedAdminAccounts", []))
    return [admin["accountId"] for admin in admins if admin.get("status") == "ENABLED" and "accountId" in admin]


_SERVICE = Service(
    name="Inspector",
    client="inspector2",
    principal="inspector2.amazonaws.com",
    removal="inspector2 disable-delegated-admin-account --delegated-admin-account-id {account}",
    administrators=_administrators,
)


class ScanTypes(BaseModel):
    """What is scanned in every account, those that join later included; it is switched off where it is false."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ec2: bool = Field(default=True, description="EC2 instances: their packages, and how they can be reached.")
    ecr: bool = Field(default=True, description="Container images in ECR.")
    lambda_standard: bool = Field(default=True, description="Lambda functions: the packages that they use.")
    lambda_code: bool = Field(
        default=True, description="Lambda functions: their own code, at a price of its own. Needs lambda_standard."
    )
    code_repository: bool = Field(default=True, description="The code in repositories that are connected to Inspector.")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.lambda_code and not self.lambda_standard:
            raise ValueError("lambda_code needs lambda_standard; set both to true, or lambda_code to false too")
        if not any(self.model_dump().values()):
            raise ValueError("nothing would be scanned; set a scan type to true, or the step's enabled to false")
        return self


class EcrRescan(BaseModel):
    """How long an image is scanned again when new vulnerabilities become known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since_push: _PushDuration = Field(default="DAYS_14", description="How long after the image was pushed.")
    since_pull: _PullDuration = Field(default="DAYS_14", description="How long after it was used, as pull_mode says.")
    pull_mode: Literal["LAST_IN_USE_AT", "LAST_PULL_DATE"] = Field(
        default="LAST_IN_USE_AT", description="Whether that is when it last ran on a cluster, or was pulled."
    )


class Inspector(Step[StepConfig]):
    """Scan every account and governed region for vulnerabilities, from the security tooling account.

    The SRA makes the security tooling account the administrator of Inspector, with every account a member in which
    instances, images, functions and code are scanned, so that its findings are in one place.
    """

    class Config(StepConfig):
        """What Inspector scans in the organization, and how."""

        scan_types: ScanTypes = Field(default_factory=ScanTypes, description="What is scanned in every account.")
        not_offered: Mapping[str, tuple[_ScanType, ...]] = Field(
            default={},
            description="By region, the scan types that AWS does not offer there and lists nevertheless; the tool says "
            "so when AWS refuses one. For example {eu-west-3: [lambda_code]}.",
        )
        ecr_rescan: EcrRescan = Field(default_factory=EcrRescan, description="How long images are scanned again.")
        ec2_scan_mode: Literal["EC2_HYBRID", "EC2_SSM_AGENT_BASED"] = Field(
            default="EC2_HYBRID",
            description="Whether instances without an SSM agent are scanned too, by snapshots of their volumes.",
        )
        deep_inspection: bool = Field(
            default=True, description="Whether the packages of programming languages on instances are scanned."
        )
        deep_inspection_paths: Annotated[tuple[_PackagePath, ...], Field(max_length=5)] | None = Field(
            default=None, description="Where else than in the usual places; null leaves the paths that there are."
        )

    id = "inspector"
    after = ("accounts", "trusted_access")
    follows = ("regions",)
    trusted_access = (_SERVICE.principal,)
    administers = (_SERVICE.principal,)
    home_first = frozenset({"administrator"})
    kept = {
        "organization-configuration": "It goes with the administrator; enrolling new accounts is ended first.",
        "configuration": "AWS deletes it when nothing is scanned any more.",
    }
    reads = frozenset(
        {
            "inspector2:BatchGetAccountStatus",
            "inspector2:BatchGetMemberEc2DeepInspectionStatus",
            "inspector2:DescribeOrganizationConfiguration",
            "inspector2:GetConfiguration",
            "inspector2:GetEc2DeepInspectionConfiguration",
            "inspector2:ListDelegatedAdminAccounts",
            "inspector2:ListMembers",
            "organizations:ListDelegatedAdministrators",
        }
    )
    writes = frozenset(
        {
            "inspector2:AssociateMember",
            "inspector2:BatchUpdateMemberEc2DeepInspectionStatus",
            "inspector2:Disable",
            "inspector2:DisableDelegatedAdminAccount",
            "inspector2:DisassociateMember",
            "inspector2:Enable",
            "inspector2:EnableDelegatedAdminAccount",
            "inspector2:UpdateConfiguration",
            "inspector2:UpdateEc2DeepInspectionConfiguration",
            "inspector2:UpdateOrgEc2DeepInspectionConfiguration",
            "inspector2:UpdateOrganizationConfiguration",
            "organizations:DeregisterDelegatedAdministrator",
        }
    )
    in_members = (reads | writes) - {
        "inspector2:DisableDelegatedAdminAccount",
        "inspector2:EnableDelegatedAdminAccount",
        "inspector2:ListDelegatedAdminAccounts",
        "organizations:DeregisterDelegatedAdministrator",
        "organizations:ListDelegatedAdministrators",
    }
    implied = frozenset(
        {
            "iam:CreateServiceLinkedRole",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:EnableAWSServiceAccess",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:RegisterDelegatedAdministrator",
        }
    )
    # https://github.com/hashicorp/terraform-provider-aws/issues/27646 and
    # https://github.com/schubergphilis/terraform-aws-mcaf-landing-zone/pull/200
    not_yet = {
        "inspector2:AssociateMember": _OFF_OR_NOT_THERE_YET,
        "inspector2:BatchGetMemberEc2DeepInspectionStatus": _NOT_THERE_YET,
        "inspector2:BatchUpdateMemberEc2DeepInspectionStatus": _NOT_THERE_YET,
        "inspector2:DescribeOrganizationConfiguration": _NOT_THERE_YET,
        "inspector2:EnableDelegatedAdminAccount": _NOT_THERE_YET,
        "inspector2:GetConfiguration": _NOT_THERE_YET,
        "inspector2:GetEc2DeepInspectionConfiguration": _NOT_THERE_YET,
        "inspector2:ListMembers": _NOT_THERE_YET,
        "inspector2:UpdateConfiguration": _NOT_THERE_YET,
        "inspector2:UpdateEc2DeepInspectionConfiguration": _NOT_THERE_YET,
        "inspector2:UpdateOrgEc2DeepInspectionConfiguration": _NOT_THERE_YET,
        "inspector2:UpdateOrganizationConfiguration": _OFF_OR_NOT_THERE_YET,
    }
    considerations = (
        "One account administers Inspector in all regions; AWS refuses another one in a second region.",
        "Inspector enrolls accounts that join later; those that are there are associated and enabled by this step.",
        "The management account is a member like any other.",
        "Scan types differ by region. Where AWS lists one that it does not offer, it says so when asked to enable it.",
        "A member whose scans the administrator has configured by itself keeps its own configuration.",
        "Destroying disables the scans of all accounts, and AWS deletes findings and settings with the last of them.",
    )
    costs = "By the number of instances, images, functions and repositories scanned, after 15 days free of charge."
    irreversible = "Where scans are disabled, AWS deletes their findings."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/inspector/latest/user/managing-multiple-accounts.html",
        "https://docs.aws.amazon.com/inspector/latest/user/inspector_regions.html",
        "https://docs.aws.amazon.com/inspector/v2/APIReference/API_AutoEnable.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """The administrator, its own scans, those of accounts that join, how scans are made, and those of members."""
        security, config = org.security_tooling, self.config
        settings: Attrs = {"ecr_rescan": config.ecr_rescan.model_dump(), "ec2_scan_mode": config.ec2_scan_mode}
        scanned = {region: self._scanned(region) for region in org.regions}
        statuses: dict[str, Attrs] = {
            region: {name: "ENABLED" if on else "DISABLED" for name, on in types.items()}
            for region, types in scanned.items()
        }
        yield from administrator.desired(org)
        for region in org.regions:
            yield Resource(Address("scans", Target(security, region)), statuses[region])
        for region in org.regions:
            yield Resource(Address("organization-configuration", Target(security, region)), scanned[region])
        for region in org.regions:
            inspected = self._inspection() if scanned[region].get("ec2") else {}
            yield Resource(Address("configuration", Target(security, region)), {**settings, **inspected})
        for region in org.regions:
            member: dict[str, Value] = {"status": "ENABLED", "scans": statuses[region]}
            if scanned[region].get("ec2"):
                member["deep_inspection"] = self._inspection()["deep_inspection"]
            wanted: Attrs = {name: member for name in org.members() if name != security}
            yield Resource(Address("members", Target(security, region)), wanted)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What Inspector says in one region, in the management account or in the security tooling account."""
        if not aws.offers("inspector2", at.region):
            yield from unoffered(self.desired(org), at, "Inspector")
        elif at.account == MANAGEMENT:
            for name in self.config.not_offered.get(at.region, ()):
                yield Note(f"{name} is not scanned in {at.region}: config.yaml says that AWS does not offer it there.")
            yield from administrator.observe(_SERVICE, at, org, aws, regions=org.regions)
        else:
            yield from self._observe_administrator(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change in one region."""
        at = change.address.at
        inspector: Inspector2Client = aws.client("inspector2", at)
        match change.address.kind, change.action:
            case "administrator", Action.DELETE:
                disable = inspector.disable_delegated_admin_account
                administrator.dismiss(
                    _SERVICE,
                    change,
                    lambda account: disable(delegatedAdminAccountId=account),
                    org,
                    aws,
                    regions=org.regions,
                )
            case "administrator", _:
                enable = inspector.enable_delegated_admin_account
                refused = inspector.exceptions.ConflictException
                administrator.appoint(
                    _SERVICE, change, lambda account: enable(delegatedAdminAccountId=account), refused, aws
                )
            case "scans", Action.DELETE:
                scans.switch([str(org.id_of(at.account))], scans.off(change.before), at.region, inspector, aws)
            case "scans", _:
                scans.switch([str(org.id_of(at.account))], change.after, at.region, inspector, aws)
            case "organization-configuration", _:
                scans.configure_organization(change.after, inspector)
            case "configuration", _:
                self._configure(change.after, inspector)
            case "members", Action.DELETE:
                scans.remove_members(change.before, at.region, org, inspector, aws)
            case "members", _:
                scans.put_members(change.after, at.region, org, inspector, aws)

    def _scanned(self, region: str) -> dict[str, bool]:
        """Whether each scan type that a region may have is wanted."""
        missing = set(self.config.not_offered.get(region, ()))
        if "lambda_standard" in missing:
            missing.add("lambda_code")
        wanted: dict[str, bool] = self.config.scan_types.model_dump()
        return {name: on for name, on in wanted.items() if name not in missing}

    def _observe_administrator(self, at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
        inspector: Inspector2Client = aws.client("inspector2", at)
        ours = administrator.is_ours(_SERVICE, at.region, org, aws)
        associated = scans.associated(inspector) if ours else {}
        active = {account.id for account in org.live_accounts() if account.active}
        security = str(org.id_of(at.account))
        found = scans.statuses(
            inspector, [security, *(account_id for account_id in associated if account_id in active)]
        )
        own = found.pop(security)
        yield from _left_out(at, org, own)
        on = {name: status for name, status in own.items() if status == "ENABLED"}
        if on:
            yield Resource(Address("scans", at), own)
        if ours:
            listed = inspector.describe_organization_configuration()["autoEnable"]
            yield Resource(Address("organization-configuration", at), scans.named(listed))
        if on:
            # Where instances are not scanned there is nothing to read, and it comes back with their scans.
            inspection = self._deep_inspection(inspector) if "ec2" in on else self._inspection()
            yield Resource(Address("configuration", at), {**_configuration(inspector), **inspection})
        scanned = [account_id for account_id, statuses in found.items() if statuses["ec2"] == "ENABLED"]
        inspected = self._inspected(inspector, scanned) if self.config.scan_types.ec2 else {}
        yield from members.observed(
            "Inspector",
            at,
            org,
            {
                account_id: {"status": status, "scans": found.get(account_id, {}), **inspected.get(account_id, {})}
                for account_id, status in associated.items()
            },
        )

    def _inspection(self) -> Attrs:
        """How instances are to be inspected deeply."""
        paths = self.config.deep_inspection_paths
        status: Attrs = {"deep_inspection": "ACTIVATED" if self.config.deep_inspection else "DEACTIVATED"}
        return status if paths is None else {**status, "deep_inspection_paths": tuple(sorted(paths))}

    def _deep_inspection(self, inspector: Inspector2Client) -> Attrs:
        answer = inspector.get_ec2_deep_inspection_configuration()
        return {
            "deep_inspection": self._settled(answer.get("status")),
            "deep_inspection_paths": tuple(sorted(answer.get("orgPackagePaths", []))),
        }

    def _inspected(self, inspector: Inspector2Client, account_ids: Sequence[str]) -> dict[str, Attrs]:
        """Whether the instances of members are inspected deeply; those are left out of which Inspector does not tell.

        It does not of an account whose instances it does not scan, or not yet.
        """
        inspected: dict[str, Attrs] = {}
        for batch in members.in_batches(account_ids, scans.BATCH):
            answer = inspector.batch_get_member_ec2_deep_inspection_status(accountIds=batch)
            for account in answer.get("accountIds", []):
                inspected[account["accountId"]] = {"deep_inspection": self._settled(account.get("status"))}
        return inspected

    def _settled(self, status: str | None) -> Value:
        """A status of deep inspection; one that is on its way counts as what is wanted."""
        return self._inspection()["deep_inspection"] if status == "PENDING" else status

    def _configure(self, after: Attrs, inspector: Inspector2Client) -> None:
        """Set what differs, with all that AWS takes together with it."""
        sent: Any = {}
        if "ecr_rescan" in after:
            rescan = self.config.ecr_rescan
            sent["ecrConfiguration"] = {
                "rescanDuration": rescan.since_push,
                "pullDateRescanDuration": rescan.since_pull,
                "pullDateRescanMode": rescan.pull_mode,
            }
        if "ec2_scan_mode" in after:
            # AWS does not say that what is not sent stays as it is.
            seen = inspector.get_configuration().get("ec2Configuration", {}).get("vmScannerState", {})
            scanner = {"activateVMScanner": seen["activated"]} if "activated" in seen else {}
            sent["ec2Configuration"] = {"scanMode": self.config.ec2_scan_mode, **scanner}
        if sent:
            inspector.update_configuration(**sent)
        if "deep_inspection" in after:
            active = self.config.deep_inspection
            inspector.update_ec2_deep_inspection_configuration(activateDeepInspection=active)
        if "deep_inspection_paths" in after:
            paths: Any = after["deep_inspection_paths"]
            inspector.update_org_ec2_deep_inspection_configuration(orgPackagePaths=list(paths))


def _left_out(at: Target, org: Org, listed: Attrs) -> Iterator[Unavailable]:
    """The scan types that AWS does not list in a region, wherever they are named."""
    for name in scans.TYPES:
        if name not in listed:
            reason = f"Inspector does not offer {name} in {at.region}."
            yield Unavailable(Address("scans", at), (name,), reason)
            yield Unavailable(Address("organization-configuration", at), (name,), reason)
            for member in org.members():
                yield Unavailable(Address("members", at), (member, "scans", name), reason)


def _configuration(inspector: Inspector2Client) -> Attrs:
    answer: Any = inspector.get_configuration()
    rescan = answer.get("ecrConfiguration", {}).get("rescanDurationState", {})
    return {
        "ecr_rescan": {
            "since_push": rescan.get("rescanDuration"),
            "since_pull": rescan.get("pullDateRescanDuration"),
            "pull_mode": rescan.get("pullDateRescanMode"),
        },
        "ec2_scan_mode": answer.get("ec2Configuration", {}).get("scanModeState", {}).get("scanMode"),
    }
