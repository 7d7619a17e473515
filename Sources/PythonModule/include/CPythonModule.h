// What the Swift half of the Python face and its C half know of each other: the objects' layouts, the few inline
// functions for what CPython offers as macros or with variable arguments, and, at the end, the shared state.
#ifndef CPYTHONMODULE_H
#define CPYTHONMODULE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030A0000
#include <Python.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

// MARK: - Objects

/// A task: what `create_task` returns. `node` is the scheduler's `Node`, `joiners` its `WaitList`.
typedef struct {
  PyObject_HEAD
  uint64_t node[5];
  void *joiners;
  /// What is sent to and thrown into.
  PyObject *coroutine;
  /// The value or, if the task failed, the exception; null until the task has finished.
  PyObject *outcome;
  /// The traceback that the exception had when the task failed.
  PyObject *traceback;
  /// What the next step throws.
  PyObject *pending;
  /// Called when the task finishes: a gathering, or a callable that a script has set.
  PyObject *callback;
  /// What a script has set as `data`; while a descriptor is awaited, the stream that it belongs to.
  PyObject *data;
  PyObject *weakrefs;
  int64_t key;
  int32_t descriptor;
} TaskObject;

/// `Event`.
typedef struct {
  PyObject_HEAD
  void *waiters;
  PyObject *weakrefs;
  int isSet;
} EventObject;

/// `Lock`. The state is 0 or 1, or 2 while `heir` has been woken to take it.
typedef struct {
  PyObject_HEAD
  void *waiters;
  PyObject *weakrefs;
  TaskObject *heir;
  int state;
} LockObject;

/// `ThreadSafeFlag`.
typedef struct FlagObject {
  PyObject_HEAD
  void *waiters;
  PyObject *weakrefs;
  /// The next flag whose waiters the loop has to look after.
  struct FlagObject *nextMail;
  int isSet;
  int isMailed;
} FlagObject;

/// `TaskQueue`: one of its own, a view of the list in another object (`owner`), or the loop's queue.
typedef struct {
  PyObject_HEAD
  void *tasks;
  void **list;
  PyObject *owner;
} QueueObject;

/// The simple awaitables: what `sleep`, `Event.wait`, `Lock.acquire`, `ThreadSafeFlag.wait` and the waits for
/// descriptors return.
typedef struct {
  PyObject_HEAD
  /// The event, lock, flag or stream.
  PyObject *target;
  /// The task that waits; only to be compared.
  TaskObject *waiter;
  int64_t deadline;
  uint8_t kind;
  uint8_t stage;
} WaitObject;

/// What `gather` returns, and the callback of each task that is gathered.
typedef struct {
  PyObject_HEAD
  /// A tuple of what was passed; from the start on, a list of the tasks.
  PyObject *parts;
  /// The wait list of the task that gathers.
  void *waiters;
  /// The first exception, if it is to be raised.
  PyObject *failure;
  Py_ssize_t unfinished;
  uint8_t returnsExceptions;
  uint8_t stage;
} GatherObject;

/// What `wait_for` returns.
typedef struct {
  PyObject_HEAD
  /// What is awaited; from the start on, a task.
  PyObject *awaited;
  /// The helper that tells the waiter that `awaited` has finished.
  TaskObject *runner;
  TaskObject *waiter;
  int64_t timeout;
  uint8_t stage;
  uint8_t hasResult;
} LimitObject;

/// The coroutine of a time limit's helper.
typedef struct {
  PyObject_HEAD
  LimitObject *limit;
  PyObject *awaited;
  uint8_t stage;
} RunnerObject;

static inline void *task_node(TaskObject *task) { return task->node; }
static inline TaskObject *task_of_node(void *node) {
  return (TaskObject *)((char *)node - offsetof(TaskObject, node));
}
static inline void *task_joiners(TaskObject *task) { return &task->joiners; }
static inline TaskObject *task_of_joiners(void *list) {
  return (TaskObject *)((char *)list - offsetof(TaskObject, joiners));
}

static inline void *event_list(EventObject *event) { return &event->waiters; }
static inline void *lock_list(LockObject *lock) { return &lock->waiters; }
static inline void *gather_list(GatherObject *gather) { return &gather->waiters; }
static inline void *flag_list(FlagObject *flag) { return &flag->waiters; }

// MARK: - What is a macro, or has variable arguments

