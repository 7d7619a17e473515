// `TaskQueue`: a script's own queue of tasks, in the order of their keys; or the loop's own queue.

import CPythonModule
import Scheduler

/// Files a task in a queue, behind those with the same key and before those with a greater one. Returns -1 with an
/// exception for a task that has finished or runs further out, and from another thread.
@c(uasyncio_queue_push)
public func push(_ list: UnsafeMutableRawPointer, _ task: TaskPointer, _ key: Int64) -> Int32 {
  guard mayFile(task) else { return -1 }
  moveOut(task)
  drop(&task.pointee.data)
  drop(&task.pointee.pending)
  task.pointee.key = key
  let queue = list.assumingMemoryBound(to: WaitList.self)
  // Taken out and put back, those behind it stand behind it.
  var later: [TaskPointer] = []
  queue.pointee.forEach { node in
    if TaskPointer(node).pointee.key > key { later.append(TaskPointer(node)) }
  }
  for other in later { WaitList.remove(other.node) }
  file(task, Phase.waiting, in: queue)
  for other in later { WaitList.append(other.node, to: queue) }
  return 0
}

/// Files a task in the loop's queue, to run at a time; a time of 0 is now.
@c(uasyncio_main_push)
public func pushReady(_ task: TaskPointer, _ deadline: Int64) -> Int32 {
  guard mayFile(task) else { return -1 }
  drop(&task.pointee.data)
  drop(&task.pointee.pending)
  if task.phase == Phase.ready, deadline == 0 { return 0 }
  moveOut(task)
  fileUntil(deadline, task)
  return 0
}

private func mayFile(_ task: TaskPointer) -> Bool {
  guard mayTouch() else { return false }
  if task.isFinished || (task.has(Flag.executing) && task != loop.pointee.current) {
    _ = py_error(
      py_runtime_error(), task.isFinished ? "the task has finished" : "the task waits for a nested run to end")
    return false
  }
  return true
}

/// Takes a task out of where it is, but leaves the running one running.
private func moveOut(_ task: TaskPointer) {
  if task.phase != Phase.running { takeOut(task) }
}

/// The first task in a queue; borrowed.
@c(uasyncio_queue_peek)
public func peek(_ list: UnsafeMutableRawPointer) -> TaskPointer? {
  list.assumingMemoryBound(to: WaitList.self).pointee.front.map { TaskPointer($0) }
}

/// The task that the loop runs next, or the one with the earliest deadline; borrowed.
@c(uasyncio_main_peek)
public func peekMain() -> TaskPointer? {
  var first: TaskPointer?
  loop.pointee.scheduler.forEachReady { node in
    guard first == nil, node != loop.pointee.alarm else { return }
    first = TaskPointer(node)
  }
  if first != nil { return first }
  var earliest = Int64.max
  loop.pointee.scheduler.lot.forEach { node in
    guard node != loop.pointee.alarm, let deadline = loop.pointee.scheduler.lot.deadline(of: node), deadline < earliest
    else { return }
    earliest = deadline
    first = TaskPointer(node)
  }
  return first
}

/// Takes a task out of the queue that it is in. Returns -1 from another thread.
@c(uasyncio_queue_remove)
public func remove(_ task: TaskPointer) -> Int32 {
  guard mayTouch() else { return -1 }
  takeOut(task)
  return 0
}

/// The time for which a task is filed, in nanoseconds of the loop's time; 0 where there is none.
@c(uasyncio_task_key)
public func key(of task: TaskPointer) -> Int64 {
  loop.pointee.scheduler.lot.deadline(of: task.node) ?? task.pointee.key
}
