// State of the loop's is touched on the loop.
// expect: global actor 'LoopActor'-isolated var 'counter'
import UAsyncIO

@LoopActor var counter = 0

func race() {
  Task.detached { counter += 1 }
}
