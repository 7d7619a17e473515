// The types Event, Lock, ThreadSafeFlag and TaskQueue, as CPython sees them.
#include "Swift.h"

static PyObject *make_wait(PyObject *target, uint8_t kind) {
  WaitObject *wait = py_alloc(uasyncio_shared.wait);
  if (!wait) return NULL;
  Py_INCREF(target);
  wait->target = target;
  wait->kind = kind;
  return (PyObject *)wait;
}

PyObject *uasyncio_make_wait(PyObject *target, uint8_t kind) { return make_wait(target, kind); }

static PyObject *new_object(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
  // A subclass may take what arguments it likes.
  if (PyTuple_Size(arguments) + (keywords ? PyDict_Size(keywords) : 0) > 0 &&
      (type == uasyncio_shared.event || type == uasyncio_shared.lock || type == uasyncio_shared.flag ||
       type == uasyncio_shared.queue)) {
    PyErr_SetString(PyExc_TypeError, "this class takes no arguments");
    return NULL;
  }
  return py_alloc(type);
}

/// The slots that all of these share: each has its wait list first, and then its weak references.
typedef struct {
  PyObject_HEAD
  void *waiters;
  PyObject *weakrefs;
} Listed;

static int listed_traverse(Listed *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  return uasyncio_list_visit(&self->waiters, visit, arg);
}

static int listed_clear(Listed *self) {
  uasyncio_list_clear(&self->waiters);
  return 0;
}

static void free_listed(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

static void listed_dealloc(Listed *self) {
  PyObject_GC_UnTrack(self);
  if (self->weakrefs) PyObject_ClearWeakRefs((PyObject *)self);
  listed_clear(self);
  free_listed((PyObject *)self);
}

static PyMemberDef listed_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Listed, weakrefs), READONLY},
    {NULL},
};

static PyObject *get_waiting(Listed *self, void *unused) {
  return uasyncio_queue_view((PyObject *)self, &self->waiters);
}

#define LISTED_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE)

// MARK: - Event

static PyObject *event_is_set(EventObject *self, PyObject *unused) { return PyBool_FromLong(self->isSet); }
static PyObject *event_get_state(EventObject *self, void *unused) { return PyBool_FromLong(self->isSet); }
static PyObject *event_wait(EventObject *self, PyObject *unused) { return make_wait((PyObject *)self, 1); }

