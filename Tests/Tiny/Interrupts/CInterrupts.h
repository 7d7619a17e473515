// Interrupts on demand. Each sets the flag, and calls the function, that the test has named.
#ifndef CINTERRUPTS_H
#define CINTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

/// Sets the board's counter so that it begins anew soon. Before the loop is made.
void test_start(void);
bool test_clock_has_begun_anew(void);
/// Reads the clock again and again while the counter begins anew, also in an interrupt. Returns whether it always went on by
/// a little. Sets the counter, so after everything else.
bool test_clock_is_steady(void);
/// Whether a 64-bit clock out of a 32-bit counter is right if the counter begins anew between any two looks at it.
bool test_wide_clock(void);
/// Has the clock show so many ticks. While nobody sleeps.
void test_set_clock(uint64_t ticks);
/// Nanoseconds of a tick.
uint32_t test_tick(void);
/// Takes exactly so many instructions, at least 8, and always the same number beside.
void test_spend(uint32_t instructions);

/// How often the board has waited so far.
uint32_t test_waits(void);

/// From now on interrupts set this flag, or none if it is null.
void test_interrupts_set(uint8_t *flag);
/// From now on interrupts set this flag too, unless it is null.
void test_interrupts_set_too(uint8_t *flag);
/// From now on interrupts call this function.
void test_interrupts_call(void (*function)(void));
/// The next time that the board is about to wait, and has looked for mail for the last time, there is an interrupt.
void test_interrupt_when_about_to_wait(void);
/// An interrupt after so many microseconds.
void test_interrupt_after(uint32_t microseconds);
/// An interrupt about so many instructions after this has returned, at most 9000; for the next number, one later.
void test_interrupt_in(uint32_t instructions);
/// An interrupt every so many microseconds, from now on.
void test_storm_begin(uint32_t microseconds);
void test_storm_end(void);
/// How many there have been since the storm began.
uint32_t test_interrupts(void);

#endif
