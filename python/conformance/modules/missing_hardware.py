try:
    import machine
except ImportError as e:
    print(type(e).__name__, str(e).split(":")[0])
