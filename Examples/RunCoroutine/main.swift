// The manual's second example: the smallest program there is.
//
//     swift run RunCoroutine
//     swift run RunCoroutine --virtual-time

import UAsyncIO

@LoopActor
func myCoroutine() async throws {
  print("Running my_coroutine")
}

try run(clock: CommandLine.arguments.contains("--virtual-time") ? .virtual : .real, myCoroutine)
