"""A YAML file as plain data, with the line that each part of it stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sra_bootstrap.errors import InputError, Problem

_LARGEST = 100_000
"""How many values a file may hold, those that its aliases repeat included."""


@dataclass(frozen=True)
class Document:
    """The data of a file, and where its parts stand."""

    data: dict[str, Any]
    _marked: CommentedMap

    def line(self, path: Sequence[Any]) -> int:
        """The line of the last part of a path that is there: of its key, or of its place in a list."""
        node: Any = self._marked
        line = 1
        for part in path:
            if isinstance(node, CommentedMap) and part in node:
                # Keys that a merge (<<) brings in stand elsewhere, and have no line of their own here.
                line = node.lc.data[part][0] + 1 if part in node.lc.data else line
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line = node.lc.item(part)[0] + 1
            else:
                continue
            node = node[part]
        return line


def read(path: Path) -> Document:
    """Read a YAML file whose top is a mapping.

    Raises:
        InputError: it cannot be read, is not YAML, or is no mapping.
    """
    try:
        marked = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
        if marked is None:
            raise InputError(path, [Problem(0, "it is empty; `sra-bootstrap init` writes one to begin with")])
        if not isinstance(marked, CommentedMap):
            raise InputError(path, [Problem(1, "it must be a mapping of sections, as `sra-bootstrap init` writes it")])
        return Document(_Plain().of(marked), marked)
    except FileNotFoundError as error:
        raise InputError(path, [Problem(0, "there is no such file; `sra-bootstrap init` writes one")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, [Problem(0, f"it cannot be read: {error}")]) from error
    except DuplicateKeyError as error:
        raise InputError(path, [Problem(_line(error), f"{_first_line(error)}; keep one of them")]) from error
    except MarkedYAMLError as error:
        raise InputError(path, [Problem(_line(error), f"it is not YAML: {_first_line(error)}")]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(path, [Problem(0, f"it is not YAML that can be read: {_words(error)}")]) from error


class _Plain:
    """Turns what ruamel gives into plain data, and refuses what plain data cannot be."""

    def __init__(self) -> None:
        self._values = 0

    def of(self, node: Any) -> Any:
        self._values += 1
        if self._values > _LARGEST:
            raise ValueError(f"it holds more than {_LARGEST} values")
        match node:
            case CommentedMap():
                return {self.of(key): self.of(value) for key, value in node.items()}
            case CommentedSeq():
                return [self.of(value) for value in node]
            case None | bool():
                return node
            case int() | float() | str():
                # What ruamel gives is of classes of its own, which remember how the value was written.
                return next(kind(node) for kind in (int, float, str) if isinstance(node, kind))
            case dt.date():
                return node.isoformat()
        raise ValueError(f"it has a {type(node).__name__}, which a configuration does not need")


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return 0 if mark is None else mark.line + 1


def _first_line(error: MarkedYAMLError) -> str:
    return str(error.problem or error.context).splitlines()[0]


def _words(error: BaseException) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
