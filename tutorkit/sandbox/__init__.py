"""Where code of strangers is run: Python in a box of namespaces, limits and a system call filter, or not at all.

It needs Linux and bubblewrap. Where they are missing the code is refused; no weaker way is taken silently.
"""

from tutorkit.sandbox.archive import files_of_folder, files_of_zip
from tutorkit.sandbox.box import Sandbox
from tutorkit.sandbox.outcome import Ended, Limits, Status, readable

__all__ = ["Ended", "Limits", "Sandbox", "Status", "files_of_folder", "files_of_zip", "readable"]
