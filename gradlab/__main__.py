"""``python -m gradlab`` is the command `gradlab`."""

import os
import sys


def _leave_current_folder() -> None:
    """Take the current folder off the path, which ``-m`` has put there.

    Otherwise a ``click.py`` or ``numpy.py`` beside the code under test would be
    imported here, in the process that reaches the verdict.
    """
    here = os.path.realpath(os.curdir)
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


if __name__ == "__main__":
    _leave_current_folder()
    from gradlab.cli import main

    main()
