// Where a program must end: a task that needs more room for its frames than it has, and a request that a sealed heap refuses.
// The message says which and why, and until it is written nothing has been overwritten.
//
// Linked with --wrap=tiny_board_exit: the program's end comes here, and the next dead end is tried instead, inside of the one
// before. Scripts/check-tiny looks at the messages.

import UAsyncIO

@_silgen_name("__real_tiny_board_exit") private func reallyExit(_ status: Int32) -> Never

/// The runtime hands out frames in units of two words.
private let unit = 2 * MemoryLayout<Int>.size
private let guardBytes = 64
private let rounds = 12

nonisolated(unsafe) private var round = -1
nonisolated(unsafe) private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
nonisolated(unsafe) private var placeBytes = 0

/// Waits for nothing, so that nobody resumes a task whose frames have found no room.
@inline(never)
private func descend(_ levels: Int) async throws(TaskError) -> Int {
  if levels == 0 { return 0 }
  return try await descend(levels - 1) + 1
}

private func deepTask(_ size: Int?, in pool: TaskPool?) -> Never {
  writeNumber(pool?.taskSize ?? size ?? 0)
  writeText(" bytes: ")
  let task = createTask(name: "deep", size: size, in: pool) { () throws(TaskError) in try await descend(1000) }
  do throws(TaskError) {
    try run { () throws(TaskError) in _ = try await task.value }
  } catch { writeError(error) }
  fail("there was room")
}

private func fail(_ what: StaticString) -> Never {
  writeText("FAILED: ")
  writeText(what)
  writeText("\n")
  reallyExit(1)
}

/// A place between bytes that belong to somebody else.
private func deepInPool(_ size: Int) -> Never {
  placeBytes = size
  for index in room.indices { room[index] = 0xa5 }
  deepTask(
    nil,
    in: TaskPool(storage: UnsafeMutableRawBufferPointer(rebasing: room[guardBytes..<guardBytes + size]), taskSize: size)
  )
}

private func requireUntouchedNeighbours() {
  for index in room.indices where index < guardBytes || index >= guardBytes + placeBytes {
    if room[index] != 0xa5 { fail("a neighbour's bytes were overwritten") }
  }
}

/// Sizes of every remainder by the frames' size: first in a pool, then from the heap, there also such as end within a unit.
private func nextDeadEnd() -> Never {
  round += 1
  if round < rounds { deepInPool(512 + round * unit) }
  if round < 2 * rounds { deepTask(512 + (round - rounds) * MemoryLayout<Int>.size, in: nil) }
  #if !os(Linux)
    if round == 2 * rounds {
      sealHeap()
      createTask(size: 2048) {}
      fail("the heap was sealed")
    }
  #endif
  reallyExit(0)
}

@c(__wrap_tiny_board_exit)
func programEnds(_ status: Int32) {
  if round < 2 * rounds {
    if status != 71 { fail("another status") }
    requireUntouchedNeighbours()
    if let task = currentTask(), task.frameBytes > task.frameCapacity { fail("it has used more than it has") }
  } else if status != 70 {
    fail("another status")
  }
  nextDeadEnd()
}

@main struct DeadEnds {
  static func main() {
    room = .allocate(byteCount: 512 + rounds * unit + 2 * guardBytes, alignment: unit)
    nextDeadEnd()
  }
}
