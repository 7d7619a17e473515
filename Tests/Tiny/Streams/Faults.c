// Linked into the tests of streams with --wrap=socket,--wrap=accept4,--wrap=recv,--wrap=send: a system whose calls are
// interrupted, whose connections break off before they are accepted, and whose sockets' buffers are small.

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

int __real_socket(int domain, int type, int protocol);
int __real_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
ssize_t __real_recv(int descriptor, void *bytes, size_t capacity, int flags);
ssize_t __real_send(int descriptor, const void *bytes, size_t count, int flags);

static bool has_faults;
static bool has_small_buffers;
static uint32_t random_state = 1;
static int next_accept_error;
static bool is_urgent;

void test_faults(bool wanted) { has_faults = wanted; }
void test_small_buffers(bool wanted) { has_small_buffers = wanted; }

/// The next connection is not handed over: the system says this instead, once.
void test_fail_accept(int error) { next_accept_error = error; }

int test_open_descriptors(void) {
  int count = 0;
  for (int descriptor = 0; descriptor < 256; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0) count++;
  }
  return count;
}

/// In the middle of the next bytes that are sent there is one that overtakes them.
void test_send_urgently(void) { is_urgent = true; }

static bool fails(int error) {
  if (!has_faults) return false;
  random_state = random_state * 1664525 + 1013904223;
  if (random_state >> 30 != 0) return false;
  errno = error;
  return true;
}

static int with_small_buffers(int descriptor) {
  if (descriptor < 0 || !has_small_buffers) return descriptor;
  int bytes = 4096;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  return descriptor;
}

int __wrap_socket(int domain, int type, int protocol) {
  return with_small_buffers(__real_socket(domain, type, protocol));
}

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size, int flags) {
  if (next_accept_error != 0) {
    errno = next_accept_error;
    next_accept_error = 0;
    return -1;
  }
  if (fails(random_state & 0x10000 ? EINTR : ECONNABORTED)) return -1;
  return with_small_buffers(__real_accept4(listener, address, size, flags));
}

ssize_t __wrap_recv(int descriptor, void *bytes, size_t capacity, int flags) {
  return fails(EINTR) ? -1 : __real_recv(descriptor, bytes, capacity, flags);
}

ssize_t __wrap_send(int descriptor, const void *bytes, size_t count, int flags) {
  if (fails(EINTR)) return -1;
  if (is_urgent) {
    is_urgent = false;
    __real_send(descriptor, bytes, count / 2, flags);
    __real_send(descriptor, "!", 1, flags | MSG_OOB);
    return (ssize_t)(count / 2) + __real_send(descriptor, (const char *)bytes + count / 2, count - count / 2, flags);
  }
  return __real_send(descriptor, bytes, count, flags);
}
