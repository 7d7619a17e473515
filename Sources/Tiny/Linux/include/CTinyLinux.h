// The system calls of a tiny program on Linux, with error numbers as negative results. Those that a signal can
// interrupt are made again.
#ifndef CTINYLINUX_H
#define CTINYLINUX_H

#include <stdint.h>
#include <sys/types.h>

/// The poller: news come with the pointer that a descriptor was added with; the doorbell's is null.
int tiny_poller_open(void);
int tiny_poller_add(int descriptor, void *state);
/// Waits for at most so many nanoseconds; negative is no limit. Returns the number of news.
int tiny_poller_wait(int64_t nanoseconds);
void *tiny_poller_state(int index);
uint32_t tiny_poller_events(int index);
/// Ends a wait. For every thread, and for signal handlers.
void tiny_poller_ring(void);

static const uint32_t tiny_event_in = 0x001 | 0x008 | 0x010 | 0x2000;  // EPOLLIN, EPOLLERR, EPOLLHUP, EPOLLRDHUP
static const uint32_t tiny_event_end = 0x008 | 0x010 | 0x2000;         // EPOLLERR, EPOLLHUP, EPOLLRDHUP
static const uint32_t tiny_event_urgent = 0x002;                       // EPOLLPRI
static const uint32_t tiny_event_out = 0x004 | 0x008 | 0x010;          // EPOLLOUT, EPOLLERR, EPOLLHUP

int64_t tiny_clock(void);

/// An argument of the program, itself the one with the number 0; null if there are not so many.
const char *tiny_argument(int index);

/// A socket that listens on all addresses, or on the loopback only. `*port` may be 0 and is then chosen.
int tiny_listen(uint16_t *port, int loopback);
int tiny_accept(int listener);
/// Begins to connect to an IPv4 address, a number as people read it: 0x7f000001 is 127.0.0.1.
int tiny_connect(uint32_t address, uint16_t port);
/// 0, or what has become of a connection attempt.
int tiny_connect_result(int descriptor);
ssize_t tiny_receive(int descriptor, void *bytes, size_t capacity);
ssize_t tiny_send(int descriptor, const void *bytes, size_t count);
void tiny_close(int descriptor);
void tiny_half_close(int descriptor);

static const int tiny_again = 11;          // EAGAIN
static const int tiny_aborted = 103;       // ECONNABORTED
static const int tiny_no_descriptor = 9;   // EBADF
static const int tiny_no_socket = 88;      // ENOTSOCK
static const int tiny_not_listening = 22;  // EINVAL

#endif
