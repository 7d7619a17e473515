#define _GNU_SOURCE
#include "CUAsyncIO.h"
#include "Runtime.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>

_Thread_local void *uasyncio_newborn;
void *uasyncio_owner;
void *uasyncio_loop_actor;
void *uasyncio_state;
size_t uasyncio_locals_word;
size_t uasyncio_worker_priority;

int uasyncio_lock_init(pthread_mutex_t *lock) {
  pthread_mutexattr_t attributes;
  int error = pthread_mutexattr_init(&attributes);
  if (error != 0) return error;
#ifdef __GLIBC__
  // What is done behind a lock takes a few nanoseconds: who finds it taken looks again for a while before it sleeps. (With
  // musl every lock does.)
  error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
  if (error == 0) error = pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error;
}

pthread_mutex_t *uasyncio_lock_create(void) {
  pthread_mutex_t *lock = malloc(sizeof *lock);
  if (lock == NULL || uasyncio_lock_init(lock) != 0) abort();
  return lock;
}

void uasyncio_lock_destroy(pthread_mutex_t *lock) {
  pthread_mutex_destroy(lock);
  free(lock);
}

extern void *swift_initStaticObject(const void *metadata, void *object);

void *uasyncio_immortal(const void *example) {
  // The runtime keeps a word of its own before a static object.
  static struct {
    uintptr_t before[2];
    uintptr_t object[2];
  } place;
  return swift_initStaticObject(*(const void *const *)example, place.object);
}

bool uasyncio_on_main_thread(void) { return (pid_t)syscall(SYS_gettid) == getpid(); }
