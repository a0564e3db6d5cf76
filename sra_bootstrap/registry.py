"""Finds the steps, and orders them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path
from types import ModuleType

import sra_bootstrap
from sra_bootstrap.step import AnyStep, Step


class RegistryError(Exception):
    """The steps are not what they must be: a fault of their authors, not of the person who runs the tool."""


@cache
def discover() -> Mapping[str, type[AnyStep]]:
    """Every step in the package `steps`, by id, in the order of the pipeline.

    Raises:
        RegistryError: two steps have one id, stand on each other or on what is not there; or the package `steps` that
            Python finds is another project's.
    """
    package = importlib.import_module("steps")
    if _home(package) != _home(sra_bootstrap):
        raise RegistryError(f"the package `steps` in {_home(package)} is not sra-bootstrap's")
    modules = (importlib.import_module(f"steps.{module.name}") for module in pkgutil.iter_modules(package.__path__))
    return ordered(step for module in modules for step in _steps_in(module))


def ordered(steps: Iterable[type[AnyStep]]) -> Mapping[str, type[AnyStep]]:
    """The steps by id, each behind all that it stands on or follows, those that are last behind all others.

    Where that leaves a choice, it is by id.

    Raises:
        RegistryError: two have one id, they stand on each other, or one stands on, or follows, what is not there.
    """
    by_id: dict[str, type[AnyStep]] = {}
    for step in sorted(steps, key=lambda step: step.id):
        if step.id in by_id:
            raise RegistryError(f"two steps are called {step.id}")
        by_id[step.id] = step
    for step in by_id.values():
        for missing in {*step.after, *step.follows} - by_id.keys():
            raise RegistryError(f"the step {step.id} stands on {missing}, which is not there")
    others = [step.id for step in by_id.values() if not step.last]
    before = {step.id: (*step.after, *step.follows, *(others if step.last else ())) for step in by_id.values()}
    return {name: by_id[name] for name in _sorted(before)}


def _sorted(after: Mapping[str, Iterable[str]]) -> Iterator[str]:
    sorter = TopologicalSorter(after)
    try:
        sorter.prepare()
    except CycleError as error:
        raise RegistryError(f"steps stand on each other: {' -> '.join(error.args[1])}") from error
    ready: list[str] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, name)
        first = heappop(ready)
        yield first
        sorter.done(first)


def _steps_in(module: ModuleType) -> Iterable[type[AnyStep]]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, Step) and member.__module__ == module.__name__:
            yield member


def _home(package: ModuleType) -> Path:
    return Path(next(iter(package.__path__))).parent
