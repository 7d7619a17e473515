// Looks, when the program has ended, whether bytes are as they were.

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static const unsigned char *bytes;
static size_t count;

static void look(void) {
  for (size_t index = 0; index < count; index++) {
    if (bytes[index] != 0xa5) _exit(99);
  }
}

void watch_neighbour(const void *start, size_t length) {
  bytes = start;
  count = length;
  atexit(look);
}
