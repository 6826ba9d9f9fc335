import numpy as np

from gradlab.numdiff import noise
from gradlab.numdiff.restriction import Restriction
from gradlab.numdiff.steps import EXPONENTS, StepSequence, mantissas

STEPS = np.array([mantissas(0)[e] * 2.0**-e for e in EXPONENTS])


def _parts(f):
    plus, minus, centre = f(STEPS), f(-STEPS), f(np.zeros(1))
    return ((plus - minus) / 2)[:, None], (plus + minus - 2 * centre)[:, None]


def test_structure_is_eliminated():
    odd, even = _parts(lambda t: 1 + 2 * t + 3 * t**2 - t**3 + t**4 + t**5 - t**6)
    samples = noise.central_samples(odd, even, STEPS, lower=False)
    assert samples[0, 0] == 0
    assert np.all(samples[4:, 0] < 1e-15)


def test_noise_is_measured_within_a_small_factor():
    rng = np.random.default_rng(0)
    measured = []
    for _ in range(200):
        odd, even = _parts(lambda t: np.sin(1 + t) + 1e-8 * rng.standard_normal(t.shape))
        measured.append(noise.central_samples(odd, even, STEPS, lower=False)[4:].max())
    assert 0.5e-8 < np.median(measured) < 3e-8
    assert np.quantile(measured, 0.01) > 1e-9


def test_noise_is_carried_forward_to_finer_steps_and_structure_is_not():
    quantised = np.array([[0.0], [1e-6], [1e-6], [5e-7], [0.0], [0.0]])
    assert np.all(noise.carry_forward(quantised)[4:] >= 5e-7)
    oscillating = np.array([[0.0], [1.0], [0.8], [1e-4], [1e-9], [1e-15]])
    assert noise.carry_forward(oscillating)[5, 0] < 1e-8


def test_the_format_of_changed_outputs_counts():
    values = np.sin(np.arange(12.0)).reshape(6, 2)
    assert noise.half_ulp(values) == 2.0**-53
    assert noise.half_ulp(values.astype(np.float32).astype(float)) == 2.0**-24
    assert noise.half_ulp(values.astype(np.float16).astype(float)) == 2.0**-11
    assert noise.half_ulp(np.ones((6, 2))) == 2.0**-53


def test_the_quantum_of_a_large_offset_is_found():
    values = (np.tanh(np.linspace(0, 1, 9)) + 1e6 - 1e6)[:, None]
    both = np.array([True])
    quantum = 2 * noise.half_quantum(values, values[4], both)[0]
    assert quantum == 2.0**-33
    assert noise.half_quantum(np.ones((9, 1)), np.ones(1), both)[0] == 0


def test_two_values_are_a_gap_only_where_both_sides_move():
    values = np.array([[0.0], [0.3], [0.3]])
    assert noise.half_quantum(values, np.zeros(1), np.array([True]))[0] == 0.15
    assert noise.half_quantum(values, np.zeros(1), np.array([False]))[0] == 0


def test_values_far_away_show_the_quantum_of_what_is_flat():
    far = np.tanh(np.array([[0.3, 0.3, 0.5], [0.7, 0.7, 0.5]]))
    far[:, 0] = far[:, 0] + 1e6 - 1e6
    far[:, 2] = 0.5  # a round number shows no quantum
    quantum = 2 * noise.distant_half_quantum(far, np.zeros(3))
    assert quantum[0] == 2.0**-33
    assert quantum[1] <= 2.0**-52
    assert quantum[2] == 0
    assert np.all(noise.distant_half_quantum(np.empty((0, 2)), np.zeros(2)) == 0)


def test_outputs_alike_share_their_noise():
    floor = np.ones((3, 5))
    sigma = np.array([[2.0, 3.0, 2.5, 2.0, 0.5]] * 3)
    assert np.all(noise.pooled(sigma, floor)[:, 4] == 2.0)
    assert np.array_equal(noise.pooled(sigma[:, :2], floor[:, :2]), sigma[:, :2])


def test_rounding_of_the_point_is_part_of_the_floor():
    line = Restriction(np.exp, np.array([700.0]), np.array([1.0]))
    assert line.input_rounding * line.scale > 0
    sequence = StepSequence(line, line.at(0.0), mantissas(0))
    assert sequence.step(4) == mantissas(0)[4] / 16
