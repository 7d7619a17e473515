// Linked into the tests with --wrap=malloc,--wrap=posix_memalign: counts what the program allocates.

#include <stddef.h>

void *__real_malloc(size_t size);
int __real_posix_memalign(void **place, size_t alignment, size_t size);

static size_t count;

size_t tiny_heap_allocations(void) { return count; }

void *__wrap_malloc(size_t size) {
  count++;
  return __real_malloc(size);
}

int __wrap_posix_memalign(void **place, size_t alignment, size_t size) {
  count++;
  return __real_posix_memalign(place, alignment, size);
}
