// A task is cancelled on the loop, and not by a thread's synchronous code.
// expect: call to global actor 'LoopActor'-isolated instance method 'cancel()' in a synchronous nonisolated context
import UAsyncIO

func watchdog(_ task: LoopTask<Int>) -> @Sendable () -> Void {
  { task.cancel() }
}
