"""What a policy says: AWS's JSON as a plan holds it, compared as data and not as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sra_bootstrap.document import Document, parse
from sra_bootstrap.errors import InputError
from sra_bootstrap.textfile import Text
from sra_bootstrap.values import Value
from steps.firewall_manager.settings import FirewallPolicy

LONGEST = 30_000
"""How many characters the data of a policy has at most.

https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_SecurityServicePolicyData.html
"""


@lru_cache(maxsize=256)
def parsed(text: Text) -> Document:
    """What a file says, and where.

    Raises:
        InputError: it is no mapping in YAML or JSON.
    """
    # JSON allows tabs between its values, where YAML may not, and none within them.
    document = parse(text.text.replace("\t", " ") if text.path.endswith(".json") else text.text, text.path)
    if document.problems:
        raise InputError(text.path, document.problems)
    return document


def data_of(policy: FirewallPolicy) -> dict[str, Any]:
    """The data of a policy, with its type; nothing if config.yaml says nothing, which some types can do without."""
    data = policy.data if policy.file is None else parsed(policy.file).data
    return {} if data is None else {"type": policy.type, **data}


def written(data: Mapping[str, Any]) -> str:
    """The data of a policy as AWS takes it."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def planned(data: Any) -> Value:
    """Data as a plan holds it: lists as tuples."""
    if isinstance(data, Mapping):
        return {str(key): planned(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return tuple(planned(item) for item in data)
    value: Value = data
    return value


def seen(data: Any, wanted: Any) -> Value:
    """What there is of what is wanted.

    AWS adds what it takes by default, also to the items of lists, and does not tell null from nothing.
    """
    if isinstance(data, Mapping) and isinstance(wanted, Mapping):
        return {str(key): seen(data.get(key), value) for key, value in wanted.items()}
    if isinstance(data, list | tuple) and isinstance(wanted, list | tuple) and len(data) == len(wanted):
        return tuple(seen(one, other) for one, other in zip(data, wanted, strict=True))
    return planned(data)


def merged(there: Any, wanted: Any) -> Any:
    """What is there, with what is wanted in it; lists are as wanted."""
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        return {**there, **{key: merged(there.get(key), value) for key, value in wanted.items()}}
    return wanted


def unfit(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What no policy of Firewall Manager says, and where: its numbers are whole."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from unfit(value, (*place, str(key)))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from unfit(value, (*place, index))
    elif isinstance(data, float):
        yield place, f"{data} must be a whole number"
