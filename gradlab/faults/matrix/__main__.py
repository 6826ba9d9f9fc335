"""``python -m gradlab.faults.matrix`` prints the table of docs/matrix.md: faults × laws, seed 0."""

import sys

from gradlab.faults import registry
from gradlab.faults.matrix import Matrix, run, text

if __name__ == "__main__":
    mutants = registry.names(label=registry.Label.MUTANT)
    sys.stdout.write(text.document(Matrix((0,), run(mutants, (0,)))))
