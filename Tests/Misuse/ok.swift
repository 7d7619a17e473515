// What must compile: closures of coroutines capture and return what they like, and need no annotation.
// expect: nothing
import UAsyncIO
import UAsyncIOTesting

final class Counter { var count = 0 }

func sharesPlainState() throws -> Counter {
  try run {
    let counter = Counter()
    var plain = 0
    let task = createTask {
      counter.count += 1
      plain += 1
      return counter
    }
    let limited = try await waitFor(7) {
      plain += 1
      return counter
    }
    let sooner = try await waitForMs(7) { counter }
    let (one, other) = try await gather({ counter }, { limited })
    let inArray = try await gather([task, task])
    let both = try await gatherResults({ sooner }, { one })
    print(plain, try both.0.get() === other, inArray.count)
    return try await task.value
  }
}

func capturesWhatItHandsOver() throws {
  let counter = Counter()
  try run(clock: .virtual, order: .seeded(7)) { counter.count += 1 }
}

@LoopActor
func capturesParametersOnTheLoop(_ counter: Counter) async throws {
  createTask { counter.count += 1 }
  try await waitFor(7) { counter.count += 1 }
}

func simulatesWithPlainState() throws -> Counter {
  try simulate {
    let counter = Counter()
    createTask { counter.count += 1 }
    try await yieldNow()
    return counter
  }
}

func timesAreNumbersOrDurations() async throws {
  try await sleep(1)
  try await sleep(0.5)
  try await sleep(.seconds(1))
  try await sleepMs(1)
  try await sleepMs(0.5)
  try await waitFor(.milliseconds(3)) {}
}

func setsAnEventFromAnotherThread(_ event: Event) async {
  await event.set()
}

func isNotShadowed() async {
  struct Device {
    func run() throws { try UAsyncIO.run {} }
  }
}