static inline void py_keep(void *object) { Py_INCREF((PyObject *)object); }
static inline void py_drop(void *object) { Py_DECREF((PyObject *)object); }
static inline PyObject *py_none(void) { return Py_None; }
static inline PyTypeObject *py_type(void *object) { return Py_TYPE((PyObject *)object); }
static inline int py_is_exactly(void *object, PyTypeObject *type) { return Py_IS_TYPE((PyObject *)object, type); }
static inline int py_is_kind(void *object, PyTypeObject *type) { return PyObject_TypeCheck((PyObject *)object, type); }
static inline int py_is_long(PyObject *object) { return PyLong_Check(object); }
static inline int py_is_float(PyObject *object) { return PyFloat_Check(object); }
static inline int py_is_exception(PyObject *object) { return PyExceptionInstance_Check(object); }
static inline int py_is_exception_class(PyObject *object) { return PyExceptionClass_Check(object); }
static inline PyObject *py_call1(PyObject *callable, PyObject *one) {
  return PyObject_CallFunctionObjArgs(callable, one, NULL);
}
static inline PyObject *py_call2(PyObject *callable, PyObject *one, PyObject *two) {
  return PyObject_CallFunctionObjArgs(callable, one, two, NULL);
}
static inline PyObject *py_call_method1(PyObject *object, PyObject *name, PyObject *one) {
  return PyObject_CallMethodObjArgs(object, name, one, NULL);
}
static inline PyObject *py_call_method0(PyObject *object, PyObject *name) {
  return PyObject_CallMethodObjArgs(object, name, NULL);
}
static inline PyTypeObject *py_type_of_types(void) { return &PyType_Type; }
static inline PyObject *py_new_error(PyObject *type, const char *text) {
  PyObject *message = PyUnicode_FromString(text);
  if (!message) return NULL;
  PyObject *error = PyObject_CallFunctionObjArgs(type, message, NULL);
  Py_DECREF(message);
  return error;
}
/// The value of the StopIteration that is set, which is cleared; null with an exception.
static inline PyObject *py_stop_value(void) {
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  PyErr_NormalizeException(&type, &error, &traceback);
  PyObject *value = PyObject_GetAttrString(error, "value");
  Py_XDECREF(type);
  Py_XDECREF(error);
  Py_XDECREF(traceback);
  return value;
}
static inline void py_call_tracer(PyObject *tracer, int64_t time, PyObject *task, Py_ssize_t reason) {
  PyObject *answer = PyObject_CallFunction(tracer, "LOn", (long long)time, task, reason);
  if (answer) Py_DECREF(answer);
  else PyErr_WriteUnraisable(tracer);
}
static inline void *py_alloc(PyTypeObject *type) { return PyType_GenericAlloc(type, 0); }
static inline uintptr_t py_thread(void) { return (uintptr_t)pthread_self(); }
static inline PyObject *py_error(PyObject *type, const char *text) {
  PyErr_SetString(type, text);
  return NULL;
}
/// Raises `type` with a text in which `%s` stands for the name of an object's type.
static inline PyObject *py_type_error(const char *format, PyObject *object) {
  PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
  if (!name) return NULL;
  PyObject *text = PyUnicode_AsUTF8String(name);
  Py_DECREF(name);
  if (!text) return NULL;
  PyErr_Format(PyExc_TypeError, format, PyBytes_AsString(text));
  Py_DECREF(text);
  return NULL;
}
static inline int py_warn_unawaited(PyObject *object, const char *what) {
  return PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "%s was never awaited", what);
}

static inline PyObject *py_runtime_error(void) { return PyExc_RuntimeError; }
static inline PyObject *py_type_error_class(void) { return PyExc_TypeError; }
static inline PyObject *py_value_error(void) { return PyExc_ValueError; }
static inline PyObject *py_stop_iteration(void) { return PyExc_StopIteration; }
static inline PyObject *py_exception(void) { return PyExc_Exception; }
static inline PyObject *py_index_error(void) { return PyExc_IndexError; }
static inline PyObject *py_attribute_error(void) { return PyExc_AttributeError; }
static inline void py_raise_system_error(int number) {
  errno = number;
  PyErr_SetFromErrno(PyExc_OSError);
}

// MARK: - What is shared

/// The types and the names that both halves use, made when the module is imported.
typedef struct {
  PyTypeObject *task, *event, *lock, *flag, *queue, *sleep, *wait, *gather, *limit, *runner;
  PyObject *cancelledError, *timeoutError, *deadlockError;
  PyObject *nameThrow, *nameSend, *nameAwait, *nameRemove, *nameFuture, *nameFileno;
  /// Called with the task and the exception when nobody retrieves it.
  PyObject *reporter;
  /// Called with a time, a task and a reason at each step; null mostly.
  PyObject *tracer;
  /// How many calls of `micropython.schedule` have not been made yet.
  int32_t scheduled;
} Shared;

extern Shared uasyncio_shared;
extern void *uasyncio_state;
static inline Shared *shared_state(void) { return &uasyncio_shared; }
static inline void *loop_state(void) { return uasyncio_state; }
static inline void set_loop_state(void *state) { uasyncio_state = state; }

/// Raises DeadlockError with the task that cannot go on, and what it waits for.
static inline PyObject *py_deadlock_error(PyObject *task, PyObject *awaited) {
  return PyErr_Format(uasyncio_shared.deadlockError, "nothing can run any more, and %R waits for %R", task, awaited);
}

#endif
