"""A baseline as text, one number a line, and back; the same baseline gives the same bytes.

The text is JSON.  Every number is written in the fewest digits that read back as
the same number.  The checksum is the SHA-256 of the whole text with the
checksum's own digits replaced by zeros.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.model import TRAJECTORY, Baseline, RecordedInput, Result, SampleSite
from gradlab.baseline.sample import fingerprint_for
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The key in the first line of a baseline.
FORMAT = "gradlab baseline"
#: Grows when a key changes its meaning or goes.
SCHEMA_VERSION = 1

_BLANK = "0" * 64


def write(baseline: Baseline) -> str:
    """Return the text of a baseline."""
    plain = {
        "format": FORMAT,
        "schema": SCHEMA_VERSION,
        "checksum": _BLANK,
        "subject": baseline.subject,
        "convention": baseline.convention,
        "layout": baseline.layout,
        "seed": baseline.seed,
        "made_by": baseline.made_by,
        "versions": dict(baseline.versions),
        "trained_by": baseline.trained_by,
        "left_out": dict(baseline.left_out),
        "places": [_plain_site(place, baseline.seed) for place in baseline.places],
    }
    text = "".join(_lines(plain, "")) + "\n"
    return text.replace(_BLANK, _checksum(text), 1)


def read(data: bytes, name: str) -> Baseline:
    """Read the bytes of a baseline; `name` is what errors call the file.

    Raises
    ------
    GradlabError
        When it is something else, damaged, or of a later version; the message
        names the cause and what to do.
    """
    text = _decoded(data, name)
    plain = _parsed(text, name)
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        msg = (
            f"{name} is no gradlab baseline: its first line does not name the format; "
            "give another path"
        )
        raise GradlabError(msg)
    schema = plain.get("schema")
    if schema != SCHEMA_VERSION:
        msg = (
            f"{name} is a baseline of format {schema!r}, and this gradlab reads format "
            f"{SCHEMA_VERSION}; upgrade gradlab, or take the file from version control"
        )
        raise GradlabError(msg)
    stated = plain.get("checksum")
    if not isinstance(stated, str) or _checksum(text.replace(stated, _BLANK, 1)) != stated:
        raise _damaged(name, "its checksum is not that of its content")
    try:
        return _baseline(plain)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _damaged(name, f"a part of it is not there: {error}") from error


def _damaged(name: str, why: str) -> GradlabError:
    return GradlabError(
        f"{name} is damaged: {why}; take it from version control, or delete it and record again"
    )


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _damaged(name, f"byte {error.start} is no text") from error
    # A checkout may have turned every end of line, which leaves the content as it is.
    turned = text.count("\r\n")
    return text.replace("\r\n", "\n") if turned and turned == text.count("\n") else text


def _parsed(text: str, name: str) -> Any:
    if not text.strip():
        raise _damaged(name, "it is empty")
    if "\n<<<<<<< " in f"\n{text}":
        raise _damaged(name, "it holds both sides of a merge")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if f'"{FORMAT}"' not in text[:200]:
            msg = f"{name} is no gradlab baseline: it is no JSON; give another path"
            raise GradlabError(msg) from error
        raise _damaged(name, "it is no whole JSON document any more") from error


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Write plain data so that whatever holds no dictionary stands on one line."""
    inner = f"{indent} "
    if isinstance(value, dict) and value:
        yield "{\n"
        for position, (key, item) in enumerate(value.items()):
            yield f"{inner}{_scalar(key)}: "
            yield from _lines(item, inner)
            yield ",\n" if position < len(value) - 1 else f"\n{indent}}}"
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield "[\n"
        for position, item in enumerate(value):
            yield inner
            yield from _lines(item, inner)
            yield ",\n" if position < len(value) - 1 else f"\n{indent}]"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain_site(place: SampleSite, seed: int) -> dict[str, Any]:
    return {
        "where": place.where,
        "number": place.number,
        "training": place.training,
        "sizes": dict(place.sizes),
        "precision": place.precision,
        "inputs": {
            given.name: {"shape": list(given.shape), "moved": given.moved, "sha256": given.digest}
            for given in place.inputs
        },
        "results": [_plain_result(result, seed) for result in place.results],
    }


def _plain_result(result: Result, seed: int) -> dict[str, Any]:
    return {
        "kind": result.kind,
        "tensor": result.tensor,
        "shape": list(result.shape),
        "dtype": result.dtype,
        "sha256": result.digest,
        "largest": result.largest,
        "value and spread": dict(_plain_entries(result, seed)),
    }


def _plain_entries(result: Result, seed: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield each number that is kept under its index, with its spread."""
    fingerprint = fingerprint_for(result.kind, result.shape, seed)
    watched, spread = np.atleast_1d(result.watched), np.atleast_1d(result.spread)
    for place in np.ndindex(watched.shape):
        index = fingerprint.name(place[-1]).removeprefix("entry ").removeprefix("its ")
        step = f"step {place[0] + 1} " if result.kind == TRAJECTORY else ""
        yield (
            step + index,
            [
                _number(float(watched[place])),
                _number(float(spread[place])),
            ],
        )


def _number(value: float) -> float | str:
    """JSON has no NaN and no infinity: they are written as strings."""
    return value if math.isfinite(value) else str(value)


def _baseline(plain: dict[str, Any]) -> Baseline:
    kept = ("subject", "convention", "layout", "seed", "made_by", "versions", "trained_by")
    return Baseline(
        **{key: plain[key] for key in kept},
        left_out=plain["left_out"],
        places=tuple(_site(place) for place in plain["places"]),
    )


def _site(plain: dict[str, Any]) -> SampleSite:
    inputs = tuple(
        RecordedInput(name, tuple(given["shape"]), given["sha256"], given["moved"])
        for name, given in plain["inputs"].items()
    )
    kept = ("where", "number", "training", "sizes", "precision")
    results = tuple(_result(result) for result in plain["results"])
    return SampleSite(**{key: plain[key] for key in kept}, inputs=inputs, results=results)


def _result(plain: dict[str, Any]) -> Result:
    pairs = np.array(
        [[float(number) for number in pair] for pair in plain["value and spread"].values()]
    ).reshape(-1, 2)
    shape = tuple(plain["shape"])
    rows = (shape[0], -1) if plain["kind"] == TRAJECTORY and shape[0] else (-1,)
    return Result(
        plain["kind"],
        plain["tensor"],
        shape,
        plain["dtype"],
        plain["sha256"],
        plain["largest"],
        pairs[:, 0].reshape(rows),
        pairs[:, 1].reshape(rows),
    )
