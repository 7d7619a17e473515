// An echo server on libuv, as its guide shows one.

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

typedef struct {
  uv_write_t request;
  uv_buf_t buffer;
} write_request;

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(malloc(4096), 4096);
}

static void written(uv_write_t *request, int status) {
  (void)status;
  write_request *own = (write_request *)request;
  free(own->buffer.base);
  free(own);
}

static void closed(uv_handle_t *handle) { free(handle); }

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
  if (count > 0) {
    write_request *own = malloc(sizeof *own);
    own->buffer = uv_buf_init(buffer->base, (unsigned)count);
    // What can be written at once needs no request.
    int done = uv_try_write(stream, &own->buffer, 1);
    if (done == count) {
      free(buffer->base);
      free(own);
      return;
    }
    if (done < 0) done = 0;
    uv_buf_t rest = uv_buf_init(buffer->base + done, (unsigned)(count - done));
    uv_write(&own->request, stream, &rest, 1, written);
    return;
  }
  free(buffer->base);
  if (count < 0) uv_close((uv_handle_t *)stream, closed);
}

static void connected(uv_stream_t *server, int status) {
  if (status < 0) return;
  uv_tcp_t *client = malloc(sizeof *client);
  uv_tcp_init(server->loop, client);
  if (uv_accept(server, (uv_stream_t *)client) == 0) {
    uv_tcp_nodelay(client, 1);
    uv_read_start((uv_stream_t *)client, allocate, received);
  } else {
    uv_close((uv_handle_t *)client, closed);
  }
}

int main(void) {
  uv_tcp_t server;
  struct sockaddr_in address;
  struct sockaddr_storage own;
  int size = sizeof own;
  uv_tcp_init(uv_default_loop(), &server);
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_bind(&server, (struct sockaddr *)&address, 0);
  uv_listen((uv_stream_t *)&server, 128, connected);
  uv_tcp_getsockname(&server, (struct sockaddr *)&own, &size);
  printf("listening on %d\n", ntohs(((struct sockaddr_in *)&own)->sin_port));
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
