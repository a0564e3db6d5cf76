"""Amazon SQS is moto's; a queue of it has a lock, which a copy of all that the sandbox remembers has anew."""

from __future__ import annotations

from copy import deepcopy
from threading import Condition
from typing import Any

from moto.sqs.models import Queue


def _copied(queue: Any, memo: dict[int, Any]) -> Any:
    copy = object.__new__(type(queue))
    memo[id(queue)] = copy
    for name, value in vars(queue).items():
        copy.__dict__[name] = Condition() if isinstance(value, Condition) else deepcopy(value, memo)
    return copy


Queue.__deepcopy__ = _copied
