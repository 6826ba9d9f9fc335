"""``python -m gradlab`` is the command `gradlab`."""

import os
import sys


def _leave_current_folder() -> None:
    """Take the current folder off the path, which ``-m`` has put there.

    Otherwise a ``click.py`` or ``numpy.py`` beside the code under test would be
    imported here, in the process that reaches the verdict.  Where gradlab itself lies
    in that folder, as in a checkout, the folder goes to the end of the path, so that
    installed packages come first and processes started later find gradlab as well.
    """
    here = os.path.realpath(os.curdir)
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120
    kept = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    sys.path[:] = [*kept, here] if here == own else kept


if __name__ == "__main__":
    _leave_current_folder()
    from gradlab.cli import main

    main()
