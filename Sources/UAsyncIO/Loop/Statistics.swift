import Platform
import Scheduler

/// How it stands with the loop: counts at one moment, and marks since the loop was fresh.
public struct LoopStatistics: Hashable, Sendable {
  /// How many tasks have not finished.
  public let tasks: Int
  /// How many of them are ready to run, or running.
  public let ready: Int
  /// How many tasks and callbacks wait for a time, or for something with a time limit.
  public let timers: Int
  /// How many tasks wait for something without a time limit.
  public let waiting: Int
  /// How many of these are suspended in something that is not ours.
  public let elsewhere: Int
  /// How many tasks have begun to run, or could have, since the loop was fresh.
  public let created: Int
  /// The most tasks that there were at once.
  public let tasksHighWaterMark: Int
  /// The most timers that there were at once.
  public let timersHighWaterMark: Int
  /// How many turns the loop has made.
  public let turns: UInt64
  /// How many steps tasks and callbacks have made.
  public let steps: UInt64
  /// The longest step, where ``Loop/measureSteps(_:)`` has asked for it.
  public let longestStep: StepStatistics?
}

/// One step of one task: from where it went on to where it was suspended again. Nobody else ran meanwhile.
public struct StepStatistics: Hashable, Sendable {
  /// The task's name.
  public let task: String
  /// How long it took, in real time, also where the loop's time is virtual.
  public let duration: Duration
}

extension Loop {
  /// How it stands with the loop now.
  @LoopActor
  public var statistics: LoopStatistics { LoopCore.shared.statistics }

  /// Begins to measure how long steps take, afresh, or no longer does so. It costs two readings of the clock a step.
  /// Python: what `Loop.set_debug(True)` and `slow_callback_duration` are used for.
  @LoopActor
  public func measureSteps(_ measure: Bool) {
    let loop = LoopCore.shared
    loop.state.pointee.tally.longestStep = nil
    loop.state.pointee.tally.stepBegan = nil
    if measure {
      loop.state.pointee.attention.insert(.measuring)
    } else {
      loop.state.pointee.attention.remove(.measuring)
    }
  }
}

/// What is counted all the time.
struct Tally {
  var created = 0
  var alive = 0
  var mostAlive = 0
  var steps: UInt64 = 0
  var longestStep: StepStatistics?
  var stepBegan: Int64?

  mutating func taskBegan() {
    created += 1
    alive += 1
    mostAlive = max(mostAlive, alive)
  }
}

extension LoopCore {
  fileprivate var statistics: LoopStatistics {
    let tasks = everyTask().filter { !$0.pointee.flags.contains(.guest) }
    let tally = state.pointee.tally
    return LoopStatistics(
      tasks: tasks.count,
      ready: tasks.count { $0.pointee.phase == .ready || $0.pointee.phase == .running },
      timers: state.pointee.scheduler.lot.timerCount,
      waiting: tasks.count { state.pointee.scheduler.lot.isParkedWithoutDeadline($0.node) },
      elsewhere: state.pointee.elsewhere.count,
      created: tally.created,
      tasksHighWaterMark: tally.mostAlive,
      timersHighWaterMark: state.pointee.scheduler.lot.timersHighWaterMark,
      turns: state.pointee.scheduler.turn,
      steps: tally.steps,
      longestStep: tally.longestStep)
  }

  func beginMeasuring() { state.pointee.tally.stepBegan = MonotonicClock.now() }

  func endMeasuring(_ record: RecordPointer) {
    guard let began = state.pointee.tally.stepBegan else { return }
    let duration = Duration.nanoseconds(MonotonicClock.now() - began)
    if let longest = state.pointee.tally.longestStep, longest.duration >= duration { return }
    state.pointee.tally.longestStep = StepStatistics(task: name(of: record), duration: duration)
  }
}
