// Interrupts on demand. Each sets the flag, and calls the function, that the test has named.
#ifndef CINTERRUPTS_H
#define CINTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

/// Sets the board's counter so that it begins anew soon. Before the loop is made.
void test_start(void);
bool test_clock_has_begun_anew(void);

/// From now on interrupts set this flag.
void test_interrupts_set(uint8_t *flag);
/// From now on interrupts call this function.
void test_interrupts_call(void (*function)(void));
/// The next time that the board is about to wait, and has looked for mail for the last time, there is an interrupt.
void test_interrupt_when_about_to_wait(void);
/// An interrupt after so many microseconds, more or less, and so many instructions of ours before this returns.
void test_interrupt_after(uint32_t microseconds, uint32_t instructions);
/// An interrupt every so many microseconds, from now on.
void test_storm_begin(uint32_t microseconds);
void test_storm_end(void);
/// How many there have been since the storm began.
uint32_t test_interrupts(void);

#endif
