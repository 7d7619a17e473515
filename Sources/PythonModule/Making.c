// The functions of the module that tell the time, and those that make something to await.
#include "Swift.h"

/// Ticks are milliseconds that wrap around after 62 bits, as in MicroPython's port for Unix.
#define TICKS_HALF (INT64_C(1) << 61)
#define TICKS_MASK (2 * TICKS_HALF - 1)

int64_t uasyncio_ticks(int64_t nanoseconds) { return nanoseconds / 1000000 & TICKS_MASK; }

/// The time of the loop that a value of ticks stands for: the one that is nearest to now.
int64_t uasyncio_deadline_of_ticks(int64_t ticks) {
  int64_t now = uasyncio_now();
  int64_t difference = ((ticks - uasyncio_ticks(now) + TICKS_HALF) & TICKS_MASK) - TICKS_HALF;
  // What lies further than a century away may as well lie at its end.
  const int64_t century = INT64_C(3155760000000);
  difference = difference > century ? century : difference < -century ? -century : difference;
  return now / 1000000 * 1000000 + difference * 1000000;
}

/// Turns a number of units into nanoseconds. What is too large for them, but not for ticks, becomes the longest time there
/// is. -1 with an exception.
static int nanoseconds_of(PyObject *number, double unit, int64_t *result) {
  double nanoseconds;
  if (PyLong_Check(number)) {
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (value == -1 && !overflow && PyErr_Occurred()) return -1;
    if (!overflow && value < 9000000000 && value > -9000000000) {
      *result = value * (int64_t)unit;
      return 0;
    }
    nanoseconds = overflow ? overflow * 1e300 : (double)value * unit;
  } else {
    nanoseconds = PyFloat_AsDouble(number);
    if (nanoseconds == -1 && PyErr_Occurred()) {
      if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        py_type_error("a time must be a number, not '%s'", number);
      }
      return -1;
    }
    if (nanoseconds != nanoseconds) {
      PyErr_SetString(PyExc_ValueError, "a time must be a number, and this is not one (NaN)");
      return -1;
    }
    nanoseconds *= unit;
  }
  if (nanoseconds >= (double)TICKS_HALF * 1e6) {
    PyErr_SetString(PyExc_OverflowError, "ticks interval overflow");
    return -1;
  }
  *result = nanoseconds <= 0 ? 0 : nanoseconds >= 9.2e18 ? INT64_MAX : (int64_t)(nanoseconds + 0.5);
  return 0;
}

static PyObject *make_sleep(PyObject *number, double unit) {
  int64_t delay;
  if (nanoseconds_of(number, unit, &delay) < 0) return NULL;
  WaitObject *sleep = py_alloc(uasyncio_shared.sleep);
  if (!sleep) return NULL;
  if (delay > 0) {
    int64_t now = uasyncio_now();
    sleep->deadline = delay > INT64_MAX - 1 - now ? INT64_MAX - 1 : now + delay;
  }
  return (PyObject *)sleep;
}

/// The only argument of a function, by its place or by one of its two names.
PyObject *uasyncio_only_argument(PyObject *const *arguments, Py_ssize_t count, PyObject *names, const char *function,
                                 const char *one, const char *other) {
  Py_ssize_t named = names ? PyTuple_Size(names) : 0;
  if (count + named != 1) {
    PyErr_Format(PyExc_TypeError, "%s() takes 1 argument (%zd given)", function, count + named);
    return NULL;
  }
  if (named) {
    PyObject *name = PyTuple_GetItem(names, 0);
    if (PyUnicode_CompareWithASCIIString(name, one) != 0 && PyUnicode_CompareWithASCIIString(name, other) != 0) {
      PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", function, name);
      return NULL;
    }
  }
  return arguments[0];
}

PyObject *uasyncio_module_sleep(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
  PyObject *delay = uasyncio_only_argument(arguments, count, names, "sleep", "t", "delay");
  return delay ? make_sleep(delay, 1e9) : NULL;
}

PyObject *uasyncio_module_sleep_ms(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
  PyObject *delay = uasyncio_only_argument(arguments, count, names, "sleep_ms", "t", "delay");
  return delay ? make_sleep(delay, 1e6) : NULL;
}

