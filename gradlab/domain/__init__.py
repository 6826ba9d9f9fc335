"""What a layer or cost accepts: one description, read by every search.

A `Domain` names the tensors, their shapes in symbols (``("n_out", "n_in")``),
their roles, ranges, labels and kinks.  The seeded sampler here (what `check`
uses) and the Hypothesis strategies both read it, so that no search looks where
the layer was never meant to work, and every search looks where it was.
"""

from gradlab.domain._domain import Domain, Sizes
from gradlab.domain._draws import draw
from gradlab.domain._layout import Layout
from gradlab.domain._tensor import Content, Exemption, Role, TensorSpec, Where

__all__ = [
    "Content",
    "Domain",
    "Exemption",
    "Layout",
    "Role",
    "Sizes",
    "TensorSpec",
    "Where",
    "draw",
]
