"""Compute what the article's figures show and its text does not print.

    python golden/derive.py            compare with derived.toml
    python golden/derive.py --write    write derived.toml anew

With mpmath at 50 digits, stored with 17 significant ones, from the inputs that
`article.toml` holds as printed.  Nothing of gradlab is used, so that its reference
can be held to the result.  Figures whose inputs only the picture knows (35 and 36,
79 to 83) are left out.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

from mpmath import mp, mpf

HERE = Path(__file__).parent
FILE = HERE / "derived.toml"

HEADER = """\
# What the article's figures show and its text does not print, as far as its inputs are
# known.  Written by derive.py: do not edit.  Numbers are texts with 17 significant
# digits, rounded from 50.  `given` names inputs of article.toml, `assumed` those of
# them that the text gives for another example only.
"""

OR = ([[0, 0, 1, 1], [0, 1, 0, 1]], [0, 1, 1, 1])
XOR_CROSS = ([[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]], [0, 1, 1, 0])

Numbers = dict[str, Any]


def step(X: list[list[Any]], Y: list[Any], W: list[Any], b: Any, rate: Any) -> Numbers:
    """Return everything that one step of gradient descent on one neuron computes."""
    m = len(Y)
    columns = list(zip(*X, strict=True))
    Z = [sum(w * x for w, x in zip(W, column, strict=True)) + b for column in columns]
    Y_hat = [1 / (1 + mp.exp(-z)) for z in Z]
    slopes = [a * (1 - a) for a in Y_hat]
    dY_hat = [(a - y) / m for a, y in zip(Y_hat, Y, strict=True)]
    dZ = [up * local for up, local in zip(dY_hat, slopes, strict=True)]
    dW = [sum(up * x for up, x in zip(dZ, row, strict=True)) for row in X]
    db = sum(dZ)
    return {
        "Z": Z,
        "Y_hat": Y_hat,
        "cost": sum((a - y) ** 2 for a, y in zip(Y_hat, Y, strict=True)) / (2 * m),
        "dY_hat": dY_hat,
        "sigmoid_derivative": slopes,
        "dZ": dZ,
        "dW": dW,
        "db": db,
        "W": [w - rate * slope for w, slope in zip(W, dW, strict=True)],
        "b": b - rate * db,
    }


def derive() -> dict[str, Numbers]:
    """Return all sections of derived.toml, numbers with 50 digits."""
    mp.dps = 50
    tables = tomllib.loads((HERE / "article.toml").read_text("utf-8"))
    given = {
        table["id"]: mpf(table["printed"])
        for table in tables["input"]
        if isinstance(table["printed"], str)
    }
    W, b, rate = [given["w1"], given["w2"]], given["b"], given["learning_rate"]
    example = ([[given["x1"]], [given["x2"]]], [given["y"]])
    first_bias = step(*example, W, b, rate)
    first_or = step(*OR, W, b, rate)
    return {
        "first_example": {
            "figures": "10 to 28",
            "given": ["x1", "x2", "y", "w1", "w2", "b", "learning_rate"],
            **first_bias,
        },
        "first_example_after_the_step": {
            "figures": "25, 26",
            "given": ["x1", "x2", "y", "w1", "w2", "b", "learning_rate"],
            # The article moves the bias alone; the gradient of the weights is zero.
            **step(*example, W, first_bias["b"], rate),
        },
        "or_first_step": {
            "figures": "42 to 45",
            "given": ["w1", "w2", "b", "learning_rate"],
            **first_or,
        },
        "or_second_step": {
            "figures": "46, 47",
            "given": ["w1", "w2", "b", "learning_rate"],
            **step(*OR, first_or["W"], first_or["b"], rate),
        },
        "xor_cross": {
            "figures": "71 to 73",
            "given": ["w1", "w2", "w3", "b", "learning_rate"],
            "assumed": ["w1", "w2", "b", "learning_rate"],
            **step(*XOR_CROSS, [*W, given["w3"]], b, rate),
        },
    }


def text_of(number: Any) -> str:
    """Return 17 significant digits of a number.

    Examples
    --------
    >>> text_of(mpf(1) / 4)
    '2.5e-1'
    """
    text: str = mp.nstr(number, 17, min_fixed=0, max_fixed=0)
    return text


def render(sections: dict[str, Numbers]) -> str:
    """Return the text of derived.toml."""
    lines = [HEADER]
    for name, entries in sections.items():
        lines.append(f"[{name}]")
        for key, value in entries.items():
            if isinstance(value, list):
                texts = ", ".join(
                    f'"{one if isinstance(one, str) else text_of(one)}"' for one in value
                )
                lines.append(f"{key} = [{texts}]")
            else:
                lines.append(f'{key} = "{value if isinstance(value, str) else text_of(value)}"')
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Compare derived.toml with what is computed, or write it."""
    parser = argparse.ArgumentParser(description="Compute golden/derived.toml.")
    parser.add_argument("--write", action="store_true", help="write derived.toml")
    text = render(derive())
    if parser.parse_args().write:
        FILE.write_text(text, "utf-8")
    elif not FILE.exists() or text != FILE.read_text("utf-8"):
        sys.exit("derived.toml is not what derive.py computes; run again with --write")


if __name__ == "__main__":
    main()
