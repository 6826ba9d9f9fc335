"""The article's examples, worked through with real numbers: what `gradlab demo` shows."""

from gradlab.demo.examples import EXAMPLES
from gradlab.demo.plot import plot
from gradlab.demo.run import DEFAULT_EPOCHS, DEFAULT_LEARNING_RATE, DemoRun, run
from gradlab.demo.walk import walk

__all__ = ["DEFAULT_EPOCHS", "DEFAULT_LEARNING_RATE", "EXAMPLES", "DemoRun", "plot", "run", "walk"]
