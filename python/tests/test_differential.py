"""The comparison with MicroPython compares what it says: the same program is the same run, and another one is seen."""

import sys
import warnings
from pathlib import Path

import pytest
import uasyncio

sys.path.append(str(Path(__file__).resolve().parent.parent / "differential"))

import play  # noqa: E402
import programs  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*was never awaited:RuntimeWarning")


def perform(program, late=0):
    native = uasyncio.core._native
    uasyncio.new_event_loop()
    native.configure(virtual_time=True)
    world = play.World(uasyncio, uasyncio.core.ticks, lambda ms: native.pass_time((ms + late) / 1000))
    return play.play(world, program)


def test_a_program_is_the_same_run_each_time():
    for seed in range(100):
        assert programs.draw(seed) == programs.draw(seed)
        assert perform(programs.draw(seed)) == perform(programs.draw(seed))


def test_programs_reach_every_step():
    seen = set()

    def look(tree):
        if isinstance(tree, list):
            if tree and isinstance(tree[0], str):
                seen.add(tree[0])
            for part in tree:
                look(part)

    for seed in range(200):
        look(programs.draw(seed))
        assert programs.show(programs.draw(seed))
    assert programs.KINDS <= seen


def test_a_difference_is_found_and_shrunk():
    def differ(program):
        return perform(program) != perform(program, late=1)

    warnings.simplefilter("ignore")
    seed = next(seed for seed in range(200) if differ(programs.draw(seed)))
    program = programs.shrink(programs.draw(seed), differ)
    steps = str(program).count("[") - 1
    assert differ(program) and "'block'" in str(program) and steps < 12, programs.show(program)
