#define _GNU_SOURCE
#include "CUAsyncIO.h"

#include <sys/syscall.h>
#include <sys/types.h>

_Thread_local void *uasyncio_newborn;
void *uasyncio_owner;
void *uasyncio_loop_actor;
void *uasyncio_parking_actor;
void *uasyncio_state;

void uasyncio_opaque(void) { __asm__ volatile(""); }

bool uasyncio_on_main_thread(void) { return (pid_t)syscall(SYS_gettid) == getpid(); }
