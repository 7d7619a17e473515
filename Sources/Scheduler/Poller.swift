/// What a node can wait for at a descriptor.
public enum Interest: UInt8, Sendable {
  case readable
  case writable
}

/// Where news from outside the loop comes from: descriptors that become ready, and mail from other threads.
///
/// The third seam, beside `Clock` and `Order`.
public enum Poller {
  /// Nothing ever comes from outside.
  case none
  /// The operating system, or an interrupt controller.
  case external(ExternalPoller)
  /// Descriptors that exist in a test only. Mail still comes from the poller behind.
  case simulated(SimulatedPoller, behind: ExternalPoller?)

  /// The poller that the outside world really comes through.
  var external: ExternalPoller? {
    switch self {
    case .none: nil
    case .external(let poller): poller
    case .simulated(_, let behind): behind
    }
  }

  var simulated: SimulatedPoller? {
    if case .simulated(let poller, _) = self { poller } else { nil }
  }
}

/// How long a poller may wait for news.
public enum PollLimit {
  /// Not at all.
  case instant
  /// This many nanoseconds, and rather longer than shorter.
  case nanoseconds(Int64)
  /// Until something comes.
  case forever
}

/// The operating system's side of the seam, filled in by the landing and the face.
///
/// A class, so that asking it in each turn costs one reference count and not one for each closure.
public final class ExternalPoller {
  /// Tells, in a few instructions and without a system call, whether mail from another thread has come.
  public let hasMail: () -> Bool
  /// Takes in the mail and wakes the nodes concerned.
  public let takeMail: (inout Scheduler) -> Void
  /// Waits for news within the limit and wakes the nodes concerned; takes in the mail too.
  public let poll: (PollLimit, inout Scheduler) -> Void
  /// Wakes `node` once when the descriptor is ready. Returns 0 or the system's error number.
  public let watch: (Int32, Interest, NodePointer) -> Int32
  /// Takes back a `watch` that has not been answered.
  public let unwatch: (Int32, Interest, NodePointer) -> Void

  public init(
    hasMail: @escaping () -> Bool,
    takeMail: @escaping (inout Scheduler) -> Void,
    poll: @escaping (PollLimit, inout Scheduler) -> Void,
    watch: @escaping (Int32, Interest, NodePointer) -> Int32,
    unwatch: @escaping (Int32, Interest, NodePointer) -> Void
  ) {
    self.hasMail = hasMail
    self.takeMail = takeMail
    self.poll = poll
    self.watch = watch
    self.unwatch = unwatch
  }
}

/// Descriptors that become ready when a test says so, in the loop's time.
///
/// Each readiness answers one wait. One that comes before anybody waits is kept for the next wait.
public final class SimulatedPoller {
  private struct Readiness {
    var time: Int64
    var descriptor: Int32
    var interest: Interest
  }

  private struct Watch {
    var descriptor: Int32
    var interest: Interest
    var node: NodePointer
  }

  private var script: [Readiness] = []
  private var watches: [Watch] = []

  public init() {}

  /// Announces that `descriptor` becomes ready at `time`, in nanoseconds of the loop's time.
  public func schedule(_ descriptor: Int32, _ interest: Interest, at time: Int64) {
    let position = script.firstIndex { $0.time > time } ?? script.count
    script.insert(Readiness(time: time, descriptor: descriptor, interest: interest), at: position)
  }

  /// The number of waits that nothing has answered yet.
  public var watchCount: Int { watches.count }

  /// When the next wait will be answered, as far as the script tells.
  var nextTime: Int64? {
    for readiness in script where firstWatch(for: readiness) != nil { return readiness.time }
    return nil
  }

  func watch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) {
    watches.append(Watch(descriptor: descriptor, interest: interest, node: node))
  }

  func unwatch(_ node: NodePointer) {
    watches.removeAll { $0.node == node }
  }

  /// Takes out a node whose descriptor is ready by `now`.
  func popReady(at now: Int64) -> NodePointer? {
    for index in script.indices {
      guard script[index].time <= now else { return nil }
      guard let match = firstWatch(for: script[index]) else { continue }
      script.remove(at: index)
      return watches.remove(at: match).node
    }
    return nil
  }

  private func firstWatch(for readiness: Readiness) -> Int? {
    // One that something else has woken already is about to take its watch back.
    watches.firstIndex {
      $0.descriptor == readiness.descriptor && $0.interest == readiness.interest
        && $0.node.pointee.isParked
    }
  }
}
