// Reference counts, for one thread.
//
// The compiler is told (-assume-single-threaded) that nobody else counts, and calls these functions; Embedded Swift
// brings only atomic ones, which cost a bus lock on Linux and do not exist on small processors. An interrupt may count
// too: what it takes it gives back before it ends, so whatever it interrupts finds the number that it has read.
//
// The layout (contract 8): metadata, count. In a count, the highest bit says that the memory is not to be freed, and
// all other bits set say that nothing is counted: so are objects that the compiler has laid out itself, and ours in
// Errors.c. The second word of the metadata is the function that destroys an object.

#include "CTiny.h"

#ifdef __riscv
#define SWIFT
#define SWIFT_SELF
#else
#define SWIFT __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))
#endif

#define NOT_COUNTED (UINTPTR_MAX >> 1)

typedef struct object {
  const struct metadata *metadata;
  uintptr_t count;
} object;

struct metadata {
  const void *parent;
  SWIFT void (*destroy)(SWIFT_SELF object *);
};

static bool is_counted(object *object) { return (object->count & NOT_COUNTED) != NOT_COUNTED; }

/// Destroys an object that is held once. It stays so: whoever retains and releases it meanwhile does not destroy it again.
static void destroy(object *object) { object->metadata->destroy(object); }

void tiny_destroy(void *unheld) {
  ((object *)unheld)->count += 1;
  destroy(unheld);
}

object *swift_nonatomic_retain_n(object *object, uint32_t times) {
  if (object != 0 && is_counted(object)) object->count += times;
  return object;
}

object *swift_nonatomic_retain(object *object) { return swift_nonatomic_retain_n(object, 1); }

__attribute__((noinline)) void swift_nonatomic_release_n(object *object, uint32_t times) {
  if (object == 0 || !is_counted(object)) return;
  object->count -= times;
  if ((object->count & NOT_COUNTED) == 0) tiny_destroy(object);
}

void swift_nonatomic_release(object *object) {
  if (object == 0) return;
  // Most are held once, and end here.
  if (object->count == 1) return destroy(object);
  if (object->count >= INT32_MAX) return swift_nonatomic_release_n(object, 1);
  object->count -= 1;
}

void tiny_release_rarely(void *object) { swift_nonatomic_release_n(object, 1); }

void tiny_release(void *object) { swift_nonatomic_release(object); }
