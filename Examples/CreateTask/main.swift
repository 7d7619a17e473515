// The manual's first example: a task that never runs.
//
//     swift run CreateTask                  prints nothing
//     swift run CreateTask --virtual-time   prints nothing either, no sooner
//
// Creating a task puts it in the queue and no more. It would start with the first `run`, and there is none.

import UAsyncIO

@LoopActor
func myCoroutine() async throws {
  print("Running my_coroutine")
}

let task = createTask(myCoroutine)
_ = task
