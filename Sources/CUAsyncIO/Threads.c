#define _GNU_SOURCE
#include "Threads.h"
#include "CUAsyncIO.h"

#include <stdlib.h>
#include <time.h>

_Thread_local void *uasyncio_current_work;

uasyncio_monitor *uasyncio_monitor_create(void) {
  uasyncio_monitor *monitor = malloc(sizeof *monitor);
  pthread_condattr_t attributes;
  if (monitor == NULL || uasyncio_lock_init(&monitor->mutex) != 0 || pthread_condattr_init(&attributes) != 0 ||
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
      pthread_cond_init(&monitor->changed, &attributes) != 0)
    abort();
  pthread_condattr_destroy(&attributes);
  return monitor;
}

void uasyncio_monitor_destroy(uasyncio_monitor *monitor) {
  pthread_cond_destroy(&monitor->changed);
  pthread_mutex_destroy(&monitor->mutex);
  free(monitor);
}

void uasyncio_monitor_notify(uasyncio_monitor *monitor) { pthread_cond_signal(&monitor->changed); }

void uasyncio_monitor_notify_all(uasyncio_monitor *monitor) { pthread_cond_broadcast(&monitor->changed); }

bool uasyncio_monitor_wait(uasyncio_monitor *monitor, int64_t nanoseconds) {
  if (nanoseconds < 0) return pthread_cond_wait(&monitor->changed, &monitor->mutex) == 0;
  struct timespec limit;
  clock_gettime(CLOCK_MONOTONIC, &limit);
  limit.tv_sec += nanoseconds / 1000000000;
  limit.tv_nsec += nanoseconds % 1000000000;
  if (limit.tv_nsec >= 1000000000) {
    limit.tv_nsec -= 1000000000;
    limit.tv_sec += 1;
  }
  return pthread_cond_timedwait(&monitor->changed, &monitor->mutex, &limit) == 0;
}

struct start {
  void (*body)(void *);
  void *argument;
};

static void *begin(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.argument);
  return NULL;
}

int uasyncio_thread_start(void (*body)(void *), void *argument) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) abort();
  start->body = body;
  start->argument = argument;
  pthread_t thread;
  int error = pthread_create(&thread, NULL, begin, start);
  if (error == 0) {
    pthread_detach(thread);
  } else {
    free(start);
  }
  return error;
}
