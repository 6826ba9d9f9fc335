"""``python -m gradlab.matrix`` prints the table of docs/matrix.md: faults × laws, seed 0."""

import sys

from gradlab import registry
from gradlab.matrix import Matrix, answers, text

if __name__ == "__main__":
    mutants = registry.names(standing=registry.Standing.MUTANT)
    sys.stdout.write(text.document(Matrix((0,), answers(mutants, (0,)))))
