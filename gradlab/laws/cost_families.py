"""What a cost's name declares: whether it is zero at the labels, and never negative."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradlab.domain import Content, Role
from gradlab.laws.batch_axis import meant_to_be
from gradlab.records import Status

if TYPE_CHECKING:
    from gradlab.laws.case import Case
    from gradlab.records import Finding

# Squared and absolute errors and their mixtures, and −log of the probability of a label.
_ZERO = re.compile(
    r"mse|mae|squared|quadratic|absolute|huber|(^|_)l[12]_|cross_?entropy|bce|log_?loss|logistic"
    r"|softmax|compute_(\w+_)?cost"
)
# Labels that are no certain answer, and terms beside the error.
_NOT_ZERO = re.compile(r"smooth|noisy|regular|penal|weight_?decay|with_reg|entropy_bonus|focal")
_NON_NEGATIVE = re.compile(r"hinge|svm|triplet|contrastive|(^|_)kl(_|$)|divergence|dice|iou|focal")
#: Labels that a prediction can be equal to, at a cost of 0.
_CERTAIN = (Content.BINARY, Content.ONE_HOT, Content.INTEGER, Content.REAL)


def _words(case: Case) -> str:
    """Return a cost's name with underscores between its words, in lower case."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", case.subject.name).lower()


def declared_zero(case: Case) -> bool:
    """Whether name or ``like=`` declare a cost that is 0 where predictions equal labels."""
    labels = [t.content for t in case.subject.domain if t.role in (Role.LABEL, Role.INDEX)]
    if meant_to_be(case):
        return True
    words = _words(case)
    named = _ZERO.search(words) is not None and _NOT_ZERO.search(words) is None
    return named and all(content in _CERTAIN for content in labels)


def declared_non_negative(case: Case) -> bool:
    """Whether name or ``like=`` declare a cost that is never negative."""
    if not any(t.role in (Role.LABEL, Role.INDEX) for t in case.subject.domain):
        return True  # a penalty
    return declared_zero(case) or _NON_NEGATIVE.search(_words(case)) is not None


def unless_undeclared(findings: list[Finding], *, declared: bool) -> list[Finding]:
    """Return the findings; none where they fail and nothing declares that the law applies."""
    failing = any(finding.status is Status.FAIL for finding in findings)
    return [] if failing and not declared else findings
