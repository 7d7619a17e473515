import CPythonModule
import Scheduler

/// `await task`: files the running task with those who await it, and returns what it has come to.
@c(uasyncio_task_send)
public func sendIntoTask(_ task: TaskPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  if task.isFinished { return takeOutcome(task, result) }
  guard let waiter = beginWait(), join(task, waiter, Phase.joining) else { return PYGEN_ERROR }
  result.pointee = keep(py_none())
  return PYGEN_NEXT
}

/// Files a task with those who await another one. Returns false with RuntimeError where that would be for ever.
func join(_ task: TaskPointer, _ waiter: TaskPointer, _ phase: UInt8) -> Bool {
  guard mayJoin(task, waiter) else {
    _ = py_error(
      py_runtime_error(),
      task == waiter ? "a task cannot await itself" : "these tasks would await each other for ever")
    return false
  }
  task.set(Flag.awaited)
  file(waiter, phase, in: task.joiners)
  return true
}

/// Whether a task may await another one: not itself, and none that, through others, awaits it.
private func mayJoin(_ task: TaskPointer, _ waiter: TaskPointer) -> Bool {
  if task == waiter { return false }
  // A task that nobody awaits is in no circle.
  guard !waiter.joiners.pointee.isEmpty else { return true }
  var next = task.awaited
  while let awaited = next {
    if awaited == waiter { return false }
    next = awaited.awaited
  }
  return true
}

/// Returns what a finished task has come to: its value, or its exception.
func takeOutcome(_ task: TaskPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  task.set(Flag.awaited)
  guard let outcome = task.pointee.outcome else {
    result.pointee = keep(py_none())
    return PYGEN_RETURN
  }
  if task.hasFailed {
    raiseOutcome(task)
    return PYGEN_ERROR
  }
  result.pointee = keep(outcome)
  return PYGEN_RETURN
}

// MARK: - Awaitables of our own

/// Whether an object is one of the awaitables that are written in this module, and so can be a task's coroutine.
func isNative(_ object: Object) -> Bool {
  let shared = shared
  return py_is_exactly(object, shared.pointee.sleep) != 0 || py_is_exactly(object, shared.pointee.wait) != 0
    || py_is_exactly(object, shared.pointee.runner) != 0 || py_is_exactly(object, shared.pointee.limit) != 0
    || py_is_exactly(object, shared.pointee.gather) != 0
}

/// Throws an exception into one of our awaitables. Does not take over the reference to the exception.
@c(uasyncio_native_throw)
public func throwIntoNative(
  _ object: Object, _ error: Object, _ result: UnsafeMutablePointer<Object?>
) -> PySendResult {
  let memory = UnsafeMutableRawPointer(object)
  if py_is_exactly(object, shared.pointee.gather) != 0 {
    return throwIntoGather(memory.assumingMemoryBound(to: GatherObject.self), error)
  }
  if py_is_exactly(object, shared.pointee.limit) != 0 {
    return throwIntoLimit(memory.assumingMemoryBound(to: LimitObject.self), error, result)
  }
  if py_is_exactly(object, shared.pointee.runner) != 0 {
    return throwIntoRunner(memory.assumingMemoryBound(to: RunnerObject.self), error, result)
  }
  abandonWait(memory.assumingMemoryBound(to: WaitObject.self))
  raise(keep(error))
  return PYGEN_ERROR
}
