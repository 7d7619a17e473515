import UAsyncIO
import UAsyncIOTesting

func aTrace() throws {
  let steps = try trace {
    let brother = createTask(name: "brother") { try await sleep(1) }
    try await sleep(0.5)
    try await brother.value
  }
  for step in steps { print(step) }
}

func aDeadlock() throws {
  do {
    try run(clock: .virtual) {
      let never = Event()
      try await createTask(name: "Vladimir") { try await never.wait() }.value
    }
  } catch let deadlock as DeadlockError {
    for task in deadlock.tasks where task.name == "Vladimir" { print(task) }
  }
}

struct Spilled: Error {}

@LoopActor
func unretrievedErrors() async throws {
  getEventLoop().setExceptionHandler { context in
    print("nobody asked, but this failed: \(context.error)")
  }
  createTask(name: "waiter") { throw Spilled() }
  try await sleep(1)
  getEventLoop().setExceptionHandler(nil)
}

@LoopActor
func timesInFourSpellings() async throws {
  let start = loopTime()
  try await sleep(1)
  try await sleep(0.5)
  try await sleepMs(250)
  try await sleep(.milliseconds(250))
  print(loopTime() - start)
}
