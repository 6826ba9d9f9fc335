"""Other people's code in a process of its own: arrays over a pipe, deadlines, limits.

The file runs in a worker; the verdict is reached here, in the parent, from the
arrays that come back.  This keeps mistakes (loops without end, all of the
memory, ``os._exit``) away from the checker.  It is not a security sandbox: the
code has the rights of the user who starts it.
"""

from gradlab.worker.check_files import check_files
from gradlab.worker.file_process import NothingToCheckError
from gradlab.worker.options import Options
from gradlab.worker.session import ObjectSession, names_in, open_session

__all__ = [
    "NothingToCheckError",
    "ObjectSession",
    "Options",
    "check_files",
    "names_in",
    "open_session",
]
