"""moto, extended from outside: operations that it lacks, and checks that it leaves out.

Every service of moto that the sandbox uses answers through `BaseResponse.call_action`. It is wrapped once: a handler
registered for (service, operation) answers instead of moto, a check runs before moto answers. Parsing and serialising
stay moto's, which are driven by botocore's service models; so the wire format and the modelled errors are AWS's own, in
process and served alike. moto is pinned exactly, because this reaches into it.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

from moto import backend_index
from moto.core import botocore_stubber
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from sra_bootstrap.aws.operations import is_read
from sra_bootstrap.clock import Clock, VirtualClock
from sra_bootstrap.sandbox import store
from sra_bootstrap.sandbox.faults import AwsFault

S = TypeVar("S")

Answer = tuple[int, Any, Any]
"""HTTP status, headers and body."""


class Time:
    """The clock that AWS lives by in this process; the sandbox that runs sets it."""

    clock: Clock = VirtualClock()


@dataclass(frozen=True)
class Call:
    """One API call, as a handler sees it: what was called, and by whom."""

    service: str
    operation: str
    account_id: str
    region: str
    partition: str
    access_key: str

    def now(self) -> float:
        """Seconds since the epoch, by the sandbox's clock."""
        return Time.clock.now()

    def state(self, kind: type[S], *, account_id: str | None = None, region: str | None = None) -> S:
        """What the sandbox remembers for an account and region; by default, the caller's own."""
        return store.state(kind, account_id or self.account_id, region or self.region)


class LeftToMotoError(Exception):
    """A handler that answers for some callers leaves this call to moto."""


class Handler(Protocol):
    """Answers an operation: the parameters come as keywords under AWS's names, what is returned is AWS's output."""

    def __call__(self, call: Call, /, **parameters: Any) -> Mapping[str, Any] | None:
        """Answer one call.

        Raises:
            AwsFault: the answer is an error.
            LeftToMotoError: moto is to answer this one.
            NotImplementedError: the sandbox does not know the operation with what the error says, or not at all.
        """


H = TypeVar("H", bound=Callable[..., Any])
_HANDLERS: dict[tuple[str, str], Handler] = {}
_CHECKS: dict[tuple[str, str], list[Handler]] = {}
_GATES: list[Callable[[Call], None]] = []
LOCK = threading.RLock()
"""Held while a call takes effect, and by whoever else reads or changes what the sandbox remembers."""


def operation(service: str, name: str) -> Callable[[H], H]:
    """Register a handler that answers an operation in moto's place; `service` is botocore's name of it."""

    def register(handler: H) -> H:
        _HANDLERS[service, name] = handler
        return handler

    return register


def check(service: str, *names: str) -> Callable[[H], H]:
    """Register a check that runs before moto answers any of the operations: what it raises is the answer."""

    def register(handler: H) -> H:
        for name in names:
            _CHECKS.setdefault((service, name), []).append(handler)
        return handler

    return register


def gate(handler: Callable[[Call], None]) -> Callable[[Call], None]:
    """Register what every call must pass first, whatever its service, such as credentials that are still valid."""
    _GATES.append(handler)
    return handler


class Exchange:
    """One call and its answer, for whoever carries them: to let it proceed or not, and the answer arrive or not.

    Attributes:
        request: as moto sees it.
        admitted: whether the call has passed the gates.
    """

    def __init__(self, response: Any, moto_answers: Callable[[Any], Answer]) -> None:
        service = response.boto3_service_name
        with LOCK:
            # The first call of a service compiles its routes, which Python 3.11 does not bear in two threads at a time:
            # https://github.com/python/cpython/issues/106905.
            action = response._get_action()  # noqa: SLF001 (moto has no public way)
        self.call = Call(
            service, action, response.current_account, response.region, response.partition, response.get_access_key()
        )
        self.request: Any = response.normalized_request
        self.admitted = False
        self._response = response
        self._moto_answers = moto_answers
        self._handler = _HANDLERS.get((service, action))
        self._checks = _CHECKS.get((service, action), [])

    @property
    def served(self) -> bool:
        """Whether the call came over a socket."""
        return bool(self._response.is_werkzeug_request)

    @property
    def handled(self) -> bool:
        """Whether the sandbox answers the operation itself, in moto's place."""
        return self._handler is not None

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing."""
        return is_read(self.call.service, str(self.call.operation))

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What the operation was sent, under AWS's names."""
        return _parameters(self._response, self.call.service, self.call.operation)

    def proceed(
        self,
        parameters: Mapping[str, Any] | None = None,
        amend: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    ) -> Answer:
        """Let the call take effect; if it is `handled`, with other parameters, and its output changed by `amend`."""
        call, handler = self.call, self._handler
        with LOCK:
            try:
                for admit in _GATES:
                    admit(call)
                self.admitted = True
                sent = parameters
                if sent is None:
                    sent = self.parameters if handler or self._checks else {}
                for guard in self._checks:
                    guard(call, **sent)
                if handler is None:
                    return self._moto_answers(self._response)
                output = handler(call, **sent)
                answer = ActionResult(output if amend is None else amend(output or {}))
            except LeftToMotoError:
                return self._moto_answers(self._response)
            except AwsFault as fault:
                answer = ActionResult(fault)
            except NotImplementedError as unknown:
                what = f" with {unknown}" if str(unknown) else ""
                text = f"The sandbox does not know {call.service}:{call.operation}{what}."
                answer = ActionResult(AwsFault("SandboxNotImplemented", text))
            return self._serialized(answer)

    def refuse(self, fault: AwsFault) -> Answer:
        """The answer that is an error, in place of the call's own."""
        return self._serialized(ActionResult(fault))

    def renewed(self, answer: Answer) -> Answer:
        """An answer of before, under a request id of its own."""
        status, headers, body = answer
        return status, *self._response._enrich_response(dict(headers), body)  # noqa: SLF001

    def _serialized(self, answer: ActionResult) -> Answer:
        return self.renewed(self._response.serialized(answer))


