import Glibc
import UAsyncIO

/// Every kind of wait at once, and nothing that happens: for seeing from outside that the loop sleeps.
///
/// Says so when everything has begun to wait.
func idle(seconds: Int) throws {
  var ends: [Int32] = [0, 0]
  precondition(pipe(&ends) == 0, "no pipe could be made")
  let readingEnd = ends[0]
  try run {
    let never = Event()
    for _ in 0..<3 { createTask { try await never.wait() } }
    createTask { try await sleep(3600) }
    createTask { try await waitReadable(readingEnd) }
    try await sleep(0)
    print("idle")
    fflush(nil)
    try await sleep(seconds)
  }
}
