// Echo, and HTTP with http_parser; it says where it listens, and runs until it is killed.
//
//     server echo|http
//
// What is read is written before the next read, so one buffer serves all connections; only what the system does not take
// at once is copied, and then the connection is not read until that has been sent.

#include <http_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

typedef struct {
  uv_tcp_t handle;
  uv_write_t request;
  char *rest;
  http_parser parser;
  size_t requests;
} connection;

static int is_http;
static char room[65536];
static http_parser_settings settings;
static char greeting[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(room, sizeof room);
}

static void closed(uv_handle_t *handle) {
  connection *own = handle->data;
  free(own->rest);
  free(own);
}

static void end(connection *own) {
  if (!uv_is_closing((uv_handle_t *)&own->handle)) uv_close((uv_handle_t *)&own->handle, closed);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void written(uv_write_t *request, int status) {
  connection *own = request->data;
  free(own->rest);
  own->rest = NULL;
  if (status < 0) return end(own);
  uv_read_start((uv_stream_t *)&own->handle, allocate, received);
}

static void answer(connection *own, char *bytes, size_t count) {
  uv_buf_t buffer = uv_buf_init(bytes, (unsigned)count);
  int done = uv_try_write((uv_stream_t *)&own->handle, &buffer, 1);
  if (done == (int)count) return;
  if (done < 0 && done != UV_EAGAIN) return end(own);
  if (done < 0) done = 0;
  size_t left = count - (size_t)done;
  own->rest = malloc(left);
  memcpy(own->rest, bytes + done, left);
  buffer = uv_buf_init(own->rest, (unsigned)left);
  own->request.data = own;
  uv_read_stop((uv_stream_t *)&own->handle);
  uv_write(&own->request, (uv_stream_t *)&own->handle, &buffer, 1, written);
}

static int request_is_whole(http_parser *parser) {
  ((connection *)parser->data)->requests++;
  return 0;
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
  connection *own = stream->data;
  if (count < 0) return end(own);
  if (count == 0) return;
  if (!is_http) return answer(own, buffer->base, (size_t)count);
  own->requests = 0;
  if (http_parser_execute(&own->parser, &settings, buffer->base, (size_t)count) != (size_t)count) return end(own);
  // Requests that came together are answered together.
  size_t length = own->requests * (sizeof greeting - 1);
  if (own->requests <= 1) return length > 0 ? answer(own, greeting, length) : (void)0;
  char *answers = malloc(length);
  for (size_t index = 0; index < own->requests; index++) {
    memcpy(answers + index * (sizeof greeting - 1), greeting, sizeof greeting - 1);
  }
  answer(own, answers, length);
  free(answers);
}

static void connected(uv_stream_t *server, int status) {
  if (status < 0) return;
  connection *own = calloc(1, sizeof *own);
  uv_tcp_init(server->loop, &own->handle);
  own->handle.data = own;
  if (uv_accept(server, (uv_stream_t *)&own->handle) < 0) return end(own);
  uv_tcp_nodelay(&own->handle, 1);
  http_parser_init(&own->parser, HTTP_REQUEST);
  own->parser.data = own;
  uv_read_start((uv_stream_t *)&own->handle, allocate, received);
}

int main(int count, char **arguments) {
  uv_tcp_t server;
  struct sockaddr_in address;
  int size = sizeof address;
  is_http = count > 1 && strcmp(arguments[1], "http") == 0;
  settings.on_message_complete = request_is_whole;
  uv_tcp_init(uv_default_loop(), &server);
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_bind(&server, (struct sockaddr *)&address, 0);
  if (uv_listen((uv_stream_t *)&server, 1024, connected) < 0) return 1;
  uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size);
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
