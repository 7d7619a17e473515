"""pytest for device projects. It does nothing unless the project asks for it:

    [tool.pytest.ini_options]
    uasyncio = true

Then the project's modules find MicroPython's (`asyncio`, `time`, …), as under `python -m uasyncio`, and a test that is
a coroutine function runs on a fresh loop in virtual time. `@pytest.mark.seeds(100)` runs a test in a hundred orders of
the tasks that are ready at once; `--uasyncio-seed 7` runs every test in the order of one seed.
"""

import inspect

import pytest


def pytest_addoption(parser):
    parser.addini("uasyncio", "run coroutine tests on uasyncio, with a device's modules", type="bool", default=False)
    parser.addini("uasyncio_device_packages", "packages of site-packages that are written for MicroPython", type="args")
    parser.addoption("--uasyncio-seed", type=int, default=None, metavar="N", help="run tests in seed N's order")


def pytest_configure(config):
    config.addinivalue_line("markers", "seeds(n): run a coroutine test in n orders of the tasks that are ready at once")
    if config.getini("uasyncio"):
        from uasyncio import device

        device.install(device_packages=config.getini("uasyncio_device_packages"))


def pytest_unconfigure(config):
    if config.getini("uasyncio"):
        from uasyncio import device

        device.uninstall()


def pytest_generate_tests(metafunc):
    marker = metafunc.definition.get_closest_marker("seeds")
    if marker and metafunc.config.getini("uasyncio"):
        metafunc.fixturenames.append("uasyncio_seed")
        metafunc.parametrize("uasyncio_seed", range(marker.args[0]))


@pytest.fixture
def uasyncio_seed(pytestconfig):
    """The seed that a coroutine test runs with, or None for the order of arrival."""
    return pytestconfig.getoption("uasyncio_seed")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not (pyfuncitem.config.getini("uasyncio") and inspect.iscoroutinefunction(pyfuncitem.obj)):
        return None
    from uasyncio.testing import simulate

    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    seed = pyfuncitem.funcargs.get("uasyncio_seed", pyfuncitem.config.getoption("uasyncio_seed"))
    simulate(pyfuncitem.obj(**arguments), seed=seed)
    return True
