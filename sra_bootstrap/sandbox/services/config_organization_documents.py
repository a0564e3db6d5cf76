"""AWS Systems Manager: the documents of Amazon that hold templates of conformance packs.

How they are named is seen in https://github.com/aws-samples and in the policies of AWS that allow them:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSQuickSetupPatchPolicyDeploymentRolePolicy.html. What
they say is shortened here: a few of their rules, in AWS's manner. They are kept among moto's documents.
"""

from __future__ import annotations

import copyreg
import hashlib
import importlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from sra_bootstrap.sandbox.extension import Call, check, gate
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.later import moment

_OWNER = "Amazon"
_PREFIX = "AWSConformancePacks-OperationalBestPracticesfor"
_PCI = f"{_PREFIX}PCIDSSv4"
_REGIONAL = """\
Parameters:
  AccessKeysRotatedParamMaxAccessKeyAge:
    Default: '90'
    Type: String
Conditions:
  accessKeysRotatedParamMaxAccessKeyAge:
    Fn::Not:
    - Fn::Equals:
      - ''
      - Ref: AccessKeysRotatedParamMaxAccessKeyAge
Resources:
  AccessKeysRotated:
    Properties:
      ConfigRuleName: access-keys-rotated
      InputParameters:
        maxAccessKeyAge:
          Fn::If:
          - accessKeysRotatedParamMaxAccessKeyAge
          - Ref: AccessKeysRotatedParamMaxAccessKeyAge
          - Ref: AWS::NoValue
      Source:
        Owner: AWS
        SourceIdentifier: ACCESS_KEYS_ROTATED
    Type: AWS::Config::ConfigRule
  EncryptedVolumes:
    Properties:
      ConfigRuleName: encrypted-volumes
      Scope:
        ComplianceResourceTypes:
        - AWS::EC2::Volume
      Source:
        Owner: AWS
        SourceIdentifier: ENCRYPTED_VOLUMES
    Type: AWS::Config::ConfigRule
"""
_GLOBAL = """\
  RootAccountMfaEnabled:
    Properties:
      ConfigRuleName: root-account-mfa-enabled
      Source:
        Owner: AWS
        SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED
    Type: AWS::Config::ConfigRule
"""
TEMPLATES = {
    f"{_PCI}IncludingGlobalResourceTypes": _REGIONAL + _GLOBAL,
    f"{_PCI}ExcludingGlobalResourceTypes": _REGIONAL,
}
"""What each document says, by its name."""


@dataclass
class AmazonDocument:
    """A version of a document, with the names by which moto reads one."""

    name: str
    content: str
    document_version: str = "1"
    owner: str = _OWNER
    document_type: str = "ConformancePackTemplate"
    document_format: str = "YAML"
    status: str = "Active"
    schema_version: str = "1.0"
    description: str = "A template of a conformance pack."
    created_date: datetime = field(default_factory=moment)
    version_name: str | None = None
    target_type: str | None = None
    requires: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)
    parameter_list: list[Any] = field(default_factory=list)
    platform_types: list[str] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DocumentDescription.html."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def content_json(self) -> Any:
        """What it says, as data."""
        return YAML(typ="safe", pure=True).load(self.content)

    def list_describe(self, tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DocumentIdentifier.html."""
        return {
            "Name": self.name,
            "Owner": self.owner,
            "DocumentVersion": self.document_version,
            "DocumentType": self.document_type,
            "DocumentFormat": self.document_format,
            "SchemaVersion": self.schema_version,
            "CreatedDate": self.created_date,
            "PlatformTypes": self.platform_types,
            "Tags": tags or [],
        }


@cache
def _moto() -> Any:
    """Systems Manager of moto, which takes seconds to import, so that only those who call it wait for that."""
    models = importlib.import_module("moto.ssm.models")
    # A copy of it, for the sandbox to remember, is beyond Python: its parameters are made from more than they tell.
    copyreg.pickle(models.ParameterDict, _reduced)
    return models


def _reduced(parameters: Any) -> tuple[Any, ...]:
    made_from = (parameters.account_id, parameters.region_name)
    return type(parameters), made_from, parameters.__dict__, None, iter(parameters.items())


def _documents(account_id: str, region: str) -> dict[str, Any]:
    """All documents that an account sees in a region, each with its versions."""
    documents: dict[str, Any] = _moto().ssm_backends[account_id][region]._documents  # noqa: SLF001 (no public way)
    return documents


def publish(account_id: str, region: str, name: str, content: str) -> None:
    """Let Amazon publish a document, or a new version of one, as an account sees it in a region."""
    documents = _documents(account_id, region)
    if name not in documents:
        documents[name] = _moto().Documents(AmazonDocument(name, content))
        return
    versions = documents[name]
    document = AmazonDocument(name, content, str(int(versions.latest_version) + 1))
    versions.add_new_version(document)
    versions.update_default_version(document.document_version)


@gate
def are_there(call: Call) -> None:
    """Before any call of Systems Manager: the documents of Amazon are in every account."""
    if call.service == "ssm":
        documents = _documents(call.account_id, call.region)
        for name, content in TEMPLATES.items():
            if name not in documents:
                publish(call.account_id, call.region, name, content)


@check("ssm", "DeleteDocument", "UpdateDocument", "UpdateDocumentDefaultVersion", "ModifyDocumentPermission")
def belongs_to_amazon(call: Call, Name: str, **_: Any) -> None:
    """Nobody changes a document of Amazon; with which code is guessed.

    Raises:
        AwsFault: it is one.
    """
    versions = _documents(call.account_id, call.region).get(Name)
    if versions is not None and versions.get_default_version().owner == _OWNER:
        raise AwsFault("AccessDeniedException", f"The document {Name} is owned by Amazon.")
