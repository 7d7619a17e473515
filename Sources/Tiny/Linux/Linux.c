// What Linux gives in a board's stead.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "CTiny.h"
#include "CTinyLinux.h"

// MARK: - A board's

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

void tiny_board_write(const char *bytes, size_t count) { write_all(STDOUT_FILENO, bytes, count); }

void tiny_board_exit(int status) { exit(status); }

int64_t tiny_board_now(void) { return tiny_clock(); }

void tiny_board_wake(void) { tiny_poller_ring(); }

void tiny_panic(const char *message) {
  size_t count = 0;
  while (message[count] != 0) count++;
  write_all(STDERR_FILENO, "panic: ", 7);
  write_all(STDERR_FILENO, message, count);
  write_all(STDERR_FILENO, "\n", 1);
  exit(70);
}

// Where the C library's heap takes the place of ours: under the address sanitizer, which counts otherwise (see
// Tests/Tiny/CountAllocations.c).
__attribute__((weak)) size_t tiny_heap_allocations(void) { return 0; }
__attribute__((weak)) size_t tiny_heap_used(void) { return 0; }
__attribute__((weak)) void tiny_heap_seal(bool sealed) { (void)sealed; }

const char *tiny_argument(int index) {
  static char arguments[4096];
  static ssize_t size = -1;
  if (size < 0) {
    int descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    size = descriptor < 0 ? 0 : read(descriptor, arguments, sizeof arguments - 1);
    if (descriptor >= 0) close(descriptor);
    if (size < 0) size = 0;
  }
  const char *argument = arguments;
  for (; index > 0 && argument < arguments + size; index--) {
    while (*argument != 0) argument++;
    argument++;
  }
  return argument < arguments + size ? argument : 0;
}

int64_t tiny_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// MARK: - The poller

enum { BATCH = 512 };

static int poller = -1;
static int doorbell = -1;
static struct epoll_event news[BATCH];

int tiny_poller_open(void) {
  poller = epoll_create1(EPOLL_CLOEXEC);
  doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Each ring is a change: so it is told of, and nobody has to read the doorbell to silence it.
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.ptr = 0}};
  if (poller < 0 || doorbell < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, doorbell, &event) < 0) return -errno;
  return 0;
}

// Told once, and then only of changes: no call for each wait.
int tiny_poller_add(int descriptor, void *state) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = state}};
  return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

static int wait_exactly(int64_t nanoseconds) {
#ifdef SYS_epoll_pwait2
  static bool is_missing;
  if (nanoseconds > 0 && !is_missing) {
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    long count = syscall(SYS_epoll_pwait2, poller, news, BATCH, &limit, (void *)0, (size_t)0);
    if (count >= 0 || errno != ENOSYS) return (int)count;
    is_missing = true;
  }
#endif
  // In milliseconds, rounded up: late by less than one of them, never early.
  int64_t rounded = nanoseconds <= 0 ? nanoseconds : (nanoseconds - 1) / 1000000 + 1;
  return epoll_wait(poller, news, BATCH, rounded < 0 ? -1 : rounded > INT32_MAX ? INT32_MAX : (int)rounded);
}

int tiny_poller_wait(int64_t nanoseconds) {
  int count = wait_exactly(nanoseconds);
  return count < 0 ? 0 : count;
}

void *tiny_poller_state(int index) { return news[index].data.ptr; }

uint32_t tiny_poller_events(int index) { return news[index].events; }

void tiny_poller_ring(void) {
  int before = errno;
  uint64_t one = 1;
  // It cannot fail: so high a counter is never reached.
  if (write(doorbell, &one, sizeof one) < 0) errno = before;
}

// MARK: - Sockets

// The value of a call, which is made again as long as a signal keeps interrupting it, or its error number.
#define RESULT(call) ({ \
  ssize_t value; \
  do value = (call); while (value < 0 && errno == EINTR); \
  value < 0 ? -errno : value; \
})

static struct sockaddr_in address_of(uint32_t host, uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(host);
  return address;
}

int tiny_listen(uint16_t *port, int loopback) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -errno;
  int on = 1;
  struct sockaddr_in address = address_of(loopback ? INADDR_LOOPBACK : INADDR_ANY, *port);
  socklen_t size = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, SOMAXCONN) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) < 0) {
    int error = errno;
    close(listener);
    return -error;
  }
  *port = ntohs(address.sin_port);
  return listener;
}

static void send_at_once(int descriptor) {
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int tiny_accept(int listener) {
  int descriptor = (int)RESULT(accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (descriptor >= 0) send_at_once(descriptor);
  return descriptor;
}

int tiny_connect(uint32_t host, uint16_t port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  struct sockaddr_in address = address_of(host, port);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  send_at_once(descriptor);
  return descriptor;
}

int tiny_connect_result(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return -error;
}

ssize_t tiny_receive(int descriptor, void *bytes, size_t capacity) {
  return RESULT(recv(descriptor, bytes, capacity, 0));
}

ssize_t tiny_send(int descriptor, const void *bytes, size_t count) {
  return RESULT(send(descriptor, bytes, count, MSG_NOSIGNAL));
}

void tiny_close(int descriptor) { close(descriptor); }

void tiny_half_close(int descriptor) { shutdown(descriptor, SHUT_WR); }
