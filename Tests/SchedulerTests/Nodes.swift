import Testing

@testable import Scheduler

/// Nodes for a test: at addresses that stay, numbered from 0.
final class Nodes {
  let count: Int
  private let base: NodePointer

  init(_ count: Int) {
    self.count = count
    base = .allocate(capacity: count)
    for index in 0..<count { (base + index).initialize(to: Node(id: UInt32(index), phase: 0, flags: 0)) }
  }

  deinit { base.deallocate() }

  subscript(index: Int) -> NodePointer { base + index }

  var all: [NodePointer] { (0..<count).map { base + $0 } }
}

/// A wait list at an address that stays.
final class List {
  let pointer = UnsafeMutablePointer<WaitList>.allocate(capacity: 1)

  init() { pointer.initialize(to: WaitList()) }

  deinit { pointer.deallocate() }

  var ids: [UInt32] {
    var ids: [UInt32] = []
    pointer.pointee.forEach { ids.append($0.pointee.id) }
    return ids
  }
}

/// The time of a monotonic clock, which moves when the test says so, and how often it was read.
final class FakeTime {
  var now: Int64 = 0
  private(set) var readings = 0

  func clock(origin: Int64 = 0) -> Clock {
    .monotonic(
      read: {
        self.readings += 1
        return self.now
      }, origin: origin)
  }
}

/// An outside world whose news the test makes up.
final class FakeOutside {
  var mail: [NodePointer] = []
  var ready: [NodePointer] = []
  private(set) var watched: [NodePointer] = []
  private(set) var limits: [PollLimit] = []
  /// What happens when the loop waits: time passes, for one. It is handed this object, so as not to hold it.
  var onWait: (PollLimit, FakeOutside) -> Void = { _, _ in }

  var poller: Poller { .external(external) }

  var external: ExternalPoller {
    ExternalPoller(
      hasMail: { !self.mail.isEmpty },
      takeMail: { scheduler in self.takeMail(&scheduler) },
      poll: { limit, scheduler in
        self.limits.append(limit)
        if case .instant = limit {} else { self.onWait(limit, self) }
        for node in self.ready { _ = scheduler.answerWatch(node) }
        self.ready = []
        self.takeMail(&scheduler)
      },
      watch: { _, _, node in
        self.watched.append(node)
        return 0
      },
      unwatch: { _, _, node in self.watched.removeAll { $0 == node } })
  }

  private func takeMail(_ scheduler: inout Scheduler) {
    for node in mail { scheduler.wake(node, .event) }
    mail = []
  }
}

let microsecond: Int64 = 1000
let millisecond: Int64 = 1_000_000

/// Like `#expect(actual == expected)`, which cannot look into what cannot be copied.
func expect<Value: Equatable>(
  _ actual: Value, is expected: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual == expected, sourceLocation: sourceLocation)
}
