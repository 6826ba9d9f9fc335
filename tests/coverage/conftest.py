"""Modules with code under test, written to files as lines need them."""

import importlib.util
import itertools
import sys
import textwrap

import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.coverage import Scope, observe
from gradlab.domain import Sizes

COUNT = itertools.count()


class Written:
    """A class in a file of its own, as a subject."""

    def __init__(self, folder, code, name):
        file = folder / f"written_{next(COUNT)}.py"
        file.write_text("import numpy as np\n\n" + textwrap.dedent(code))
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        spec.loader.exec_module(module)
        self.subject = adapt(getattr(module, name))
        self.scope = Scope(folders=(str(folder),))

    def values(self, seed=0):
        rng = np.random.default_rng(seed)
        domain = self.subject.domain
        return domain.sample(domain.sizes(Sizes.DISTINCT, rng), rng)

    def observe(self, values=None):
        values = self.values() if values is None else values
        return observe(self.subject.open(values), values, self.scope, 0)


@pytest.fixture
def write(tmp_path):
    return lambda code, name="Layer": Written(tmp_path, code, name)
