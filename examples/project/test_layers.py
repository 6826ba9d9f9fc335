import numpy as np
from layers import LinearLayer, SigmoidLayer, TanhLayer, softplus, softplus_backward

from gradlab.testing import conforms_to


def test_sigmoid(gradcheck):
    gradcheck(SigmoidLayer, like="sigmoid")


def test_softplus(gradcheck):
    gradcheck(softplus, softplus_backward, {"x": np.linspace(-3, 3, 7)})


@conforms_to("linear")
def affine():
    return LinearLayer


tanh = conforms_to("tanh")(TanhLayer)
