// Blocks of the heap, as C sees them: the linker wraps these calls as it wraps Swift's.

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "CTiny.h"

enum { PLACES = 500 };

static uint32_t state = 1;

static uint32_t draw(uint32_t below) {
  state = state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)state * below) >> 32);
}

static void *take(size_t size) {
  void *block = 0;
  return posix_memalign(&block, 16, size) == 0 ? block : 0;
}

static bool holds(const unsigned char *block, size_t size, unsigned char byte) {
  for (size_t index = 0; index < size; index++) {
    if (block[index] != byte) return false;
  }
  return true;
}

/// Takes blocks and gives them back at random, and looks whether anybody else has written into them.
static bool keep_bytes(uint32_t steps, bool one_size) {
  static unsigned char *blocks[PLACES];
  static size_t sizes[PLACES];
  for (uint32_t step = 0; step < steps; step++) {
    uint32_t place = draw(PLACES);
    if (blocks[place] != 0 && !holds(blocks[place], sizes[place], (unsigned char)place)) return false;
    free(blocks[place]);
    // Some are too large for it, and some have no bytes at all.
    sizes[place] = one_size ? 208 : draw(10) == 0 ? draw(5000) : draw(400);
    blocks[place] = take(sizes[place]);
    if (blocks[place] == 0 || (uintptr_t)blocks[place] % 16 != 0) return false;
    memset(blocks[place], (int)place, sizes[place]);
  }
  for (uint32_t place = 0; place < PLACES; place++) {
    if (blocks[place] != 0 && !holds(blocks[place], sizes[place], (unsigned char)place)) return false;
    free(blocks[place]);
    blocks[place] = 0;
  }
  return true;
}

bool heap_test_keeps_every_byte(void) { return keep_bytes(300000, false); }

bool heap_test_uses_again_what_came_back(void) {
  size_t before = tiny_heap_used();
  for (uint32_t step = 0; step < 300000; step++) free(take(16 + draw(100)));
  return tiny_heap_used() == before;
}

/// Of every size: two blocks take turns.
bool heap_test_takes_another_one_first(void) {
  for (size_t size = 1; size <= 1280; size += 16) {
    void *one = take(size);
    free(one);
    void *other = take(size);
    free(other);
    void *again = take(size);
    free(again);
    if (one == other || one != again) return false;
  }
  return true;
}

static void *blocks[1000 + PLACES];

static void *free_all(void *unused) {
  for (int index = 0; index < 1000; index++) free(blocks[index]);
  return unused;
}

static bool run_in_thread(void *(*body)(void *)) {
  pthread_t thread;
  return pthread_create(&thread, 0, body, 0) == 0 && pthread_join(thread, 0) == 0;
}

/// While they give back, this thread takes and gives back blocks of the same size.
bool heap_test_collects_from_other_threads(void) {
  // As many as will ever be out at once.
  for (int index = 0; index < 1000 + PLACES; index++) blocks[index] = take(208);
  for (int index = 0; index < 1000 + PLACES; index++) free(blocks[index]);
  size_t used = tiny_heap_used();
  for (int round = 0; round < 50; round++) {
    for (int index = 0; index < 1000; index++) blocks[index] = take(208);
    pthread_t thread;
    if (pthread_create(&thread, 0, free_all, 0) != 0) return false;
    bool kept = keep_bytes(5000, true);
    if (pthread_join(thread, 0) != 0 || !kept) return false;
  }
  return tiny_heap_used() == used;
}

static void *take_all(void *unused) {
  for (int index = 0; index < 1000; index++) {
    blocks[index] = take(208);
    memset(blocks[index], 0x5a, 208);
  }
  return unused;
}

bool heap_test_leaves_other_threads_alone(void) {
  size_t used = tiny_heap_used(), allocations = tiny_heap_allocations();
  if (!run_in_thread(take_all)) return false;
  free_all(0);
  return tiny_heap_used() == used && tiny_heap_allocations() == allocations;
}
