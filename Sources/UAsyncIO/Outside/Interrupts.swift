// Ctrl-C.
//
// A program that is interrupted should end, with its clean-up run, and its shell should see that it was interrupted (status
// 130). So an interrupt is made a cancellation of the main task, which unwinds like any other; when the main task has ended
// by it, so are the tasks that are left; and then the signal is raised once more with its default disposition. Whoever
// has no patience presses Ctrl-C again: the second one is not the loop's business any more, the handler itself ends the
// program, whatever the loop is stuck in.
//
//     first SIGINT     handler: next one ends the program; loop: the innermost run's task is cancelled
//     main task ends   by its CancellationError: the others are cancelled and awaited, for `grace`; the program ends
//                      in any other way: `run` returns as always, and the disposition is restored
//
// Only an outermost `run` on the real clock and the main thread does this, and only where SIGINT still has its default
// disposition: a library's thread, a simulation and a program that has its own handler are left alone.

import CUAsyncIO
import Scheduler

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What an interrupt (Ctrl-C, SIGINT) does during a run.
///
/// Interrupts are looked at only by an outermost run on the real clock and the main thread, and only where SIGINT still has
/// its default disposition. In all other cases the policy has no effect: a run on another thread, a simulation, and a
/// program with a handler of its own are left alone.
public enum InterruptPolicy: Hashable, Sendable {
  /// The first interrupt cancels the main coroutine.
  ///
  /// If it catches that and returns, or throws something else, so does `run`. If it ends by its `CancellationError`, `run`
  /// does not return: the other tasks are cancelled and given five seconds to end, those that do not are named on the
  /// standard error stream, and the program ends by SIGINT's default disposition, its standard output flushed. A shell
  /// shows that as status 130. (What the program would have done after `run` is not done.)
  ///
  /// The second interrupt ends the program at once. As long as somebody catches `.interrupt` with ``signals(_:)``, all of
  /// them are theirs alone.
  case cancelsMain
  /// An interrupt does what it does without this library: it ends the program at once, or calls the handler that the
  /// program has installed.
  case leftAlone
}

extension LoopCore {
  /// How long what is left may take to end when the main task has been interrupted.
  private static var grace: Duration { .seconds(5) }

  /// Drives the loop until the task has finished; an interrupt cancels it if the policy says so.
  func runToEnd<Success>(_ task: LoopTask<Success>, onInterrupt policy: InterruptPolicy) throws -> Success {
    if state.pointee.interruptible != nil {
      // A run within the one that catches them: it is the innermost one that a cancellation has to end.
      let outer = state.pointee.interruptible
      state.pointee.interruptible = task.object.pointer
      defer { state.pointee.interruptible = outer }
      return try runToEnd(task)
    }
    guard policy == .cancelsMain, catchesInterrupts else { return try runToEnd(task) }
    state.pointee.interruptible = task.object.pointer
    state.pointee.wasInterrupted = false
    let outcome = Result { try runToEnd(task) }
    state.pointee.interruptible = nil
    if state.pointee.wasInterrupted, case .failure(let error) = outcome, error is CancellationError { endInterrupted() }
    if SignalHub.shared.releaseInterrupts() {
      // It came when the main task had had its last step. Nobody is left to be cancelled, but it must not be lost.
      raise(UnixSignal.interrupt.rawValue)
    }
    return try outcome.get()
  }

  private var catchesInterrupts: Bool {
    state.pointee.depth == 1 && !state.pointee.scheduler.clock.isVirtual && uasyncio_on_main_thread()
      && SignalHub.shared.catchInterrupts()
  }

  /// Ends what is left, and then the program.
  private func endInterrupted() -> Never {
    let last = spawn(name: "shutdown") { await shutDown(grace: Self.grace) }
    let left = drive(until: last.object.pointer) ? (try? last.object.get([String].self)) ?? [] : []
    reportUnretrieved(afterRun: true)
    for task in left { uasyncio_write_error("interrupted, and still \(task)\n") }
    uasyncio_die_of(UnixSignal.interrupt.rawValue)
  }
}
