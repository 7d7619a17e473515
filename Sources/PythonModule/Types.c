// The awaitables' and the tasks' types, as CPython sees them: tables of slots whose work is done in Swift.
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

static PyObject *awaitable_next(PyObject *self) {
  PyObject *result = NULL;
  PySendResult status = sender(self)(self, &result);
  return as_iterator(status, result);
}

static PyObject *stop_if_none(PyObject *value) {
  // A method, unlike the slot, must not return NULL without an exception.
  if (!value && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
  return value;
}

static PyObject *awaitable_send(PyObject *self, PyObject *value) { return stop_if_none(awaitable_next(self)); }

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
static PySendResult task_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_task_send(self, result);
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

static void free_object(PyObject *self) {
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
  free_object((PyObject *)self);
}

static void sleep_dealloc(WaitObject *self) {
  if (self->stage == 0) warn_unawaited(wait_names[0]);
  free_object((PyObject *)self);
}

#define AWAITABLE_SLOTS(am)                                                                                            \
  {Py_am_await, uasyncio_itself}, {Py_tp_iter, uasyncio_itself}, {Py_tp_iternext, awaitable_next}, {Py_am_send, am},   \
  {Py_tp_methods, awaitable_methods}

static PyType_Slot sleep_slots[] = {
    AWAITABLE_SLOTS(wait_am_send),
    {Py_tp_dealloc, sleep_dealloc},
    {Py_tp_doc, "What sleep() and sleep_ms() return, to be awaited."},
    {0},
};
static PyType_Spec sleep_spec = {"uasyncio.Sleep", sizeof(WaitObject), 0,
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
static PyType_Spec wait_spec = {"uasyncio.Wait", sizeof(WaitObject), 0, INTERNAL, wait_slots};

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
  free_object((PyObject *)self);
}

static PyType_Slot gather_slots[] = {
    AWAITABLE_SLOTS(gather_am_send),
    {Py_tp_dealloc, gather_dealloc},
    {Py_tp_traverse, gather_traverse},
    {Py_tp_clear, gather_clear},
    {Py_tp_doc, "What gather() returns, to be awaited."},
    {0},
};
static PyType_Spec gather_spec = {"uasyncio.Gather", sizeof(GatherObject), 0, INTERNAL, gather_slots};

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
  free_object((PyObject *)self);
}

static PyType_Slot limit_slots[] = {
    AWAITABLE_SLOTS(limit_am_send),
    {Py_tp_dealloc, limit_dealloc},
    {Py_tp_traverse, limit_traverse},
    {Py_tp_clear, limit_clear},
    {Py_tp_doc, "What wait_for() returns, to be awaited."},
    {0},
};
static PyType_Spec limit_spec = {"uasyncio.WaitFor", sizeof(LimitObject), 0, INTERNAL, limit_slots};

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
  free_object((PyObject *)self);
}

static PyType_Slot runner_slots[] = {
    AWAITABLE_SLOTS(runner_am_send),
    {Py_tp_dealloc, runner_dealloc},
    {Py_tp_traverse, runner_traverse},
    {Py_tp_clear, runner_clear},
    {0},
};
static PyType_Spec runner_spec = {"uasyncio.Runner", sizeof(RunnerObject), 0, INTERNAL, runner_slots};

// MARK: - Task

static int task_traverse(TaskObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->coroutine);
  Py_VISIT(self->outcome);
  Py_VISIT(self->traceback);
  Py_VISIT(self->pending);
  Py_VISIT(self->callback);
  Py_VISIT(self->data);
  return uasyncio_list_visit(&self->joiners, visit, arg);
}

static int task_clear(TaskObject *self) {
  uasyncio_list_clear(&self->joiners);
  Py_CLEAR(self->coroutine);
  Py_CLEAR(self->outcome);
  Py_CLEAR(self->traceback);
  Py_CLEAR(self->pending);
  Py_CLEAR(self->callback);
  Py_CLEAR(self->data);
  return 0;
}

/// Tasks whose going away waits until the one that goes away now is gone: a long chain of tasks, each awaited by the next,
/// would otherwise use up the stack.
static TaskObject *doomed;
static int dooming;

static void task_free(TaskObject *self) {
  if (self->weakrefs) PyObject_ClearWeakRefs((PyObject *)self);
  task_clear(self);
  free_object((PyObject *)self);
}

static void task_dealloc(TaskObject *self) {
  PyObject_GC_UnTrack(self);
  if (dooming >= 20) {
    self->key = (int64_t)(intptr_t)doomed;
    doomed = self;
    return;
  }
  dooming += 1;
  task_free(self);
  dooming -= 1;
  if (dooming) return;
  dooming = 1;
  while (doomed) {
    TaskObject *next = doomed;
    doomed = (TaskObject *)(intptr_t)next->key;
    task_free(next);
  }
  dooming = 0;
}

static PyObject *task_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"coro", "globals", NULL};
  PyObject *coroutine, *globals = NULL;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|O:Task", names, &coroutine, &globals)) return NULL;
  return (PyObject *)uasyncio_new_task(coroutine, type);
}

static PyObject *task_await(TaskObject *self) {
  if (uasyncio_task_is_done(self)) uasyncio_task_mark_awaited(self);
  return uasyncio_itself((PyObject *)self);
}

