"""The status that a task of the field gives back, with what is known of its success."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Status(int):
    """The status 0 of a task that was successful, as stistools gives it back, with the report of what was done.

    It is the number 0, so that ``status == 0`` is true and ``if status:`` is not taken: what fails is an exception. The report
    is :attr:`report`, and is indexed, looped over and asked for its length and keys as if the status were the report.
    """

    #: What was done: a dictionary, or of several inputs a list of dictionaries.
    report: dict[str, Any] | list[dict[str, Any]]

    def __new__(cls, report: dict[str, Any] | list[dict[str, Any]]) -> Status:
        status = super().__new__(cls, 0)
        status.report = report
        return status

    def __getitem__(self, key: Any) -> Any:
        return self.report[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.report)

    def __len__(self) -> int:
        return len(self.report)

    def __contains__(self, key: object) -> bool:
        return key in self.report

    def __getattr__(self, name: str) -> Any:
        # keys, values, items and get of a dictionary.
        if name in ("keys", "values", "items", "get") and "report" in self.__dict__:
            return getattr(self.report, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<status 0, report {self.report!r}>"

    __str__ = int.__repr__

    def __reduce__(self) -> tuple[type[Status], tuple[Any]]:
        return type(self), (self.report,)
