import CUAsyncIO
import Scheduler

/// What other threads leave for the loop: jobs that want to go on here, functions to be called, cancellations, finished
/// work.
///
/// Flags that were raised are mail too, but lie elsewhere: see ThreadSafeFlag.swift. Whoever takes the mail takes both.
///
/// Locked state lives here and nowhere else. Two batches take turns, so a warm mailbox allocates nothing.
final class Mailbox: Sendable {
  enum Letter: @unchecked Sendable {
    /// A job of the runtime's; of a task that is just being created, with its record.
    case job(UnownedJob, newborn: RecordPointer?)
    /// A function to be called on the loop.
    case call(Call)
    /// A guest that waits under this ticket has been cancelled.
    case cancelGuest(RecordPointer, ticket: UInt64)
    /// A thread has done what it was asked to; retained.
    case workDone(Unmanaged<ThreadWork>)
  }

  private struct Content: @unchecked Sendable {
    var letters = Batch<Letter>()
    /// Whether the loop sleeps, or is about to, and must be woken.
    var loopSleeps = false
  }

  private let content = Locked(Content())

  /// Whether there may be mail: one load, no lock.
  static var hasMail: Bool { uasyncio_has_mail() }

  /// Leaves a letter. Returns whether the loop sleeps and the doorbell must be rung.
  func send(_ letter: consuming Letter) -> Bool {
    content.withLock(letter) { content, letter in
      // Where there is a letter already, whoever takes that one takes this one, too.
      if content.letters.isEmpty { uasyncio_set_mail() }
      content.letters.append(letter)
      defer { content.loopSleeps = false }
      return content.loopSleeps
    }
  }

  /// Says that the loop is about to sleep. Returns false if there is mail and it must not. In both cases `take` ends it.
  func prepareToSleep() -> Bool {
    let isEmpty = content.withLock { content in
      content.loopSleeps = content.letters.isEmpty
      return content.loopSleeps
    }
    return isEmpty && uasyncio_flags_prepare_to_sleep()
  }

  /// Empties the mailbox into `letters`, which must be empty; its storage serves for the next letters.
  func take(into letters: inout Batch<Letter>) {
    // The letters are values that are handed over whole; the lock orders the accesses.
    nonisolated(unsafe) var emptied = letters
    letters = Batch()
    uasyncio_flags_woke_up()
    uasyncio_clear_mail()
    content.withLock { content in
      swap(&content.letters, &emptied)
      content.loopSleeps = false
    }
    letters = emptied
  }
}
