import CUAsyncIO
import Scheduler

/// A task, and what it waits for: a line of a report.
public struct TaskReport: Hashable, Sendable, CustomStringConvertible {
  /// The task's name.
  public let name: String
  /// What it waits for, in words.
  public let waitsFor: String

  public var description: String { "\(name): \(waitsFor)" }
}

/// Who waits for what, now: the running task, those that are ready, and those that wait, in the order of creation.
///
/// From another thread, `await taskReport()` tells why a program does not go on.
@LoopActor
public func taskReport() -> [TaskReport] { Loop.shared.report() }

extension Loop {
  /// Every task, in the order of creation. (Guests only as long as they wait for something of ours.)
  func everyTask() -> [RecordPointer] { everyTask(in: state.pointee.scheduler) }

  private func everyTask(in scheduler: borrowing Scheduler) -> [RecordPointer] {
    var records: [RecordPointer] = []
    scheduler.lot.forEach { records.append(RecordPointer(node: $0)) }
    scheduler.forEachReady { records.append(RecordPointer(node: $0)) }
    if let running { records.append(running) }
    return records.sorted { $0.pointee.node.id < $1.pointee.node.id }
  }

  func report() -> [TaskReport] { report(in: state.pointee.scheduler) }

  /// The report from within the scheduler's turn, when the state's scheduler must not be touched.
  func report(in scheduler: borrowing Scheduler) -> [TaskReport] {
    everyTask(in: scheduler).map { record in
      let deadline = scheduler.lot.deadline(of: record.node)
      let limit = deadline.map {
        "until \(Duration.nanoseconds($0)) (now it is \(Duration.nanoseconds(scheduler.clock.now)))"
      }
      return TaskReport(name: name(of: record), waitsFor: occupation(of: record, limit ?? "without limit"))
    }
  }

  private func occupation(of record: RecordPointer, _ limit: String) -> String {
    switch record.pointee.phase {
    case .ready: "ready to run"
    case .running: "running"
    case .sleeping: "asleep \(limit)"
    case .waiting: "waiting for an event"
    case .joining: "waiting for \(name(of: record.awaited))"
    case .joiningWithLimit: "waiting for \(name(of: record.awaited)), \(limit)"
    case .gathering:
      "waiting for "
        + Gathering.from(record.pointee.node.list.unsafelyUnwrapped).unfinished.reversed().map(name(of:))
        .joined(separator: ", ")
    case .watching: "waiting for a descriptor"
    case .elsewhere: elsewhere
    case .finished: "finished"
    }
  }

  private var elsewhere: String {
    let text = "suspended in something that is not UAsyncIO's"
    guard uasyncio_on_main_thread() else { return text }
    return text + " (if it needs the main actor, it waits for ever: `run` was called on the main thread and blocks it)"
  }
}
