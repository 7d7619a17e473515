// Asks an echo server, over many connections at once, as fast as it answers.
//
//     echo-client PORT CONNECTIONS ROUND-TRIPS      64 bytes each

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE = 64 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int connections = atoi(arguments[2]);
  long left = atol(arguments[3]);
  char message[MESSAGE];
  memset(message, 'x', sizeof message);
  int poller = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int index = 0; index < connections; index++) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
    if (write(descriptor, message, MESSAGE) != MESSAGE) fail("write");
  }
  struct epoll_event events[256];
  while (left > 0) {
    int ready = epoll_wait(poller, events, 256, 5000);
    if (ready <= 0) fail("the server does not answer");
    for (int index = 0; index < ready; index++) {
      char answer[MESSAGE];
      if (recv(events[index].data.fd, answer, MESSAGE, MSG_WAITALL) != MESSAGE) fail("recv");
      left--;
      if (write(events[index].data.fd, message, MESSAGE) != MESSAGE) fail("write");
    }
  }
  return 0;
}