static PyObject *event_set(EventObject *self, PyObject *unused) {
  if (uasyncio_event_set(self) < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *event_clear(EventObject *self, PyObject *unused) {
  self->isSet = 0;
  Py_RETURN_NONE;
}

static PyMethodDef event_methods[] = {
    {"is_set", (PyCFunction)event_is_set, METH_NOARGS, "is_set()\n--\n\nWhether the event is set."},
    {"set", (PyCFunction)event_set, METH_NOARGS,
     "set()\n--\n\nSets the event and schedules every task that waits for it.\n\nOnly from the loop's own thread; from others, "
     "use ThreadSafeFlag."},
    {"clear", (PyCFunction)event_clear, METH_NOARGS, "clear()\n--\n\nClears the event."},
    {"wait", (PyCFunction)event_wait, METH_NOARGS,
     "wait()\n--\n\nWaits until the event is set, and returns True; at once if it is set.\n\nThis is awaited. A cancelled wait "
     "loses nothing."},
    {NULL},
};
static PyGetSetDef event_properties[] = {
    {"state", (getter)event_get_state, NULL, "Whether the event is set."},
    {"waiting", (getter)get_waiting, NULL, "The tasks that wait for the event."},
    {NULL},
};
static PyType_Slot event_slots[] = {
    {Py_tp_new, new_object},
    {Py_tp_dealloc, listed_dealloc},
    {Py_tp_traverse, listed_traverse},
    {Py_tp_clear, listed_clear},
    {Py_tp_methods, event_methods},
    {Py_tp_getset, event_properties},
    {Py_tp_members, listed_members},
    {Py_tp_doc, "Event()\n--\n\nA flag that tasks can wait for. It is clear at first."},
    {0},
};
static PyType_Spec event_spec = {"uasyncio.Event", sizeof(EventObject), 0, LISTED_FLAGS, event_slots};

// MARK: - Lock

static int lock_traverse(LockObject *self, visitproc visit, void *arg) {
  Py_VISIT(self->heir);
  return listed_traverse((Listed *)self, visit, arg);
}

static int lock_clear(LockObject *self) {
  Py_CLEAR(self->heir);
  return listed_clear((Listed *)self);
}

static void lock_dealloc(LockObject *self) {
  PyObject_GC_UnTrack(self);
  if (self->weakrefs) PyObject_ClearWeakRefs((PyObject *)self);
  lock_clear(self);
  free_listed((PyObject *)self);
}

static PyObject *lock_locked(LockObject *self, PyObject *unused) { return PyBool_FromLong(self->state == 1); }
static PyObject *lock_acquire(LockObject *self, PyObject *unused) { return make_wait((PyObject *)self, 2); }
static PyObject *lock_exit(LockObject *self, PyObject *unused) { return make_wait((PyObject *)self, 6); }

static PyObject *lock_release(LockObject *self, PyObject *unused) {
  if (uasyncio_lock_release(self) < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *lock_get_state(LockObject *self, void *unused) {
  if (self->state == 2) return uasyncio_itself((PyObject *)self->heir);
  return PyLong_FromLong(self->state);
}

static PyMethodDef lock_methods[] = {
    {"locked", (PyCFunction)lock_locked, METH_NOARGS, "locked()\n--\n\nWhether a task holds the lock."},
    {"acquire", (PyCFunction)lock_acquire, METH_NOARGS,
     "acquire()\n--\n\nWaits until the lock is free, takes it, and returns True.\n\nThis is awaited. Tasks get the lock in the "
     "order in which they came; one that is cancelled passes it on."},
    {"release", (PyCFunction)lock_release, METH_NOARGS,
     "release()\n--\n\nReleases the lock: the task that has waited longest gets it.\n\nRaises RuntimeError where it is not held."},
    {"__aenter__", (PyCFunction)lock_acquire, METH_NOARGS, NULL},
    {"__aexit__", (PyCFunction)lock_exit, METH_VARARGS, NULL},
    {NULL},
};
static PyGetSetDef lock_properties[] = {
    {"state", (getter)lock_get_state, NULL, "0, 1 while the lock is held, or the task that gets it next."},
    {"waiting", (getter)get_waiting, NULL, "The tasks that wait for the lock."},
    {NULL},
};
static PyType_Slot lock_slots[] = {
    {Py_tp_new, new_object},
    {Py_tp_dealloc, lock_dealloc},
    {Py_tp_traverse, lock_traverse},
    {Py_tp_clear, lock_clear},
    {Py_tp_methods, lock_methods},
    {Py_tp_getset, lock_properties},
    {Py_tp_members, listed_members},
    {Py_tp_doc, "Lock()\n--\n\nA lock between tasks; `async with` takes and releases it."},
    {0},
};
static PyType_Spec lock_spec = {"uasyncio.Lock", sizeof(LockObject), 0, LISTED_FLAGS, lock_slots};

// MARK: - ThreadSafeFlag

/// Those who wait for a flag are kept by the loop, as those who wait for a descriptor are: anybody may set it at any time.
/// So there is nothing here for the collector, which may run on another thread, to take apart.
static int flag_traverse(FlagObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  return 0;
}

static int flag_tp_clear(FlagObject *self) { return 0; }

static PyObject *flag_set(FlagObject *self, PyObject *unused) {
  uasyncio_flag_set(self);
  Py_RETURN_NONE;
}

static PyObject *flag_clear(FlagObject *self, PyObject *unused) {
  self->isSet = 0;
  Py_RETURN_NONE;
}

static PyObject *flag_wait(FlagObject *self, PyObject *unused) { return make_wait((PyObject *)self, 3); }
static PyObject *flag_get_state(FlagObject *self, void *unused) { return PyLong_FromLong(self->isSet); }

static PyObject *flag_ioctl(FlagObject *self, PyObject *arguments) {
  int request, flags;
  if (!PyArg_ParseTuple(arguments, "ii:ioctl", &request, &flags)) return NULL;
  return PyLong_FromLong(request == 3 ? (self->isSet ? flags : 0) : -1);
}

static PyMethodDef flag_methods[] = {
    {"set", (PyCFunction)flag_set, METH_NOARGS,
     "set()\n--\n\nSets the flag. May be called from any thread and from a signal's handler."},
    {"clear", (PyCFunction)flag_clear, METH_NOARGS, "clear()\n--\n\nClears the flag."},
    {"wait", (PyCFunction)flag_wait, METH_NOARGS,
     "wait()\n--\n\nWaits until the flag is set, and clears it.\n\nThis is awaited. Of several tasks that wait, all are woken."},
    {"ioctl", (PyCFunction)flag_ioctl, METH_VARARGS, NULL},
    {NULL},
};
static PyGetSetDef flag_properties[] = {
    {"state", (getter)flag_get_state, NULL, "1 if the flag is set, otherwise 0."},
    {NULL},
};
static PyType_Slot flag_slots[] = {
    {Py_tp_new, new_object},
    {Py_tp_dealloc, listed_dealloc},
    {Py_tp_traverse, flag_traverse},
    {Py_tp_clear, flag_tp_clear},
    {Py_tp_methods, flag_methods},
    {Py_tp_getset, flag_properties},
    {Py_tp_members, listed_members},
    {Py_tp_doc, "ThreadSafeFlag()\n--\n\nA flag that a task can wait for and that anybody may set: another thread, an interrupt."},
    {0},
};
static PyType_Spec flag_spec = {"uasyncio.ThreadSafeFlag", sizeof(FlagObject), 0, LISTED_FLAGS, flag_slots};

// MARK: - TaskQueue

/// Which tasks a queue holds: those in its own list, those in another object's, or (no list) the loop's.
static PyObject *queue_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
  QueueObject *self = (QueueObject *)new_object(type, arguments, keywords);
  if (self) self->list = &self->tasks;
  return (PyObject *)self;
}

PyObject *uasyncio_queue_view(PyObject *owner, void **list) {
  QueueObject *self = py_alloc(uasyncio_shared.queue);
  if (!self) return NULL;
  Py_XINCREF(owner);
  self->owner = owner;
  self->list = list;
  return (PyObject *)self;
}

static int queue_traverse(QueueObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(self->owner);
  return uasyncio_list_visit(&self->tasks, visit, arg);
}

static int queue_clear(QueueObject *self) {
  uasyncio_list_clear(&self->tasks);
  // A view must not look into an object that may be gone.
  if (self->owner) self->list = &self->tasks;
  Py_CLEAR(self->owner);
  return 0;
}

static void queue_dealloc(QueueObject *self) {
  PyObject_GC_UnTrack(self);
  queue_clear(self);
  free_listed((PyObject *)self);
}

static TaskObject *as_task(PyObject *object) {
  if (PyObject_TypeCheck(object, uasyncio_shared.task)) return (TaskObject *)object;
  return (TaskObject *)py_type_error("a Task is expected, not '%s'", object);
}

static PyObject *queue_push(QueueObject *self, PyObject *const *arguments, Py_ssize_t count) {
  if (count < 1 || count > 2) {
    PyErr_SetString(PyExc_TypeError, "push() takes a task and a time");
    return NULL;
  }
  TaskObject *task = as_task(arguments[0]);
  if (!task) return NULL;
  int64_t deadline = 0;
  if (count == 2) {
    long long ticks = PyLong_AsLongLong(arguments[1]);
    if (ticks == -1 && PyErr_Occurred()) return NULL;
    deadline = uasyncio_deadline_of_ticks(ticks);
  }
  int answer = self->list ? uasyncio_queue_push(self->list, task, count == 2 ? deadline : uasyncio_now())
                          : uasyncio_main_push(task, deadline);
  if (answer < 0) return NULL;
  Py_RETURN_NONE;
}

static PyObject *queue_peek(QueueObject *self, PyObject *unused) {
  TaskObject *task = self->list ? uasyncio_queue_peek(self->list) : uasyncio_main_peek();
  return uasyncio_itself(task ? (PyObject *)task : Py_None);
}

static PyObject *queue_pop(QueueObject *self, PyObject *unused) {
  TaskObject *task = self->list ? uasyncio_queue_peek(self->list) : uasyncio_main_peek();
  if (!task) {
    PyErr_SetString(PyExc_IndexError, "empty heap");
    return NULL;
  }
  Py_INCREF(task);
  if (uasyncio_queue_remove(task) == 0) return (PyObject *)task;
  Py_DECREF(task);
  return NULL;
}

static PyObject *queue_remove(QueueObject *self, PyObject *object) {
  TaskObject *task = as_task(object);
  if (!task || uasyncio_queue_remove(task) < 0) return NULL;
  Py_RETURN_NONE;
}

static PyMethodDef queue_methods[] = {
    {"push", (PyCFunction)(void *)queue_push, METH_FASTCALL,
     "push(task, key=None)\n--\n\nAdds a task: behind those with the same key, which is a time in ticks, now without it."},
    {"peek", (PyCFunction)queue_peek, METH_NOARGS, "peek()\n--\n\nThe first task, or None."},
    {"pop", (PyCFunction)queue_pop, METH_NOARGS, "pop()\n--\n\nTakes out the first task. Raises IndexError without one."},
    {"remove", (PyCFunction)queue_remove, METH_O, "remove(task)\n--\n\nTakes out a task."},
    {"push_sorted", (PyCFunction)(void *)queue_push, METH_FASTCALL, "push, by its older name."},
    {"push_head", (PyCFunction)(void *)queue_push, METH_FASTCALL, "push, by its older name."},
    {"pop_head", (PyCFunction)queue_pop, METH_NOARGS, "pop, by its older name."},
    {NULL},
};
static PyType_Slot queue_slots[] = {
    {Py_tp_new, queue_new},
    {Py_tp_dealloc, queue_dealloc},
    {Py_tp_traverse, queue_traverse},
    {Py_tp_clear, queue_clear},
    {Py_tp_methods, queue_methods},
    {Py_tp_doc, "TaskQueue()\n--\n\nTasks in the order of their times: what a primitive of one's own lets tasks wait in."},
    {0},
};
static PyType_Spec queue_spec = {"uasyncio.TaskQueue", sizeof(QueueObject), 0, LISTED_FLAGS, queue_slots};

int uasyncio_make_primitives(PyObject *module) {
  Shared *shared = &uasyncio_shared;
  struct {
    PyTypeObject **place;
    PyType_Spec *spec;
    const char *name;
  } types[] = {
      {&shared->event, &event_spec, "Event"},
      {&shared->lock, &lock_spec, "Lock"},
      {&shared->flag, &flag_spec, "ThreadSafeFlag"},
      {&shared->queue, &queue_spec, "TaskQueue"},
  };
  for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
    PyObject *type = PyType_FromSpec(types[index].spec);
    if (!type) return -1;
    *types[index].place = (PyTypeObject *)type;
    if (PyModule_AddObjectRef(module, types[index].name, type) < 0) return -1;
  }
  return 0;
}
