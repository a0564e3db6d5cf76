"""IAM Access Analyzer: access from outside, access that nobody uses, and access within the organization."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.errors import RefusalError
from sra_bootstrap.model import Action, Address, Change, Observation, Obstacle, Resource, Target
from sra_bootstrap.org import Org
from sra_bootstrap.step import Step, StepConfig
from sra_bootstrap.values import Attrs, Value, nested
from steps.access_analyzer import analysis
from steps.access_analyzer.analysis import ExternalAccess, InternalAccess, Rule, UnusedAccess
from steps.common.delegations import administrator_of
from steps.common.offers import unoffered

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient
    from mypy_boto3_accessanalyzer.type_defs import AnalyzerSummaryTypeDef

_PRINCIPAL = "access-analyzer.amazonaws.com"
_OF_ACCOUNTS = "account-external-access"
_TYPES: dict[str, Any] = {
    "external-access": "ORGANIZATION",
    "unused-access": "ORGANIZATION_UNUSED_ACCESS",
    "internal-access": "ORGANIZATION_INTERNAL_ACCESS",
    _OF_ACCOUNTS: "ACCOUNT",
}
"""The kinds of this step, and what AWS calls them: one at a place is managed, and it is made as `sra-` and its kind."""
_RULES = {"unused-access": "exclusions", "internal-access": "inclusions"}
"""What the analysis rules of a kind are for."""
_PATIENCE = 600
"""How many seconds an analyzer may take to be shown, or to be active again. Access Analyzer keeps what it knows of an
organization for five minutes.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/accessanalyzer/analyzer.go
"""
_AGAIN = "If its administrator was registered a few minutes ago only, run it again in a while."


class AccessAnalyzer(Step[StepConfig]):
    """Find access from outside of the organization in every governed region, and more where config.yaml asks for it.

    The SRA makes the security tooling account the administrator of IAM Access Analyzer. Its analyzers look at every
    account of the organization, also at those that join later. Those that are there already are adopted.
    """

    class Config(StepConfig):
        """What IAM Access Analyzer looks for."""

        external_access: ExternalAccess = Field(
            default_factory=ExternalAccess, description="Access from outside of the organization."
        )
        unused_access: UnusedAccess = Field(
            default_factory=UnusedAccess, description="Access that nobody uses; at a price."
        )
        internal_access: InternalAccess = Field(
            default_factory=InternalAccess, description="Access within the organization; at a price."
        )
        account_analyzers: bool = Field(
            default=False,
            description="Whether every account has an analyzer of its own too, in every governed region, for access "
            "from outside of the account. It is free of charge.",
        )

    id = "access_analyzer"
    after = ("delegated_administrators",)
    follows = ("regions",)
    trusted_access = (_PRINCIPAL,)
    delegates = (_PRINCIPAL,)
    reads = frozenset(
        {"access-analyzer:GetAnalyzer", "access-analyzer:ListAnalyzers", "access-analyzer:ListArchiveRules"}
    )
    writes = frozenset(
        {
            "access-analyzer:CreateAnalyzer",
            "access-analyzer:CreateArchiveRule",
            "access-analyzer:DeleteAnalyzer",
            "access-analyzer:UpdateAnalyzer",
            "access-analyzer:UpdateArchiveRule",
        }
    )
    in_members = frozenset(
        {
            "access-analyzer:CreateArchiveRule",
            "access-analyzer:GetAnalyzer",
            "access-analyzer:ListArchiveRules",
            "access-analyzer:UpdateAnalyzer",
            "access-analyzer:UpdateArchiveRule",
        }
    )
    implied = frozenset({"iam:CreateServiceLinkedRole"})
    # https://github.com/nozaq/terraform-aws-secure-baseline/issues/184 and
    # https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/922
    not_yet = {"accessanalyzer:CreateAnalyzer": frozenset({"AccessDeniedException", "ValidationException"})}
    considerations = (
        "Analyzers are known by their type, whatever they are called; a second one of a type is left alone.",
        "An analyzer that an AWS service has made for itself is never adopted.",
        "Archive rules that config.yaml does not name are left alone; exclusions that it does not name are taken away.",
        "Without its administrator, an analyzer of the organization is disabled and not deleted.",
        "Analyzers of the organization that the management account has are not looked at.",
    )
    costs = (
        "External access: nothing. Unused access: by IAM roles and users, each month, for each analyzer. Internal "
        "access: by resources, each month, for each analyzer."
    )
    irreversible = "Deleting an analyzer deletes its findings."
    documentation = (
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-settings.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html",
        "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html",
    )

    config: Config

    def desired(self, org: Org) -> Iterable[Resource]:
        """One analyzer of each type that config.yaml asks for, in each place."""
        for kind in _TYPES:
            attrs = self._attrs(kind)
            for account in org.members() if kind == _OF_ACCOUNTS else (administrator_of(_PRINCIPAL, org),):
                for region in self._regions(kind, org):
                    yield Resource(Address(kind, Target(account, region)), attrs)

    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """The analyzers of one account in one region; of each type that is wanted, one has no name but its kind."""
        if not aws.offers("accessanalyzer", at.region):
            yield from unoffered(self.desired(org), at, "IAM Access Analyzer")
            return
        client: AccessAnalyzerClient = aws.client("accessanalyzer", at)
        analyzers = _analyzers(client)
        for kind, of_type in _TYPES.items():
            address, adopted = Address(kind, at), None
            ours = kind == _OF_ACCOUNTS or at.account == administrator_of(_PRINCIPAL, org)
            if ours and at.region in self._regions(kind, org):
                yield from self._misnamed(address, org)
                adopted = _adopted(kind, analyzers)
            if adopted is not None:
                yield from _lost(address, adopted)
                yield Resource(address, self._seen(kind, adopted, org, client))
            for other in analyzers:
                if other["type"] == of_type and other is not adopted:
                    yield Resource(Address(kind, at, other["name"]), {"status": other["status"]})

    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Create one analyzer, bring it to what is wanted, or delete it."""
        client: AccessAnalyzerClient = aws.client("accessanalyzer", change.address.at)
        adopted = _adopted(change.address.kind, _analyzers(client))
        if change.action is Action.DELETE:
            if adopted is not None:
                client.delete_analyzer(analyzerName=adopted["name"])
        elif adopted is not None or not self._create(change.address.kind, org, client):
            self._update(change, org, client, aws)

    def _section(self, kind: str) -> Any:
        """What config.yaml says of an analyzer of the organization."""
        return getattr(self.config, kind.replace("-", "_"))

    def _regions(self, kind: str, org: Org) -> tuple[str, ...]:
        """Where there is to be an analyzer."""
        enabled = self.config.account_analyzers if kind == _OF_ACCOUNTS else self._section(kind).enabled
        if not enabled:
            return ()
        return (org.home_region,) if kind in _RULES and self._section(kind).regions == "home" else org.regions

    def _rules(self, kind: str) -> list[Rule]:
        """The analysis rules of an analyzer, with the keys of accounts for their ids."""
        if kind == "unused-access":
            return analysis.exclusions(
                self.config.unused_access.exclude_accounts, self.config.unused_access.exclude_tags
            )
        return analysis.inclusions(self.config.internal_access.resources)

    def _archive_rules(self, kind: str) -> dict[str, dict[str, Any]]:
        """The archive rules of an analyzer, by name, as AWS takes them."""
        rules = {} if kind == _OF_ACCOUNTS else self._section(kind).archive_rules
        return {name: analysis.sent_filter(criteria) for name, criteria in rules.items()}

    def _attrs(self, kind: str) -> Attrs:
        attrs: dict[str, Value] = {"status": "ACTIVE"}
        if kind == "unused-access":
            attrs["age"] = self.config.unused_access.age
        if kind in _RULES:
            attrs[_RULES[kind]] = analysis.comparable(self._rules(kind))
        if rules := self._archive_rules(kind):
            attrs["archive_rules"] = {name: analysis.comparable_filter(rule) for name, rule in rules.items()}
        return attrs

    def _seen(self, kind: str, analyzer: AnalyzerSummaryTypeDef, org: Org, client: AccessAnalyzerClient) -> Attrs:
        """What an analyzer is, as far as it is managed. Its configuration and its archive rules are in no list."""
        name = analyzer["name"]
        attrs: dict[str, Value] = {"status": analyzer["status"]}
        if kind in _RULES:
            configuration: Any = client.get_analyzer(analyzerName=name)["analyzer"].get("configuration", {})
            access: Any = next(iter(configuration.values()), {})
            if kind == "unused-access":
                attrs["age"] = access.get("unusedAccessAge")
            names = {account.id: org.name_of(account.id) for account in org.live_accounts()}
            rules = access.get("analysisRule", {}).get(_RULES[kind], ())
            attrs[_RULES[kind]] = analysis.comparable(analysis.renamed(rules, names))
        if self._archive_rules(kind):
            pages = client.get_paginator("list_archive_rules").paginate(analyzerName=name)
            found = [rule for page in pages for rule in page["archiveRules"]]
            attrs["archive_rules"] = {rule["ruleName"]: analysis.comparable_filter(rule["filter"]) for rule in found}
        return attrs

    def _misnamed(self, address: Address, org: Org) -> Iterator[Obstacle]:
        """What config.yaml says of accounts and cannot be done."""
        named = analysis.accounts_in(self._rules(address.kind)) if address.kind in _RULES else set()
        known = {*org.accounts, *(org.name_of(account.id) for account in org.live_accounts())}
        for name in sorted(named - known):
            yield Obstacle(address, f"config.yaml names {name}, which is no account.", "Correct its key.")
        if address.kind == "unused-access" and address.at.account in named:
            reason = f"{address.at.account} has the analyzer, and AWS leaves out no account that has it."
            yield Obstacle(address, reason, "Take it out of unused_access.exclude_accounts in config.yaml.")

    def _configuration(self, kind: str, org: Org) -> Any:
        """The configuration of an analyzer, as AWS takes it.

        Raises:
            RefusalError: it names an account that does not exist yet.
        """
        ids = {org.name_of(account.id): account.id for account in org.live_accounts()}
        for name in sorted(analysis.accounts_in(self._rules(kind)) - ids.keys()):
            raise RefusalError(f"The account {name} does not exist yet.", "Run the step accounts first.")
        rule = {_RULES[kind]: analysis.renamed(self._rules(kind), ids)}
        if kind == "internal-access":
            return {"internalAccess": {"analysisRule": rule}}
        return {"unusedAccess": {"unusedAccessAge": self.config.unused_access.age, "analysisRule": rule}}

    def _create(self, kind: str, org: Org, client: AccessAnalyzerClient) -> bool:
        """Create an analyzer; whether there was none, which AWS may show late."""
        rules = self._archive_rules(kind).items()
        request: Any = {"archiveRules": [{"ruleName": name, "filter": criteria} for name, criteria in rules]}
        if kind in _RULES:
            request["configuration"] = self._configuration(kind, org)
        try:
            client.create_analyzer(analyzerName=f"sra-{kind}", type=_TYPES[kind], **request)
        except (client.exceptions.ConflictException, client.exceptions.ServiceQuotaExceededException):
            return False
        return True

    def _update(self, change: Change, org: Org, client: AccessAnalyzerClient, aws: Writer) -> None:
        """Change what differs of an analyzer.

        Raises:
            RefusalError: AWS does not show it, does not change it, or does not enable it again.
        """
        kind, after = change.address.kind, change.after

        def look() -> AnalyzerSummaryTypeDef | None:
            return _adopted(kind, _analyzers(client))

        adopted = aws.poll(look, lambda found: found is not None, _PATIENCE)
        if adopted is None:
            raise RefusalError(
                f"AWS creates no analyzer of type {_TYPES[kind]}, and shows none.",
                f"If there is one of another type that is called sra-{kind}, delete it. If another account of the "
                f"organization has the only one that AWS allows in {change.address.at.region}, delete that one.",
            )
        if after.keys() & {"age", *_RULES.values()}:
            self._configure(change, adopted["name"], org, client)
        if "archive_rules" in after:
            self._put_archive_rules(change, adopted["name"], client)
        if "status" in after:
            adopted = aws.poll(look, lambda found: found is not None and found["status"] == "ACTIVE", _PATIENCE)
            if adopted is None or adopted["status"] != "ACTIVE":
                raise RefusalError(
                    f"The analyzer is not active, although {administrator_of(_PRINCIPAL, org)} administers it.", _AGAIN
                )

    def _configure(self, change: Change, name: str, org: Org, client: AccessAnalyzerClient) -> None:
        """Change the age and the analysis rules of an analyzer.

        AWS documents the age as a parameter of the call, and nowhere that another one is taken.

        Raises:
            RefusalError: it is not taken.
        """
        try:
            client.update_analyzer(analyzerName=name, configuration=self._configuration(change.address.kind, org))
        except client.exceptions.ValidationException as refusal:
            if "age" not in change.after:
                raise
            raise RefusalError(
                f"AWS does not change the age of the analyzer {name}: {refusal}",
                f"Set unused_access.age to {change.before.get('age')} in config.yaml; or delete the analyzer and its "
                f"findings, and run this again: {_deletion(name, change.address)}",
            ) from refusal

    def _put_archive_rules(self, change: Change, name: str, client: AccessAnalyzerClient) -> None:
        there = nested(change.before, "archive_rules")
        for rule in nested(change.after, "archive_rules"):
            criteria = self._archive_rules(change.address.kind)[rule]
            put = client.create_archive_rule if there.get(rule) is None else client.update_archive_rule
            try:
                put(analyzerName=name, ruleName=rule, filter=criteria)
            except client.exceptions.ConflictException:
                # It was there already: this change is made for the second time.
                client.update_archive_rule(analyzerName=name, ruleName=rule, filter=criteria)


