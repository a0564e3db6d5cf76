"""What every account has set for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.aws.failures import Kind, kind_of
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import MANAGEMENT, Address, Change, Note, Observation, Resource, Target, Unavailable
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value
from steps.account_baseline import default_vpc, ec2, password_policy
from steps.account_baseline.ec2 import Ec2Defaults
from steps.account_baseline.password_policy import PasswordPolicy

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3control import S3ControlClient

_BLOCKED: Attrs = {"public_acls": True, "ignored_acls": True, "public_policies": True, "public_buckets": True}
_STAYS = "Nothing is made less secure by taking the tool away; change it by hand where it is in the way."


class AccountBaseline(Step[StepConfig]):
    """Give every account the same safe defaults: passwords, encryption of volumes, no sharing with everybody.

    What an organization policy can set is left to one, which reaches all accounts and those that join without a call
    to any. What no policy reaches is set in each account and governed region. What is stricter already stays.
    """

    class Config(StepConfig):
        """The section of this step."""

        password_policy: PasswordPolicy = Field(
            default_factory=PasswordPolicy,
            description="What the passwords of IAM users must be like, in every account.",
        )
        ebs_encryption: bool = Field(
            default=True, description="Whether new EBS volumes are encrypted; no organization policy can set it."
        )
        ebs_key: str | None = Field(
            default=None,
            pattern=r"^[\w/-]+$",
            description="The alias, without `alias/`, of the key that they are encrypted with, in every account and "
            "region that has one of that alias; null for the key of AWS, or whatever an account has set.",
        )
        s3_public_access: Literal["policy", "calls", "off"] = Field(
            default="policy",
            description="Who blocks public access to S3 in every account: an organization policy of type S3_POLICY, "
            "and this step asks no account; calls, one in every account, with each plan; or nobody (off).",
        )
        ec2_defaults: Ec2Defaults = Field(
            default_factory=Ec2Defaults, description="What EC2 does where nothing else is asked for."
        )
        remove_default_vpcs: bool = Field(
            default=False,
            description="Whether default VPCs are removed, in every account and governed region, where nobody has put "
            "anything into them. It is off by default, as a VPC of the same id cannot be made again.",
        )

    id = "account_baseline"
    after = ("accounts",)
    follows = ("regions",)
    kept = {
        "password-policy": _STAYS,
        "public-access-block": _STAYS,
        "ec2-defaults": _STAYS,
        "default-vpc": "A default VPC is made again by hand (aws ec2 create-default-vpc).",
    }
    reads = frozenset(
        {
            "ec2:DescribeNetworkAcls",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcBlockPublicAccessOptions",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
            "ec2:GetEbsDefaultKmsKeyId",
            "ec2:GetEbsEncryptionByDefault",
            "ec2:GetImageBlockPublicAccessState",
            "ec2:GetInstanceMetadataDefaults",
            "ec2:GetSerialConsoleAccessStatus",
            "ec2:GetSnapshotBlockPublicAccessState",
            "iam:GetAccountPasswordPolicy",
            "kms:DescribeKey",
            "s3:GetAccountPublicAccessBlock",
        }
    )
    writes = frozenset(
        {
            "ec2:CreateTags",
            "ec2:DeleteInternetGateway",
            "ec2:DeleteSubnet",
            "ec2:DeleteVpc",
            "ec2:DescribeInternetGateways",
            "ec2:DetachInternetGateway",
            "ec2:DisableSerialConsoleAccess",
            "ec2:EnableEbsEncryptionByDefault",
            "ec2:EnableImageBlockPublicAccess",
            "ec2:EnableSnapshotBlockPublicAccess",
            "ec2:ModifyEbsDefaultKmsKeyId",
            "ec2:ModifyInstanceMetadataDefaults",
            "ec2:ModifyVpcBlockPublicAccessOptions",
            "iam:UpdateAccountPasswordPolicy",
            "s3:PutAccountPublicAccessBlock",
        }
    )
    considerations = (
        "Of 200 members in 17 regions a plan makes 3,417 reads of EC2, one a place, 201 of IAM, and assumes 200 roles.",
        "With everything by calls these are 17,085 reads of EC2, five a place, 201 of IAM and 201 of S3.",
        "An EC2 policy and an S3 policy reach all accounts, those that join and the management account included.",
        "No account can change what such a policy sets: prefer these to calls.",
        "Encryption of volumes by default, passwords and default VPCs have no organization policy.",
        "Where a policy has set something otherwise than config.yaml asks calls for, the plan says so and leaves it.",
        "A stricter setting stays: a longer password, an earlier expiry, a lower hop limit, all of sharing blocked.",
        "The password policy is for IAM users; it says nothing of root users and of people in IAM Identity Center.",
        "Only new volumes are encrypted, and only new instances have the metadata defaults.",
        "Who starts instances needs to use the key of config.yaml; so do roles of Auto Scaling, in its policy.",
    )
    costs = "Nothing; a KMS key of your own has its price."
    irreversible = "A default VPC that is removed can be made again, but not with the same ids."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/org-management.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html",
        "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
        "https://docs.aws.amazon.com/vpc/latest/userguide/deleting-default-vpc.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """The settings of every account, then those of every account and governed region."""
        config, names = self.config, tuple(org.members())
        places = [Target(name, region) for region in org.regions for name in names]
        if config.password_policy.enabled:
            for name in names:
                yield Resource(Address("password-policy", Target(name)), config.password_policy.wanted())
        if config.s3_public_access == "calls":
            for name in names:
                yield Resource(Address("public-access-block", Target(name)), _BLOCKED)
        if defaults := self._ec2():
            for at in places:
                yield Resource(Address("ec2-defaults", at), defaults)
        if config.remove_default_vpcs:
            for at in places:
                yield Resource(Address("default-vpc", at), {"removed": True})

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What an account has set, or what it has set in one region; no more is asked for than is wanted."""
        config = self.config
        if at.region:
            if wanted := self._ec2():
                yield from _observe_ec2(at, wanted, aws)
            if config.remove_default_vpcs:
                yield from default_vpc.observe(at, aws.client("ec2", at))
            return
        if at.account == MANAGEMENT and "organization_policies" not in org.sections:
            left = {"EC2": config.ec2_defaults.by, "S3": config.s3_public_access}
            services = " and ".join(name for name, by in left.items() if by == "policy")
            if services:
                yield Note(
                    f"The defaults of {services} are left to organization policies, and the step "
                    "organization_policies is not part of the pipeline: nobody here sees to it that there are any."
                )
        if config.password_policy.enabled:
            policy = password_policy.seen(config.password_policy.wanted(), aws.client("iam", at))
            if policy is not None:
                yield Resource(Address("password-policy", at), policy)
        if config.s3_public_access == "calls":
            yield from _observe_s3(at, org, aws)

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Set what differs in one account, or in one account and region."""
        at = change.address.at
        match change.address.kind:
            case "password-policy":
                iam: IAMClient = aws.client("iam", at)
                password_policy.put(self.config.password_policy.wanted(), iam)
            case "public-access-block":
                _block_s3(at, org, aws)
            case "ec2-defaults":
                client: EC2Client = aws.client("ec2", at)
                ec2.put(change.after, client)
                if "ebs_key" in change.after:
                    client.modify_ebs_default_kms_key_id(KmsKeyId=str(change.after["ebs_key"]))
            case "default-vpc":
                default_vpc.remove(aws.client("ec2", at))

    def _ec2(self) -> dict[str, Value]:
        wanted = self.config.ec2_defaults.wanted()
        if self.config.ebs_encryption:
            wanted["ebs_encryption"] = True
        if self.config.ebs_key is not None:
            wanted["ebs_key"] = f"alias/{self.config.ebs_key}"
        return wanted


def _observe_ec2(at: Target, wanted: Attrs, aws: Reader) -> Iterator[Observation]:
    client: EC2Client = aws.client("ec2", at)
    address = Address("ec2-defaults", at)
    found, declared = ec2.seen(wanted, client)
    for name in sorted(declared):
        if found[name] != wanted[name]:
            yield Unavailable(address, (name,), f"An organization policy sets {name} to {found[name]}.")
    if "ebs_key" in wanted:
        alias = str(wanted["ebs_key"])
        kms: KMSClient = aws.client("kms", at)
        try:
            arn = kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
        except kms.exceptions.NotFoundException:
            yield Unavailable(address, ("ebs_key",), f"There is no key {alias}.")
            arn = ""
        current = client.get_ebs_default_kms_key_id()["KmsKeyId"]
        found["ebs_key"] = alias if current == arn else current
    yield Resource(address, found)


def _observe_s3(at: Target, org: Org, aws: Reader) -> Iterator[Resource]:
    """What holds in an account, an S3 policy of the organization included."""
    s3: S3ControlClient = aws.client("s3control", at)
    try:
        answer = s3.get_public_access_block(AccountId=str(org.id_of(at.account)))["PublicAccessBlockConfiguration"]
    except s3.exceptions.NoSuchPublicAccessBlockConfiguration:
        return
    yield Resource(
        Address("public-access-block", at),
        {
            "public_acls": answer.get("BlockPublicAcls", False),
            "ignored_acls": answer.get("IgnorePublicAcls", False),
            "public_policies": answer.get("BlockPublicPolicy", False),
            "public_buckets": answer.get("RestrictPublicBuckets", False),
        },
    )


def _block_s3(at: Target, org: Org, aws: Writer) -> None:
    s3: S3ControlClient = aws.client("s3control", at)
    try:
        s3.put_public_access_block(
            AccountId=str(org.id_of(at.account)),
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    except s3.exceptions.ClientError as error:
        if kind_of(error) is not Kind.DENIED:
            raise
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
        raise RefusalError(
            f"S3 does not let public access be blocked in {at.account}: it denies that to who may not do it, and where "
            "an S3 policy of the organization says otherwise.",
            "Look for an S3 policy that reaches the account (aws organizations describe-effective-policy), and for the "
            "right to s3:PutAccountPublicAccessBlock.",
        ) from error
