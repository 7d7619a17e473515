// Asks an echo server over many connections at once, each of which sends its next message as soon as the last one has come
// back, and says what that has cost the server.
//
//     echo-load PORT CONNECTIONS BYTES SECONDS [PID]
//
// The connections are made and warmed up first, and are not measured. Then, for so many seconds, it counts the messages
// that have come back, and how long each was under way. With the server's process it reads the processor time of all its
// threads when that begins and when it ends: a slow load generator makes the requests fewer, but not dearer.
//
// Prints requests, and nanoseconds: by the clock on the wall, of the server's processor time, and the latencies at the
// median, at 99 of 100, and the longest. A byte that comes back as another one ends the program.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
  int descriptor;
  size_t sent, received;
  int64_t began;
};

static size_t size;
static char *message, *answer;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void refuse(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Latencies, in buckets that are a sixteenth of their power of two wide.

enum { BUCKETS = 64 * 16 };
static uint64_t buckets[BUCKETS];

static unsigned bucket_of(uint64_t nanoseconds) {
  if (nanoseconds < 16) return (unsigned)nanoseconds;
  unsigned power = 63 - (unsigned)__builtin_clzll(nanoseconds);
  return (power - 3) * 16 + (unsigned)(nanoseconds >> (power - 4) & 15);
}

static uint64_t upper_end(unsigned bucket) {
  if (bucket < 16) return bucket;
  return (16ULL + bucket % 16 + 1) << (bucket / 16 - 1);
}

static uint64_t latency_at(double part, uint64_t total) {
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
    seen += buckets[bucket];
    if (seen > 0 && (double)seen >= part * (double)total) return upper_end(bucket);
  }
  return 0;
}

// The server's processor time

/// The scheduler's own account of each thread, in nanoseconds; it does not wait for a tick.
static int64_t processor_time(const char *process) {
  char path[300];
  snprintf(path, sizeof path, "/proc/%s/task", process);
  DIR *threads = opendir(path);
  if (!threads) fail(path);
  int64_t sum = 0;
  for (struct dirent *entry; (entry = readdir(threads));) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", process, entry->d_name);
    FILE *file = fopen(path, "r");
    long long time = 0;
    if (!file) continue;
    if (fscanf(file, "%lld", &time) == 1) sum += time;
    fclose(file);
  }
  closedir(threads);
  return sum;
}

// A connection

static void send_rest(struct connection *connection) {
  while (connection->sent < size) {
    ssize_t count = send(connection->descriptor, message + connection->sent, size - connection->sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail("send");
    connection->sent += (size_t)count;
  }
}

static void begin(struct connection *connection) {
  connection->sent = connection->received = 0;
  connection->began = now();
  send_rest(connection);
}

/// Returns whether a whole message has come back.
static int receive(struct connection *connection) {
  while (connection->received < size) {
    size_t left = size - connection->received;
    ssize_t count = recv(connection->descriptor, answer, left, 0);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count < 0) fail("recv");
    if (count == 0) refuse("the server has closed a connection");
    if (memcmp(answer, message + connection->received, (size_t)count) != 0) refuse("what came back is not what was sent");
    connection->received += (size_t)count;
    if ((size_t)count < left) return 0;
  }
  return 1;
}

static void open_connection(struct connection *connection, int port, int poller) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1, descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) fail("socket");
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Connecting may wait, and nothing afterwards.
  if (fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) < 0) fail("fcntl");
  connection->descriptor = descriptor;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = connection}};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

int main(int count, char **arguments) {
  if (count < 5) refuse("expected: echo-load PORT CONNECTIONS BYTES SECONDS [PID]");
  int port = atoi(arguments[1]), connection_count = atoi(arguments[2]);
  size = (size_t)atol(arguments[3]);
  int64_t duration = (int64_t)(atof(arguments[4]) * 1e9);
  const char *process = count > 5 ? arguments[5] : NULL;
  if (connection_count < 1 || size < 1 || duration < 1) refuse("a number is missing");

  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  message = malloc(size);
  answer = malloc(size);
  for (size_t index = 0; index < size; index++) message[index] = (char)(index * 31 + index / 251);
  struct connection *connections = calloc((size_t)connection_count, sizeof *connections);
  int poller = epoll_create1(0);
  for (int index = 0; index < connection_count; index++) {
    open_connection(&connections[index], port, poller);
    begin(&connections[index]);
  }

  // Warm is a server that has answered each connection a few times, or for a tenth of the time.
  int64_t start = 0, end = INT64_MAX, deadline = now() + 30000000000LL, cpu = 0;
  uint64_t requests = 0, warm = 3 * (uint64_t)connection_count;
  int64_t earliest = now() + duration / 10;
  struct epoll_event events[256];
  while (1) {
    int ready = epoll_wait(poller, events, 256, 5000);
    if (ready == 0) refuse("the server does not answer");
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    int64_t time = 0;
    for (int index = 0; index < ready; index++) {
      struct connection *connection = events[index].data.ptr;
      if (connection->sent < size) send_rest(connection);
      if (!receive(connection)) continue;
      requests++;
      time = now();
      buckets[bucket_of((uint64_t)(time - connection->began))]++;
      begin(connection);
    }
    if (start == 0 && requests >= warm && time >= earliest) {
      memset(buckets, 0, sizeof buckets);
      requests = 0;
      if (process) cpu = processor_time(process);
      start = now();
      end = start + duration;
    } else if (time >= end) {
      break;
    } else if (start == 0 && time > deadline) {
      refuse("the server answers too slowly");
    }
  }
  int64_t wall = now() - start;
  if (process) cpu = processor_time(process) - cpu;
  uint64_t longest = 0;
  for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
    if (buckets[bucket]) longest = upper_end(bucket);
  }
  printf("requests=%llu wall=%lld cpu=%lld p50=%llu p99=%llu longest=%llu\n", (unsigned long long)requests, (long long)wall,
         (long long)cpu, (unsigned long long)latency_at(0.5, requests), (unsigned long long)latency_at(0.99, requests),
         (unsigned long long)longest);
  return 0;
}
