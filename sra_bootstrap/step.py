"""The contract of a step: a step says what should be, sees what is, and makes one change. The engine does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from sra_bootstrap.aws import Reader, Writer
from sra_bootstrap.model import Action, Address, Change, Observation, Resource, Target
from sra_bootstrap.org import Delegation, Need, Org

Finding = tuple[tuple[str | int, ...], str]
"""Where in the section of a step, and what is wrong there."""


class StepConfig(BaseModel):
    """The section of a step in config.yaml. What a field means is its description, which `init` and editors show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether this step is part of the pipeline.")


C = TypeVar("C", bound=StepConfig)


class Step(ABC, Generic[C]):
    """One capability of the architecture. The docstring of its class is what `explain` says of it.

    Attributes:
        id: its name on the command line and in config.yaml, and the name of its file.
        after: the steps that it stands on, and that come before it.
        follows: the steps that come before it where they are part of the pipeline, and that it can do without.
        last: whether it follows every step that is not last too, as what restricts the others must.
        Config: its section of config.yaml.
        trusted_access: the service principals that must have trusted access to the organization.
        own_access: likewise, those that get it by an API of their own service, as a resource of this step.
        policy_types: the policy types that must be enabled in the root, beyond those that config.yaml names.
        needs: what another step makes for whichever steps need it, such as keys and buckets.
        named: the keys of its section of config.yaml that map the names of needs, each with the kind of need.
        delegates: the service principals that the security tooling account is to administer, registered by AWS
            Organizations.
        administers: likewise, those that a service registers by an API of its own, which is a resource of its step.
        home_first: the kinds that must have settled in the home region before any other region.
        surveyed: the kinds that are seen in the survey of the organization, which is taken anew to see them change.
        kept: the kinds that destroying leaves alone, each with why.
        confirm_by_name: the kinds that commit somebody to more than the next run could end, such as a year's price.
            None is created before a person has typed the id of the step, or given it as `--confirm`.
        reads: the IAM actions that observing takes.
        writes: the IAM actions that applying takes beyond those.
        in_members: those of them that are only used in member accounts, by the cross-account role.
        implied: the IAM actions that AWS checks on the caller beyond the operations that are called.
        not_yet: `service:Operation` to the error codes that it answers with while an earlier write of ours has not
            reached it yet; they are retried for a while after a write, and final at any other time.
        considerations: what an architect should know of how this is built.
        costs: what AWS charges for it.
        irreversible: what of it cannot be undone, or an empty string.
        documentation: the pages of AWS that it rests on.
    """

    id: ClassVar[str]
    after: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[tuple[str, ...]] = ()
    last: ClassVar[bool] = False
    Config: type[C]
    trusted_access: ClassVar[tuple[str, ...]] = ()
    own_access: ClassVar[tuple[str, ...]] = ()
    policy_types: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[Need, ...]] = ()
    named: ClassVar[Mapping[str, type[Need]]] = {}
    delegates: ClassVar[tuple[str, ...]] = ()
    administers: ClassVar[tuple[str, ...]] = ()
    home_first: ClassVar[frozenset[str]] = frozenset()
    surveyed: ClassVar[frozenset[str]] = frozenset()
    kept: ClassVar[Mapping[str, str]] = {}
    confirm_by_name: ClassVar[frozenset[str]] = frozenset()
    reads: ClassVar[frozenset[str]] = frozenset()
    writes: ClassVar[frozenset[str]] = frozenset()
    in_members: ClassVar[frozenset[str]] = frozenset()
    implied: ClassVar[frozenset[str]] = frozenset()
    not_yet: ClassVar[Mapping[str, frozenset[str]]] = {}
    considerations: ClassVar[tuple[str, ...]] = ()
    costs: ClassVar[str] = "Nothing."
    irreversible: ClassVar[str] = ""
    documentation: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: C) -> None:
        self.config = config

    def principals(self) -> Iterable[str]:
        """The service principals that need trusted access, with what config.yaml says of them."""
        return self.trusted_access

    def types(self) -> Iterable[str]:
        """The policy types that must be enabled, with what config.yaml says of them."""
        return self.policy_types

    def problems(self, org: Org) -> Iterable[Finding]:  # noqa: ARG002 (what is wrong may depend on the organization)
        """What is wrong with its section of config.yaml, and the files that it names, beyond what its model tells."""
        return ()

    def needed(self, org: Org) -> Iterable[Need]:  # noqa: ARG002 (a step may decide by which others there are)
        """What another step makes, with what config.yaml says of it, and of the other steps of the pipeline."""
        return self.needs

    def keeps(self, address: Address, org: Org) -> bool:  # noqa: ARG002 (a step may decide by what is in an OU)
        """Whether destroying leaves a resource alone."""
        return address.kind in self.kept

    def delegations(self, org: Org) -> Iterable[Delegation]:
        """Who is to administer which service, with what config.yaml says of it."""
        for principal in self.delegates:
            yield Delegation(principal, org.security_tooling)
        for principal in self.administers:
            yield Delegation(principal, org.security_tooling, own_api=True)

    def commits(self, changes: Iterable[Change]) -> bool:
        """Whether any of its changes is one that a person must confirm by the name of the step."""
        return any(c.action is Action.CREATE and c.address.kind in self.confirm_by_name for c in changes)

    def opens(self, change: Change) -> Iterable[Target]:  # noqa: ARG002 (a step may open a place)
        """The places that a change makes, in which there is nothing to read before it is made."""
        return ()

    @abstractmethod
    def desired(self, org: Org) -> Iterable[Resource]:
        """What should be, in the order it is to be made: all resources of one kind are a stage.

        Pure: the same for the same organization, without a call to AWS.
        """

    @abstractmethod
    def observe(self, at: Target, org: Org, aws: Reader) -> Iterable[Observation]:
        """What is at one place, in the order of the stages.

        What stands in the way of a resource, or is not available of it, is yielded before the resource. Whoever asks
        takes as many observations as it needs and no more, so yielding early saves calls.

        Raises:
            aws.failures.FAILURES: the place cannot be read; that is not the same as there being nothing.
            RefusalError: AWS has answered, but not told all of it.
        """

    @abstractmethod
    def apply(self, change: Change, org: Org, aws: Writer) -> None:
        """Make one change. It may be asked to make one that was made already, in part or in whole.

        Raises:
            aws.failures.FAILURES: a call failed for good.
            RefusalError: AWS has answered otherwise that it cannot be made.
        """


AnyStep = Step[Any]
