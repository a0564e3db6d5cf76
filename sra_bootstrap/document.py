"""A file of YAML or JSON as plain data that still knows the line of everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sra_bootstrap.errors import InputError, Problem

Place = tuple[str | int, ...]
"""The keys, and the indices of lists, that lead to a value; the empty place is the whole file."""

_DEPTH = 50
"""How deep values may be nested: far deeper than any setting is, and less deep than Python can recurse."""

_TYPED = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))
"""What YAML makes of words that are not in quotes; all else stays text, dates among it."""

_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Document:
    """What is in a file, and where.

    Attributes:
        data: mappings, lists, text, numbers, booleans and None; the keys of mappings are text.
        lines: the line, from 1, of each key and each item of a list.
        problems: what is wrong with the file as YAML, although its data could be read.
    """

    data: dict[str, Any]
    lines: Mapping[Place, int]
    problems: tuple[Problem, ...]

    def existing(self, place: Place) -> Place:
        """The part of a place that is in the file: the place itself, or the nearest one around it."""
        while place not in self.lines:
            place = place[:-1]
        return place

    def line(self, place: Sequence[str | int]) -> int:
        """The line of a place; of one that is not in the file, that of what lacks it."""
        return self.lines[self.existing(tuple(place))]


def dotted(place: Place) -> str:
    """A place as people write it: `organization.governed_regions[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def parse(text: str, path: Path | str, *, empty: str = "it is empty", other: str = "it must be a mapping") -> Document:
    """Read the text of a file of one YAML mapping; JSON is YAML too. `empty` and `other` are what else is refused with.

    Raises:
        InputError: it is no such YAML, or has anchors, aliases or tags in it.
    """
    try:
        refused = list(dict.fromkeys(_refused(text)))
        if refused:
            raise InputError(path, refused)
        root = YAML(typ="safe", pure=True).compose(text)
        if root is None:
            raise InputError(path, [Problem(0, empty)])
        if not isinstance(root, MappingNode):
            raise InputError(path, [Problem(root.start_mark.line + 1, other)])
        builder = _Builder()
        data = builder.value(root, ())
    except YAMLError as error:
        raise InputError(path, [_unreadable(error, text)]) from error
    except RecursionError as error:
        raise InputError(path, [Problem(0, "it is nested too deeply to be read")]) from error
    lines = {(): root.start_mark.line + 1} | builder.lines
    return Document(data, lines, tuple(builder.problems))


def _refused(text: str) -> Iterator[Problem]:
    """What YAML can do beyond plain data.

    Tags can name any class of Python, an alias can expand to more than memory holds, and both hide from a reviewer what
    a setting is.
    """
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            yield Problem(line, f"aliases such as *{event.anchor} are not read here; write the value itself")
        elif getattr(event, "anchor", None) is not None:
            yield Problem(line, f"anchors such as &{event.anchor} are not read here; write each value where it belongs")
        if getattr(event, "tag", None) is not None:
            yield Problem(
                line, f"tags such as {event.tag} are not read here; write plain text, numbers, lists, mappings"
            )


def _unreadable(error: YAMLError, text: str) -> Problem:
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        says = " ".join(filter(None, (error.problem, error.context)))
        return Problem(mark.line + 1 if mark else 0, f"this is not YAML: {says}")
    if isinstance(error, ReaderError):
        line = text[: error.position].count("\n") + 1
        return Problem(line, f"this is not YAML: the character U+{ord(text[error.position]):04X} may not be in it")
    return Problem(0, f"it is not YAML: {error}")


class _Builder:
    """Makes plain data of YAML's nodes, and notes where each value is."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._scalars = YAML(typ="safe", pure=True).constructor

    def value(self, node: Node, place: Place) -> Any:
        if len(place) > _DEPTH:
            raise RecursionError
        match node:
            case MappingNode():
                return dict(self._entries(node, place))
            case SequenceNode():
                return [self._item(item, (*place, index)) for index, item in enumerate(node.value)]
            case _:
                return self._scalar(node)

    def _scalar(self, node: Node) -> Any:
        if node.tag not in _TYPED:
            return node.value
        try:
            return self._scalars.construct_object(node)
        except ValueError:
            # Python refuses to make a number of some thousand digits; as text it is refused where a number belongs.
            return node.value

    def _item(self, node: Node, place: Place) -> Any:
        self.lines[place] = node.start_mark.line + 1
        return self.value(node, place)

    def _entries(self, node: MappingNode, place: Place) -> Iterator[tuple[str, Any]]:
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode) or key.tag == _NULL:
                self.problems.append(Problem(line, "a key must be text, and not empty"))
                continue
            inner = (*place, str(key.value))
            if inner in self.lines:
                text = f"{dotted(inner)}: this key is there twice, first on line {self.lines[inner]}; keep one of them"
                self.problems.append(Problem(line, text))
                continue
            self.lines[inner] = line
            yield str(key.value), self.value(value, inner)
