"""What a reproduction returns."""

from __future__ import annotations

#: Its results by name: a number each, or several that belong together.
Results = dict[str, float | list[float]]
