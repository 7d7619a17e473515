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
public func taskReport() -> [TaskReport] { LoopCore.shared.report() }

extension LoopCore {
  /// Every task, in the order of creation. (Guests only as long as they wait for something of ours; callbacks are none.)
  func everyTask() -> [RecordPointer] { everyTask(in: state.pointee.scheduler) }

  private func everyTask(in scheduler: borrowing Scheduler) -> [RecordPointer] {
    var records: [RecordPointer] = []
    scheduler.lot.forEach { records.append(RecordPointer(node: $0)) }
    scheduler.forEachReady { records.append(RecordPointer(node: $0)) }
    if let running { records.append(running) }
    records += state.pointee.standing
    records.removeAll { $0.pointee.flags.contains(.notATask) }
    return records.sorted { $0.pointee.node.id < $1.pointee.node.id }
  }

  func report() -> [TaskReport] { report(in: state.pointee.scheduler) }

  /// The report from within the scheduler's turn, when the state's scheduler must not be touched.
  func report(in scheduler: borrowing Scheduler) -> [TaskReport] {
    everyTask(in: scheduler).map { report(on: $0, in: scheduler) }
  }

  /// What some tasks wait for.
  func report(on records: [RecordPointer]) -> [TaskReport] {
    records.map { report(on: $0, in: state.pointee.scheduler) }
  }

  private func report(on record: RecordPointer, in scheduler: borrowing Scheduler) -> TaskReport {
    let deadline = scheduler.lot.deadline(of: record.node)
    let limit = deadline.map {
      "until \(Duration.nanoseconds($0)) (now it is \(Duration.nanoseconds(scheduler.clock.now)))"
    }
    return TaskReport(name: name(of: record), waitsFor: occupation(of: record, limit ?? "without limit"))
  }

  private func occupation(of record: RecordPointer, _ limit: String) -> String {
    switch record.pointee.phase {
    case .ready: "ready to run"
    case .running: record == running ? "running" : "standing still while a run inside it lasts"
    case .sleeping: "asleep \(limit)"
    case .joining: "waiting for \(name(of: record.awaited))"
    case .joiningWithLimit: "waiting for \(name(of: record.awaited)), \(limit)"
    case .shielding: "waiting for \(name(of: record.awaited)), which it shields"
    case .gathering:
      "waiting for "
        + Gathering.from(record.pointee.node.list.unsafelyUnwrapped).unfinished.map(name(of:))
        .joined(separator: ", ")
    case .watching: "waiting for a descriptor"
    case .elsewhere: elsewhere
    case .finished: "finished"
    case .event: "waiting for an event"
    case .lock: "waiting for a lock"
    case .permit: "waiting for a semaphore's permit"
    case .condition: "waiting for a condition"
    case .barrier: "waiting at a barrier"
    case .item: "waiting for a queue's next item"
    case .room: "waiting for room in a queue"
    case .itemsDone: "waiting until a queue's items are done"
    case .flag: "waiting for a thread-safe flag"
    case .tasks: "waiting for one of several tasks"
    case .thread: "waiting for work on another thread"
    case .signal: "waiting for a signal"
    }
  }

  private var elsewhere: String {
    let text = "suspended in something that is not UAsyncIO's"
    guard uasyncio_on_main_thread() else { return text }
    return text + " (if it needs the main actor, it waits for ever: `run` was called on the main thread and blocks it)"
  }
}
