// Runs the code of README.md and of the documentation's pages: each block there stands in one of these files, word for
// word (Scripts/check-docs makes sure).
//
//     swift run Snippets --virtual-time

import UAsyncIO

func title(_ text: String) { print("-- \(text)") }

try run(clock: .virtual) {
  title("README: the first program")
  try firstProgram()
  title("README: plain functions")
  try await relay()
  title("Living with Swift concurrency: from another thread")
  try await fromAnotherThread()
  title("Living with Swift concurrency: children")
  try await nativeChildren()
  title("Living with Swift concurrency: a limit around something foreign")
  try await limitAroundSomethingForeign()
  title("Cancellation: catch and go on")
  try await catchAndGoOn()
  title("Cancellation: of oneself")
  try await cancelOneself()
  title("Cancellation: passed on")
  try await passedOn()
  title("Cancellation: clean-up that waits")
  try await cleanUpThatWaits()
  title("The life of a task: errors that nobody retrieves")
  try await unretrievedErrors()
  title("Names and errors")
  try await timesInFourSpellings()
}
title("README: an hour in a test")
try anHourPasses()
title("The loop: a trace")
try aTrace()
title("The loop: deadlock")
try aDeadlock()
title("Testing: seeds")
try ordersFromSeeds()
title("Testing: the cancel sweep")
try sweepOfTheSlot()
title("Testing: simulated descriptors")
try simulatedDescriptors()
