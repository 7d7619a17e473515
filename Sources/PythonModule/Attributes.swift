import CPythonModule
import Scheduler

// What scripts see of a task: MicroPython's attributes, made of what the loop knows.

@c(uasyncio_task_is_done)
public func isDone(_ task: TaskPointer) -> Int32 { task.isFinished ? 1 : 0 }

@c(uasyncio_task_is_awaited)
public func isAwaited(_ task: TaskPointer) -> Int32 { task.has(Flag.awaited) ? 1 : 0 }

@c(uasyncio_task_mark_awaited)
public func markAwaited(_ task: TaskPointer) { task.set(Flag.awaited) }

/// `task.data`: what the task waits for or will be thrown; after its end the exception, or StopIteration with the value.
@c(uasyncio_task_data)
public func data(of task: TaskPointer) -> Object? {
  if task.isFinished {
    let outcome = task.pointee.outcome ?? py_none()
    return task.hasFailed ? keep(outcome.unsafelyUnwrapped) : py_call1(py_stop_iteration(), outcome)
  }
  if let pending = task.pointee.pending { return keep(pending) }
  if let awaited = task.awaited { return keep(awaited.object) }
  return keep(task.pointee.data ?? py_none())
}

/// Sets `task.data`: an exception is what the next step throws; anything else is kept for the script. -1 with an
/// exception where the task has finished.
@c(uasyncio_task_set_data)
public func setData(_ task: TaskPointer, _ value: Object?) -> Int32 {
  guard mayTouch() else { return -1 }
  guard !task.isFinished, task.phase != Phase.watching else {
    _ = py_error(py_attribute_error(), "this task's data cannot be set now")
    return -1
  }
  drop(&task.pointee.pending)
  guard let value, value != py_none() else {
    drop(&task.pointee.data)
    return 0
  }
  if py_is_exception(value) != 0 {
    task.pointee.pending = keep(value)
  } else if py_is_exception_class(value) != 0 {
    guard let error = PyObject_CallNoArgs(value) else { return -1 }
    task.pointee.pending = error
  } else {
    let old = task.pointee.data
    task.pointee.data = keep(value)
    if let old { py_drop(old) }
  }
  return 0
}

/// Files the running task until a stream is ready, at once: `core._io_queue.queue_read(s)`.
@c(uasyncio_file_watch)
public func fileWatch(_ stream: Object, _ writes: Int32) -> Int32 {
  guard let task = beginWait() else { return -1 }
  return watch(stream, writes != 0 ? .writable : .readable, task) ? 0 : -1
}
