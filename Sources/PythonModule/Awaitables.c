// The awaitables' types, as CPython sees them: tables of slots whose work is done in Swift.
#include "Swift.h"

// MARK: - What all awaitables share

/// `send` in the form that each of the Swift functions has.
typedef PySendResult (*Sender)(PyObject *self, PyObject **result);

static Sender sender(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  if (type == uasyncio_shared.sleep || type == uasyncio_shared.wait) return uasyncio_wait_send;
  if (type == uasyncio_shared.gather) return uasyncio_gather_send;
  if (type == uasyncio_shared.limit) return uasyncio_limit_send;
  if (type == uasyncio_shared.runner) return uasyncio_runner_send;
  return uasyncio_task_send;
}

PyObject *uasyncio_itself(PyObject *self) {
  Py_INCREF(self);
  return self;
}

/// Turns an answer into what an iterator returns: a value as StopIteration.
static PyObject *as_iterator(PySendResult status, PyObject *result) {
  if (status == PYGEN_NEXT) return result;
  if (status == PYGEN_ERROR) return NULL;
  if (PyTuple_Check(result) || PyExceptionInstance_Check(result)) {
    PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, result, NULL);
    if (stop) {
      PyErr_SetObject(PyExc_StopIteration, stop);
      Py_DECREF(stop);
    }
  } else if (result != Py_None) {
    PyErr_SetObject(PyExc_StopIteration, result);
  }
  Py_DECREF(result);
  return NULL;
}

PyObject *uasyncio_awaitable_next(PyObject *self) {
  PyObject *result = NULL;
  PySendResult status = sender(self)(self, &result);
  return as_iterator(status, result);
}

static PyObject *stop_if_none(PyObject *value) {
  // A method, unlike the slot, must not return NULL without an exception.
  if (!value && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
  return value;
}

static PyObject *awaitable_send(PyObject *self, PyObject *value) { return stop_if_none(uasyncio_awaitable_next(self)); }

static PySendResult wait_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_wait_send(self, result);
}
static PySendResult gather_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_gather_send(self, result);
}
static PySendResult limit_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_limit_send(self, result);
}
static PySendResult runner_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_runner_send(self, result);
}

/// `throw(exception)`, or `throw(type, value, traceback)` as older interpreters call it.
static PyObject *awaitable_throw(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
  if (count < 1 || count > 3) {
    PyErr_SetString(PyExc_TypeError, "throw() takes an exception");
    return NULL;
  }
  PyObject *error = arguments[0], *made = NULL;
  if (PyExceptionClass_Check(error)) {
    PyObject *value = count > 1 ? arguments[1] : NULL;
    if (value && PyExceptionInstance_Check(value)) {
      error = value;
    } else {
      made = value && value != Py_None ? PyObject_CallFunctionObjArgs(error, value, NULL) : PyObject_CallNoArgs(error);
      if (!made) return NULL;
      error = made;
    }
  }
  if (!PyExceptionInstance_Check(error)) {
    Py_XDECREF(made);
    return py_type_error("throw() takes an exception, not '%s'", error);
  }
  if (count > 2 && arguments[2] != Py_None) PyException_SetTraceback(error, arguments[2]);
  PyObject *result = NULL;
  PySendResult status = uasyncio_native_throw(self, error, &result);
  Py_XDECREF(made);
  return stop_if_none(as_iterator(status, result));
}

static PyObject *awaitable_close(PyObject *self, PyObject *unused) {
  PyObject *error = PyObject_CallNoArgs(PyExc_GeneratorExit);
  if (!error) return NULL;
  PyObject *result = NULL;
  uasyncio_native_throw(self, error, &result);
  Py_DECREF(error);
  Py_XDECREF(result);
  if (PyErr_Occurred()) {
    if (!PyErr_ExceptionMatches(PyExc_GeneratorExit)) return NULL;
    PyErr_Clear();
  }
  Py_RETURN_NONE;
}

static PyMethodDef awaitable_methods[] = {
    {"send", awaitable_send, METH_O, "Goes on, as a coroutine's send does."},
    {"throw", (PyCFunction)(void *)awaitable_throw, METH_FASTCALL, "Breaks the wait off with an exception."},
    {"close", awaitable_close, METH_NOARGS, "Breaks the wait off."},
    {NULL},
};

/// Warns of an awaitable that goes away without ever having been awaited: most often a forgotten `await`.
static void warn_unawaited(const char *what) {
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "%s was never awaited", what) < 0) PyErr_WriteUnraisable(NULL);
  PyErr_Restore(type, error, traceback);
}

void uasyncio_free(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(self);
  Py_DECREF(type);
}

// MARK: - Simple awaitables

static const char *const wait_names[] = {"sleep()",      "Event.wait()", "Lock.acquire()", "ThreadSafeFlag.wait()",
                                         "queue_read()", "queue_write()", NULL};

