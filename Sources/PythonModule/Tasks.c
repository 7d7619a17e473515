// The type of tasks, as CPython sees it, and the making of all types.
#include "Swift.h"

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
  uasyncio_free((PyObject *)self);
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

static PySendResult task_am_send(PyObject *self, PyObject *value, PyObject **result) {
  return uasyncio_task_send(self, result);
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
    {Py_tp_iternext, uasyncio_awaitable_next},
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
      {&shared->task, &task_spec, "Task"},       {&shared->sleep, &uasyncio_sleep_spec, NULL}, {&shared->wait, &uasyncio_wait_spec, NULL},
      {&shared->gather, &uasyncio_gather_spec, NULL},     {&shared->limit, &uasyncio_limit_spec, NULL},
      {&shared->runner, &uasyncio_runner_spec, NULL},
  };
  for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
    PyObject *type = PyType_FromSpec(types[index].spec);
    if (!type) return -1;
    *types[index].place = (PyTypeObject *)type;
    if (types[index].name && PyModule_AddObjectRef(module, types[index].name, type) < 0) return -1;
  }
  return 0;
}
