// Running the loop: `drive` pulls tasks from the scheduler and sends into their coroutines.

import CPythonModule
import Scheduler

/// How a drive has ended.
enum DriveEnd {
  /// The task has finished.
  case finished
  /// Nothing can run any more: there is no task to run to its end, or time is virtual and never will go on.
  case idle
  /// An exception that is no affair of tasks is set: KeyboardInterrupt, SystemExit, or one from a report.
  case interrupted
}

/// Runs tasks until `target` has finished; without a target, until nothing can run.
///
/// In real time a target is waited for even where nothing of the loop's can wake it: the handler of a signal may.
func drive(until target: TaskPointer?) -> DriveEnd {
  defer { if loop.pointee.scheduler.lot.isParked(loop.pointee.alarm) { silenceAlarm() } }
  while target?.isFinished != true {
    if loop.pointee.mail != nil { readMail(&loop.pointee.scheduler) }
    if !loop.pointee.scheduler.hasReady {
      // What has come since the last step must be seen before the loop goes to sleep.
      guard lookAtSignals(target) else { return .interrupted }
      if loop.pointee.scheduler.hasReady || target?.isFinished == true { continue }
      if loop.pointee.isRung {
        guard shared.pointee.scheduled > 0 else { continue }
        alarmSoon()
      } else if isIdle, target == nil || loop.pointee.isVirtual {
        return .idle
      }
    }
    guard let node = loop.pointee.scheduler.next() else {
      // Virtual time has nothing to jump to, but another thread may still set a flag.
      loop.pointee.scheduler.listen(for: 1_000_000_000)
      continue
    }
    if node == loop.pointee.alarm {
      loop.pointee.isAlarmed = false
      guard lookAtSignals(target) else { return .interrupted }
    } else {
      if loop.pointee.isVirtual { noteStep() }
      guard step(TaskPointer(node)) else { return .interrupted }
    }
  }
  return .finished
}

/// What `micropython.schedule` was given has scheduled something again: a function that asks for something until it is
/// there. It is called every millisecond, of virtual time too, and timers and descriptors have their turn meanwhile.
@inline(never)
private func alarmSoon() {
  guard !loop.pointee.isAlarmed else { return }
  loop.pointee.isAlarmed = true
  loop.pointee.scheduler.park(loop.pointee.alarm, until: Clock.deadline(1_000_000, after: now))
}

@inline(never)
private func silenceAlarm() {
  loop.pointee.scheduler.forget(loop.pointee.alarm)
  loop.pointee.isAlarmed = false
}

/// Whether nothing of the loop's can wake anybody.
private var isIdle: Bool {
  loop.pointee.scheduler.lot.timerCount == 0 && loop.pointee.scheduler.outsideWaits == 0
    && loop.pointee.scheduler.lot.otherCount == 0
}

/// Runs the handlers of signals that have come, and what `micropython.schedule` was given. What they raise is thrown into
/// the task that the run is for, so that its `finally` blocks run; without one, it ends the run.
private func lookAtSignals(_ target: TaskPointer?) -> Bool {
  loop.pointee.isRung = false
  guard Py_MakePendingCalls() != 0 else { return true }
  guard let target, !target.has(Flag.executing) else { return false }
  setPending(target, takeException())
  if target.phase != Phase.ready { resume(target, .cancelled) }
  return true
}

/// Runs one step of one task: from where it was suspended to where it is suspended next. Returns false with an exception
/// that has to leave the run.
@inline(__always)
private func step(_ task: TaskPointer) -> Bool {
  if task.has(Flag.reporting) { return report(task) }
  // The collector has taken the task apart, and somebody has brought it back.
  guard let coroutine = task.pointee.coroutine else { return letGo(task) }
  if task.pointee.descriptor >= 0 { forgetWatch(task) }
  loop.pointee.current = task
  task.phase = Phase.running
  task.set(Flag.executing)
  if shared.pointee.tracer != nil { trace(task) }
  var result: Object?
  let status =
    task.pointee.pending == nil
    ? PyIter_Send(coroutine, py_none(), &result) : throwPending(task, coroutine, &result)
  task.clear(Flag.executing)
  var goesOn = true
  if status == PYGEN_NEXT {
    if result != py_none() { lookAtYielded(result.unsafelyUnwrapped, task) }
    if task.phase == Phase.running { task.phase = Phase.idle }
    py_drop(result)
  } else {
    goesOn = end(task, result)
  }
  loop.pointee.current = nil
  py_drop(task)
  return goesOn
}

private func letGo(_ task: TaskPointer) -> Bool {
  task.phase = Phase.idle
  py_drop(task)
  return true
}

