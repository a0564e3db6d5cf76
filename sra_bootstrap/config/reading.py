"""config.yaml as plain data that still knows the line of everything in it."""

from __future__ import annotations

from pathlib import Path

from sra_bootstrap.document import Document, parse
from sra_bootstrap.errors import InputError, Problem


def read(path: Path) -> Document:
    """Read config.yaml.

    Raises:
        InputError: it cannot be read, is no YAML mapping, or has anchors, aliases or tags in it.
    """
    return parse(
        _text(path),
        path,
        empty="it is empty; `sra-bootstrap init` writes one to begin with",
        other="it must be a mapping of settings, that begins with `organization:`",
    )


def _text(path: Path) -> str:
    try:
        # Editors on Windows put a byte order mark first, which means nothing in UTF-8.
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(path, [Problem(0, "there is no such file; `sra-bootstrap init` writes one")]) from error
    except OSError as error:
        raise InputError(path, [Problem(0, f"it cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(path, [Problem(line, "this is not UTF-8; save the file in that encoding")]) from error