static PyObject *task_done(TaskObject *self, PyObject *unused) {
  return PyBool_FromLong(uasyncio_task_is_done(self));
}

static PyObject *task_cancel(TaskObject *self, PyObject *unused) {
  int answer = uasyncio_cancel(self);
  return answer < 0 ? NULL : PyBool_FromLong(answer);
}

static PyObject *task_get_coro(TaskObject *self, void *unused) {
  return uasyncio_itself(self->coroutine ? self->coroutine : Py_None);
}

static PyObject *task_get_data(TaskObject *self, void *unused) { return uasyncio_task_data(self); }

static int task_set_data(TaskObject *self, PyObject *value, void *unused) {
  return uasyncio_task_set_data(self, value);
}

static PyObject *task_get_state(TaskObject *self, void *unused) {
  if (uasyncio_task_is_done(self)) return uasyncio_itself(uasyncio_task_is_awaited(self) ? Py_False : Py_None);
  if (self->callback) return uasyncio_itself(self->callback);
  if (uasyncio_task_is_awaited(self)) return uasyncio_queue_view((PyObject *)self, &self->joiners);
  Py_RETURN_TRUE;
}

static int task_set_state(TaskObject *self, PyObject *value, void *unused) {
  if (uasyncio_task_is_done(self)) {
    PyErr_SetString(PyExc_AttributeError, "the task has finished: its state is settled");
    return -1;
  }
  if (value == Py_True) {
    Py_CLEAR(self->callback);
    return 0;
  }
  if (!value || !PyCallable_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "a task's state can be set to True, or to a callable that takes the task and its end");
    return -1;
  }
  PyObject *old = self->callback;
  Py_INCREF(value);
  self->callback = value;
  Py_XDECREF(old);
  return 0;
}

static PyObject *task_get_key(TaskObject *self, void *unused) {
  return PyLong_FromLongLong(uasyncio_ticks(uasyncio_task_key(self)));
}

static PyObject *task_repr(TaskObject *self) {
  return PyUnicode_FromFormat("<Task %s coro=%R>", uasyncio_task_is_done(self) ? "done" : "pending",
                              self->coroutine ? self->coroutine : Py_None);
}

static PyMethodDef task_methods[] = {
    {"done", (PyCFunction)task_done, METH_NOARGS,
     "done()\n--\n\nWhether the task has finished: returned, raised, or been cancelled."},
    {"cancel", (PyCFunction)task_cancel, METH_NOARGS,
     "cancel()\n--\n\nHas what the task awaits now raise CancelledError in it.\n\nReturns False if the task has finished.\n"
     "Where it awaits another task, that one is cancelled. Raises RuntimeError for the running task."},
    {NULL},
};

static PyGetSetDef task_properties[] = {
    {"coro", (getter)task_get_coro, NULL, "The coroutine."},
    {"data", (getter)task_get_data, (setter)task_set_data,
     "What the task waits for; after its end the exception, or StopIteration with the value."},
    {"state", (getter)task_get_state, (setter)task_set_state,
     "True; the queue of those who await it, or a callback; None when it has finished; False when that was noticed."},
    {"ph_key", (getter)task_get_key, NULL, "The time in milliseconds for which the task is scheduled."},
    {NULL},
};

static PyMemberDef task_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TaskObject, weakrefs), READONLY},
    {NULL},
};

static PyType_Slot task_slots[] = {
    {Py_tp_new, task_new},
    {Py_tp_dealloc, task_dealloc},
    {Py_tp_traverse, task_traverse},
    {Py_tp_clear, task_clear},
    {Py_tp_repr, task_repr},
    {Py_am_await, task_await},
    {Py_tp_iter, task_await},
    {Py_tp_iternext, awaitable_next},
    {Py_am_send, task_am_send},
    {Py_tp_methods, task_methods},
    {Py_tp_getset, task_properties},
    {Py_tp_members, task_members},
    {Py_tp_doc, "Task(coro)\n--\n\nA coroutine that the loop runs. create_task() makes one and schedules it; one made by\n"
                "hand runs when it is pushed into core._task_queue.\n\nAwaiting it returns the coroutine's value, or raises its "
                "exception."},
    {0},
};
static PyType_Spec task_spec = {"uasyncio.Task", sizeof(TaskObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, task_slots};

int uasyncio_make_types(PyObject *module) {
  Shared *shared = &uasyncio_shared;
  struct {
    PyTypeObject **place;
    PyType_Spec *spec;
    const char *name;
  } types[] = {
      {&shared->task, &task_spec, "Task"},       {&shared->sleep, &sleep_spec, NULL}, {&shared->wait, &wait_spec, NULL},
      {&shared->gather, &gather_spec, NULL},     {&shared->limit, &limit_spec, NULL},
      {&shared->runner, &runner_spec, NULL},
  };
  for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
    PyObject *type = PyType_FromSpec(types[index].spec);
    if (!type) return -1;
    *types[index].place = (PyTypeObject *)type;
    if (types[index].name && PyModule_AddObjectRef(module, types[index].name, type) < 0) return -1;
  }
  return 0;
}
