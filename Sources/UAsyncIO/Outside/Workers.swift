// The threads that do blocking work.
//
// There is no queue: how much runs at once is the limiters' to say, so whatever comes here has a thread at once. It is the
// one that has been idle for the shortest time, so that those that are not needed stay idle and end; or a new one.
//
// A worker waits in a monitor of its own. When its patience is over it takes itself off the list of the idle; if it is not
// in there any more, somebody has just chosen it, and what it is to do is on its way.

import CUAsyncIO
import Synchronization

package enum Workers {
  /// For how many nanoseconds a thread stays without work.
  package static let patience = Atomic<Int64>(10_000_000_000)
  private static let idle = Locked<[Worker]>([])
  private static let started = Atomic<Int>(0)

  /// How many threads have nothing to do.
  package static var idleCount: Int { idle.withLock { $0.count } }
  /// How many threads have been started.
  package static var startedCount: Int { started.load(ordering: .relaxed) }

  /// Has a thread do the work.
  static func start(_ work: ThreadWork) throws(LoopError) {
    if let worker = idle.withLock({ $0.popLast() }) { return worker.give(work) }
    let worker = Unmanaged.passRetained(Worker(work))
    let error = uasyncio_thread_start(
      { Unmanaged<Worker>.fromOpaque($0.unsafelyUnwrapped).takeRetainedValue().live() }, worker.toOpaque())
    guard error == 0 else {
      worker.release()
      throw .cannotStartThread(errorNumber: error, reason: String(cString: uasyncio_error_text(error)))
    }
    started.add(1, ordering: .relaxed)
  }

  /// One thread.
  private final class Worker: Sendable {
    private let next: Monitor<ThreadWork?>

    init(_ first: ThreadWork) { next = Monitor(first) }

    func give(_ work: ThreadWork) { next.change { $0 = work } }

    func live() {
      var mayGoOn = workOnce(atMost: nil)
      while mayGoOn { mayGoOn = awaitWork() }
    }

    /// Waits to be given work, and does it. Returns false when it is time to end.
    private func awaitWork() -> Bool {
      Workers.idle.withLock { $0.append(self) }
      if workOnce(atMost: Workers.patience.load(ordering: .relaxed)) { return true }
      let wasIdle = Workers.idle.withLock { idle in
        guard let index = idle.firstIndex(where: { $0 === self }) else { return false }
        idle.remove(at: index)
        return true
      }
      return wasIdle ? false : workOnce(atMost: nil)
    }

    /// Does what it has been given, or is within the time. (A function of its own, so that nothing of the work is kept
    /// while the thread has nothing to do.)
    @inline(never)
    private func workOnce(atMost nanoseconds: Int64?) -> Bool {
      let work = next.wait(atMost: nanoseconds) { next in
        defer { next = nil }
        return next
      }
      work?.perform()
      return work != nil
    }
  }
}
