// The Swift functions that the C half calls: `@c(…)` in the Swift files.
#ifndef UASYNCIO_SWIFT_H
#define UASYNCIO_SWIFT_H

#include "CPythonModule.h"
#include <structmember.h>

int uasyncio_install(void);
int uasyncio_after_fork(void);
int uasyncio_configure(int is_virtual, int64_t seed);
int64_t uasyncio_now(void);
int64_t uasyncio_read_clock(void);
int uasyncio_is_virtual(void);
void uasyncio_pass_time(int64_t nanoseconds);

TaskObject *uasyncio_new_task(PyObject *coroutine, PyTypeObject *type);
TaskObject *uasyncio_create_task(PyObject *coroutine);
int uasyncio_cancel(TaskObject *task);
int uasyncio_task_is_done(TaskObject *task);
int uasyncio_task_is_awaited(TaskObject *task);
void uasyncio_task_mark_awaited(TaskObject *task);
PyObject *uasyncio_task_data(TaskObject *task);
int uasyncio_task_set_data(TaskObject *task, PyObject *value);
int64_t uasyncio_task_key(TaskObject *task);
TaskObject *uasyncio_current(void);

PySendResult uasyncio_wait_send(PyObject *self, PyObject **result);
PySendResult uasyncio_gather_send(PyObject *self, PyObject **result);
PySendResult uasyncio_limit_send(PyObject *self, PyObject **result);
PySendResult uasyncio_runner_send(PyObject *self, PyObject **result);
PySendResult uasyncio_task_send(PyObject *self, PyObject **result);
PySendResult uasyncio_native_throw(PyObject *self, PyObject *error, PyObject **result);
int uasyncio_file_watch(PyObject *stream, int writes);

int uasyncio_event_set(EventObject *event);
int uasyncio_lock_release(LockObject *lock);
void uasyncio_flag_set(FlagObject *flag);
int uasyncio_list_visit(void *list, visitproc visit, void *argument);
void uasyncio_list_clear(void *list);

int uasyncio_queue_push(void *list, TaskObject *task, int64_t key);
TaskObject *uasyncio_queue_peek(void *list);
int uasyncio_queue_remove(TaskObject *task);
int uasyncio_main_push(TaskObject *task, int64_t deadline);
TaskObject *uasyncio_main_peek(void);

PyObject *uasyncio_run(TaskObject *target);
PyObject *uasyncio_run_coroutine(PyObject *coroutine);
int uasyncio_forget(void);
int uasyncio_was_interrupted(void);
void uasyncio_closing(int descriptor);
void uasyncio_ring(void);
void uasyncio_expect(int change);

// Between the C files.
PyObject *uasyncio_itself(PyObject *self);
PyObject *uasyncio_awaitable_next(PyObject *self);
void uasyncio_free(PyObject *self);
extern PyType_Spec uasyncio_sleep_spec, uasyncio_wait_spec, uasyncio_gather_spec, uasyncio_limit_spec, uasyncio_runner_spec;
PyObject *uasyncio_queue_view(PyObject *owner, void **list);
PyObject *uasyncio_make_wait(PyObject *target, uint8_t kind);
int64_t uasyncio_ticks(int64_t nanoseconds);
int64_t uasyncio_deadline_of_ticks(int64_t ticks);

PyObject *uasyncio_only_argument(PyObject *const *arguments, Py_ssize_t count, PyObject *names, const char *function,
                                 const char *one, const char *other);

// The module's functions in Making.c.
PyObject *uasyncio_module_sleep(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *uasyncio_module_sleep_ms(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *uasyncio_module_ticks(PyObject *module, PyObject *unused);
PyObject *uasyncio_module_now(PyObject *module, PyObject *unused);
PyObject *uasyncio_module_pass_time(PyObject *module, PyObject *seconds);
PyObject *uasyncio_module_wait_for(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *uasyncio_module_wait_for_ms(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *uasyncio_module_gather(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *uasyncio_module_wait_readable(PyObject *module, PyObject *stream);
PyObject *uasyncio_module_wait_writable(PyObject *module, PyObject *stream);
PyObject *uasyncio_module_queue_read(PyObject *module, PyObject *stream);
PyObject *uasyncio_module_queue_write(PyObject *module, PyObject *stream);

int uasyncio_make_types(PyObject *module);
int uasyncio_make_primitives(PyObject *module);

#endif
