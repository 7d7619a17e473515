// A program to be interrupted: InterruptTests start it, send it signals, and look at what it says and how it ends.

import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Says something through the buffered output, which a program that ends must not lose.
@LoopActor func say(_ line: String) { print("\(line)") }

/// Says that signals may come now; not buffered.
@LoopActor func sayReady() {
  fflush(nil)
  _ = write(1, "ready\n", 6)
}

@LoopActor func waitAndCleanUp() async throws { try await waitAndCleanUp(announced: true) }

@LoopActor func waitAndCleanUp(announced: Bool) async throws {
  createTask(name: "background") {
    do { try await sleep(3600) } catch {
      try await sleepMs(1)
      say("background cleaned up")
    }
  }
  if announced { createTask { sayReady() } }
  do { try await sleep(3600) } catch {
    try await sleepMs(1)
    say("main cleaned up")
    throw error
  }
}

/// Goes on whatever happens.
@LoopActor func refuse() async throws {
  createTask { sayReady() }
  while true {
    do { try await sleep(3600) } catch {
      say("no")
      sayReady()
    }
  }
}

@LoopActor func catchAndReturn() async throws {
  createTask { sayReady() }
  do { try await sleep(3600) } catch { say("caught \(error is CancellationError)") }
}

@LoopActor func subscribe() async throws {
  createTask { sayReady() }
  var count = 0
  for try await signal in signals(.interrupt) {
    say("got \(signal)")
    count += 1
    if count == 2 { break }
    sayReady()
  }
  // Nobody has subscribed any more: now it is the run's again.
  try await waitAndCleanUp()
}

@LoopActor func runInside() async throws {
  try run { try await waitAndCleanUp() }
}

/// Has a thread read what nobody ever types.
@LoopActor func readForever() async throws {
  var ends: [Int32] = [0, 0]
  pipe(&ends)
  dup2(ends[0], 0)
  // From here on the thread has the lock of its stream: nobody may flush them all.
  fflush(nil)
  createTask {
    do {
      try await toThread(abandonsOnCancel: true) {
        _ = write(1, "ready\n", 6)
        _ = readLine()
      }
    } catch { say("reader let go") }
  }
  try await waitAndCleanUp(announced: false)
}

/// Takes no notice of anything.
@LoopActor func spin() async throws {
  sayReady()
  while true { usleep(1000) }
}

print(getpid())
let scenario = CommandLine.arguments.dropFirst().first ?? ""
do {
  switch scenario {
  case "clean-up": try run(waitAndCleanUp)
  case "refuse": try run(refuse)
  case "spin": try run(spin)
  case "catch":
    try run(catchAndReturn)
    print("run returned")
    // The default disposition is back, and the next run catches interrupts anew.
    try run(waitAndCleanUp)
  case "subscribe": try run(subscribe)
  case "reading": try run(readForever)
  case "nested": try run(runInside)
  case "left-alone": try run(onInterrupt: .leftAlone, waitAndCleanUp)
  case "own-handler":
    signal(SIGINT) { _ in _exit(7) }
    try run(waitAndCleanUp)
  case "virtual":
    try run(clock: .virtual) {
      sayReady()
      raise(SIGINT)
      try await sleep(1)
    }
  case "late":
    try run {
      sayReady()
      raise(SIGINT)
    }
    print("must not be reached")
    fflush(nil)
  case "task": try run(createTask { try await waitAndCleanUp() })
  default: print("unknown scenario: \(scenario)")
  }
} catch {
  print("run threw \(error)")
}
