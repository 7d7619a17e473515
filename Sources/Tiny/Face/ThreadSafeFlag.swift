// What an interrupt can say to a coroutine.
//
// Setting a flag is two byte-wide stores: the flag itself, and "some flag was set", for the loop to see at a glance. It
// touches no list and no count, so it can happen at any instant, in the middle of whatever the loop is doing, and twice
// at once. The loop then looks through the flags that somebody waits for; they are few.
//
// Nothing set is lost, whenever it comes: before the wait begins, it is found set then; while the loop is at work, it
// is found in the next turn; when the loop is about to sleep, the board's `tiny_board_wait` looks again with interrupts
// held back, and on Linux a ring at the doorbell is kept until the poller is asked.

import CTiny
import Scheduler

/// A flag's two sides: the byte that interrupts set, and the one who waits.
struct FlagRecord {
  /// First, so that its address is the record's.
  var waiters = WaitList()
  /// One word further, where `byte(of:)` finds it.
  var byte: UInt8 = 0
  /// The next one in the loop's list of flags that somebody waits for.
  var next: UnsafeMutablePointer<FlagRecord>?

  static func byte(of record: UnsafeMutablePointer<FlagRecord>) -> UnsafeMutablePointer<UInt8> {
    (UnsafeMutableRawPointer(record) + MemoryLayout<WaitList>.size).assumingMemoryBound(to: UInt8.self)
  }
}

/// A flag that an interrupt, a signal handler or another thread may set, and coroutines wait for. Python:
/// `ThreadSafeFlag`.
///
/// Setting it several times before anybody looks is setting it once. Waiting for it clears it. Several may wait: each
/// setting wakes all of them.
///
/// Make it when the program starts and keep it: an interrupt must not find it gone.
public final class ThreadSafeFlag: @unchecked Sendable {
  private let record: UnsafeMutablePointer<FlagRecord>

  /// A cleared flag.
  public init() {
    record = .allocate(capacity: 1)
    record.initialize(to: FlagRecord())
  }

  deinit { record.deallocate() }

  private var byte: UnsafeMutablePointer<UInt8> { FlagRecord.byte(of: record) }

  private var waiters: UnsafeMutablePointer<WaitList> {
    UnsafeMutableRawPointer(record).assumingMemoryBound(to: WaitList.self)
  }

  /// Sets the flag. May be called from everywhere, at any time. Python: `set()`.
  public func set() {
    tiny_flag_set(byte)
    tiny_board_wake()
  }

  /// The address to hand to an interrupt handler written in C, for `tiny_flag_set` and `tiny_board_wake`.
  public var address: UnsafeMutablePointer<UInt8> { byte }

  /// Whether the flag is set. Python: `is_set()`.
  public var isSet: Bool { tiny_flag_is_set(byte) }

  /// Clears the flag. Python: `clear()`.
  public func clear() { _ = tiny_flag_take(byte) }

  /// Waits until the flag is set, and clears it; if it is set, returns at once without letting others run.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile. A setting that came in that very moment
  ///   is kept for the next wait.
  ///
  /// Python: `wait()`.
  public nonisolated(nonsending) func wait() async throws(TaskError) {
    if tiny_flag_take(byte) { return }
    let loop = Loop.shared
    let isFirst = waiters.pointee.isEmpty
    try loop.beginWait(.waiting, in: waiters)
    if isFirst { loop.enlist(record) }
    await park()
    if waiters.pointee.isEmpty { loop.delist(record) }
    guard loop.takeCancellation() else { return }
    if loop.wakeReason == .event { tiny_flag_set(byte) }
    throw .cancelled
  }
}

/// The flags that some task waits for. Not in the loop's state, so that the linker sees whether a program has any.
nonisolated(unsafe) private var firstFlag: UnsafeMutablePointer<FlagRecord>?

extension Loop {
  fileprivate func enlist(_ record: UnsafeMutablePointer<FlagRecord>) {
    delist(record)
    record.pointee.next = firstFlag
    firstFlag = record
    // What was set before the flag was in the list has been overlooked so far.
    if tiny_flag_is_set(FlagRecord.byte(of: record)) { tiny_mail_has_come() }
  }

  fileprivate func delist(_ record: UnsafeMutablePointer<FlagRecord>) {
    if firstFlag == record {
      firstFlag = record.pointee.next
    } else {
      var cursor = firstFlag
      while let flag = cursor, flag.pointee.next != record { cursor = flag.pointee.next }
      cursor?.pointee.next = record.pointee.next
    }
    record.pointee.next = nil
  }

  @inline(never)
  private static func wakeOutside(_ node: NodePointer, in scheduler: inout Scheduler) { scheduler.wake(node, .event) }

  /// Wakes those who wait for a flag that was set. Called by the poller; the scheduler must not be reached another way.
  @inline(never)
  static func readFlags(waking scheduler: inout Scheduler) {
    guard tiny_has_mail(), tiny_take_mail() else { return }
    var cursor = firstFlag
    while let flag = cursor {
      cursor = flag.pointee.next
      guard !flag.pointee.waiters.isEmpty, tiny_flag_take(FlagRecord.byte(of: flag)) else { continue }
      while let node = flag.pointee.waiters.front { wakeOutside(node, in: &scheduler) }
    }
  }
}
