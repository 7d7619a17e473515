// What the library asks of the Swift runtime beyond what Swift lets it ask. See TaskWorkers.swift.
#ifndef CUASYNCIO_RUNTIME_H
#define CUASYNCIO_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

// Exported by the runtime for compiled code; the compiler refuses to declare them in Swift.
extern __attribute__((swiftcall)) bool swift_task_isCancelled(void *task);
extern __attribute__((swiftcall)) size_t swift_task_currentPriority(void *task);
extern __attribute__((swiftcall)) size_t swift_task_basePriority(void *task);

/// Makes the one object of a class without fields that lives for ever, as the compiler's static objects do: the runtime does
/// not count references to it. `example` is another object of the class.
void *uasyncio_immortal(const void *example);

/// Which word of a Swift task leads to its task-local values. Known when the priority is.
extern size_t uasyncio_locals_word;
/// The priority of workers; 0 as long as nobody has asked.
extern size_t uasyncio_worker_priority;

static inline size_t uasyncio_get_worker_priority(void) { return uasyncio_worker_priority; }

/// Says where task-local values are, and which priority workers are to have; one that no task has where there can be none.
static inline void uasyncio_describe_workers(size_t locals_word, size_t priority) {
  uasyncio_locals_word = locals_word;
  uasyncio_worker_priority = priority;
}

static inline size_t uasyncio_task_priority(void *task) { return swift_task_currentPriority(task); }
static inline size_t uasyncio_task_base_priority(void *task) { return swift_task_basePriority(task); }

/// Whether a Swift task is as a worker is: not cancelled, and of that priority.
static inline bool uasyncio_task_is_plain(void *task) {
  size_t priority = uasyncio_worker_priority;
  return !swift_task_isCancelled(task) && swift_task_currentPriority(task) == priority &&
         swift_task_basePriority(task) == priority;
}

/// Whether a worker still is as one: that with which it began does not change.
static inline bool uasyncio_worker_is_plain(void *worker) {
  return !swift_task_isCancelled(worker) && swift_task_currentPriority(worker) == uasyncio_worker_priority;
}

static inline bool uasyncio_has_locals(void *task) { return ((void **)task)[uasyncio_locals_word] != NULL; }

#endif
