// What the testing product needs to see and to steer. `package`: it is no interface for programs.

import CUAsyncIO
import Scheduler

/// One step of one task: about to begin, or just over.
package struct StepObservation {
  /// The task's number; 0 for one that is not ours.
  package let number: UInt32
  /// The loop's time in nanoseconds.
  package let time: Int64
  /// Whether the step is over.
  package let isOver: Bool
  /// Whether the task has finished with it.
  package let isLast: Bool
  /// The task, unless it is not ours.
  package let task: AnyLoopTask?
  /// What reports call whoever makes the step.
  package let name: String
}

/// Called before and after each step, on the loop's thread.
typealias LoopObserver = (StepObservation) -> Void

extension LoopCore {
  func observe(_ record: RecordPointer, isOver: Bool) {
    guard let observer = state.pointee.observer else { return }
    let isTask = record.pointee.flags.isDisjoint(with: [.guest, .notATask])
    observer(
      StepObservation(
        number: record.pointee.node.id,
        time: now,
        isOver: isOver,
        isLast: record.pointee.phase == .finished,
        task: isTask ? AnyLoopTask(object: TaskObject.from(record).takeUnretainedValue()) : nil,
        name: name(of: record)))
  }
}

/// A run under a test's control.
package enum ControlledRun {
  /// Runs `main` with an observer, a poller of the test's, and a limit to the real time that is waited for what is
  /// suspended elsewhere before the virtual clock jumps.
  package static func run<Success>(
    clock: LoopClock, order: LoopOrder, simulation: SimulatedPoller?, silence: Duration?,
    observer: ((StepObservation) -> Void)?, _ main: @escaping @LoopActor () async throws -> Success
  ) throws -> (task: LoopTask<Success>, outcome: Result<Success, any Error>) {
    let loop = LoopCore.shared
    try loop.enter(clock: clock, order: order, simulation: simulation)
    defer { loop.leave() }
    if let silence { loop.state.pointee.scheduler.silence = TimeLimit.nanoseconds(silence) }
    loop.state.pointee.observer = observer
    if observer != nil { loop.state.pointee.attention.insert(.observer) }
    defer {
      loop.state.pointee.observer = nil
      loop.state.pointee.attention.remove(.observer)
    }
    let task = loop.spawn(name: "main", main)
    let outcome = Result { try loop.runToEnd(task) }
    return (task, outcome)
  }

  /// Who is left after a run: every task that has not finished.
  package static func leftovers() -> [TaskReport] { LoopCore.shared.report() }

  /// How many of them wait for a time.
  package static var timerCount: Int { LoopCore.shared.state.pointee.scheduler.lot.timerCount }

  /// How many workers are idle; for the loop's thread.
  package static var idleWorkers: Int { LoopCore.shared.state.pointee.workers.idleCount }

  /// Whether the caller is on the thread that runs the loop.
  package static var isOnLoopThread: Bool { uasyncio_on_loop_thread() }

  /// Cancels a task, from an observer.
  package static func cancel(_ task: AnyLoopTask) { _ = LoopCore.shared.cancel(task.object.pointer) }
}
