"""Hard swish, x·clip(x + 3, 0, 6)/6, as a student may write it: wrong beyond 3."""

import numpy as np


class HardSwish:
    def forward(self, x):
        self.x = x
        return x * np.clip(x + 3, 0, 6) / 6

    def backward(self, dout):
        x = self.x
        slope = np.where(x < -3, 0.0, (2 * x + 3) / 6)
        slope[x > 3] = 1.5
        return dout * slope
