"""The order of the axes of an input, as reports print it."""

from __future__ import annotations

import enum


class Layout(enum.StrEnum):
    """Which axis holds the examples, and what the others hold.

    Examples
    --------
    >>> print(Layout.FEATURES_EXAMPLES, Layout.FEATURES_EXAMPLES.examples_first)
    (features, examples) False
    """

    UNKNOWN = ""
    FEATURES_EXAMPLES = "(features, examples)"
    EXAMPLES_FEATURES = "(examples, features)"
    EXAMPLES_CLASSES = "(examples, classes)"
    EXAMPLES_HEIGHT_WIDTH = "(examples, height, width)"

    @property
    def examples_first(self) -> bool:
        """Whether the first axis holds the examples."""
        return self not in (Layout.UNKNOWN, Layout.FEATURES_EXAMPLES)
