"""QuecPython's package for what users install on the device: `from usr import uasyncio`.

A directory `usr` of your own, next to the script, goes on working: its modules are found here too.
"""

import os
import sys


def _directories():
    # `usr` folders anywhere on the path, and what the runner adds: on a device the scripts themselves lie in /usr.
    return [folder for folder in (os.path.join(entry or ".", "usr") for entry in sys.path) if os.path.isdir(folder)]


__path__ = [*_directories(), *(entry for entry in __path__ if entry not in _directories())]
