// Counts allocations by standing in front of the C library's: link it into a program, and it counts.
#ifndef CMALLOCCOUNTER_H
#define CMALLOCCOUNTER_H

#include <stdint.h>

/// How many blocks have been allocated since the program began.
int64_t malloc_counter_allocations(void);

/// How many bytes are allocated now, with what the allocator adds to each block.
int64_t malloc_counter_bytes_in_use(void);

#endif
