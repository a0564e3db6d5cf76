"""Conformance packs of an organization: which templates AWS Config deploys to its accounts, with what parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.textfile import Text, TextFile
from sra_bootstrap.values import Value
from steps.config_organization import deployments
from steps.config_organization.deployments import EVERYWHERE, PACKS

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_ssm import SSMClient

_MOST_BYTES = 51_200
"""https://docs.aws.amazon.com/config/latest/APIReference/API_PutOrganizationConformancePack.html"""
_TAG = "sra-bootstrap:template"
"""The tag of a pack that says of what template it was last made: AWS does not tell a pack's template."""


def _fits(file: Text) -> Text:
    size = len(file.text.encode())
    if size > _MOST_BYTES:
        text = (
            "the file {path} has {size} bytes, and AWS takes a template of at most 51200; divide it into several packs"
        )
        raise PydanticCustomError("template_size", text, {"path": file.path, "size": size})
    return file


PackName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][-a-zA-Z0-9]{0,127}$")]
Document = Annotated[str, StringConstraints(pattern=r"^AWSConformancePacks-[a-zA-Z0-9_.-]{1,108}$")]


class Pack(BaseModel):
    """A conformance pack: a template, from AWS or from a file, and to which accounts and regions it is deployed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: Document | None = Field(
        default=None,
        description="A template of AWS: the name of its Systems Manager document, as in AWSConformancePacks-….",
    )
    file: Annotated[TextFile, AfterValidator(_fits)] | None = Field(
        default=None, description="Or a template of your own: a file, by its path from the folder of config.yaml."
    )
    parameters: dict[str, str] = Field(default_factory=dict, description="Values for the template's parameters.")
    exclude_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that it is not deployed to, by their keys; `management` is one too."
    )
    regions: Literal["governed", "home"] = Field(
        default="governed", description="Whether it is deployed in every governed region, or in the home region only."
    )

    @model_validator(mode="after")
    def _has_one_template(self) -> Pack:
        if (self.template is None) == (self.file is None):
            raise PydanticCustomError("template", "it must have either a template of AWS, or a file")
        return self

    @property
    def source(self) -> str:
        """Of what template it is to be made: a document of AWS, or what a file says."""
        if self.file is None:
            return str(self.template)
        return f"sha256:{hashlib.sha256(self.file.text.encode()).hexdigest()}"


def desired(name: str, pack: Pack, at: Target, org: Org) -> Resource:
    """A pack as a plan wants it."""
    wanted: dict[str, Value] = {
        "template": pack.source,
        "parameters": deployments.pairs(pack.parameters),
        "excluded": deployments.excluded(pack.exclude_accounts, org),
        "deployed": EVERYWHERE,
    }
    return Resource(Address(PACKS.kind, at, name), wanted)


def observe(wanted: Mapping[str, Pack], at: Target, org: Org, aws: Reader) -> Iterator[Observation]:
    """The packs that are there, those of others included."""
    config: ConfigServiceClient = aws.client("config", at)
    found = deployments.listed(PACKS, config)
    statuses = deployments.statuses(PACKS, config) if wanted.keys() & found.keys() else {}
    for name, pack in wanted.items():
        address = Address(PACKS.kind, at, name)
        yield from deployments.unknown(pack.exclude_accounts, address, org)
        current = _version(pack.template, at, aws)
        if pack.template is not None and current is None:
            yield _no_template(address, pack.template)
        if name in found:
            standing = deployments.standing(PACKS, address, statuses.get(name), org, aws)
            yield from standing.notes
            seen: dict[str, Value] = {
                "template": _template(found[name], pack, current, config),
                "parameters": deployments.pairs(_parameters(found[name])),
                "excluded": deployments.told(found[name].get("ExcludedAccounts", ()), org),
                "deployed": standing.where,
            }
            yield Resource(address, seen)
    for name in sorted(found.keys() - wanted.keys()):
        yield Resource(Address(PACKS.kind, at, name), {"parameters": deployments.pairs(_parameters(found[name]))})


def apply(change: Change, packs: Mapping[str, Pack], org: Org, aws: Writer) -> None:
    """Deploy a pack, bring it to what is wanted, or remove it."""
    name, at = change.address.name, change.address.at
    if change.action is Action.DELETE:
        deployments.delete(PACKS, change.address, aws)
        return
    config: ConfigServiceClient = aws.client("config", at)
    pack = packs[name]
    body, made_of = _body(pack, at, aws)
    there = deployments.listed(PACKS, config).get(name, {})
    # What of the delivery is not ours stays as it is; a request that leaves it out would end it.
    delivery: Any = {key: there[key] for key in ("DeliveryS3Bucket", "DeliveryS3KeyPrefix") if key in there}

    def send() -> None:
        answer = config.put_organization_conformance_pack(
            OrganizationConformancePackName=name,
            TemplateBody=body,
            ConformancePackInputParameters=[
                {"ParameterName": key, "ParameterValue": value} for key, value in pack.parameters.items()
            ],
            ExcludedAccounts=deployments.ids(pack.exclude_accounts, org),
            Tags=[{"Key": _TAG, "Value": made_of}],
            **delivery,
        )
        if there:
            # Tags are taken with the request when it creates a pack, and only then.
            arn = answer["OrganizationConformancePackArn"]
            config.tag_resource(ResourceArn=arn, Tags=[{"Key": _TAG, "Value": made_of}])

    deployments.put(PACKS, change.address, send, org, aws)


def _parameters(found: Any) -> dict[str, str]:
    given: Iterable[Any] = found.get("ConformancePackInputParameters", ())
    return {one["ParameterName"]: one["ParameterValue"] for one in given}


def _version(document: str | None, at: Target, aws: Reader) -> str | None:
    """The current version of a template of AWS; None where there is none."""
    if document is None:
        return None
    ssm: SSMClient = aws.client("ssm", at)
    try:
        return aws.once(
            f"version of {document} in {at}",
            lambda: ssm.describe_document(Name=document)["Document"]["DocumentVersion"],
        )
    except ssm.exceptions.InvalidDocument:
        return None


def _no_template(address: Address, document: str) -> Obstacle:
    return Obstacle(
        address,
        f"AWS has no template {document} in {address.at.region}.",
        "See which there are: aws ssm list-documents --filters Key=Owner,Values=Amazon "
        f"Key=DocumentType,Values=ConformancePackTemplate --region {address.at.region}",
    )


def _template(found: Any, pack: Pack, current: str | None, config: ConfigServiceClient) -> str | None:
    """Of what a pack was last made, by its tag: of a template of AWS, its name alone is that it is of today's."""
    tags = config.list_tags_for_resource(ResourceArn=found["OrganizationConformancePackArn"])["Tags"]
    made_of = next((tag["Value"] for tag in tags if tag["Key"] == _TAG), None)
    return pack.template if current is not None and made_of == f"{pack.template}:{current}" else made_of


def _body(pack: Pack, at: Target, aws: Writer) -> tuple[str, str]:
    """What the template says, and what the tag is to say of it.

    Raises:
        RefusalError: AWS's template is longer than AWS takes.
    """
    if pack.file is not None:
        return pack.file.text, pack.source
    ssm: SSMClient = aws.client("ssm", at)
    document = ssm.get_document(Name=str(pack.template), DocumentFormat="YAML")
    body = document["Content"]
    size = len(body.encode())
    if size > _MOST_BYTES:
        raise RefusalError(
            f"The template {pack.template} has {size} bytes, and a request takes {_MOST_BYTES}.",
            "Divide a copy of it into several packs, and name these as files in config.yaml.",
        )
    return body, f"{pack.template}:{document['DocumentVersion']}"
