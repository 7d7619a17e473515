import sys

import uasyncio

sys.modules[__name__] = uasyncio
