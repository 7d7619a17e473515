// Other threads that want something done on the loop.
//
// A thread that waits for a coroutine must get an answer, whatever becomes of the coroutine: it may be cancelled before its
// first step, or the loop be emptied by `newEventLoop`. So the promise to answer is an object that the coroutine's body
// holds: when the body goes, having answered or not, so does the promise, and its `deinit` says that it was cancelled.

import CUAsyncIO
import Scheduler

/// Has a coroutine run on the loop, and blocks the calling thread until it has ended.
///
/// For threads that are not the loop's: those of ``toThread(abandonsOnCancel:limiter:_:)``, of Dispatch, of a C library.
/// The coroutine is a task like any other. While the loop is not running, it waits for the next `run`, and so does the
/// calling thread. (From a Swift task, `await` a `@LoopActor` function instead: it blocks nothing.)
///
/// In virtual time, work that was handed to a thread with `toThread` keeps the clock from jumping, but not while that
/// thread waits in here.
///
/// - Parameter body: what to run; it may await, and need not.
/// - Returns: what the body returns.
/// - Throws: what the body throws; `CancellationError` also if the task is cancelled before it begins, or the loop is
///   emptied by ``newEventLoop()``; ``LoopError/wouldBlockTheLoop`` on the loop's own thread, which would wait for itself.
///
/// Python: `run_coroutine_threadsafe(coro, loop).result()`; trio: `from_thread.run(f)`.
@discardableResult
public func runFromThread<Success: Sendable>(
  _ body: @escaping @LoopActor @Sendable () async throws -> Success
) throws -> Success {
  guard !uasyncio_on_loop_thread() else { throw LoopError.wouldBlockTheLoop }
  let reply = Reply<Success>()
  send(body, answering: reply)
  return try reply.wait().get()
}

/// Has a function called on the loop, after all that is ready there, and does not wait for it.
///
/// May be called from any thread, the loop's too. Functions that one thread sends are called in the order in which it sent
/// them. While the loop is not running they wait for the next `run`; ``newEventLoop()`` drops them.
///
/// It takes a lock: in the handler of a signal, use a ``ThreadSafeFlag`` instead.
///
/// Python: `Loop.call_soon_threadsafe(callback)`; trio: `TrioToken.run_sync_soon(f)`.
public func callFromThread(_ body: consuming @escaping @LoopActor @Sendable () -> Void) {
  LoopCore.shared.send(Call(body))
}

/// A function of its own, so that nothing of the calling thread's keeps the promise while that waits.
@inline(never)
private func send<Success: Sendable>(
  _ body: @escaping @LoopActor @Sendable () async throws -> Success, answering reply: Reply<Success>
) {
  let promise = ReplyPromise(reply)
  // The thread waits in here as long as the task lives, and it is its work that waits with it.
  let work = ThreadWork.current
  createTask {
    work?.pauseHold()
    defer { work?.resumeHold() }
    do {
      promise.keep(.success(try await body()))
    } catch {
      promise.keep(.failure(error))
    }
  }
}

/// What one thread waits for and another one says, once.
private final class Reply<Success: Sendable>: Sendable {
  private let outcome = Monitor<Result<Success, any Error>?>(nil)

  /// Says it, unless it has been said.
  func send(_ result: Result<Success, any Error>) {
    outcome.change { outcome in if outcome == nil { outcome = result } }
  }

  func wait() -> Result<Success, any Error> {
    outcome.wait { $0 }.unsafelyUnwrapped
  }
}

private final class ReplyPromise<Success: Sendable>: Sendable {
  private let reply: Reply<Success>

  init(_ reply: Reply<Success>) { self.reply = reply }

  func keep(_ result: Result<Success, any Error>) { reply.send(result) }

  deinit { reply.send(.failure(CancellationError())) }
}
