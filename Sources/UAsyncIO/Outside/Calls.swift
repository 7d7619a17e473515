// The functions that were sent to the loop: by other threads, and by its own.
//
// They may be many, and each is a word or two: so they do not stand in the ready queue one by one, but in a queue of their own,
// behind one node. That keeps them in the order in which they came, whatever the order of the tasks is, and nothing is
// allocated for them but what the caller's closure takes.
//
// A step calls all that were there when it began, as they would be called if they stood in the ready queue one behind the
// other. What a thread has sent is called, therefore, before anybody goes on who waits for that thread's end.

import CUAsyncIO
import Scheduler

/// A function, as it is sent.
struct Call: @unchecked Sendable {
  /// It is only called on the loop's thread; the type system just does not know.
  private let function: () -> Void

  init(_ function: consuming @escaping @LoopActor () -> Void) {
    self = unsafeBitCast(Isolated(function: function), to: Call.self)
  }

  func callAsFunction() { function() }

  // The same with its isolation. A function that is cast by itself would be wrapped, twice, and each wrapping allocates.
  private struct Isolated {
    let function: @LoopActor () -> Void
  }
}

/// All that were sent and have not been called.
final class Calls: Callable, @unchecked Sendable {
  @exclusivity(unchecked) private var waiting = Batch<Call>()
  /// Whether the node stands in the ready queue.
  @exclusivity(unchecked) private var isReady = false

  func add(_ call: consuming Call, to scheduler: inout Scheduler) {
    waiting.append(call)
    makeReady(in: &scheduler)
  }

  override func call(in loop: LoopCore) {
    isReady = false
    let count = waiting.count
    for _ in 0..<count {
      // A call that runs the loop anew has the others called there.
      guard let call = waiting.popFirst() else { return }
      call()
    }
    waiting.noteEmptied(of: count)
    makeReady(in: &loop.state.pointee.scheduler)
  }

  func makeReady(in scheduler: inout Scheduler) {
    guard !isReady, !waiting.isEmpty else { return }
    isReady = true
    scheduler.wake(pointer.node, .started)
  }

  func drop() {
    // They are let go when the queue is in order again: their end may come back here.
    let dropped = waiting
    waiting = Batch()
    withExtendedLifetime(dropped) {}
  }

  /// After the ready queue has been emptied.
  func startOver() { isReady = false }
}

extension LoopCore {
  /// Has a function called after all that is ready on the loop; from any thread.
  func send(_ call: consuming Call) {
    if uasyncio_on_loop_thread() {
      state.pointee.calls.add(call, to: &state.pointee.scheduler)
    } else if mailbox.send(.call(call)) {
      ringDoorbell()
    }
  }
}