/// A task that has failed, and whose turn has come again: if nobody has retrieved its exception, that is reported.
private func report(_ task: TaskPointer) -> Bool {
  defer { py_drop(task) }
  task.clear(Flag.reporting)
  guard !task.has(Flag.awaited), let error = task.pointee.outcome, let reporter = shared.pointee.reporter else {
    return true
  }
  guard let answer = py_call2(reporter, task.object, error) else { return false }
  py_drop(answer)
  return true
}

/// Throws what is pending into the task's coroutine.
private func throwPending(_ task: TaskPointer, _ coroutine: Object, _ result: inout Object?) -> PySendResult {
  let error = task.pointee.pending.unsafelyUnwrapped
  task.pointee.pending = nil
  if isNative(coroutine) {
    defer { py_drop(error) }
    return throwIntoNative(coroutine, error, &result)
  }
  if PyObject_HasAttr(coroutine, shared.pointee.nameThrow) == 0 {
    raise(error)
    return PYGEN_ERROR
  }
  result = py_call_method1(coroutine, shared.pointee.nameThrow, error)
  py_drop(error)
  if result != nil { return PYGEN_NEXT }
  if PyErr_ExceptionMatches(py_stop_iteration()) == 0 { return PYGEN_ERROR }
  result = py_stop_value()
  return result == nil ? PYGEN_ERROR : PYGEN_RETURN
}

/// A coroutine has yielded something. That is ignored, as in MicroPython; but what CPython's own asyncio yields would
/// wait for ever here, and so says what is wrong.
private func lookAtYielded(_ value: Object, _ task: TaskPointer) {
  guard task.phase == Phase.running, PyObject_HasAttr(value, shared.pointee.nameFuture) != 0 else { return }
  guard
    let error = py_new_error(
      py_runtime_error(), "a future of CPython's asyncio was awaited, and this is uasyncio's loop")
  else { return PyErr_Clear() }
  setPending(task, error)
  fileReady(task)
}

/// Tells the tracer which task runs, and why.
private func trace(_ task: TaskPointer) {
  let reason = task.pointee.pending == nil ? Int(task.node.pointee.reason.rawValue) : 3
  py_call_tracer(shared.pointee.tracer, now, task.object, reason)
}

// MARK: - The end of a task

/// The task's coroutine has returned `value`, or raised. Returns false for an exception that has to leave the run.
private func end(_ task: TaskPointer, _ value: Object?) -> Bool {
  guard value == nil else {
    finish(task, value.unsafelyUnwrapped)
    return true
  }
  let leaves =
    PyErr_ExceptionMatches(py_exception()) == 0 && PyErr_ExceptionMatches(shared.pointee.cancelledError) == 0
  task.set(Flag.failed)
  if leaves { task.set(Flag.awaited) }
  let error = takeException()
  task.pointee.traceback = PyException_GetTraceback(error)
  finish(task, error)
  if leaves {
    loop.pointee.wasInterrupted = true
    raiseOutcome(task)
  }
  return !leaves
}

/// Notes what a task has come to, and wakes those who await it; takes over the reference to the outcome.
private func finish(_ task: TaskPointer, _ outcome: Object) {
  // It may have been filed in its last step all the same; nothing may run it any more.
  takeOut(task)
  task.phase = Phase.finished
  task.pointee.outcome = outcome
  var isAwaited = !task.joiners.pointee.isEmpty
  if let callback = task.pointee.callback {
    task.pointee.callback = nil
    task.set(Flag.awaited)
    isAwaited = true
    call(callback, task, outcome)
    py_drop(callback)
  }
  while let node = task.joiners.pointee.front { loop.pointee.scheduler.wake(node, .event) }
  if !isAwaited, task.hasFailed, task.node.pointee.flags & (Flag.awaited | Flag.target) == 0,
    !isCancelledError(outcome)
  {
    task.set(Flag.reporting)
    py_keep(task)
    loop.pointee.scheduler.yield(task.node)
  }
  let coroutine = task.pointee.coroutine
  if let coroutine, isNative(coroutine) {
    task.pointee.coroutine = nil
    py_drop(coroutine)
  }
}

func isCancelledError(_ error: Object) -> Bool {
  PyErr_GivenExceptionMatches(error, shared.pointee.cancelledError) != 0
}

/// Tells a task's callback that it has finished: a gathering, or what a script has set as `state`.
private func call(_ callback: Object, _ task: TaskPointer, _ outcome: Object) {
  if py_is_exactly(callback, shared.pointee.gather) != 0 {
    return partFinished(UnsafeMutableRawPointer(callback).assumingMemoryBound(to: GatherObject.self), task)
  }
  guard let error = task.hasFailed ? keep(outcome) : py_call1(py_stop_iteration(), outcome) else {
    return PyErr_WriteUnraisable(callback)
  }
  if let answer = py_call2(callback, task.object, error) {
    py_drop(answer)
  } else {
    PyErr_WriteUnraisable(callback)
  }
  py_drop(error)
}
