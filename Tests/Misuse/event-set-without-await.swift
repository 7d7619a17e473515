// An event belongs to the loop: code that may run on any thread cannot set it in passing.
// expect: call to global actor 'LoopActor'-isolated instance method 'set()' in a synchronous nonisolated context
import UAsyncIO

func signalHandler(_ event: Event) {
  event.set()
}
