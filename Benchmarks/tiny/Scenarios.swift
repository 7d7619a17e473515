// The scenarios of Benchmarks/tiny for the tiny face.
//
//     Scenarios switch TASKS SWITCHES | spawn COUNT | memory COUNT

import CTinyLinux
import UAsyncIO

func number(_ index: Int) -> Int {
  guard let digits = programArgument(index) else { return 0 }
  var value = 0
  var position = 0
  while digits[position] != 0 {
    value = value * 10 + Int(digits[position]) - 48
    position += 1
  }
  return value
}

/// Writes nanoseconds for one of so many, with two digits behind the point.
func report(since start: Int64, _ count: Int) {
  let hundredths = Int(tiny_clock() - start) * 100 / count
  writeNumber(hundredths / 100)
  writeText(".")
  writeNumber(hundredths / 10 % 10)
  writeNumber(hundredths % 10)
  writeText("\n")
}

func switches(_ tasks: Int, _ count: Int) async throws(TaskError) {
  let each = count / tasks
  let start = tiny_clock()
  var handles: [LoopTask<Void>] = []
  handles.reserveCapacity(tasks)
  for _ in 0..<tasks {
    handles.append(createTask { () throws(TaskError) in for _ in 0..<each { try await yieldNow() } })
  }
  for handle in handles { try await handle.value }
  report(since: start, each * tasks)
}

@_silgen_name("tiny_resident_bytes") func tiny_resident_bytes() -> Int

func nothing() async throws(TaskError) {}

func spawns(_ count: Int) async throws(TaskError) {
  let start = tiny_clock()
  for _ in 0..<count { try await createTask(nothing).value }
  report(since: start, count)
}

func memory(_ count: Int) async throws(TaskError) {
  let event = Event()
  let before = tiny_resident_bytes()
  for _ in 0..<count { createTask { () throws(TaskError) in try await event.wait() } }
  try await yieldNow()
  writeNumber(Int(tiny_resident_bytes() - before) / count)
  writeText("\n")
  exitProgram(0)
}

@main struct Scenarios {
  static func main() throws(TaskError) {
    // What these need.
    useTaskSize(256)
    let first = programArgument(1).map { $0[0] } ?? 0
    let second = programArgument(1).map { $0[1] } ?? 0
    try run(size: 4096) { () throws(TaskError) in
      switch (first, second) {
      case (115, 119): try await switches(number(2), number(3))
      case (115, 112): try await spawns(number(2))
      default: try await memory(number(2))
      }
    }
  }
}
