// The module `uasyncio._native`: its functions, and how it is made.
#include "Swift.h"

Shared uasyncio_shared;
void *uasyncio_state;

// MARK: - Running

static PyObject *module_create_task(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
  PyObject *coroutine = uasyncio_only_argument(arguments, count, names, "create_task", "coro", "coroutine");
  return coroutine ? (PyObject *)uasyncio_create_task(coroutine) : NULL;
}

static PyObject *module_run(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
  PyObject *coroutine = uasyncio_only_argument(arguments, count, names, "run", "coro", "main");
  return coroutine ? uasyncio_run_coroutine(coroutine) : NULL;
}

static PyObject *module_run_until_complete(PyObject *module, PyObject *arguments) {
  PyObject *task = NULL;
  if (!PyArg_ParseTuple(arguments, "|O:run_until_complete", &task)) return NULL;
  if (!task || task == Py_None) return uasyncio_run(NULL);
  if (!PyObject_TypeCheck(task, uasyncio_shared.task)) return py_type_error("a Task is expected, not '%s'", task);
  return uasyncio_run((TaskObject *)task);
}

static PyObject *module_current_task(PyObject *module, PyObject *unused) {
  TaskObject *task = uasyncio_current();
  if (task) return uasyncio_itself((PyObject *)task);
  PyErr_SetString(PyExc_RuntimeError, "no running event loop");
  return NULL;
}

static PyObject *module_current_or_none(PyObject *module, PyObject *unused) {
  TaskObject *task = uasyncio_current();
  return uasyncio_itself(task ? (PyObject *)task : Py_None);
}

