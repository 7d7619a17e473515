// The landing on Linux: descriptors and wake-ups through one epoll instance.
//
// Each wait arms its descriptor for one answer (EPOLLONESHOT), so a descriptor that nobody waits for costs nothing
// and cannot wake the loop. A descriptor can have one reader and one writer waiting at a time. Two readers would
// have to share the bytes by chance; the second one is refused with EBUSY.
//
// The doorbell is an eventfd: other threads ring it when they have left mail for a loop that sleeps.
//
// Cost: one system call to arm, one to wait; a word-sized slot for each descriptor number up to the highest in use.

import CPlatform
import Scheduler

/// One epoll instance, with its doorbell and the nodes that wait in it.
public final class Epoll {
  private struct Entry {
    var reader: NodePointer?
    var writer: NodePointer?
    /// Whether the kernel has the descriptor in its set, as far as we know: closing a descriptor takes it out.
    var registered = false

    var events: UInt32 {
      (reader == nil ? 0 : platform_in) | (writer == nil ? 0 : platform_out)
    }
  }

  private let epoll: Int32
  /// The doorbell's descriptor: for those who cannot call `ring`, a signal's handler in C for one.
  public let doorbell: Int32
  private var entries: [Entry] = []
  private let events: UnsafeMutablePointer<epoll_event>

  private static var batch: Int32 { 256 }

  /// Opens the epoll instance and its doorbell; nil where the process has no descriptors left.
  public init?() {
    epoll = platform_epoll_create()
    doorbell = platform_doorbell_create()
    events = .allocate(capacity: Int(Self.batch))
    guard epoll >= 0, doorbell >= 0, platform_epoll_control(epoll, EPOLL_CTL_ADD, doorbell, platform_in) == 0
    else { return nil }
  }

  deinit {
    if epoll >= 0 { close(epoll) }
    if doorbell >= 0 { close(doorbell) }
    events.deallocate()
  }

  // MARK: - The doorbell

  /// Wakes the loop out of `wait`. May be called from any thread, and from a signal handler.
  public func ring() {
    var one: UInt64 = 1
    // The only possible failure is a counter that is full, and then the bell is ringing already.
    _ = write(doorbell, &one, 8)
  }

  private func silenceDoorbell() {
    var count: UInt64 = 0
    _ = read(doorbell, &count, 8)
  }

  // MARK: - Descriptors

  /// Arms a descriptor for one answer to `node`. Returns 0 or the system's error number: EBADF for a descriptor that is
  /// not open, EPERM for one of a kind that is always ready (a regular file), EBUSY where another node waits for the
  /// same.
  public func watch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) -> Int32 {
    guard descriptor >= 0 else { return EBADF }
    let index = Int(descriptor)
    while entries.count <= index { entries.append(Entry()) }
    switch interest {
    case .readable:
      guard entries[index].reader == nil else { return EBUSY }
      entries[index].reader = node
    case .writable:
      guard entries[index].writer == nil else { return EBUSY }
      entries[index].writer = node
    }
    let error = arm(index)
    if error != 0 { clear(index, interest) }
    return error
  }

  /// Takes back a `watch` that has not been answered.
  public func unwatch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) {
    let index = Int(descriptor)
    guard index < entries.count else { return }
    clear(index, interest)
    // A descriptor that is gone needs no disarming.
    _ = arm(index)
  }

  private func clear(_ index: Int, _ interest: Interest) {
    switch interest {
    case .readable: entries[index].reader = nil
    case .writable: entries[index].writer = nil
    }
  }

  /// Tells the kernel what is awaited at a descriptor; takes it out of the set where nothing is, for errors and
  /// hang-ups are reported whether anybody waits or not.
  private func arm(_ index: Int) -> Int32 {
    let descriptor = Int32(index)
    if entries[index].events == 0 {
      entries[index].registered = false
      return platform_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
    }
    let events = entries[index].events | platform_one_shot
    if entries[index].registered {
      let error = platform_epoll_control(epoll, EPOLL_CTL_MOD, descriptor, events)
      // The descriptor was closed, and its number may have been given out again.
      if error != ENOENT { return error }
      entries[index].registered = false
    }
    let error = platform_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events)
    if error == 0 { entries[index].registered = true }
    return error
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
      if event.data.fd == doorbell {
        silenceDoorbell()
      } else {
        answer(Int(event.data.fd), event.events, &scheduler)
      }
      index += 1
    }
  }

  private func answer(_ index: Int, _ happened: UInt32, _ scheduler: inout Scheduler) {
    guard index < entries.count else { return }
    if let reader = entries[index].reader, happened & (platform_in | platform_trouble) != 0 {
      entries[index].reader = nil
      scheduler.answerWatch(reader)
    }
    if let writer = entries[index].writer, happened & (platform_out | platform_trouble) != 0 {
      entries[index].writer = nil
      scheduler.answerWatch(writer)
    }
    if entries[index].events != 0 { _ = arm(index) }
  }
}
