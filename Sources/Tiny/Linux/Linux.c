// What Linux gives in a board's stead, and is not the landing's already.

#include <stdlib.h>
#include <unistd.h>

#include "CTiny.h"

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void tiny_board_write(const char *bytes, size_t count) { write_all(STDOUT_FILENO, bytes, count); }

void tiny_board_exit(int status) { exit(status); }

void tiny_panic(const char *message) {
  size_t count = 0;
  while (message[count] != 0) count++;
  write_all(STDERR_FILENO, "panic: ", 7);
  write_all(STDERR_FILENO, message, count);
  write_all(STDERR_FILENO, "\n", 1);
  exit(70);
}

// The heap is the C library's, and keeps its own books. (Tests count: see Tests/Tiny/CountAllocations.c.)
__attribute__((weak)) size_t tiny_heap_allocations(void) { return 0; }
size_t tiny_heap_used(void) { return 0; }
void tiny_heap_seal(bool sealed) { (void)sealed; }
