// The least program; with an argument it waits for the end of its input.

#include <stdio.h>
#include <uv.h>

static void say(uv_timer_t *timer) { puts("hello"); }

int main(int argc, char **argv) {
  uv_timer_t timer;
  uv_timer_init(uv_default_loop(), &timer);
  uv_timer_start(&timer, say, 0, 0);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  fflush(NULL);
  if (argc > 1) {
    while (getchar() != EOF) {}
  }
}
