"""Variables in the files of policies: `<<name>>`, which no policy of AWS has, unlike `${...}`.

| variable | what it stands for |
|---|---|
| `<<account.KEY>>` | the id of an account of config.yaml, or of `management` |
| `<<role.PART>>` | the id of the account that plays a part, as in the section `roles` of config.yaml |
| `<<organization>>`, `<<root>>` | the id of the organization, and of its root |
| `<<cross_account_role>>` | the name of the role that the management account assumes in the members |
| `<<home_region>>`, `<<partition>>` | as in `eu-west-1` and `aws` |
| `<<governed_regions>>` | a list: alone in its place, or an item of a list, where it stands for several |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sra_bootstrap.document import Place
from sra_bootstrap.model import MANAGEMENT
from sra_bootstrap.org import Org
from sra_bootstrap.values import Ref, Value

VARIABLE = re.compile(r"<<([^<>]*)>>")
PARTS = ("security_tooling", "log_archive", "network", "shared_services")
_LISTS = ("governed_regions",)

Lookup = Callable[[str], Value]


def known(org: Org) -> Mapping[str, Value]:
    """Every variable and its value, which is a `Ref` while it is unknown."""
    return {
        "organization": org.id,
        "root": Ref("root.id") if org.live is None else org.live.root_id,
        "cross_account_role": org.role_name,
        "home_region": org.home_region,
        "partition": org.partition,
        "governed_regions": org.regions,
        **{f"account.{key}": org.id_of(key) for key in (MANAGEMENT, *org.accounts)},
        **{f"role.{part}": org.id_of(getattr(org, part)) for part in PARTS},
    }


def samples(org: Org) -> Mapping[str, Value]:
    """Values as long as those that are not known before anything is there, by which policies are measured."""
    ids = {"organization": "o-" + 10 * "x", "root": "r-xxxx"}
    return {
        name: ids.get(name, 12 * "0" if name.startswith(("account.", "role.")) else value)
        for name, value in known(org).items()
    }


def filled(data: Any, values: Mapping[str, Value]) -> Any:
    """What a file says, with the values of its variables; lists are tuples, and an unknown text is a `Ref`."""
    match data:
        case dict():
            return {key: filled(value, values) for key, value in data.items()}
        case list():
            return tuple(one for item in data for one in _items(filled(item, values), item))
        case str():
            return _text(data, values)
        case _:
            return data


def unfillable(data: Any, names: Mapping[str, Value], place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where what cannot be filled in is, and what is wrong there."""
    match data:
        case dict():
            for key, value in data.items():
                if VARIABLE.search(key):
                    yield (*place, key), f"there can be no variable in the key {key}"
                yield from unfillable(value, names, (*place, key))
        case list():
            for index, item in enumerate(data):
                yield from unfillable(item, names, (*place, index))
        case str():
            for name in VARIABLE.findall(data):
                if name not in names:
                    yield place, f"there is no variable <<{name}>>; there are {', '.join(sorted(names))}"
                elif name in _LISTS and data != f"<<{name}>>":
                    yield place, f"<<{name}>> is a list and must stand alone"
        case None | float():
            yield place, "it must be text, a whole number, true or false, a list or a mapping; put it in quotes"


def _items(value: Value, item: Any) -> tuple[Value, ...]:
    """What an item of a list stands for: a variable that is a list for all of its values."""
    return value if isinstance(value, tuple) and isinstance(item, str) else (value,)


def _text(text: str, values: Mapping[str, Value]) -> Value:
    whole = VARIABLE.fullmatch(text)
    if whole is not None:
        return values[whole[1]]
    found = [values[name] for name in VARIABLE.findall(text)]
    unknown = next((value for value in found if isinstance(value, Ref)), None)
    return unknown or VARIABLE.sub(lambda match: str(values[match[1]]), text)
