// An async function that suspends its task with the runtime's own primitive, `swift_task_suspend`, and nothing else:
// what a suspension costs at the very least. It is called from Swift as `bareSuspend()`; see BareSuspend.swift.
//
// The primitive leaves it to its caller to say where the task goes on. That needs two fields of the task, at the places
// where the runtime of Swift 6.3 has them on 64-bit machines. A benchmark may do that; a library must not.

#include <stdint.h>

struct context {
  struct context *parent;
  __attribute__((swiftasynccall)) void (*resume_parent)(__attribute__((swift_async_context)) struct context *);
};

struct task {
  void *words[7];
  __attribute__((swiftasynccall)) void (*resume)(__attribute__((swift_async_context)) struct context *);
  struct context *context;
};

extern __attribute__((swiftcall)) struct task *swift_task_suspend(void);

__attribute__((swiftasynccall)) static void resume(__attribute__((swift_async_context)) struct context *context) {
  __attribute__((musttail)) return context->resume_parent(context);
}

__attribute__((swiftasynccall)) void bare_suspend(__attribute__((swift_async_context)) struct context *context) {
  struct task *task = swift_task_suspend();
  task->resume = resume;
  task->context = context;
}

// What Swift wants to know before it calls an async function: where it is, and how large its context.
__asm__(
    ".pushsection .rodata\n"
    ".globl bare_suspendTu\n"
    ".balign 8\n"
    "bare_suspendTu:\n"
    "  .long bare_suspend - bare_suspendTu\n"
    "  .long 32\n"
    ".popsection\n");
