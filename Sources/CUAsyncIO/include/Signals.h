// The handler of the signals that the loop catches; see SignalHub.swift.
#ifndef CUASYNCIO_SIGNALS_H
#define CUASYNCIO_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/// What becomes of an interrupt (Ctrl-C) that nobody has asked for.
enum {
  /// It is passed on like any signal.
  UASYNCIO_INTERRUPTS_PASSED_ON = 0,
  /// It is passed on, and the next one ends the program.
  UASYNCIO_INTERRUPTS_CANCEL = 1,
  /// It ends the program at once.
  UASYNCIO_INTERRUPTS_END = 2,
};

/// Installs the handler for a signal. Returns 0 or the system's error number.
int uasyncio_signal_catch(int number);

/// Gives a caught signal its former disposition back, unless somebody else has taken it over meanwhile.
void uasyncio_signal_release(int number);

/// Whether a signal has its default disposition, or will have it again when the handler is gone.
bool uasyncio_signal_is_default(int number);

/// Takes down the flag of the signals, and returns those that have come since the last call; signal n is bit n - 1.
uint64_t uasyncio_signals_take(void);

/// Takes back one signal that has come and has not been taken. Returns whether there was one.
bool uasyncio_signal_take_back(int number);

void uasyncio_set_interrupts(uint32_t what);
uint32_t uasyncio_get_interrupts(void);

/// Ends the program as the signal ends one that does not catch it, with its standard output written.
_Noreturn void uasyncio_die_of(int number);

#endif
