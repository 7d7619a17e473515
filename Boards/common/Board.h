// What each board's files have of each other.
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/// Sets up clock, serial line and interrupts. Called before `main`, with interrupts allowed.
void board_start(void);

/// Has the clock show this many ticks: for tests that cannot wait until it does.
void board_set_clock(uint64_t ticks);

#ifdef TINY_TEST_HOOKS
/// Called with interrupts held, after the last look for mail and before the processor waits: the worst moment for an
/// interrupt to come.
void board_about_to_wait(void);
#else
static inline void board_about_to_wait(void) {}
#endif

#endif
