// A 64-bit clock out of a 32-bit counter.
//
// The counter is read often: by every reading of the clock, and by an interrupt at the latest when it begins anew. So
// where it shows less than last time, it has begun anew once, and never more than once.
//
// Never: read the clock with interrupts allowed between reading the counter and noting it. Who comes between would note
// a later number, and the earlier one would look like a new beginning.
#ifndef WIDE_CLOCK_H
#define WIDE_CLOCK_H

#include <stdint.h>

typedef struct {
  uint32_t high;
  uint32_t last;
} wide_clock;

/// All ticks so far, given what the counter shows.
static inline uint64_t wide_clock_extend(wide_clock *clock, uint32_t counter) {
  if (counter < clock->last) clock->high += 1;
  clock->last = counter;
  return (uint64_t)clock->high << 32 | counter;
}

#endif
