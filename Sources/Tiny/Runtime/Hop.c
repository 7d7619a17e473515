// A hop to an executor: what compiled code asks for where it might have to go on elsewhere. A file of its own, because this one
// may be seen through when everything is optimized as a whole, and then nothing is left of a hop.

#include "Convention.h"

/// There is one place where code runs, so the function goes on there.
__attribute__((always_inline)) SWIFT_ASYNC void swift_task_switch(ASYNC_CONTEXT tiny_context *context, resume_function function, uintptr_t executor,
                                   uintptr_t implementation) {
  (void)executor;
  (void)implementation;
  return function(context);
}
