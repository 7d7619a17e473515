#define _GNU_SOURCE
#include "CSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Addresses

union any {
  struct sockaddr base;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un path;
  struct sockaddr_storage storage;
};

static socklen_t to_system(const struct platform_address *address, union any *out) {
  memset(out, 0, sizeof *out);
  switch (address->kind) {
  case 4:
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(address->port);
    memcpy(&out->v4.sin_addr, address->bytes, 4);
    return sizeof out->v4;
  case 6:
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(address->port);
    out->v6.sin6_scope_id = address->scope;
    memcpy(&out->v6.sin6_addr, address->bytes, 16);
    return sizeof out->v6;
  default: {
    out->path.sun_family = AF_UNIX;
    size_t length = address->length;
    memcpy(out->path.sun_path, address->bytes, length);
    // A path ends with a zero byte where there is room for it; an abstract name has none.
    size_t end = length > 0 && address->bytes[0] != 0 && length < sizeof out->path.sun_path ? 1 : 0;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + end);
  }
  }
}

static void from_system(const union any *in, socklen_t length, struct platform_address *out) {
  memset(out, 0, sizeof *out);
  if (length < (socklen_t)sizeof(sa_family_t)) return;
  switch (in->base.sa_family) {
  case AF_INET:
    out->kind = 4;
    out->port = ntohs(in->v4.sin_port);
    memcpy(out->bytes, &in->v4.sin_addr, 4);
    break;
  case AF_INET6:
    out->kind = 6;
    out->port = ntohs(in->v6.sin6_port);
    out->scope = in->v6.sin6_scope_id;
    memcpy(out->bytes, &in->v6.sin6_addr, 16);
    break;
  case AF_UNIX: {
    out->kind = 1;
    size_t given = length - offsetof(struct sockaddr_un, sun_path);
    if (given > sizeof in->path.sun_path) given = sizeof in->path.sun_path;
    if (given > 0 && in->path.sun_path[0] != 0) given = strnlen(in->path.sun_path, given);
    out->length = (uint8_t)given;
    memcpy(out->bytes, in->path.sun_path, given);
    break;
  }
  }
}

bool platform_parse_address(const char *text, struct platform_address *address) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, text, address->bytes) == 1) {
    address->kind = 4;
    return true;
  }
  char bare[80];
  const char *percent = strchr(text, '%');
  size_t length = percent ? (size_t)(percent - text) : strlen(text);
  if (length >= sizeof bare) return false;
  memcpy(bare, text, length);
  bare[length] = 0;
  if (inet_pton(AF_INET6, bare, address->bytes) != 1) return false;
  address->kind = 6;
  if (percent) {
    address->scope = if_nametoindex(percent + 1);
    if (address->scope == 0) {
      char *end;
      unsigned long number = strtoul(percent + 1, &end, 10);
      if (percent[1] == 0 || *end != 0 || number == 0 || number > UINT32_MAX) return false;
      address->scope = (uint32_t)number;
    }
  }
  return true;
}

void platform_format_address(const struct platform_address *address, char *text) {
  text[0] = 0;
  inet_ntop(address->kind == 4 ? AF_INET : AF_INET6, address->bytes, text, 48);
  if (address->kind != 6 || address->scope == 0) return;
  size_t length = strlen(text);
  char name[IF_NAMESIZE];
  if (if_indextoname(address->scope, name)) {
    snprintf(text + length, 80 - length, "%%%s", name);
  } else {
    snprintf(text + length, 80 - length, "%%%u", address->scope);
  }
}

int platform_look_up(const char *host, int kind, bool passive, struct platform_address *addresses, int capacity,
                     int *system_error) {
  struct addrinfo hints = {.ai_family = kind == 4 ? AF_INET : kind == 6 ? AF_INET6 : AF_UNSPEC,
                           .ai_socktype = SOCK_STREAM,
                           .ai_flags = passive ? AI_PASSIVE : AI_ADDRCONFIG};
  struct addrinfo *found = NULL;
  int error = getaddrinfo(host, NULL, &hints, &found);
  *system_error = errno;
  if (error == EAI_NONAME && !passive) {
    // A machine whose only addresses are loopback ones is refused `localhost` by AI_ADDRCONFIG of some resolvers.
    hints.ai_flags = 0;
    error = getaddrinfo(host, NULL, &hints, &found);
    *system_error = errno;
  }
  if (error != 0) return error < 0 ? error : -error;
  int count = 0;
  for (struct addrinfo *next = found; next && count < capacity; next = next->ai_next) {
    if (next->ai_family != AF_INET && next->ai_family != AF_INET6) continue;
    union any any;
    memset(&any, 0, sizeof any);
    memcpy(&any, next->ai_addr, next->ai_addrlen);
    from_system(&any, next->ai_addrlen, &addresses[count++]);
  }
  freeaddrinfo(found);
  return count;
}

