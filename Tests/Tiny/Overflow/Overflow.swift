// A task that needs more room for its frames than it has: the program ends with a message that names it, and its
// neighbour in the pool is untouched. (On Linux, where something can still look after the end.)

import UAsyncIO

@inline(never)
func descend(_ levels: Int) async throws(TaskError) -> Int {
  if levels == 0 { return 0 }
  try await sleep(0)
  return try await descend(levels - 1) + 1
}

@main struct Overflow {
  static func main() throws(TaskError) {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 16)
    for index in 0..<2048 { room[index] = 0xa5 }
    let pool = TaskPool(storage: UnsafeMutableRawBufferPointer(rebasing: room[..<1024]), taskSize: 1024)
    watchNeighbour(UnsafeRawBufferPointer(rebasing: room[1024...]))
    let task = createTask(name: "deep", in: pool) { () throws(TaskError) in try await descend(1000) }
    try run { () throws(TaskError) in _ = try await task.value }
  }
}

#if os(Linux)
  @_silgen_name("watch_neighbour") func watch(_ start: UnsafeRawPointer, _ count: Int)
  func watchNeighbour(_ bytes: UnsafeRawBufferPointer) {
    if let start = bytes.baseAddress { watch(start, bytes.count) }
  }
#else
  func watchNeighbour(_ bytes: UnsafeRawBufferPointer) {}
#endif
