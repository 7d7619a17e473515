// The heap of a machine without an operating system.
//
// Objects, captured variables and arrays come from here; coroutines' frames do not. One array, given by the linker
// script: blocks are taken from its beginning, and those that come back are kept in a list in the order of their
// addresses, neighbours made one. The first that fits is used again. So a program whose tasks come and go in a steady
// way soon takes nothing new from the array; `tiny_heap_seal` makes that a rule, and a request that breaks it ends the
// program with a message, on the desk and not after a month.
//
// Cost: one word for each block; taking and giving back look through the list of what is free.
//
// Never: call from an interrupt.

#include "CTiny.h"

typedef struct block {
  /// The bytes behind this word. (While the block is in use, they begin here.)
  size_t size;
  struct block *next;
} block;

#define WORD sizeof(size_t)
// A block's bytes begin at a multiple of 8 also where a word is 4 bytes: its header lies just before.
#define UNIT 8u

extern char tiny_heap_start[];
extern char tiny_heap_end[];

static char *fresh;
static block *free_blocks;
static size_t allocations;
static bool is_sealed;

size_t tiny_heap_used(void) { return fresh == 0 ? 0 : (size_t)(fresh - tiny_heap_start); }
size_t tiny_heap_allocations(void) { return allocations; }
void tiny_heap_seal(bool sealed) { is_sealed = sealed; }

static void *bytes_of(block *found) { return (char *)found + WORD; }

/// The first free block that is large enough, without what it has too much of.
static block *reuse(size_t size) {
  for (block **link = &free_blocks; *link != 0; link = &(*link)->next) {
    block *found = *link;
    if (found->size < size) continue;
    size_t rest = found->size - size;
    if (rest < sizeof(block) + UNIT) {
      *link = found->next;
      return found;
    }
    block *remainder = (block *)((char *)found + WORD + size);
    remainder->size = rest - WORD;
    remainder->next = found->next;
    *link = remainder;
    found->size = size;
    return found;
  }
  return 0;
}

static block *take_fresh(size_t size) {
  if (is_sealed) tiny_panic("the heap is sealed, and a request could not be met with what was given back");
  if (fresh == 0) fresh = (char *)(((uintptr_t)tiny_heap_start + WORD + UNIT - 1) / UNIT * UNIT - WORD);
  if ((size_t)(tiny_heap_end - fresh) < size + WORD) tiny_panic("the heap is exhausted");
  block *taken = (block *)fresh;
  fresh += WORD + size;
  taken->size = size;
  return taken;
}

static void *allocate(size_t size) {
  allocations += 1;
  // So that each block's end is where the next one's header may begin, and a free block has room for its link.
  size = (size + WORD + UNIT - 1) / UNIT * UNIT - WORD;
  if (size < UNIT) size = 2 * UNIT - WORD;
  block *found = reuse(size);
  return bytes_of(found != 0 ? found : take_fresh(size));
}

static void join_with_next(block *left) {
  block *right = left->next;
  if (right == 0 || (char *)left + WORD + left->size != (char *)right) return;
  left->size += WORD + right->size;
  left->next = right->next;
}

void free(void *bytes) {
  if (bytes == 0) return;
  block *freed = (block *)((char *)bytes - WORD);
  block *before = 0;
  block *after = free_blocks;
  while (after != 0 && after < freed) {
    before = after;
    after = after->next;
  }
  freed->next = after;
  if (before == 0) {
    free_blocks = freed;
  } else {
    before->next = freed;
  }
  join_with_next(freed);
  if (before != 0) join_with_next(before);
}

void *malloc(size_t size) { return allocate(size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
  // Swift asks for 16 whatever it is for; nothing that a 32-bit machine has needs more than 8.
  if (alignment > 16) tiny_panic("the heap has nothing aligned to more than 8 bytes");
  *place = allocate(size);
  return 0;
}
