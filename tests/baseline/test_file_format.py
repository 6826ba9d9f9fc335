import json
import shutil

import numpy as np
import pytest

from gradlab.baseline import file_format
from gradlab.baseline.store import load, save
from gradlab.errors import GradlabError
from gradlab.reference import compute_cost

CURES = (
    "; take it from version control, or delete it and record again",
    "; give another path",
    "; upgrade gradlab, or take the file from version control",
)


@pytest.fixture
def file(recorded, version):
    return recorded(version("loop"))


def test_a_baseline_reads_back_as_it_was(file):
    baseline = load(file)
    assert file_format.write(baseline) == file.read_text()
    result = baseline.places[0].results[0]
    assert result.watched.dtype == np.float64
    assert result.spread.shape == result.watched.shape


def test_every_number_has_a_line_that_says_which_it_is(file):
    lines = file.read_text().splitlines()
    assert sum(line.strip().startswith('"step 2 [2, 1]": [') for line in lines) == 1
    assert sum(line.strip().startswith('"[0, 1]": [') for line in lines) >= 5
    assert max(map(len, lines)) < 120


def test_a_spread_is_rounded_up_to_two_digits(file):
    plain = json.loads(file.read_text())
    spreads = [
        spread
        for place in plain["places"]
        for result in place["results"]
        for _, spread in result["value and spread"].values()
    ]
    assert all(spread == float(f"{spread:.1e}") for spread in spreads)
    assert max(spreads) > 0


def corruptions(content, rng):
    """One random corruption of each kind after the other, for as long as one asks."""
    while True:
        at = int(rng.integers(len(content)))
        length = int(rng.integers(1, 40))
        noise = rng.integers(0, 256, length, dtype=np.uint8).tobytes()
        bit = bytes([content[at] ^ (1 << int(rng.integers(8)))])
        end = at + length
        yield "a bit flipped", content[:at] + bit + content[at + 1 :]
        yield "cut off", content[:at]
        yield "something inserted", content[:at] + noise + content[at:]
        yield "overwritten", content[:at] + noise + content[end:]
        yield "a part gone", content[:at] + content[end:]
        yield "zeros", content[:at] + bytes(min(length, len(content) - at)) + content[end:]
        yield "a part twice", content[:end] + content[at:]
        yield "two values swapped", swapped(content, rng)
        yield "a digit changed", digit_changed(content, rng)


def leaves(plain, path=()):
    if isinstance(plain, dict | list):
        items = plain.items() if isinstance(plain, dict) else enumerate(plain)
        for key, value in items:
            yield from leaves(value, (*path, key))
    else:
        yield path


def swapped(content, rng):
    """Swap two values of the document, which stays JSON of the right form."""
    plain = json.loads(content)
    paths = list(leaves(plain))
    holders = []
    for i in rng.choice(len(paths), 2, replace=False):
        *way, key = paths[i]
        holder = plain
        for step in way:
            holder = holder[step]
        holders.append((holder, key))
    (a, i), (b, j) = holders
    a[i], b[j] = b[j], a[i]
    return ("".join(file_format._lines(plain, "")) + "\n").encode()


def digit_changed(content, rng):
    digits = [i for i, byte in enumerate(content) if 48 <= byte <= 57]
    at = digits[int(rng.integers(len(digits)))]
    return content[:at] + bytes([48 + (content[at] - 47) % 10]) + content[at + 1 :]


def test_a_thousand_corruptions_give_a_clear_error_and_stay_as_they_are(recorded, tmp_path):
    file = recorded(compute_cost)
    baseline, content = load(file), file.read_bytes()
    broken, seen = tmp_path / "broken.json", {}
    draws = corruptions(content, np.random.default_rng(2024))
    while sum(seen.values()) < 1000:
        kind, damaged = next(draws)
        if damaged == content:
            continue  # two equal values were swapped
        seen[kind] = seen.get(kind, 0) + 1
        broken.write_bytes(damaged)
        with pytest.raises(GradlabError) as caught:
            load(broken)
        assert str(caught.value).startswith(f"{broken} is "), kind
        assert str(caught.value).endswith(CURES), kind
        with pytest.raises(GradlabError, match=r"; it is not overwritten$"):
            save(baseline, broken)
        assert broken.read_bytes() == damaged
    assert min(seen.values()) > 80


def said(file, content):
    file.write_bytes(content)
    with pytest.raises(GradlabError) as caught:
        load(file)
    return str(caught.value).removeprefix(f"{file} is ")


def test_each_kind_of_damage_has_its_own_words(file):
    whole = file.read_bytes()
    damaged, cure = "damaged: ", CURES[0]
    assert said(file, b"") == f"{damaged}it is empty{cure}"
    assert said(file, whole[:900]) == f"{damaged}it is no whole JSON document any more{cure}"
    assert said(file, whole + b"\xff") == f"{damaged}byte {len(whole)} is no text{cure}"
    assert said(file, b"<<<<<<< HEAD\n" + whole) == f"{damaged}it holds both sides of a merge{cure}"
    assert said(file, whole.replace(b'"seed": 0', b'"seed": 1')) == (
        f"{damaged}its checksum is not that of its content{cure}"
    )
    assert said(file, b"class Network:\n    pass\n") == (
        "no gradlab baseline: it is no JSON; give another path"
    )
    assert said(file, b'{"schema": 1}\n') == (
        "no gradlab baseline: its first line does not name the format; give another path"
    )
    assert said(file, b"[" * 10**5) == "no gradlab baseline: it is no JSON; give another path"
    assert said(file, whole.replace(b'"schema": 1', b'"schema": 2')) == (
        "a baseline of format 2, and this gradlab reads format 1; upgrade gradlab, or take the "
        "file from version control"
    )


def test_a_part_that_is_missing_under_a_right_checksum_is_damage_too(file):
    plain = json.loads(file.read_text())
    del plain["places"][0]["results"][0]["dtype"]
    plain["checksum"] = file_format._BLANK
    body = "".join(file_format._lines(plain, "")) + "\n"
    signed = body.replace(file_format._BLANK, file_format._checksum(body), 1)
    assert said(file, signed.encode()).startswith("damaged: a part of it is not there: 'dtype'")


def test_a_checkout_may_turn_the_ends_of_lines(file, tmp_path):
    turned = tmp_path / "turned.json"
    turned.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert file_format.write(load(turned)) == file.read_text()


def test_numbers_that_json_does_not_have_come_back(recorded):
    class Diverging:
        def forward(self, Z):
            self.Z = np.array([[np.nan, np.inf, -np.inf, -0.0, 5e-324, 1 / 3]])
            self.A = self.Z

        def backward(self, upstream_grad):
            self.dZ = np.array([[1, 2**40]])

    path = recorded(Diverging())
    output, gradient = load(path).places[0].results
    assert str(output.watched.tolist()) == "[nan, inf, -inf, -0.0, 5e-324, 0.3333333333333333]"
    assert (gradient.dtype, gradient.watched.tolist()) == ("int64", [1, 2**40])
    assert file_format.write(load(path)) == path.read_text()


def test_a_copy_elsewhere_is_as_good(file, tmp_path):
    shutil.copy(file, tmp_path / "copy.json")
    assert file_format.write(load(tmp_path / "copy.json")) == file.read_text()
