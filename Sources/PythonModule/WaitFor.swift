// `wait_for`: a time limit around a task.
//
// As in MicroPython, a helper awaits the task while the waiter sleeps: whoever comes first wins. The helper is a task with
// a coroutine of ours (`RunnerObject`), so that everything happens in the same turns as there. Other than there:
//
//   * a task that has finished when the waiter wakes gives its result, however late that is;
//   * the helper never cancels the waiter; it wakes it;
//   * a cancellation that comes while the task ends after its time-out is raised when that is over, in place of the
//     time-out (phase `draining`);
//   * a cancellation cancels the task itself, even if the helper has not run yet.

import CPythonModule
import Scheduler

public typealias LimitPointer = UnsafeMutablePointer<LimitObject>
public typealias RunnerPointer = UnsafeMutablePointer<RunnerObject>

private enum LimitStage {
  static let fresh: UInt8 = 0
  static let sleeping: UInt8 = 1
  /// The time is up, and the task is being waited for after its cancellation.
  static let draining: UInt8 = 2
  /// There is no limit: the waiter simply awaits the task.
  static let joining: UInt8 = 3
  static let done: UInt8 = 4
}

@c(uasyncio_limit_send)
public func sendIntoLimit(_ limit: LimitPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  switch limit.pointee.stage {
  case LimitStage.fresh: return begin(limit, result)
  case LimitStage.sleeping: return wake(limit, result)
  case LimitStage.draining: return endDraining(limit)
  case LimitStage.joining:
    guard limit.task.isFinished else { return sendIntoTask(limit.task, result) }
    limit.pointee.stage = LimitStage.done
    return takeOutcome(limit.task, result)
  default:
    result.pointee = keep(py_none())
    return PYGEN_RETURN
  }
}

extension UnsafeMutablePointer where Pointee == LimitObject {
  fileprivate var task: TaskPointer { TaskPointer(object: pointee.awaited.unsafelyUnwrapped) }
}

private func begin(_ limit: LimitPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  limit.pointee.stage = LimitStage.done
  guard let waiter = beginWait() else { return PYGEN_ERROR }
  let awaitable = limit.pointee.awaited.unsafelyUnwrapped
  guard let task = promote(awaitable) else { return PYGEN_ERROR }
  limit.pointee.awaited = task.object
  py_drop(awaitable)
  if limit.pointee.timeout == .min {
    limit.pointee.stage = LimitStage.joining
    return sendIntoLimit(limit, result)
  }
  guard let helper = makeRunner(limit, task) else { return PYGEN_ERROR }
  limit.pointee.runner = helper
  guard stillRuns(waiter) else { return PYGEN_ERROR }
  limit.pointee.waiter = waiter
  limit.pointee.stage = LimitStage.sleeping
  let timeout = limit.pointee.timeout
  fileUntil(timeout <= 0 ? 0 : Clock.deadline(timeout, after: now), waiter)
  result.pointee = keep(py_none())
  return PYGEN_NEXT
}

/// Makes the helper and files it.
private func makeRunner(_ limit: LimitPointer, _ task: TaskPointer) -> TaskPointer? {
  guard let memory = py_alloc(shared.pointee.runner) else { return nil }
  let runner = memory.assumingMemoryBound(to: RunnerObject.self)
  py_keep(limit)
  py_keep(task)
  runner.pointee.limit = limit
  runner.pointee.awaited = task.object
  let object = memory.assumingMemoryBound(to: PyObject.self)
  let helper = createTask(object)
  py_drop(object)
  return helper
}

/// The waiter's sleep is over: because its time has come, or because the helper has woken it.
private func wake(_ limit: LimitPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  let task = limit.task
  if task.isFinished {
    limit.pointee.stage = LimitStage.done
    limit.pointee.waiter = nil
    return takeOutcome(task, result)
  }
  let waiter = limit.pointee.waiter.unsafelyUnwrapped
  limit.pointee.waiter = nil
  limit.pointee.stage = LimitStage.done
  guard cancel(task) >= 0, let helper = limit.pointee.runner, join(helper, waiter, Phase.draining) else {
    return PYGEN_ERROR
  }
  limit.pointee.stage = LimitStage.draining
  result.pointee = keep(py_none())
  return PYGEN_NEXT
}

/// The task has ended after its time-out.
private func endDraining(_ limit: LimitPointer) -> PySendResult {
  limit.pointee.stage = LimitStage.done
  let isCancelled: Bool
  if let waiter = loop.pointee.current, waiter.has(Flag.cancelledLate) {
    waiter.clear(Flag.cancelledLate)
    isCancelled = true
  } else {
    isCancelled = false
  }
  let type = isCancelled ? shared.pointee.cancelledError : shared.pointee.timeoutError
  PyErr_SetNone(type)
  return PYGEN_ERROR
}

/// The wait is broken off: the task is cancelled.
func throwIntoLimit(
  _ limit: LimitPointer, _ error: Object, _ result: UnsafeMutablePointer<Object?>
) -> PySendResult {
  let stage = limit.pointee.stage
  limit.pointee.stage = LimitStage.done
  limit.pointee.waiter = nil
  if stage == LimitStage.draining, let waiter = loop.pointee.current { waiter.clear(Flag.cancelledLate) }
  if stage == LimitStage.sleeping, cancel(limit.task) < 0 { PyErr_Clear() }
  raise(keep(error))
  return PYGEN_ERROR
}

// MARK: - The helper

@c(uasyncio_runner_send)
public func sendIntoRunner(_ runner: RunnerPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  let task = TaskPointer(object: runner.pointee.awaited.unsafelyUnwrapped)
  if !task.isFinished {
    guard let helper = beginWait(), join(task, helper, Phase.joining) else { return PYGEN_ERROR }
    result.pointee = keep(py_none())
    return PYGEN_NEXT
  }
  task.set(Flag.awaited)
  if let limit = runner.pointee.limit, limit.pointee.stage == LimitStage.sleeping, let waiter = limit.pointee.waiter {
    resume(waiter, .event)
  }
  result.pointee = keep(py_none())
  return PYGEN_RETURN
}

/// A cancellation of the helper itself: nobody can do that but a script that goes out of its way.
func throwIntoRunner(
  _ runner: RunnerPointer, _ error: Object, _ result: UnsafeMutablePointer<Object?>
) -> PySendResult {
  raise(keep(error))
  return PYGEN_ERROR
}
