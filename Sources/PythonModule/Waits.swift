// The simple awaitables: sleeping, events, locks, flags, descriptors.
//
// One layout and one state machine for all: fresh, waiting, done. `kind` says where the running task is filed, and what
// there is to do when the wait is over or broken off.

import CPythonModule
import Scheduler

public typealias WaitPointer = UnsafeMutablePointer<WaitObject>

/// What an awaitable is for.
enum Kind {
  static let sleep: UInt8 = 0
  static let event: UInt8 = 1
  static let lock: UInt8 = 2
  static let flag: UInt8 = 3
  static let readable: UInt8 = 4
  static let writable: UInt8 = 5
  /// The end of `async with lock`.
  static let release: UInt8 = 6
}

/// How far an awaitable is.
enum Stage {
  static let fresh: UInt8 = 0
  static let waiting: UInt8 = 1
  static let done: UInt8 = 2
  /// The task was filed when this was made: `queue_read`. The first `send` only yields.
  static let filed: UInt8 = 3
}

/// The first `send` files the running task; the one after the wait returns.
@c(uasyncio_wait_send)
public func sendIntoWait(
  _ wait: WaitPointer, _ result: UnsafeMutablePointer<Object?>
) -> PySendResult {
  switch wait.pointee.stage {
  case Stage.fresh:
    if wait.pointee.kind == Kind.release { return endWait(wait, result, releases: true) }
    guard let task = beginWait() else {
      wait.pointee.stage = Stage.done
      return PYGEN_ERROR
    }
    wait.pointee.waiter = task
    switch begin(wait, task) {
    case .filed:
      wait.pointee.stage = Stage.waiting
      result.pointee = keep(py_none())
      return PYGEN_NEXT
    case .available: return endWait(wait, result)
    case .failed:
      wait.pointee.stage = Stage.done
      return PYGEN_ERROR
    }
  case Stage.filed:
    guard wait.pointee.waiter == loop.pointee.current else { return isTaken() }
    wait.pointee.stage = Stage.waiting
    result.pointee = keep(py_none())
    return PYGEN_NEXT
  case Stage.waiting:
    guard wait.pointee.waiter == loop.pointee.current else { return isTaken() }
    if wait.pointee.kind == Kind.lock, !wasHandedOver(wait) {
      // A script has pushed the task into the loop's queue: the lock is not its yet.
      wait.pointee.stage = Stage.fresh
      return sendIntoWait(wait, result)
    }
    return endWait(wait, result)
  default:
    result.pointee = keep(py_none())
    return PYGEN_RETURN
  }
}

private func wasHandedOver(_ wait: WaitPointer) -> Bool {
  let lock = UnsafeMutableRawPointer(wait.pointee.target.unsafelyUnwrapped).assumingMemoryBound(to: LockObject.self)
  return lock.pointee.state == 2 && lock.pointee.heir == wait.pointee.waiter
}

private func isTaken() -> PySendResult {
  _ = py_error(py_runtime_error(), "another task waits with this awaitable already")
  return PYGEN_ERROR
}

/// What has become of filing a task.
private enum Beginning {
  case filed
  /// There is nothing to wait for.
  case available
  /// An exception is set.
  case failed
}

@inline(__always)
private func begin(_ wait: WaitPointer, _ task: TaskPointer) -> Beginning {
  if wait.pointee.kind == Kind.sleep {
    fileUntil(wait.pointee.deadline, task)
    return .filed
  }
  return beginOther(wait, task)
}

private func beginOther(_ wait: WaitPointer, _ task: TaskPointer) -> Beginning {
  let target = UnsafeMutableRawPointer(wait.pointee.target.unsafelyUnwrapped)
  switch wait.pointee.kind {
  case Kind.event:
    let event = target.assumingMemoryBound(to: EventObject.self)
    if event.pointee.isSet != 0 { return .available }
    file(task, Phase.waiting, in: event.waiters)
  case Kind.lock:
    let lock = target.assumingMemoryBound(to: LockObject.self)
    if lock.pointee.state == 0 { return .available }
    file(task, Phase.waiting, in: lock.waiters)
  case Kind.flag:
    let flag = target.assumingMemoryBound(to: FlagObject.self)
    if flag.pointee.isSet != 0 { return .available }
    file(task, Phase.waiting, in: flag.waiters)
    // Beside that in the parking lot, so that the loop knows that somebody waits for the outside.
    loop.pointee.scheduler.park(task.node, until: Clock.never)
  default:
    let interest: Interest = wait.pointee.kind == Kind.readable ? .readable : .writable
    return watch(wait.pointee.target.unsafelyUnwrapped, interest, task) ? .filed : .failed
  }
  return .filed
}

/// The wait is over: takes what was waited for.
@inline(__always)
private func endWait(
  _ wait: WaitPointer, _ result: UnsafeMutablePointer<Object?>, releases: Bool = false
) -> PySendResult {
  wait.pointee.stage = Stage.done
  result.pointee = wait.pointee.kind == Kind.sleep ? keep(py_none()) : take(wait)
  return result.pointee == nil ? PYGEN_ERROR : PYGEN_RETURN
}

private func take(_ wait: WaitPointer) -> Object? {
  let target = UnsafeMutableRawPointer(wait.pointee.target.unsafelyUnwrapped)
  switch wait.pointee.kind {
  case Kind.event: return PyBool_FromLong(1)
  case Kind.lock:
    let lock = target.assumingMemoryBound(to: LockObject.self)
    clearHeir(lock)
    lock.pointee.state = 1
    return PyBool_FromLong(1)
  case Kind.release:
    guard release(target.assumingMemoryBound(to: LockObject.self)) == 0 else { return nil }
  case Kind.flag:
    target.assumingMemoryBound(to: FlagObject.self).pointee.isSet = 0
  default: break
  }
  return keep(py_none())
}

/// The wait is broken off by an exception; what was handed over already is passed on. Called for `throw` and `close`.
@c(uasyncio_wait_abandon)
public func abandonWait(_ wait: WaitPointer) {
  let wasWaiting = wait.pointee.stage == Stage.waiting
  wait.pointee.stage = Stage.done
  guard wasWaiting, wait.pointee.kind == Kind.lock, let target = wait.pointee.target else { return }
  let lock = UnsafeMutableRawPointer(target).assumingMemoryBound(to: LockObject.self)
  if lock.pointee.state == 2, lock.pointee.heir == wait.pointee.waiter {
    clearHeir(lock)
    lock.pointee.state = 1
    _ = release(lock)
  }
}
