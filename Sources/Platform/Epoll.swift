// The landing on Linux: descriptors and wake-ups through one epoll instance.
//
// There are two ways to have a descriptor watched.
//
// *Foreign* descriptors belong to somebody else, who reads and writes them as he likes. Each wait arms the descriptor for
// one answer (EPOLLONESHOT) and is answered at once where the descriptor is ready already; one that nobody waits for
// costs nothing and cannot wake the loop. One system call a wait.
//
// *Attached* descriptors are our own streams and sockets. The kernel is told of them once, when they are attached, and
// from then on reports changes only (EPOLLET). What it has reported is remembered in the descriptor's entry until the
// owner says that a system call has found nothing more (`exhausted`). So a wait costs no system call at all, a change
// costs its share of one `epoll_wait`, and an owner that asks `mayBeReady` first does not even try what cannot succeed.
// The price is a rule: an owner waits only after it has been told "not now" by the system, or it waits for ever.
//
// A descriptor can have one reader and one writer waiting at a time. Two readers would have to share the bytes by chance;
// the second one is refused with EBUSY.
//
// The doorbell is an eventfd: other threads ring it when they have left mail for a loop that sleeps. It, too, reports changes
// only, and each ring is one: so it is never read, and its counter only grows.
//
// Cost: 24 bytes for each descriptor number up to the highest in use.

import CPlatform
import Scheduler

/// One epoll instance, with its doorbell and the nodes that wait in it.
public final class Epoll {
  let epoll: Int32
  /// The doorbell's descriptor: for those who cannot call `ring`, a signal's handler in C for one.
  public let doorbell: Int32
  /// One for each descriptor number up to the highest in use. Plain memory: counting references to an array and checking
  /// accesses to it would cost more than what is done with it.
  @usableFromInline let table: EpollTable
  private let events: UnsafeMutablePointer<epoll_event>

  private static var batch: Int32 { 256 }

  /// Opens the epoll instance and its doorbell; nil where the process has no descriptors left.
  public init?() {
    table = EpollTable()
    epoll = platform_epoll_create()
    doorbell = platform_doorbell_create()
    events = .allocate(capacity: Int(Self.batch))
    guard epoll >= 0, doorbell >= 0,
      platform_epoll_control(epoll, EPOLL_CTL_ADD, doorbell, platform_in | platform_edge) == 0
    else { return nil }
  }

  deinit {
    if epoll >= 0 { close(epoll) }
    if doorbell >= 0 { close(doorbell) }
    events.deallocate()
    table.free()
  }

  // MARK: - The doorbell

  /// Wakes the loop out of `wait`. May be called from any thread, and from a signal handler.
  public func ring() {
    var one: UInt64 = 1
    // It cannot fail: so high a counter is never reached.
    _ = write(doorbell, &one, 8)
  }

  // MARK: - Waiting

  /// Waits for news within the limit, and wakes the nodes whose descriptors are ready.
  public func wait(_ limit: PollLimit, waking scheduler: inout Scheduler) {
    let nanoseconds: Int64 =
      switch limit {
      case .instant: 0
      case .nanoseconds(let nanoseconds): max(0, nanoseconds)
      case .forever: -1
      }
    let count = platform_epoll_wait(epoll, events, Self.batch, nanoseconds)
    var index = 0
    // A signal (EINTR) is no news; the loop looks again by itself.
    while index < count {
      let event = events[index]
      if event.data.fd != doorbell { answer(Int(event.data.fd), event.events, &scheduler) }
      index += 1
    }
  }

  private func answer(_ index: Int, _ happened: UInt32, _ scheduler: inout Scheduler) {
    guard index < table.count else { return }
    let entry = table[index]
    entry.pointee.note(happened)
    // A node that something else has woken is left where it is, for it takes its watch back itself.
    if let reader = entry.pointee.reader, happened & (platform_in | platform_trouble) != 0,
      scheduler.answerWatch(reader)
    {
      entry.pointee.reader = nil
    }
    if let writer = entry.pointee.writer, happened & (platform_out | platform_trouble) != 0,
      scheduler.answerWatch(writer)
    {
      entry.pointee.writer = nil
    }
    if !entry.pointee.isAttached, entry.pointee.isAwaited { _ = arm(index) }
  }
}
