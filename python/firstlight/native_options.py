"""Options as the compiled part takes them: JSON."""

from __future__ import annotations

import json
import os


def as_json(options):
    """The text of options, whose values may be paths and numpy's numbers too."""
    return json.dumps(options, default=_plain)


def _plain(value):
    """Paths and numpy's numbers, which JSON does not know."""
    return value.item() if hasattr(value, "item") else os.fspath(value)
