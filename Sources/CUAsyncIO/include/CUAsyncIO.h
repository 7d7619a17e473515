// The words that the hot path reads: plain C variables, because a Swift global costs a check for its initialisation
// at each use (measured: 190 instructions a suspension), and because Swift has no thread-local variables.
#ifndef CUASYNCIO_H
#define CUASYNCIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

extern _Thread_local void *uasyncio_newborn;
extern void *uasyncio_owner;
extern void *uasyncio_loop_actor;
extern void *uasyncio_state;

/// A pointer that no other living thread has.
static inline void *uasyncio_this_thread(void) { return &uasyncio_newborn; }

/// The thread that runs the loop now, if one does.
static inline void *uasyncio_get_owner(void) { return __atomic_load_n(&uasyncio_owner, __ATOMIC_RELAXED); }

/// Makes this thread the loop's if no other is. Returns whether it is now.
static inline bool uasyncio_take_ownership(void) {
  void *nobody = NULL;
  return __atomic_compare_exchange_n(&uasyncio_owner, &nobody, uasyncio_this_thread(), false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED);
}

static inline void uasyncio_release_ownership(void) { __atomic_store_n(&uasyncio_owner, NULL, __ATOMIC_RELEASE); }

static inline bool uasyncio_on_loop_thread(void) { return uasyncio_get_owner() == uasyncio_this_thread(); }

static inline void *uasyncio_get_loop_actor(void) { return __atomic_load_n(&uasyncio_loop_actor, __ATOMIC_ACQUIRE); }
static inline void *uasyncio_get_state(void) { return __atomic_load_n(&uasyncio_state, __ATOMIC_ACQUIRE); }

static inline void uasyncio_install(void *loop_actor, void *state) {
  __atomic_store_n(&uasyncio_state, state, __ATOMIC_RELEASE);
  __atomic_store_n(&uasyncio_loop_actor, loop_actor, __ATOMIC_RELEASE);
}

/// The Swift task that this thread runs now.
__attribute__((swiftcall)) void *swift_task_getCurrent(void);
static inline void *uasyncio_current_task(void) { return swift_task_getCurrent(); }

/// The task that this thread is just creating: the job that is enqueued meanwhile is its job.
static inline void *uasyncio_get_newborn(void) { return uasyncio_newborn; }
static inline void uasyncio_set_newborn(void *task) { uasyncio_newborn = task; }

/// A lock.
pthread_mutex_t *uasyncio_lock_create(void);
/// The same at a place of its own. Returns 0 or the system's error number.
int uasyncio_lock_init(pthread_mutex_t *lock);
void uasyncio_lock_destroy(pthread_mutex_t *lock);
static inline void uasyncio_lock(pthread_mutex_t *lock) { pthread_mutex_lock(lock); }
static inline void uasyncio_unlock(pthread_mutex_t *lock) { pthread_mutex_unlock(lock); }

/// Writes to the standard error stream.
static inline void uasyncio_write_error(const char *text) {
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t written = write(2, text, length);
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

/// Whether this is the thread that `main` runs on.
bool uasyncio_on_main_thread(void);

/// The system's text for an error number.
static inline const char *uasyncio_error_text(int number) { return strerror(number); }

#endif
