// The heap of a tiny program on Linux.
//
// Creating a task takes two blocks (the task with its frames, and what its body has captured), and with the C library's heap
// those take as long as all else there is to it, or longer. So small blocks come from here: a task's way from its creation to
// its end then costs what the scheduler does, and little more.
//
// Blocks of one size, a multiple of 16 bytes, are cut out of pages that hold nothing else, and those that come back are kept
// in a list: taking one and giving it back are a dozen instructions each. A block's page, found from its address, says which
// size it has. The pages lie side by side in addresses that are reserved at the beginning, and are memory only when they are
// touched; so whether a block is from here is told by its address alone. What is larger than `LARGEST`, and whatever comes
// when the addresses are used up, is the C library's.
//
// A block that comes back is put behind the first of its list, so that it is not the next to be taken. If it were, a program that
// takes and gives back one block by turns would have its address go through memory each time round, and the processor would
// wait for it: a seventh of the time of creating and joining a task.
//
// Only what Swift asks for comes here, and what C gives back of that: Swift's calls of posix_memalign and free are renamed when a
// program is built, so that the linker can see through them, and C's are wrapped (Scripts/tiny-build.sh); malloc is neither.
// All of it belongs to one thread, the loop's. Other threads are served by the C library, and what they give back that is
// ours is left for the loop's thread to collect.
//
// Cost: up to a ninth of each page, where it begins; a page is never given back, nor used for blocks of another size.

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "CTiny.h"

enum {
  UNIT = 16,
  // A task with 1,024 bytes for its frames, and some for its result.
  LARGEST = 1280,
  PAGE = 1 << 15,
  SHIFT = 15 * UNIT,
};

/// How many units a block of a size takes.
#define UNITS(size) (((size) + (UNIT - 1)) / UNIT)

typedef struct block {
  struct block *next;
} block;

/// Where blocks of one size are kept that have come back. What taking one writes lies side by side.
typedef struct {
  block *first;
  /// How many have been taken, from here or anew.
  size_t taken;
} shelf;

/// The head of a page, before its first block.
typedef struct {
  _Alignas(UNIT) shelf *home;
} page;

/// What has not been handed out yet of the latest page for a size.
typedef struct {
  char *fresh;
  char *end;
} rest;

// The loop's thread has something here; the others have nothing, and so come to the slow ways of taking and giving back. That
// saves the quick ones a look at who they are called by.
static _Thread_local shelf shelves[LARGEST / UNIT + 1];
static _Thread_local char *arena;
static _Thread_local size_t arena_used;

static rest rests[LARGEST / UNIT + 1];
static char *whole_arena;
static size_t whole_arena_used;
static size_t arena_bytes;
static void *owner;
/// Blocks that other threads have given back.
static block *strays;
static bool is_sealed;

int __real_posix_memalign(void **place, size_t alignment, size_t size);
void __real_free(void *bytes);

size_t tiny_heap_used(void) { return whole_arena_used; }
size_t tiny_heap_allocations(void) {
  size_t taken = 0;
  for (size_t units = 0; units <= LARGEST / UNIT; units += 1) taken += shelves[units].taken;
  return taken;
}
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
    whole_arena = arena;
    arena_bytes = bytes;
    return;
  }
}

static inline shelf *home_of(const void *bytes) {
  return ((const page *)((uintptr_t)bytes & ~(uintptr_t)(PAGE - 1)))->home;
}

static inline void keep(block *freed) {
  shelf *home = home_of(freed);
  // Behind the first one.
  block *first = home->first;
  block **link = first != 0 ? &first->next : &home->first;
  freed->next = *link;
  *link = freed;
}

/// Collects what other threads have given back.
static void collect_strays(void) {
  if (__atomic_load_n(&strays, __ATOMIC_RELAXED) == 0) return;
  block *stray = __atomic_exchange_n(&strays, 0, __ATOMIC_ACQUIRE);
  while (stray != 0) {
    block *next = stray->next;
    keep(stray);
    stray = next;
  }
}

/// A page for blocks of so many units. Returns false if there are no more addresses.
static bool add_page(size_t units) {
  if (arena_bytes - arena_used < PAGE) return false;
  page *added = (page *)(arena + arena_used);
  arena_used += PAGE;
  __atomic_store_n(&whole_arena_used, arena_used, __ATOMIC_RELAXED);
  added->home = &shelves[units];
  // Blocks of different sizes that are used together had better not lie at the same place in their pages: processors look at
  // the low bits of addresses first, and take one for the other.
  size_t shift = units % 16 * SHIFT;
  rest *to = &rests[units];
  to->fresh = (char *)(added + 1) + shift;
  to->end = to->fresh + (PAGE - sizeof(page) - shift) / (units * UNIT) * (units * UNIT);
  return true;
}

/// A block that nobody has had yet; null if there are no more addresses.
static block *cut(size_t units) {
  rest *from = &rests[units];
  if (from->fresh == from->end && !add_page(units)) return 0;
  from->fresh += units * UNIT;
  return (block *)(from->fresh - units * UNIT);
}

static void *take_elsewhere(size_t alignment, size_t size) {
  void *taken = 0;
  return __real_posix_memalign(&taken, alignment, size) == 0 ? taken : 0;
}

/// A block where none of its size has come back; and whatever is not for this heap.
static TINY_RARELY void *take_slowly(size_t alignment, size_t size) {
  if (owner == 0) open_arena();
  if (owner != this_thread()) return take_elsewhere(alignment, size);
  if (size > LARGEST || alignment > UNIT) {
    if (is_sealed) tiny_panic("the heap is sealed, and a large block was asked for");
    return take_elsewhere(alignment, size);
  }
  // There are no blocks of no size.
  size_t units = size == 0 ? 1 : UNITS(size);
  shelf *from = &shelves[units];
  from->taken += 1;
  collect_strays();
  if (from->first == 0) {
    if (is_sealed) tiny_panic("the heap is sealed, and a request could not be met with what was given back");
    // Two of them, so that there is another one to be taken when this one has come back.
    block *taken = cut(units), *next = cut(units);
    if (next != 0) keep(next);
    return taken != 0 ? taken : take_elsewhere(alignment, size);
  }
  block *taken = from->first;
  from->first = taken->next;
  return taken;
}

static inline void *take(size_t alignment, size_t size) {
  if (size > LARGEST || alignment > UNIT) return take_slowly(alignment, size);
  shelf *from = &shelves[UNITS(size)];
  block *taken = from->first;
  if (taken == 0) return take_slowly(alignment, size);
  from->first = taken->next;
  from->taken += 1;
  return taken;
}

int tiny_take(void **place, size_t alignment, size_t size) {
  *place = take(alignment, size);
  return *place == 0 ? ENOMEM : 0;
}

/// Gives back what is not for this heap, or comes from another thread.
static __attribute__((noinline)) void give_back_slowly(block *freed) {
  if ((size_t)((char *)freed - whole_arena) >= __atomic_load_n(&whole_arena_used, __ATOMIC_RELAXED)) return __real_free(freed);
  freed->next = __atomic_load_n(&strays, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&strays, &freed->next, freed, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

void tiny_give_back(void *bytes) {
  if ((size_t)((char *)bytes - arena) >= arena_used) return give_back_slowly(bytes);
  keep(bytes);
}

int __wrap_posix_memalign(void **place, size_t alignment, size_t size) { return tiny_take(place, alignment, size); }
void __wrap_free(void *bytes) { tiny_give_back(bytes); }