def _analyzers(client: AccessAnalyzerClient) -> list[AnalyzerSummaryTypeDef]:
    """All analyzers of an account in a region but those that AWS services have made for themselves."""
    pages = client.get_paginator("list_analyzers").paginate()
    return [analyzer for page in pages for analyzer in page["analyzers"] if "managedBy" not in analyzer]


def _adopted(kind: str, analyzers: Iterable[AnalyzerSummaryTypeDef]) -> AnalyzerSummaryTypeDef | None:
    """The analyzer of a kind that is managed: of several, one that works, ours, or the oldest."""
    alike = [analyzer for analyzer in analyzers if analyzer["type"] == _TYPES[kind]]
    order = sorted(alike, key=lambda one: (one["status"] == "FAILED", one["name"] != f"sra-{kind}", one["createdAt"]))
    return next(iter(order), None)


def _lost(address: Address, analyzer: AnalyzerSummaryTypeDef) -> Iterator[Obstacle]:
    """What says that an analyzer will never be active.

    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StatusReason.html
    """
    reason = analyzer.get("statusReason", {}).get("code", "no reason given")
    if analyzer["status"] == "FAILED" or reason == "ORGANIZATION_DELETED":
        yield Obstacle(
            address,
            f"The analyzer {analyzer['name']} is {analyzer['status']} ({reason}).",
            f"Delete it and its findings, and run this again: {_deletion(analyzer['name'], address)}",
        )


def _deletion(name: str, address: Address) -> str:
    """The command that deletes an analyzer."""
    command = f"aws accessanalyzer delete-analyzer --region {address.at.region} --analyzer-name {name}"
    return f"{command}, in the account {address.at.account}."
