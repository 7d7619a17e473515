// A flag that other threads and signal handlers raise.
//
// A handler of a signal may interrupt any instruction of its own thread: malloc with its lock held, the loop in the middle
// of a queue. So raising a flag may take no lock, allocate nothing and initialise nothing. It is three atomic words and at
// most one write to a descriptor, in C, where nothing is done behind one's back (Sources/CUAsyncIO/Flags.c).
//
// How a flag reaches the loop
// ---------------------------
//   raise:  1  Mark the flag RAISED and STACKED. It was RAISED already: nothing is left to do; sets coalesce here.
//           2  Unless it was STACKED already, put it on top of the stack of flags that the loop has to look at, and then
//              say that there is mail (`uasyncio_mail`).
//           3  If the loop sleeps, ring its doorbell.
//   loop:   4  There is mail, which costs one load a turn to see. Say that there is none, and then take the whole stack,
//              oldest flag first.
//           5  Whoever waits for the flag is woken, and RAISED is taken away; with nobody there it stays, for the next
//              `wait`.
//           6  Take STACKED away, in one step with making sure that a wanted flag has not been raised meanwhile.
//
// Nothing is lost:
// * A waiter parks only when RAISED is off, on the loop's thread, where 5 happens too. So a flag that is raised later
//   goes through 2, or is in the stack still, and 6 sends the loop back to 5.
// * A flag that is RAISED and not STACKED has nobody waiting: that is why 1 may stop there.
// * The loop goes to sleep in two steps: it says so (`uasyncio_loop_sleeps`), and then looks at the stack once more.
//   Raising writes the stack and then reads that word. All four are sequentially consistent, so one of the two sees what
//   the other has written: the loop does not sleep, or the bell rings. A bell that rings too late costs one empty poll.
// * A thread that is suspended between 1 and 2 delays those who set the same flag meanwhile, but it will go on to 2 and 3.
//   (A handler that interrupts it there returns first.)
//
// Who waits is kept in the flag's own memory, which is freed by the loop if the object is dropped while the flag is in the
// stack: dropping one is safe on any thread.
//
// Never: give `raise` anything to do that is not an atomic operation or the one write. Never touch `waiters` or
// `underway` but on the loop's thread.

import CUAsyncIO
import Scheduler

/// A flag that other threads and signal handlers can set, and coroutines wait for. Python (MicroPython):
/// `ThreadSafeFlag`.
///
/// It is self-clearing: whoever has waited for it has also cleared it. Setting it again before anybody has noticed changes
/// nothing.
///
/// All who wait when it is set go on. (In MicroPython only one coroutine may wait for a flag.) Whoever comes later waits
/// for it to be set anew.
///
/// In virtual time nothing waits for a thread that might set a flag: the clock jumps when all coroutines wait, and where
/// no time is awaited either, `run` throws ``DeadlockError`` after its real-time silence. Threads for which it is worth
/// waiting are those of ``toThread(abandonsOnCancel:limiter:_:)``.
public final class ThreadSafeFlag: Sendable {
  private nonisolated(unsafe) let flag: UnsafeMutablePointer<uasyncio_flag> = uasyncio_flag_create()

  /// A cleared flag.
  public init() {}

  deinit { uasyncio_flag_abandon(flag) }

  /// Sets the flag, and lets all go on who wait for it. Python: `set()`.
  ///
  /// May be called from any thread, while the loop runs or not, and from the handler of a signal: it takes no lock,
  /// allocates nothing, and leaves `errno` alone. (A handler must find the flag in a variable that has its value already:
  /// a global one outside of `main.swift` gets it at its first use, which must not be in the handler.)
  public func set() { uasyncio_flag_raise(flag) }

  /// Clears the flag, and so undoes a `set` that nobody has noticed yet. May be called from any thread. Python: `clear()`.
  public func clear() { _ = uasyncio_flag_take(flag) }

  /// Whether the flag has been set and nobody has noticed yet. May be asked on any thread.
  public var isSet: Bool { uasyncio_flag_is_up(flag) }

  /// Waits until the flag is set, and clears it; if it is set, at once, without letting others run. Python: `wait()`.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile. If the flag was set in that very moment and
  ///   nobody else was waiting, it is set still, and the next `wait` finds it so.
  @LoopActor
  public func wait() async throws { try await wait(.flag) }

  /// Waits, and is called `phase` in reports.
  @LoopActor
  func wait(_ phase: TaskPhase) async throws {
    if uasyncio_flag_take(flag) { return }
    let loop = LoopCore.shared
    let reason = try await loop.wait(phase, in: flag.waitList, unless: { uasyncio_flag_take(flag) })
    guard let reason else { return }
    guard loop.takeCancellation() else {
      // Whatever has been handed out so far has been noticed now.
      uasyncio_flag_set_underway(flag, 0)
      return
    }
    let underway = uasyncio_flag_underway(flag)
    if reason == .event, underway > 0 {
      uasyncio_flag_set_underway(flag, underway - 1)
      if underway == 1 { set() }
    }
    throw CancellationError()
  }
}

extension UnsafeMutablePointer where Pointee == uasyncio_flag {
  /// Those who wait for the flag. A list is one pointer, and the flag has room for it.
  fileprivate var waitList: UnsafeMutablePointer<WaitList> {
    uasyncio_flag_waiters(self).assumingMemoryBound(to: WaitList.self)
  }

  /// Lets those go on who wait for the flag, if it is up. Returns whether somebody goes on waiting.
  fileprivate func wakeWaiters(in scheduler: inout Scheduler) -> Bool {
    let list = waitList
    guard !list.pointee.isEmpty else { return false }
    guard uasyncio_flag_take(self) else { return true }
    while let node = list.pointee.front {
      uasyncio_flag_set_underway(self, uasyncio_flag_underway(self) + 1)
      scheduler.wake(node, .event)
    }
    return false
  }
}

extension LoopCore {
  /// Looks at the flags that have been raised. Called by the poller, on the loop's thread.
  ///
  /// Twice, for a signal raises the flags of those who wait for it. What is raised after that is there in the next turn.
  func readFlags(into scheduler: inout Scheduler) {
    for _ in 0..<2 {
      var next = uasyncio_flags_take()
      while let flag = next {
        next = uasyncio_flag_next(flag)
        if uasyncio_is_signal_flag(flag) {
          repeat { takeSignals(into: &scheduler) } while !uasyncio_flag_unstack(flag, true)
        } else {
          var isWanted = false
          repeat { isWanted = flag.wakeWaiters(in: &scheduler) } while !uasyncio_flag_unstack(flag, isWanted)
        }
      }
    }
  }
}
