// The heap of a tiny program on Linux.
//
// Creating a task takes three blocks (the task, its frames, what its body has captured), and with the C library's heap
// those take twice as long as all else there is to it. So small blocks come from here: a task's way from its creation to its
// end then costs what the scheduler does, and little more.
//
// Blocks of one size, a multiple of 16 bytes, are cut out of pages that hold nothing else, and those that come back are kept
// in a list: taking one and giving it back are a dozen instructions each. A block's page, found from its address, says which
// size it has. The pages lie side by side in addresses that are reserved at the beginning, and are memory only when they are
// touched; so whether a block is from here is told by its address alone. What is larger than `LARGEST`, and whatever comes
// when the addresses are used up, is the C library's.
//
// Only what Swift asks for comes here: posix_memalign and free are wrapped by the linker (Scripts/tiny-build.sh), malloc is
// not. All of it belongs to one thread, the loop's. Other threads are served by the C library, and what they give back that is
// ours is left for the loop's thread to collect.
//
// Cost: a page is never given back, nor used for blocks of another size.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "CTiny.h"

enum {
  UNIT = 16,
  LARGEST = 1024,
  PAGE = 1 << 15,
};

/// How many units a block of a size takes; one of no size takes one, too.
#define UNITS(size) (((size) + (UNIT - 1) + ((size) == 0)) / UNIT)

typedef struct block {
  struct block *next;
} block;

/// The head of a page, before its first block.
typedef struct {
  _Alignas(UNIT) uintptr_t size;
} page;

/// What there is for one size: blocks that have come back, and the rest of the latest page.
typedef struct {
  block *free;
  char *fresh;
  char *end;
} shelf;

static shelf shelves[LARGEST / UNIT + 1];
static char *arena;
static size_t arena_bytes;
static size_t arena_used;
static void *owner;
/// Blocks that other threads have given back.
static block *strays;
static size_t allocations;
static bool is_sealed;

int __real_posix_memalign(void **place, size_t alignment, size_t size);
void __real_free(void *bytes);

size_t tiny_heap_used(void) { return arena_used; }
size_t tiny_heap_allocations(void) { return allocations; }
void tiny_heap_seal(bool sealed) { is_sealed = sealed; }

/// What tells threads apart.
static inline void *this_thread(void) { return __builtin_thread_pointer(); }

/// Reserves addresses: as many as a machine could have memory for, or as many as there are.
static void open_arena(void) {
  owner = this_thread();
  for (size_t bytes = (size_t)1 << 38; bytes >= (size_t)1 << 24; bytes /= 4) {
    char *start = mmap(0, bytes + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) continue;
    arena = (char *)(((uintptr_t)start + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    arena_bytes = bytes;
    return;
  }
}

static inline bool is_ours(const void *bytes) { return (size_t)((const char *)bytes - arena) < arena_used; }

static inline shelf *shelf_of(const void *bytes) {
  return &shelves[((const page *)((uintptr_t)bytes & ~(uintptr_t)(PAGE - 1)))->size / UNIT];
}

/// Collects what other threads have given back.
static void collect_strays(void) {
  if (__atomic_load_n(&strays, __ATOMIC_RELAXED) == 0) return;
  block *stray = __atomic_exchange_n(&strays, 0, __ATOMIC_ACQUIRE);
  while (stray != 0) {
    block *next = stray->next;
    shelf *home = shelf_of(stray);
    stray->next = home->free;
    home->free = stray;
    stray = next;
  }
}

static __attribute__((noinline)) int take_elsewhere(void **place, size_t alignment, size_t size) {
  if (is_sealed && owner == this_thread()) tiny_panic("the heap is sealed, and a large block was asked for");
  return __real_posix_memalign(place, alignment, size);
}

/// A page for blocks of a size. Returns false if there are no more addresses.
static bool add_page(shelf *to, size_t size) {
  if (arena_bytes - arena_used < PAGE) return false;
  page *added = (page *)(arena + arena_used);
  arena_used += PAGE;
  added->size = size;
  to->fresh = (char *)(added + 1);
  to->end = to->fresh + (PAGE - sizeof(page)) / size * size;
  return true;
}

/// A block of a size of which none has come back.
static __attribute__((noinline)) int take_fresh(void **place, size_t alignment, size_t size) {
  size_t units = UNITS(size);
  shelf *from = &shelves[units];
  collect_strays();
  if (from->free != 0) {
    *place = from->free;
    from->free = from->free->next;
    return 0;
  }
  if (is_sealed) tiny_panic("the heap is sealed, and a request could not be met with what was given back");
  if (from->fresh == from->end && !add_page(from, units * UNIT)) return take_elsewhere(place, alignment, size);
  *place = from->fresh;
  from->fresh += units * UNIT;
  return 0;
}

static __attribute__((noinline)) int take_slowly(void **place, size_t alignment, size_t size) {
  if (owner == 0) {
    open_arena();
    return posix_memalign(place, alignment, size);
  }
  return take_elsewhere(place, alignment, size);
}

int __wrap_posix_memalign(void **place, size_t alignment, size_t size) {
  if (size > LARGEST || alignment > UNIT || owner != this_thread()) return take_slowly(place, alignment, size);
  allocations += 1;
  shelf *from = &shelves[UNITS(size)];
  block *taken = from->free;
  if (taken == 0) return take_fresh(place, alignment, size);
  from->free = taken->next;
  *place = taken;
  return 0;
}

static __attribute__((noinline)) void give_back_from_elsewhere(block *freed) {
  freed->next = __atomic_load_n(&strays, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&strays, &freed->next, freed, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

void __wrap_free(void *bytes) {
  if (!is_ours(bytes)) return __real_free(bytes);
  block *freed = bytes;
  if (owner != this_thread()) return give_back_from_elsewhere(freed);
  shelf *home = shelf_of(freed);
  freed->next = home->free;
  home->free = freed;
}
