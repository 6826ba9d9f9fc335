"""``python -m gradlab.faults > docs/faults.md`` writes the page of the documentation."""

import sys

from gradlab.faults.text import document

sys.stdout.write(document())
