// Threads, and what they wait in.
#ifndef CUASYNCIO_THREADS_H
#define CUASYNCIO_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/// A lock with something to wait for.
typedef struct uasyncio_monitor {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} uasyncio_monitor;

uasyncio_monitor *uasyncio_monitor_create(void);
void uasyncio_monitor_destroy(uasyncio_monitor *monitor);
static inline void uasyncio_monitor_lock(uasyncio_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
static inline void uasyncio_monitor_unlock(uasyncio_monitor *monitor) { pthread_mutex_unlock(&monitor->mutex); }
/// Wakes one that waits.
void uasyncio_monitor_notify(uasyncio_monitor *monitor);
/// Wakes all who wait.
void uasyncio_monitor_notify_all(uasyncio_monitor *monitor);
/// Waits to be notified, for so many nanoseconds at most if that is not negative; the monitor is unlocked meanwhile.
/// Returns false when the time is over. May return true for no reason.
bool uasyncio_monitor_wait(uasyncio_monitor *monitor, int64_t nanoseconds);

/// Starts a thread that nobody joins. Returns 0 or the system's error number.
int uasyncio_thread_start(void (*body)(void *), void *argument);

/// The work that this thread does for the loop now.
extern _Thread_local void *uasyncio_current_work;
static inline void *uasyncio_get_current_work(void) { return uasyncio_current_work; }
static inline void uasyncio_set_current_work(void *work) { uasyncio_current_work = work; }

#endif
