import CPythonModule
import Scheduler

/// Runs the loop until a task has finished and returns what it has come to; without a task, until nothing can run any
/// more. Raises DeadlockError in virtual time, where nothing can ever run again.
@c(uasyncio_run)
public func run(_ target: TaskPointer?) -> Object? {
  guard mayTouch() else { return nil }
  if let target, target == loop.pointee.current || target.has(Flag.executing) {
    return py_error(py_runtime_error(), "a task cannot wait for its own end")
  }
  let outer = loop.pointee.current
  loop.pointee.owner = py_thread()
  loop.pointee.depth += 1
  loop.pointee.current = nil
  if let target {
    py_keep(target)
    target.set(Flag.target)
  }
  let end = drive(until: target)
  loop.pointee.depth -= 1
  if loop.pointee.depth == 0 { loop.pointee.owner = 0 }
  loop.pointee.current = outer
  defer {
    if let target {
      target.clear(Flag.target)
      py_drop(target)
    }
  }
  switch end {
  case .interrupted: return nil
  case .idle:
    guard let target else { return keep(py_none()) }
    let awaited = data(of: target)
    defer { if let awaited { py_drop(awaited) } }
    return awaited == nil ? nil : py_deadlock_error(target.object, awaited)
  case .finished:
    guard let target else { return keep(py_none()) }
    var result: Object?
    return takeOutcome(target, &result) == PYGEN_RETURN ? result : nil
  }
}

/// Makes a task of a coroutine and runs the loop until it has finished.
@c(uasyncio_run_coroutine)
public func runCoroutine(_ object: Object) -> Object? {
  guard let task = createTask(object) else { return nil }
  defer { py_drop(task) }
  return run(task)
}

/// Forgets every task that is ready, sleeps or watches: `new_event_loop`. Their coroutines are closed as CPython closes
/// any that nobody refers to. Tasks that wait for an event stay with the event.
@c(uasyncio_forget)
public func forgetAll() -> Int32 {
  guard mayTouch() else { return -1 }
  guard loop.pointee.depth == 0 else {
    _ = py_error(py_runtime_error(), "new_event_loop() cannot be called while the loop runs")
    return -1
  }
  var tasks: [TaskPointer] = []
  loop.pointee.scheduler.forEachReady { node in
    if node != loop.pointee.alarm { tasks.append(TaskPointer(node)) }
  }
  let readyCount = tasks.count
  loop.pointee.scheduler.lot.forEach { tasks.append(TaskPointer($0)) }
  loop.pointee.scheduler.forgetReady()
  loop.pointee.isAlarmed = false
  for (index, task) in tasks.enumerated() {
    guard index < readyCount else {
      py_keep(task)
      takeOut(task)
      continue
    }
    task.clear(Flag.reporting)
    if task.pointee.descriptor >= 0 { forgetWatch(task) }
    if task.phase == Phase.ready { task.phase = Phase.idle }
  }
  loop.pointee.wasInterrupted = false
  for task in tasks { py_drop(task) }
  return 0
}

/// Whether a run was left by a KeyboardInterrupt or the like.
@c(uasyncio_was_interrupted)
public func wasInterrupted() -> Int32 { loop.pointee.wasInterrupted ? 1 : 0 }

/// The running task; borrowed.
@c(uasyncio_current)
public func currentTask() -> TaskPointer? {
  loop.pointee.owner == py_thread() ? loop.pointee.current : nil
}
