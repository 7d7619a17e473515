// From asynchronous code that is not on the loop, setting an event is a hop, and a hop is an await.
// expect: global actor 'LoopActor'-isolated instance method 'set()' cannot be called from outside of the actor
import UAsyncIO

@concurrent
func worker(_ event: Event) async {
  event.set()
}