PyObject *uasyncio_module_ticks(PyObject *module, PyObject *unused) {
  return PyLong_FromLongLong(uasyncio_ticks(uasyncio_read_clock()));
}

PyObject *uasyncio_module_now(PyObject *module, PyObject *unused) {
  return PyLong_FromLongLong(uasyncio_read_clock());
}

PyObject *uasyncio_module_pass_time(PyObject *module, PyObject *seconds) {
  int64_t nanoseconds;
  if (nanoseconds_of(seconds, 1e9, &nanoseconds) < 0) return NULL;
  uasyncio_pass_time(nanoseconds);
  Py_RETURN_NONE;
}

// MARK: - Awaitables

static PyObject *make_limit(PyObject *awaitable, PyObject *timeout, double unit) {
  int64_t nanoseconds = INT64_MIN;
  if (timeout != Py_None && nanoseconds_of(timeout, unit, &nanoseconds) < 0) return NULL;
  LimitObject *limit = py_alloc(uasyncio_shared.limit);
  if (!limit) return NULL;
  Py_INCREF(awaitable);
  limit->awaited = awaitable;
  limit->timeout = nanoseconds;
  return (PyObject *)limit;
}

PyObject *uasyncio_module_wait_for(PyObject *module, PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"aw", "timeout", "sleep", NULL};
  PyObject *awaitable, *timeout, *sleep = NULL;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|O:wait_for", names, &awaitable, &timeout, &sleep)) return NULL;
  // MicroPython's third argument is the function that sleeps; scripts that pass it mean milliseconds.
  int inMilliseconds = sleep && PyCFunction_Check(sleep) &&
                       PyCFunction_GetFunction(sleep) == (PyCFunction)(void *)uasyncio_module_sleep_ms;
  return make_limit(awaitable, timeout, inMilliseconds ? 1e6 : 1e9);
}

PyObject *uasyncio_module_wait_for_ms(PyObject *module, PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"aw", "timeout", NULL};
  PyObject *awaitable, *timeout;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO:wait_for_ms", names, &awaitable, &timeout)) return NULL;
  return make_limit(awaitable, timeout, 1e6);
}

PyObject *uasyncio_module_gather(PyObject *module, PyObject *arguments, PyObject *keywords) {
  int returnsExceptions = 0;
  if (keywords && PyDict_Size(keywords)) {
    PyObject *value = PyDict_GetItemString(keywords, "return_exceptions");
    if (!value || PyDict_Size(keywords) != 1) {
      PyErr_SetString(PyExc_TypeError, "gather() takes no keyword argument but return_exceptions");
      return NULL;
    }
    returnsExceptions = PyObject_IsTrue(value);
    if (returnsExceptions < 0) return NULL;
  }
  GatherObject *gather = py_alloc(uasyncio_shared.gather);
  if (!gather) return NULL;
  gather->parts = uasyncio_itself(arguments);
  gather->returnsExceptions = returnsExceptions;
  return (PyObject *)gather;
}

PyObject *uasyncio_module_wait_readable(PyObject *module, PyObject *stream) { return uasyncio_make_wait(stream, 4); }
PyObject *uasyncio_module_wait_writable(PyObject *module, PyObject *stream) { return uasyncio_make_wait(stream, 5); }

/// Files the running task at once, as MicroPython's `queue_read` does; what it returns can be yielded, or awaited.
static PyObject *file_watch(PyObject *stream, int writes) {
  if (uasyncio_file_watch(stream, writes) < 0) return NULL;
  WaitObject *wait = (WaitObject *)uasyncio_make_wait(stream, writes ? 5 : 4);
  if (!wait) return NULL;
  wait->waiter = uasyncio_current();
  wait->stage = 3;
  return (PyObject *)wait;
}

PyObject *uasyncio_module_queue_read(PyObject *module, PyObject *stream) { return file_watch(stream, 0); }
PyObject *uasyncio_module_queue_write(PyObject *module, PyObject *stream) { return file_watch(stream, 1); }
