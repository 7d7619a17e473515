// An event: three runners wait for the pistol. One comes late and need not wait; another comes when the pistol is
// loaded again, and nobody fires it.
//
//     swift run EventWait
//     swift run EventWait --virtual-time

import UAsyncIO

@LoopActor
func runner(_ name: String, _ pistol: Event) async throws {
  print("\(name) is waiting")
  try await pistol.wait()
  print("\(name) is off")
}

@LoopActor
func race() async throws {
  let pistol = Event()
  print("Loaded, isSet: \(pistol.isSet)")
  for name in ["Ada", "Bob", "Cyd"] {
    createTask { try await runner(name, pistol) }
  }

  try await sleep(0.1)
  print("Bang!")
  pistol.set()
  print("Fired, isSet: \(pistol.isSet)")

  // Waiting for an event that is set does not suspend: Dot is off before the three who were woken.
  try await runner("Dot", pistol)
  try await sleep(0.1)

  pistol.clear()
  print("Loaded again, isSet: \(pistol.isSet)")
  do {
    try await waitForMs(100) { try await runner("Eve", pistol) }
  } catch is TimeoutError {
    print("Nobody fires, Eve goes home")
  }
}

try run(clock: CommandLine.arguments.contains("--virtual-time") ? .virtual : .real, race)