_CARRIERS: list[Callable[[Exchange], Answer]] = [Exchange.proceed]


def carrier(carry: Callable[[Exchange], Answer]) -> Callable[[Exchange], Answer]:
    """Register who carries every call, in place of whoever did."""
    _CARRIERS[:] = [carry]
    return carry


def carried(exchange: Exchange) -> Answer:
    """The answer of a call, as it arrives.

    Raises:
        Exception: it does not arrive.
    """
    return _CARRIERS[0](exchange)


def add_service(name: str, *endpoint_prefixes: str) -> None:
    """Make moto know a service that it lacks; every operation of it needs a handler."""
    module_name = re.sub(r"\W", "", name)
    response: Any = type("Response", (BaseResponse,), {"__init__": lambda self: BaseResponse.__init__(self, name)})
    hosts = "|".join(map(re.escape, (name, *endpoint_prefixes)))
    base = rf"https?://(?:{hosts})\.(.+)\.(?:amazonaws\.com|api\.aws)"
    urls = types.SimpleNamespace(url_bases=[base], url_paths={"{0}/(?P<rest>.*)$": response.dispatch})
    backend = type("Backend", (store._Shelf,), {"_url_module": urls})  # noqa: SLF001 (one module in two files)
    module = types.ModuleType(f"moto.{module_name}")
    module.__dict__[f"{module_name}_backends"] = store._Shelves(  # noqa: SLF001
        backend, name, use_boto3_regions=False, additional_regions=["us-east-1"]
    )
    sys.modules[module.__name__] = module
    backend_index.backend_url_patterns.insert(0, (module_name, re.compile(base)))


def open_all_paths(moto_module: str, response_class: str) -> None:
    """Let every path of a REST service that moto has reach the handlers, also those moto does not list."""
    urls = importlib.import_module(f"moto.{moto_module}.urls")
    response = getattr(importlib.import_module(f"moto.{moto_module}.responses"), response_class)
    urls.url_paths["{0}/(?P<rest>.*)$"] = response.dispatch


def install() -> None:
    """Wrap moto; the second call does nothing."""
    if getattr(BaseResponse.call_action, "extended", False):
        return
    moto_answers = BaseResponse.call_action

    def call_action(response: Any) -> Answer:
        return carried(Exchange(response, moto_answers))

    call_action.extended = True  # type: ignore[attr-defined]
    BaseResponse.call_action = call_action
    _keep_off_the_network()


def _parameters(response: Any, service: str, action: str) -> dict[str, Any]:
    model = get_service_model(service)
    request = response.normalized_request
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
    parts = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": response.uri_match or {},
    }
    return dict(parser(model.operation_model(action), map_type=dict).parse(parts) or {})


def _keep_off_the_network() -> None:
    """Answer what moto would let through to the real AWS: in the sandbox, no call leaves this machine."""
    moto_answers = botocore_stubber.BotocoreStubber.process_request

    def process_request(stubber: Any, request: Any) -> Any:
        answer = moto_answers(stubber, request)
        if answer is not None:
            return answer
        return 404, {}, '{"__type": "SandboxNotImplemented", "message": "The sandbox does not know this service."}'

    botocore_stubber.BotocoreStubber.process_request = process_request
