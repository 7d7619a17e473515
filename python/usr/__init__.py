"""QuecPython's package for what users install on the device: `from usr import uasyncio`.

On a device the scripts themselves lie in /usr, so what lies beside the script is found here too, and so are the modules in
a directory `usr` of your own.
"""

import os
import sys


def _folders():
    folders = [os.path.join(entry or ".", "usr") for entry in sys.path] + [sys.path[0] or "."]
    return [folder for folder in folders if os.path.isdir(folder)]


__path__ = [*_folders(), *(folder for folder in __path__ if folder not in _folders())]
