// The few system calls that the landing needs, callable from ordinary and from Embedded Swift alike.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// Nanoseconds of the clock that never goes back.
static inline int64_t platform_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// epoll's flags as plain numbers: as an enumeration they come into Swift differently with and without Glibc's module.
static const uint32_t platform_in = EPOLLIN | EPOLLRDHUP;
static const uint32_t platform_out = EPOLLOUT;
static const uint32_t platform_trouble = EPOLLERR | EPOLLHUP;
static const uint32_t platform_half_closed = EPOLLRDHUP;
static const uint32_t platform_urgent = EPOLLPRI;
static const uint32_t platform_one_shot = EPOLLONESHOT;
static const uint32_t platform_edge = EPOLLET;

static inline int platform_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int platform_doorbell_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int platform_epoll_control(int epoll, int operation, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
  return epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : errno;
}

/// Waits for events; a negative time-out is no time-out. Returns their number, or minus the error number.
///
/// Where the kernel is too old to be given nanoseconds (before 5.11), the time is rounded up to milliseconds: late by
/// less than one of them, never early.
static inline int platform_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
#ifdef SYS_epoll_pwait2
  if (nanoseconds > 0) {
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    long count = syscall(SYS_epoll_pwait2, epoll, events, capacity, &limit, (void *)0, (size_t)0);
    if (count >= 0 || errno != ENOSYS) return count >= 0 ? (int)count : -errno;
  }
#endif
  int64_t rounded = nanoseconds <= 0 ? nanoseconds : (nanoseconds - 1) / 1000000 + 1;
  int milliseconds = rounded < 0 ? -1 : rounded > INT32_MAX ? INT32_MAX : (int)rounded;
  int count = epoll_wait(epoll, events, capacity, milliseconds);
  return count >= 0 ? count : -errno;
}

#endif
