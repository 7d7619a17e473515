import UAsyncIO

/// What a program's tasks share.
@LoopActor
struct Primitives {
  let events: [Event]
  let locks: [Lock]
  let queues: [Queue<Int>]
  let semaphores: [LoopSemaphore]

  init(_ program: Expression) throws {
    events = program.parts(named: "event").map { _ in Event() }
    locks = program.parts(named: "lock").map { _ in Lock() }
    queues = program.parts(named: "queue").map { Queue(maxSize: $0.numbers[0]) }
    semaphores = try program.parts(named: "semaphore").map { part in
      try LoopSemaphore(part.numbers[0], bound: part.numbers[1] == 1 ? part.numbers[0] : nil)
    }
  }

  func state() throws -> [String] {
    var lines = events.enumerated().map { "event \($0.offset) \($0.element.isSet ? "set" : "clear")" }
    lines += locks.enumerated().map { "lock \($0.offset) \($0.element.isLocked ? "locked" : "free")" }
    for (number, queue) in queues.enumerated() {
      // Taking one may let somebody else put one, but not before that one runs.
      let items = try (0..<queue.count).map { _ in try queue.tryGet().map(String.init) ?? "promised" }
      lines.append((["queue \(number) holds"] + items).joined(separator: " "))
    }
    lines += semaphores.enumerated().map { "semaphore \($0.offset) \($0.element.permits == 0 ? "exhausted" : "free")" }
    return lines
  }
}
