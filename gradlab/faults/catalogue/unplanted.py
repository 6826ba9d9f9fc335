"""Rows of the collection that nothing in the reference can carry yet."""

from __future__ import annotations

from gradlab.faults.fault import Unplanted

_NORM = "the reference has no normalisation layer"
_DROPOUT = "the reference has no dropout layer, and no layer with an evaluation mode"
_CONVOLUTION = "the reference has no convolution or pooling layer"
_SEQUENCE = "the reference has no recurrent layer"
_ATTENTION = "the reference has no attention layer"

ROWS = (
    Unplanted(43, "batch-norm backward without the path through the mean", _NORM),
    Unplanted(44, "batch-norm backward without the path through the variance", _NORM),
    Unplanted(45, "unbiased variance where the biased one is meant, consistently", _NORM),
    Unplanted(46, "running statistics with the wrong momentum", _NORM),
    Unplanted(47, "evaluation mode ignored", _DROPOUT),
    Unplanted(48, "evaluation-mode backward uses the training formula", _NORM),
    Unplanted(49, "layer-norm's γ on the wrong axis", _NORM),
    Unplanted(50, "inverted dropout's scaling missing, consistently", _DROPOUT),
    Unplanted(51, "dropout mask drawn again in backward", _DROPOUT),
    Unplanted(53, "kernel flipped, consistently", _CONVOLUTION),
    Unplanted(54, "stride missing from backward", _CONVOLUTION),
    Unplanted(55, "x[p:-p] at pad 0, which is empty", _CONVOLUTION),
    Unplanted(56, "stride that does not divide the size", _CONVOLUTION),
    Unplanted(57, "index typo: row for column, example for channel", _CONVOLUTION),
    Unplanted(58, "ties of a max-pool counted wrongly", _CONVOLUTION),
    Unplanted(59, "overlapping windows overwritten instead of added", _CONVOLUTION),
    Unplanted(61, "no accumulation over time", _SEQUENCE),
    Unplanted(62, "the cell state's gradient dropped", _SEQUENCE),
    Unplanted(63, "1/√d missing, consistently", _ATTENTION),
    Unplanted(64, "attention mask ignored", _ATTENTION),
    Unplanted(65, "q, k and v overwritten", _ATTENTION),
    Unplanted(
        66,
        "duplicate indices lost in an embedding's gradient",
        "the reference has no embedding layer",
    ),
)