const char *platform_look_up_text(int error) { return gai_strerror(error); }

// Sockets

static int result(int value) { return value < 0 ? -errno : value; }

int platform_socket(int kind, bool datagrams) {
  int family = kind == 4 ? AF_INET : kind == 6 ? AF_INET6 : AF_UNIX;
  return result(socket(family, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int platform_bind(int socket, const struct platform_address *address) {
  union any any;
  socklen_t length = to_system(address, &any);
  return result(bind(socket, &any.base, length));
}

int platform_listen(int socket, int backlog) { return result(listen(socket, backlog)); }

int platform_connect(int socket, const struct platform_address *address) {
  union any any;
  socklen_t length = to_system(address, &any);
  return result(connect(socket, &any.base, length));
}

int platform_accept(int socket, struct platform_address *peer) {
  union any any;
  socklen_t length = sizeof any;
  int accepted = accept4(socket, &any.base, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) return -errno;
  from_system(&any, length, peer);
  return accepted;
}

int platform_socket_pair(int ends[2]) {
  return result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
}

int platform_local_address(int socket, struct platform_address *address) {
  union any any;
  socklen_t length = sizeof any;
  if (getsockname(socket, &any.base, &length) < 0) return -errno;
  from_system(&any, length, address);
  return 0;
}

int platform_peer_address(int socket, struct platform_address *address) {
  union any any;
  socklen_t length = sizeof any;
  if (getpeername(socket, &any.base, &length) < 0) return -errno;
  from_system(&any, length, address);
  return 0;
}

int platform_socket_error(int socket) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return errno;
  return error;
}

static const struct {
  int level, name;
} options[] = {
    [PLATFORM_NO_DELAY] = {IPPROTO_TCP, TCP_NODELAY},
    [PLATFORM_KEEP_ALIVE] = {SOL_SOCKET, SO_KEEPALIVE},
    [PLATFORM_KEEP_ALIVE_IDLE] = {IPPROTO_TCP, TCP_KEEPIDLE},
    [PLATFORM_KEEP_ALIVE_INTERVAL] = {IPPROTO_TCP, TCP_KEEPINTVL},
    [PLATFORM_KEEP_ALIVE_COUNT] = {IPPROTO_TCP, TCP_KEEPCNT},
    [PLATFORM_REUSE_ADDRESS] = {SOL_SOCKET, SO_REUSEADDR},
    [PLATFORM_REUSE_PORT] = {SOL_SOCKET, SO_REUSEPORT},
    [PLATFORM_ONLY_V6] = {IPPROTO_IPV6, IPV6_V6ONLY},
    [PLATFORM_BROADCAST] = {SOL_SOCKET, SO_BROADCAST},
    [PLATFORM_RECEIVE_BUFFER] = {SOL_SOCKET, SO_RCVBUF},
    [PLATFORM_SEND_BUFFER] = {SOL_SOCKET, SO_SNDBUF},
    [PLATFORM_MULTICAST_LOOP_4] = {IPPROTO_IP, IP_MULTICAST_LOOP},
    [PLATFORM_MULTICAST_LOOP_6] = {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    [PLATFORM_MULTICAST_HOPS_4] = {IPPROTO_IP, IP_MULTICAST_TTL},
    [PLATFORM_MULTICAST_HOPS_6] = {IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
};

int platform_set_option(int socket, enum platform_socket_option option, int value) {
  if (option == PLATFORM_RESET_ON_CLOSE) {
    struct linger linger = {.l_onoff = value, .l_linger = 0};
    return result(setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  }
  return result(setsockopt(socket, options[option].level, options[option].name, &value, sizeof value));
}

int platform_get_option(int socket, enum platform_socket_option option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(socket, options[option].level, options[option].name, &value, &length) < 0) return -errno;
  return value;
}

int platform_join_group(int socket, const struct platform_address *group, const char *interface, bool join) {
  unsigned index = 0;
  if (interface) {
    index = if_nametoindex(interface);
    if (index == 0) return -ENODEV;
  }
  if (group->kind == 4) {
    struct ip_mreqn request = {.imr_ifindex = (int)index};
    memcpy(&request.imr_multiaddr, group->bytes, 4);
    int name = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return result(setsockopt(socket, IPPROTO_IP, name, &request, sizeof request));
  }
  struct ipv6_mreq request = {.ipv6mr_interface = index ? index : group->scope};
  memcpy(&request.ipv6mr_multiaddr, group->bytes, 16);
  int name = join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
  return result(setsockopt(socket, IPPROTO_IPV6, name, &request, sizeof request));
}

int platform_shutdown_write(int socket) { return result(shutdown(socket, SHUT_WR)); }

// Bytes

static long outcome(ssize_t count) { return count < 0 ? -(long)errno : (long)count; }

long platform_receive(int socket, void *bytes, size_t count) {
  return outcome(recv(socket, bytes, count, MSG_DONTWAIT));
}

long platform_send(int socket, const void *bytes, size_t count) {
  return outcome(send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

long platform_receive_from(int socket, void *bytes, size_t count, struct platform_address *from, bool *truncated) {
  union any any;
  struct iovec piece = {.iov_base = bytes, .iov_len = count};
  struct msghdr message = {.msg_name = &any, .msg_namelen = sizeof any, .msg_iov = &piece, .msg_iovlen = 1};
  ssize_t received = recvmsg(socket, &message, MSG_DONTWAIT);
  if (received < 0) return -(long)errno;
  from_system(&any, message.msg_namelen, from);
  *truncated = (message.msg_flags & MSG_TRUNC) != 0;
  return (long)received;
}

long platform_send_to(int socket, const void *bytes, size_t count, const struct platform_address *to) {
  union any any;
  socklen_t length = to ? to_system(to, &any) : 0;
  return outcome(sendto(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, to ? &any.base : NULL, length));
}

long platform_read(int descriptor, void *bytes, size_t count) { return outcome(read(descriptor, bytes, count)); }

long platform_write(int descriptor, const void *bytes, size_t count) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  // One that is pending already is somebody else's, and stays.
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  long written = outcome(write(descriptor, bytes, count));
  if (written == -EPIPE && !was_pending) {
    struct timespec none = {0, 0};
    while (sigtimedwait(&pipe_signal, NULL, &none) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return written;
}

long platform_find(const void *bytes, size_t count, const void *pattern, size_t length) {
  const char *found =
      length == 1 ? memchr(bytes, *(const unsigned char *)pattern, count) : memmem(bytes, count, pattern, length);
  return found ? (long)(found - (const char *)bytes) : -1;
}

// Linux closes the descriptor whatever it answers: never twice, or somebody else's is gone.
int platform_close(int descriptor) { return result(close(descriptor)); }

// Descriptors of other kinds

void platform_occupy_standard_descriptors(void) {
  struct pollfd all[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};
  while (poll(all, 3, 0) < 0 && errno == EINTR) {
  }
  for (int number = 0; number < 3; number++) {
    if ((all[number].revents & POLLNVAL) == 0) continue;
    int opened = open("/dev/null", O_RDWR);
    if (opened >= 0 && opened != number) close(opened);
  }
}

int platform_pipe(int ends[2]) { return result(pipe2(ends, O_NONBLOCK | O_CLOEXEC)); }

int platform_kind(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return -errno;
  if (S_ISSOCK(status.st_mode)) return 's';
  if (S_ISFIFO(status.st_mode)) return 'p';
  if (S_ISCHR(status.st_mode)) return isatty(descriptor) ? 't' : 'c';
  return 'r';
}

int platform_reopen(int descriptor, bool for_reading, bool for_writing) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  int access = for_reading && for_writing ? O_RDWR : for_writing ? O_WRONLY : O_RDONLY;
  return result(open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

int platform_set_nonblocking(int descriptor, bool nonblocking) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (wanted != flags && fcntl(descriptor, F_SETFL, wanted) < 0) return -errno;
  return (flags & O_NONBLOCK) != 0;
}

int platform_duplicate(int descriptor) { return result(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)); }

int platform_unlink(const uint8_t *path, size_t length) {
  char name[128];
  if (length >= sizeof name) return -ENAMETOOLONG;
  memcpy(name, path, length);
  name[length] = 0;
  return result(unlink(name));
}

bool platform_is_socket_path(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}