static PyObject *module_forget(PyObject *module, PyObject *unused) {
  if (uasyncio_forget() < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *module_configure(PyObject *module, PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"virtual_time", "seed", NULL};
  int isVirtual = 0;
  PyObject *seed = Py_None;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|pO:configure", names, &isVirtual, &seed)) return NULL;
  long long number = -1;
  if (seed != Py_None) {
    number = PyLong_AsLongLong(seed);
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (number < 0) {
      PyErr_SetString(PyExc_ValueError, "a seed must not be negative");
      return NULL;
    }
  }
  if (uasyncio_configure(isVirtual, number) < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *module_is_virtual(PyObject *module, PyObject *unused) { return PyBool_FromLong(uasyncio_is_virtual()); }

static PyObject *module_was_interrupted(PyObject *module, PyObject *unused) {
  return PyBool_FromLong(uasyncio_was_interrupted());
}

static int run_scheduled(void *call) {
  uasyncio_shared.scheduled--;
  PyObject *function = PyTuple_GetItem(call, 0);
  PyObject *answer = PyObject_CallFunctionObjArgs(function, PyTuple_GetItem(call, 1), NULL);
  if (answer) Py_DECREF(answer);
  else PyErr_WriteUnraisable(function);
  Py_DECREF((PyObject *)call);
  return 0;
}

static PyObject *module_schedule(PyObject *module, PyObject *arguments) {
  PyObject *function, *argument;
  if (!PyArg_ParseTuple(arguments, "OO:schedule", &function, &argument)) return NULL;
  if (!PyCallable_Check(function)) return py_type_error("schedule() takes a function, not '%s'", function);
  Py_INCREF(arguments);
  if (Py_AddPendingCall(run_scheduled, arguments) != 0) {
    Py_DECREF(arguments);
    PyErr_SetString(PyExc_RuntimeError, "schedule queue full");
    return NULL;
  }
  uasyncio_shared.scheduled++;
  uasyncio_ring();
  Py_RETURN_NONE;
}

/// Replaces a callable in the shared state; None takes it out.
static PyObject *set_callable(PyObject **place, PyObject *callable) {
  if (callable != Py_None && !PyCallable_Check(callable)) return py_type_error("'%s' object is not callable", callable);
  PyObject *old = *place;
  *place = callable == Py_None ? NULL : uasyncio_itself(callable);
  Py_XDECREF(old);
  Py_RETURN_NONE;
}

static PyObject *module_set_reporter(PyObject *module, PyObject *callable) {
  return set_callable(&uasyncio_shared.reporter, callable);
}

static PyObject *module_set_tracer(PyObject *module, PyObject *callable) {
  return set_callable(&uasyncio_shared.tracer, callable);
}

// MARK: - Descriptors

static PyObject *module_closing(PyObject *module, PyObject *stream) {
  int descriptor = PyObject_AsFileDescriptor(stream);
  if (descriptor < 0) PyErr_Clear();
  uasyncio_closing(descriptor);
  Py_RETURN_NONE;
}

static PyObject *module_after_fork(PyObject *module, PyObject *unused) {
  if (uasyncio_after_fork() < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *module_expect(PyObject *module, PyObject *number) {
  long change = PyLong_AsLong(number);
  if (change == -1 && PyErr_Occurred()) return NULL;
  uasyncio_expect((int)change);
  Py_RETURN_NONE;
}

/// The interpreter that has the loop.
static int64_t owner = -1;

static int64_t interpreter(void) { return PyInterpreterState_GetID(PyInterpreterState_Get()); }

static PyObject *refuse(void) {
  PyErr_SetString(PyExc_ImportError, "uasyncio has one loop for the process, and another interpreter has it");
  return NULL;
}

/// CPython hands a copy of the module to a second interpreter without asking `PyInit__native`.
static PyObject *module_check_interpreter(PyObject *module, PyObject *unused) {
  if (owner != interpreter()) return refuse();
  Py_RETURN_NONE;
}

#define WORDS METH_FASTCALL | METH_KEYWORDS
#define KEYWORDS METH_VARARGS | METH_KEYWORDS
#define FUNCTION(name) (PyCFunction)(void *)name

static PyMethodDef functions[] = {
    {"sleep", FUNCTION(uasyncio_module_sleep), WORDS,
     "sleep(t)\n--\n\nSleeps for t seconds, which may be a fraction; sleep(0) lets every other ready task run once.\n\n"
     "This is awaited. The time counts from the call. A cancelled sleep raises CancelledError."},
    {"sleep_ms", FUNCTION(uasyncio_module_sleep_ms), WORDS,
     "sleep_ms(t)\n--\n\nSleeps for t milliseconds; see sleep().\n\nThis is awaited."},
    {"ticks", uasyncio_module_ticks, METH_NOARGS,
     "ticks()\n--\n\nThe loop's time in milliseconds, which wraps around after 2**62."},
    {"now_ns", uasyncio_module_now, METH_NOARGS, "now_ns()\n--\n\nThe loop's time in nanoseconds."},
    {"pass_time", uasyncio_module_pass_time, METH_O,
     "pass_time(t)\n--\n\nLets t seconds of virtual time pass, and wakes what is due."},
    {"create_task", FUNCTION(module_create_task), WORDS,
     "create_task(coro)\n--\n\nMakes a task of a coroutine and schedules it. It runs when the present task next waits.\n\n"
     "Raises TypeError for what is no coroutine."},
    {"run", FUNCTION(module_run), WORDS,
     "run(coro)\n--\n\nMakes a task of a coroutine, runs the loop until it has finished, and returns its value.\n\n"
     "Other tasks are left as they are; the next run goes on with them. Inside a running task it drives the loop too.\n"
     "Raises DeadlockError in virtual time when nothing can ever run again; in real time it waits: a signal's handler could\n"
     "still wake a task."},
    {"run_until_complete", module_run_until_complete, METH_VARARGS,
     "run_until_complete(task=None)\n--\n\nRuns the loop until a task has finished; without one, until nothing can run."},
    {"current_task", module_current_task, METH_NOARGS,
     "current_task()\n--\n\nThe running task. Raises RuntimeError where none runs."},
    {"current_or_none", module_current_or_none, METH_NOARGS, "current_or_none()\n--\n\nThe running task, or None."},
    {"forget", module_forget, METH_NOARGS, "forget()\n--\n\nForgets every scheduled task."},
    {"configure", FUNCTION(module_configure), KEYWORDS,
     "configure(virtual_time=False, seed=None)\n--\n\nChooses the loop's clock and order, while it does not run."},
    {"is_virtual", module_is_virtual, METH_NOARGS, "is_virtual()\n--\n\nWhether the loop's time is virtual."},
    {"was_interrupted", module_was_interrupted, METH_NOARGS,
     "was_interrupted()\n--\n\nWhether a run was left by a KeyboardInterrupt or the like."},
    {"set_reporter", module_set_reporter, METH_O, "set_reporter(callable)\n--\n\nSets who hears of unretrieved exceptions."},
    {"set_tracer", module_set_tracer, METH_O, "set_tracer(callable)\n--\n\nSets who hears of each step: (time, task, reason)."},
    {"schedule", module_schedule, METH_VARARGS,
     "schedule(function, argument)\n--\n\nHas the main thread call function(argument) soon."},
    {"wait_for", FUNCTION(uasyncio_module_wait_for), KEYWORDS,
     "wait_for(aw, timeout)\n--\n\nWaits for an awaitable for at most timeout seconds, and returns its value.\n\n"
     "This is awaited. When the time is up the awaitable is cancelled, and when that has ended, TimeoutError is raised. A\n"
     "timeout of None is no limit. Cancelled from outside, it cancels the awaitable too."},
    {"wait_for_ms", FUNCTION(uasyncio_module_wait_for_ms), KEYWORDS,
     "wait_for_ms(aw, timeout)\n--\n\nwait_for() with a timeout in milliseconds.\n\nThis is awaited."},
    {"gather", FUNCTION(uasyncio_module_gather), KEYWORDS,
     "gather(*aws, return_exceptions=False)\n--\n\nWaits for several awaitables at once, and returns the list of their "
     "values.\n\nThis is awaited. The first exception is raised at once, and the others run on; with return_exceptions they\n"
     "are returned in place of values. Cancelled, it cancels them all."},
    {"wait_readable", uasyncio_module_wait_readable, METH_O,
     "wait_readable(s)\n--\n\nWaits until a stream can be read without blocking.\n\nThis is awaited."},
    {"wait_writable", uasyncio_module_wait_writable, METH_O,
     "wait_writable(s)\n--\n\nWaits until a stream can be written without blocking.\n\nThis is awaited."},
    {"queue_read", uasyncio_module_queue_read, METH_O,
     "queue_read(s)\n--\n\nHas the running task wait for a stream; to be yielded or awaited at once."},
    {"queue_write", uasyncio_module_queue_write, METH_O,
     "queue_write(s)\n--\n\nHas the running task wait for a stream; to be yielded or awaited at once."},
    {"check_interpreter", module_check_interpreter, METH_NOARGS,
     "check_interpreter()\n--\n\nRaises ImportError in any interpreter but the one that has the loop."},
    {"after_fork", module_after_fork, METH_NOARGS,
     "after_fork()\n--\n\nGives a forked process descriptors of its own."},
    {"expect", module_expect, METH_O,
     "expect(n)\n--\n\nSays that n more answers are to come from outside, for which virtual time waits a little."},
    {"closing", module_closing, METH_O, "closing(s)\n--\n\nLets those go on who wait for a stream that is about to be closed."},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "uasyncio._native", "The loop of uasyncio. Use the module uasyncio.", -1, functions,
};

static int make_names(Shared *shared) {
  shared->nameThrow = PyUnicode_InternFromString("throw");
  shared->nameSend = PyUnicode_InternFromString("send");
  shared->nameAwait = PyUnicode_InternFromString("__await__");
  shared->nameRemove = PyUnicode_InternFromString("remove");
  shared->nameFuture = PyUnicode_InternFromString("_asyncio_future_blocking");
  return shared->nameThrow && shared->nameSend && shared->nameAwait && shared->nameRemove && shared->nameFuture ? 0 : -1;
}

static int make_errors(Shared *shared, PyObject *module) {
  shared->cancelledError = PyErr_NewExceptionWithDoc(
      "uasyncio.CancelledError", "Raised in a task that is cancelled. Not an Exception.", PyExc_BaseException, NULL);
  shared->timeoutError =
      PyErr_NewExceptionWithDoc("uasyncio.TimeoutError", "Raised by wait_for() when the time is up.", PyExc_Exception, NULL);
  shared->deadlockError = PyErr_NewExceptionWithDoc(
      "uasyncio.DeadlockError", "Raised by run() in virtual time when nothing can ever run again.", PyExc_RuntimeError,
      NULL);
  if (!shared->cancelledError || !shared->timeoutError || !shared->deadlockError) return -1;
  if (PyModule_AddObjectRef(module, "DeadlockError", shared->deadlockError) < 0) return -1;
  if (PyModule_AddObjectRef(module, "CancelledError", shared->cancelledError) < 0) return -1;
  return PyModule_AddObjectRef(module, "TimeoutError", shared->timeoutError);
}

PyMODINIT_FUNC PyInit__native(void) {
  if (uasyncio_state) return refuse();
  owner = interpreter();
  PyObject *module = PyModule_Create(&definition);
  if (!module) return NULL;
  PyObject *queue = NULL;
  if (make_names(&uasyncio_shared) < 0 || make_errors(&uasyncio_shared, module) < 0 || uasyncio_make_types(module) < 0 ||
      uasyncio_make_primitives(module) < 0 || uasyncio_install() < 0 || !(queue = uasyncio_queue_view(NULL, NULL)) ||
      PyModule_AddObjectRef(module, "task_queue", queue) < 0) {
    Py_XDECREF(queue);
    Py_DECREF(module);
    return NULL;
  }
  Py_DECREF(queue);
  return module;
}
