"""Each law of networks is broken by a fault, and left alone by what looks like it."""

import numpy as np
import pytest

from gradlab import Status, check
from gradlab.faults import registry
from gradlab.laws import networks
from gradlab.reference import Network

FAULTS = [
    ("gradient", ("h.T @ dscores + self.reg * W2", "h.T @ dscores")),
    ("shape", ("dh.sum(axis=0)", "dh.sum(axis=0, keepdims=True)")),
    ("purity", ("h = np.maximum(0, X", "X -= X.mean(); h = np.maximum(0, X")),
    ("repeat", ("N = len(y)", "N = len(y); self.reg *= 1.5")),
    ("descent", ("dscores /= N", "")),
    ("mean of the losses", ("y]).mean()", "y]).sum()"), ("dscores /= N", "")),
    ("symmetric units", ("X.T @ dh +", "X.T @ dh * np.linspace(1, 2, dh.shape[1]) +")),
    (
        "one seed, one training",
        ("h = np.maximum(0, X @ W1 + b1)", "h = np.random.default_rng().random(3) + X @ W1 + b1"),
    ),
]
ALIKE = [
    (("-np.log(p[np.arange(N), y]).mean()", "-np.log(p[np.arange(N), y]).sum() / N"),),
    (("X.T @ dh", "np.einsum('nd,nh->dh', X, dh)"),),
    (("h = np.maximum(0, X", "X = X.copy(); X -= X.mean() * 0; h = np.maximum(0, X"),),
    (("dh.sum(axis=0)", "dh.sum(axis=0, keepdims=True).ravel()"),),
    (("reg=0.3", "reg=0.0"),),
]


class ForAll(Network):
    """The parameters that were set last are everybody's."""

    latest: dict = {}  # noqa: RUF012 - the fault

    @property
    def parameters(self):
        return Network.parameters.fget(self)

    @parameters.setter
    def parameters(self, values):
        Network.parameters.fset(self, values)
        type(self).latest = dict(values)

    def cost_and_gradients(self, X, Y):
        Network.parameters.fset(self, self.latest)
        return super().cost_and_gradients(X, Y)


class WeightsOnly(Network):
    """The biases are not saved."""

    def save(self, path):
        with open(path, "wb") as file:  # noqa: PTH123 - as people write
            np.savez(file, **{k: v for k, v in self.parameters.items() if k.startswith("W")})

    def load(self, path):
        with np.load(path) as archive:
            self.parameters = {**self.parameters, **archive}


class Text(Network):
    """Saved in a form of its own, with all digits."""

    def save(self, path):
        lines = [
            f"{k} {v.shape} {[x.hex() for x in v.ravel()]}" for k, v in self.parameters.items()
        ]
        with open(path, "w") as file:  # noqa: PTH123
            file.write("\n".join(lines))

    def load(self, path):
        with open(path) as file:  # noqa: PTH123
            lines = file.read().splitlines()
        kept = {}
        for line in lines:
            name, rest = line.split(" ", 1)
            numbers = [
                float.fromhex(x) for x in rest.split("[")[1].strip("]").replace("'", "").split(",")
            ]
            kept[name] = np.reshape(numbers, self.parameters[name].shape)
        self.parameters = kept


class Squashed(Network):
    """An activation that was not requested stands between the layers."""

    def forward(self, X):
        value = np.asarray(X, dtype=float)
        for layer in self.layers:
            layer.forward(value)
            value = np.tanh(layer.value)
        return value


@pytest.mark.parametrize(("law", "changes"), [(f[0], f[1:]) for f in FAULTS])
def test_a_fault_breaks_its_law(broken_laws, law, changes):
    assert law in broken_laws("networks.py", "TwoLayerNet", *changes)


@pytest.mark.parametrize(
    ("law", "network"),
    [
        ("two instances", ForAll),
        ("saved and loaded", WeightsOnly),
        ("linear layers collapse", Squashed),
        ("reference", Squashed),
    ],
)
def test_a_network_of_layers_breaks_its_law(law, network):
    found = {finding.law for finding in check(network).failures}
    assert law in found
    assert found == {law} or network is Squashed


@pytest.mark.parametrize("changes", ALIKE)
def test_what_looks_like_a_fault_breaks_none(student, changes):
    report = check(student("networks.py", *changes).TwoLayerNet)
    assert report.status is Status.PASS, str(report)


def test_a_network_saved_in_another_form_passes():
    report = check(Text)
    assert report.status is Status.PASS, str(report)
    assert "saved and loaded" in {finding.law for finding in report.findings}


def test_every_law_has_its_fault():
    found = {fault[0] for fault in FAULTS}
    found |= {"two instances", "saved and loaded", "linear layers collapse", "reference"}
    assert found == {law.name for law in networks.LAWS}


def test_a_penalty_on_the_biases_is_told_in_numbers():
    (finding,) = [
        f
        for f in check(registry.build("mutant:decay-on-biases/network"), like="network").failures
        if f.law == "mean of the losses"
    ]
    assert finding.message.startswith("the cost of 5 examples is ")
    assert finding.message.endswith(", each less its penalty λ/(2m)·Σ‖W‖² on the weights")
