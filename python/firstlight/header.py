"""Headers as they stand in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_COMMENTARY = ("COMMENT", "HISTORY", "")


class Header(Mapping[str, Any]):
    """The cards of one HDU, to be read like a dictionary without regard to case.

    ``header["EXPTIME"]`` is a value, ``header.comments["EXPTIME"]`` its comment; ``header["HISTORY"]`` is
    the list of all records. A keyword that stands more than once gives its first value.
    ``header["DP1.EXTVER"]`` is a field of a record-valued keyword. :func:`firstlight.setval` changes
    keywords in the file.
    """

    def __init__(self, cards: list[tuple[str, Any, str, str]]) -> None:
        self._cards = cards
        self._first: dict[str, int] = {}
        for at, (keyword, _, _, _) in enumerate(cards):
            self._first.setdefault(keyword.upper(), at)

    def __getitem__(self, keyword: str) -> Any:
        keyword = keyword.upper().removeprefix("HIERARCH ")
        if keyword in _COMMENTARY and keyword in self._first:
            return [value for name, value, _, _ in self._cards if name.upper() == keyword]
        if keyword in self._first:
            return self._cards[self._first[keyword]][1]
        name, _, field = keyword.partition(".")
        if field and name in self._first:
            for other, value, _, _ in self._cards:
                if other.upper() == name and isinstance(value, str):
                    found, separator, number = value.partition(": ")
                    if separator and found.strip().upper() == field:
                        return float(number)
        raise KeyError(f"keyword {keyword} is missing")

    def __iter__(self) -> Iterator[str]:
        """The keywords in order, each once."""
        return (self._cards[at][0] for at in self._first.values())

    def __len__(self) -> int:
        """The number of cards, END not counted."""
        return len(self._cards)

    def __contains__(self, keyword: object) -> bool:
        if not isinstance(keyword, str):
            return False
        try:
            self[keyword]
        except KeyError:
            return False
        return True

    @property
    def comments(self) -> dict[str, str]:
        """Comments by keyword, as the header spells it."""
        return _Comments({self._cards[at][0]: self._cards[at][2] for at in self._first.values()})

    @property
    def cards(self) -> list[tuple[str, Any, str]]:
        """All cards in order: keyword, value, comment."""
        return [(keyword, value, comment) for keyword, value, comment, _ in self._cards]

    def tostring(self, sep: str = "") -> str:
        """The cards as they stand in the file, 80 characters a record, without END."""
        records = (raw[at : at + 80] for _, _, _, raw in self._cards for at in range(0, len(raw), 80))
        return sep.join(records)

    def __repr__(self) -> str:
        return "\n".join(line.rstrip() for line in self.tostring("\n").split("\n"))


class _Comments(dict):
    def __missing__(self, keyword: str) -> str:
        for name, comment in self.items():
            if name.upper() == keyword.upper().removeprefix("HIERARCH "):
                return comment
        raise KeyError(f"keyword {keyword} is missing")
