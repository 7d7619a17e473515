import sys
try:
    raise ValueError("x")
except ValueError as e:
    sys.print_exception(e)
