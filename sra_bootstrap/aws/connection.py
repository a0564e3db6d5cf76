"""The way to AWS. A `Reader` refuses whatever is not a read before it leaves; a `Writer` does not."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import ProfileNotFound
from botocore.loaders import Loader, create_loader

from sra_bootstrap import __version__
from sra_bootstrap.aws.credentials import CURRENT, Identity, RoutedProvider, Vault
from sra_bootstrap.aws.failures import FAILURES, Kind, code_of, kind_of, reason_of, remedy_of, request_id_of
from sra_bootstrap.aws.operations import is_read
from sra_bootstrap.aws.pacing import Pacer
from sra_bootstrap.aws.regions import has_endpoint, partition_of
from sra_bootstrap.aws.retry import persist
from sra_bootstrap.clock import Clock
from sra_bootstrap.errors import AccessError
from sra_bootstrap.model import MANAGEMENT, ORGANIZATION, Target
from sra_bootstrap.org import LiveAccount, Org

T = TypeVar("T")

GRACE_SECONDS = 900
"""How long after a write of ours, or after an account has joined, AWS may answer as if that had not happened."""
_NEW_ACCOUNT_CODES = frozenset({"AccessDenied", "OptInRequired", "SubscriptionRequiredException"})
"""What AWS answers while a new account is not fully there.

The role: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html. The services:
https://repost.aws/knowledge-center/error-access-service.
"""


@cache
def _loader(path: str | None) -> Loader:
    """What reads the models of services: each once in a process, however many connections there are."""
    return create_loader(path)


_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
"""An address of IPv4, such as that of a served sandbox."""
_UNREPEATABLE = frozenset({"organizations:CreateAccount"})
"""What may have happened when AWS did not answer, and must not happen twice; its step looks before it asks again."""


class WriteRefusedError(RuntimeError):
    """Something tried to change AWS while it was only to read: a fault of the step, never of the person."""


class _NoEntryError(Exception):
    """There are no credentials for an account. Assuming its role was a call of its own, with retries of its own."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Caller:
    """Whose credentials these are: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html."""

    account_id: str
    arn: str

    @property
    def partition(self) -> str:
        """Of AWS, such as `aws`."""
        return self.arn.split(":")[1]


@dataclass(frozen=True)
class Record:
    """One request.

    Attributes:
        account_id: whose credentials signed it; empty for the caller's own.
        about: what it was made for, as whoever asked for the client says.
        error: the code of its error, or None.
        request_id: AWS's name for it, where AWS has answered.
        seconds: how long it took.
    """

    account_id: str
    region: str
    service: str
    operation: str
    read: bool
    about: str = ""
    error: str | None = None
    request_id: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class _Binding:
    """What makes a copy of a client one for an account."""

    connection: Connection
    identity: Identity
    about: str

    def call(self, service: str, region: str, operation: str, send: Callable[[], Any]) -> Any:
        """Send one call as this account, and again as its errors ask for it.

        Raises:
            WriteRefusedError: it is no read, and this account is only to be read.
            FAILURES: it has failed for good.
        """
        read = is_read(service, operation)
        if self.identity.read_only and not read:
            raise WriteRefusedError(f"{service}:{operation} was called where only reading is allowed")
        connection = self.connection
        request = Record(self.identity.account_id, region, service, operation, read, self.about)

        def kind(error: BaseException) -> Kind:
            return connection.kind(service, operation, error, self.identity)

        try:
            answer = persist(lambda: self._send(request, send), kind, connection.clock)
        except _NoEntryError as error:
            raise error.reason from None
        if not read:
            connection.note_write(service)
        return answer

    def _send(self, request: Record, send: Callable[[], Any]) -> Any:
        """Send a request with credentials that are good; those that AWS calls expired are renewed once."""
        self._enter()
        try:
            return self._once(request, send)
        except FAILURES as error:
            if not self.identity.account_id or kind_of(error) is not Kind.EXPIRED:
                raise
        self.connection.vault.forget(self.identity)
        self._enter()
        return self._once(request, send)

    def _enter(self) -> None:
        try:
            self.connection.vault.credentials(self.identity)
        except FAILURES as error:
            raise _NoEntryError(error) from error

    def _once(self, request: Record, send: Callable[[], Any]) -> Any:
        connection = self.connection
        connection.pacer.admit(request.account_id, request.region, request.service, read=request.read)
        if not request.read:
            connection.before_write(request)
        start = time.monotonic()
        token = CURRENT.set(self.identity)
        try:
            answer = send()
        except FAILURES as error:
            self._tell(request, getattr(error, "response", None), start, code_of(error))
            raise
        finally:
            CURRENT.reset(token)
        self._tell(request, answer, start)
        return answer

    def _tell(self, request: Record, answer: Any, start: float, error: str | None = None) -> None:
        seconds = time.monotonic() - start
        self.connection.on_call(replace(request, error=error, request_id=request_id_of(answer or {}), seconds=seconds))