static int wait_traverse(WaitObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->target);
  return 0;
}

static int wait_clear(WaitObject *self) {
  Py_CLEAR(self->target);
  return 0;
}

static void wait_dealloc(WaitObject *self) {
  PyObject_GC_UnTrack(self);
  if (self->stage == 0 && wait_names[self->kind]) warn_unawaited(wait_names[self->kind]);
  wait_clear(self);
  uasyncio_free((PyObject *)self);
}

static void sleep_dealloc(WaitObject *self) {
  if (self->stage == 0) warn_unawaited(wait_names[0]);
  uasyncio_free((PyObject *)self);
}

#define AWAITABLE_SLOTS(am)                                                                                            \
  {Py_am_await, uasyncio_itself}, {Py_tp_iter, uasyncio_itself}, {Py_tp_iternext, uasyncio_awaitable_next}, {Py_am_send, am},   \
  {Py_tp_methods, awaitable_methods}

static PyType_Slot sleep_slots[] = {
    AWAITABLE_SLOTS(wait_am_send),
    {Py_tp_dealloc, sleep_dealloc},
    {Py_tp_doc, "What sleep() and sleep_ms() return, to be awaited."},
    {0},
};
PyType_Spec uasyncio_sleep_spec = {"uasyncio.Sleep", sizeof(WaitObject), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, sleep_slots};

static PyType_Slot wait_slots[] = {
    AWAITABLE_SLOTS(wait_am_send),
    {Py_tp_dealloc, wait_dealloc},
    {Py_tp_traverse, wait_traverse},
    {Py_tp_clear, wait_clear},
    {Py_tp_doc, "A wait for an event, a lock, a flag or a stream, to be awaited."},
    {0},
};
#define INTERNAL (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION)
PyType_Spec uasyncio_wait_spec = {"uasyncio.Wait", sizeof(WaitObject), 0, INTERNAL, wait_slots};

// MARK: - gather

static int gather_traverse(GatherObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->parts);
  Py_VISIT(self->failure);
  return uasyncio_list_visit(&self->waiters, visit, arg);
}

static int gather_clear(GatherObject *self) {
  self->stage = 2;
  uasyncio_list_clear(&self->waiters);
  Py_CLEAR(self->parts);
  Py_CLEAR(self->failure);
  return 0;
}

static void gather_dealloc(GatherObject *self) {
  PyObject_GC_UnTrack(self);
  if (self->stage == 0) warn_unawaited("gather()");
  gather_clear(self);
  uasyncio_free((PyObject *)self);
}

static PyType_Slot gather_slots[] = {
    AWAITABLE_SLOTS(gather_am_send),
    {Py_tp_dealloc, gather_dealloc},
    {Py_tp_traverse, gather_traverse},
    {Py_tp_clear, gather_clear},
    {Py_tp_doc, "What gather() returns, to be awaited."},
    {0},
};
PyType_Spec uasyncio_gather_spec = {"uasyncio.Gather", sizeof(GatherObject), 0, INTERNAL, gather_slots};

// MARK: - wait_for

static int limit_traverse(LimitObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->awaited);
  Py_VISIT(self->runner);
  return 0;
}

static int limit_clear(LimitObject *self) {
  Py_CLEAR(self->awaited);
  Py_CLEAR(self->runner);
  return 0;
}

static void limit_dealloc(LimitObject *self) {
  PyObject_GC_UnTrack(self);
  if (self->stage == 0) warn_unawaited("wait_for()");
  limit_clear(self);
  uasyncio_free((PyObject *)self);
}

static PyType_Slot limit_slots[] = {
    AWAITABLE_SLOTS(limit_am_send),
    {Py_tp_dealloc, limit_dealloc},
    {Py_tp_traverse, limit_traverse},
    {Py_tp_clear, limit_clear},
    {Py_tp_doc, "What wait_for() returns, to be awaited."},
    {0},
};
PyType_Spec uasyncio_limit_spec = {"uasyncio.WaitFor", sizeof(LimitObject), 0, INTERNAL, limit_slots};

static int runner_traverse(RunnerObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->limit);
  Py_VISIT(self->awaited);
  return 0;
}

static int runner_clear(RunnerObject *self) {
  Py_CLEAR(self->limit);
  Py_CLEAR(self->awaited);
  return 0;
}

static void runner_dealloc(RunnerObject *self) {
  PyObject_GC_UnTrack(self);
  runner_clear(self);
  uasyncio_free((PyObject *)self);
}

static PyType_Slot runner_slots[] = {
    AWAITABLE_SLOTS(runner_am_send),
    {Py_tp_dealloc, runner_dealloc},
    {Py_tp_traverse, runner_traverse},
    {Py_tp_clear, runner_clear},
    {0},
};
PyType_Spec uasyncio_runner_spec = {"uasyncio.Runner", sizeof(RunnerObject), 0, INTERNAL, runner_slots};
