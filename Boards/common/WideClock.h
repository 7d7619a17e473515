// A 64-bit clock out of a 32-bit counter that interrupts when it begins anew.
//
// The interrupt counts the beginnings, and nothing else does: so none is missed when nobody reads the clock for hours. Whoever
// reads while the interrupt is due, and held, counts it in advance.
//
// Never: read the clock with interrupts allowed. One between the two halves would make the clock go back.
#ifndef WIDE_CLOCK_H
#define WIDE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint32_t high;
} wide_clock;

/// The interrupt: the counter has begun anew.
static inline void wide_clock_begins_anew(wide_clock *clock) { clock->high += 1; }

/// All ticks so far, of a counter and whether its interrupt is due.
static inline uint64_t wide_clock_read(const wide_clock *clock, uint32_t counter(void), bool is_due(void)) {
  uint32_t high = clock->high;
  uint32_t low = counter();
  // Asked behind the reading: the counter may have begun anew before it or since, so it is read again.
  if (is_due()) {
    high += 1;
    low = counter();
  }
  return (uint64_t)high << 32 | low;
}

#endif