class _BoundClient:
    """Goes before botocore's client class, so that every way to call (paginators and waiters too) leads through it.

    https://docs.aws.amazon.com/boto3/latest/guide/events.html#extending-boto3 describes `creating-client-class`.
    """

    meta: Any
    _binding: _Binding

    def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        make = super()._make_api_call  # type: ignore[misc]
        service = self.meta.service_model.service_name
        region = self.meta.region_name
        return self._binding.call(service, region, operation_name, lambda: make(operation_name, api_params))


def _extend_client_class(**event: Any) -> None:
    event["base_classes"].insert(0, _BoundClient)


def _no_name_below_an_address(**event: Any) -> None:
    """Some operations of S3 put the account before the host, where AWS has a name for each; an address has none."""
    request = event["request"]
    parts = urlsplit(request.url)
    account, _, host = (parts.hostname or "").partition(".")
    if account.isdecimal() and _ADDRESS.fullmatch(host):
        request.url = parts._replace(netloc=parts.netloc.removeprefix(f"{account}.")).geturl()


class Connection:
    """The caller's credentials, and one client for each service and region.

    Args:
        profile: of the AWS configuration files; by default what the environment says.
        home_region: where calls go that are not regional.
        clock: what waiting asks.
        parallelism: how many calls may be under way at once.
        not_yet: of every step, see `Step.not_yet`.
        on_call: is told of every request that was answered or has failed, from several threads.

    Raises:
        AccessError: there is no such profile, or there are no credentials.
    """

    def __init__(
        self,
        home_region: str,
        clock: Clock,
        *,
        profile: str | None = None,
        parallelism: int = 8,
        not_yet: Mapping[str, frozenset[str]] | None = None,
        on_call: Callable[[Record], None] | None = None,
    ) -> None:
        self.home_region = home_region
        self.clock = clock
        self.parallelism = parallelism
        self.pacer = Pacer(clock)
        self._on_call = [on_call] if on_call else []
        self._before_write: list[Callable[[Record], None]] = []
        self._not_yet = not_yet or {}
        self._written: dict[str, float] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._caller: Caller | None = None
        self._lock = threading.Lock()
        try:
            own = botocore.session.Session(profile=profile).get_credentials()
        except ProfileNotFound as error:
            raise AccessError(str(error), "See `aws configure list-profiles`.") from error
        except FAILURES as error:
            raise AccessError(f"The AWS credentials cannot be used: {error}", "Sign in again.") from error
        if own is None:
            raise AccessError(
                "There are no AWS credentials.",
                "Sign in to the management account, and give its profile as --profile or AWS_PROFILE.",
            )
        self.vault = Vault(own, self._assume, clock)
        self._session = botocore.session.Session(profile=profile)
        # "The STS global endpoint is not supported for AssumeRoot", and the environment may ask for it:
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
        self._session.set_config_variable("sts_regional_endpoints", "regional")
        self._session.register_component("data_loader", _loader(self._session.get_config_variable("data_path")))
        self._session.register_component("credential_provider", CredentialResolver([RoutedProvider(self.vault)]))
        self._session.register("creating-client-class", _extend_client_class)
        self._session.register("before-sign.s3-control", _no_name_below_an_address)
        self._config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=max(parallelism, 10),
            user_agent_extra=f"sra-bootstrap/{__version__}",
        )

    def caller(self) -> Caller:
        """Whose credentials these are; AWS is asked once.

        Raises:
            AccessError: AWS does not know them, or they have expired.
        """
        if self._caller is not None:
            return self._caller
        try:
            answer = self.client("sts", self.home_region, Identity()).get_caller_identity()
        except FAILURES as error:
            text = f"AWS does not accept the credentials: {reason_of(error)}"
            raise AccessError(text, remedy_of(error)) from error
        self._caller = Caller(answer["Account"], answer["Arn"])
        return self._caller

    def watch(self, before_write: Callable[[Record], None], on_call: Callable[[Record], None]) -> None:
        """Tell of every write that is about to be sent, and of every request that has ended, from several threads."""
        self._before_write.append(before_write)
        self._on_call.append(on_call)

    def before_write(self, request: Record) -> None:
        """Tell all who watch that a write is about to be sent."""
        for tell in self._before_write:
            tell(request)

    def on_call(self, record: Record) -> None:
        """Tell all who watch that a request was answered, or has failed."""
        for tell in self._on_call:
            tell(record)

    def reader(self, org: Org) -> Reader:
        """Reads any account of an organization, with credentials that can do no more."""
        return Reader(self, org)

    def writer(self, org: Org, about: str = "") -> Writer:
        """Reads and changes any account of an organization; `about` says in every record what for."""
        return Writer(self, org, about)

    def client(self, service: str, region: str, identity: Identity, about: str = "") -> Any:
        """A client for an account: a copy that shares all but its binding with those for other accounts."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.create_client(
                    service, region_name=region, config=self._config
                )
            shared = self._clients[service, region]
        bound = object.__new__(type(shared))
        bound.__dict__.update(shared.__dict__, _binding=_Binding(self, identity, about))
        return bound

    def clients(self) -> int:
        """How many clients there are: it does not grow with the number of accounts."""
        return len(self._clients)

    def offers(self, service: str, region: str) -> bool:
        """Whether a service has an endpoint in a region, as the SDK's data says."""
        return has_endpoint(service, region)

    def note_write(self, service: str) -> None:
        """Remember that something was written, which AWS may need a while to take over everywhere."""
        self._written[service] = self.clock.now()

    def kind(self, service: str, operation: str, error: BaseException, identity: Identity) -> Kind:
        """What an error of a call means now: for a while after a write, some mean that AWS is not there yet."""
        name, code, now = f"{service}:{operation}", code_of(error), self.clock.now()
        if now < identity.joined + GRACE_SECONDS and code in _NEW_ACCOUNT_CODES:
            return Kind.NOT_YET
        # An account that has just joined tells of a run before this one, which was ended in the middle.
        written = max(self._written.get(service, 0.0), self._written.get("organizations", 0.0), identity.joined)
        if now < written + GRACE_SECONDS and code in self._not_yet.get(name, ()):
            return Kind.NOT_YET
        kind = kind_of(error)
        return Kind.INVALID if kind is Kind.UNAVAILABLE and name in _UNREPEATABLE else kind

    def _assume(self, identity: Identity) -> Any:
        if identity.root_task:
            return self._assume_root(identity)
        limits: dict[str, Any] = {}
        if identity.read_only:
            partition = partition_of(self.home_region)
            limits["PolicyArns"] = [{"arn": f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"}]
        sts = self.client("sts", self.home_region, Identity(joined=identity.joined))
        return sts.assume_role(RoleArn=identity.role_arn, RoleSessionName="sra-bootstrap", **limits)

    def _assume_root(self, identity: Identity) -> Any:
        """A session of a member's root user, which is a write: it is journaled, and planning cannot have one."""
        caller = Identity(joined=identity.joined, read_only=identity.read_only)
        sts = self.client("sts", self.home_region, caller, f"the root user of {identity.account_id}")
        policy = f"arn:{partition_of(self.home_region)}:iam::aws:policy/root-task/{identity.root_task}"
        return sts.assume_root(TargetPrincipal=identity.account_id, TaskPolicyArn={"arn": policy})


class Reader:
    """Reads any account of an organization."""

    _read_only = True

    def __init__(self, connection: Connection, org: Org, about: str = "") -> None:
        self._connection = connection
        self._org = org
        self._about = about
        self._answers: dict[str, Any] = {}
        self._locks: dict[str, threading.Lock] = {}

    def once(self, question: str, ask: Callable[[], T]) -> T:
        """The answer to a question that several places, or several changes, of one round have in common."""
        with self._locks.setdefault(question, threading.Lock()):
            if question not in self._answers:
                self._answers[question] = ask()
            answer: T = self._answers[question]
            return answer

    def client(self, service: str, at: Target) -> Any:
        """boto3's client of a service at a place; of a target without a region, in the home region.

        Every call through it is signed for the account of the target, paced, and tried again as its errors ask for.

        Raises:
            ValueError: the account does not exist; that is a fault of whoever asks for it.
        """
        region, identity = at.region or self._org.home_region, self._identity(at.account)
        return self._connection.client(service, region, identity, self._about)

    def offers(self, service: str, region: str) -> bool:
        """Whether a service has an endpoint in a region, as the SDK's data says."""
        return self._connection.offers(service, region)

    def now(self) -> float:
        """Seconds since the epoch, to say how long ago AWS has said that something was."""
        return self._connection.clock.now()

    def _identity(self, account: str) -> Identity:
        if account in {MANAGEMENT, ORGANIZATION}:
            return Identity(read_only=self._read_only)
        live = self._live(account)
        role_arn = f"arn:{self._org.partition}:iam::{live.id}:role/{self._org.role_name}"
        return Identity(live.id, role_arn, joined=live.joined, read_only=self._read_only)

    def _live(self, account: str) -> LiveAccount:
        live = self._org.live_account(account)
        if live is None:
            raise ValueError(f"the account {account} does not exist")
        return live


class Writer(Reader):
    """Reads and changes any account of an organization."""

    _read_only = False

    def about(self, what: str) -> Writer:
        """A writer that says in every record what it is for, and knows the answers that are asked for once."""
        other = Writer(self._connection, self._org, what)
        other._answers, other._locks = self._answers, self._locks
        return other

    def as_root(self, service: str, account: str, task: str) -> Any:
        """boto3's client of a service in the home region, for a privileged task on a member as its root user.

        `task` is the name of one of the task policies that
        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html lists. The credentials last 15 minutes,
        and are kept nowhere else than in this process.

        Raises:
            ValueError: the account does not exist; that is a fault of whoever asks for it.
        """
        live = self._live(account)
        identity = Identity(live.id, root_task=task, joined=live.joined, read_only=False)
        return self._connection.client(service, self._org.home_region, identity, self._about)

    def now(self) -> float:
        """Seconds since the epoch, for whoever counts how long several changes have waited for the same."""
        return self._connection.clock.now()

    def poll(self, look: Callable[[], T], until: Callable[[T], bool], seconds: float) -> T:
        """Look until something is so, or `seconds` have passed: for requests that AWS works off after its answer.

        Returns:
            What was seen last, whether or not it is so.
        """
        clock = self._connection.clock
        start, pause = clock.now(), 0.5
        seen = look()
        while not until(seen) and clock.now() - start < seconds:
            clock.wait(pause)
            pause = min(pause * 1.5, 15.0)
            seen = look()
        return seen
