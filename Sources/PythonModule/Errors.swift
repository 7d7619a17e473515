import CPythonModule

@inline(__always)
func keep(_ object: Object) -> Object {
  py_keep(object)
  return object
}

/// The exception that is set, which is no longer set then; a new reference.
func takeException() -> Object {
  var type: Object?
  var value: Object?
  var traceback: Object?
  PyErr_Fetch(&type, &value, &traceback)
  PyErr_NormalizeException(&type, &value, &traceback)
  let error = value.unsafelyUnwrapped
  if let traceback {
    PyException_SetTraceback(error, traceback)
    py_drop(traceback)
  }
  if let type { py_drop(type) }
  return error
}

/// Raises an exception with the traceback that it has; takes over the reference.
func raise(_ error: Object) {
  let type = UnsafeMutableRawPointer(py_type(error)).assumingMemoryBound(to: PyObject.self)
  py_keep(type)
  PyErr_Restore(type, error, PyException_GetTraceback(error))
}

/// Raises what a task failed with, with the traceback that it had then: what was added meanwhile belongs to others.
func raiseOutcome(_ task: TaskPointer) {
  let error = task.pointee.outcome.unsafelyUnwrapped
  let type = UnsafeMutableRawPointer(py_type(error)).assumingMemoryBound(to: PyObject.self)
  py_keep(type)
  py_keep(error)
  if let traceback = task.pointee.traceback { py_keep(traceback) }
  PyErr_Restore(type, error, task.pointee.traceback)
}
