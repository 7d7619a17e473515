import CLine
import UAsyncIO

private let length = 420
nonisolated(unsafe) private let message = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
private let tail: StaticString = "~~"
nonisolated(unsafe) private var isWhole = false

/// Waits until the line has sent everything, and hands it over.
private func sentBytes() async throws(TaskError) -> UnsafeBufferPointer<UInt8> {
  // The ring and what the line takes at once: longer than it can need.
  try await pause(microseconds: 1500)
  var count = 0
  let bytes = line_sent(&count)
  return UnsafeBufferPointer(start: bytes, count: count)
}

private func sweep(_ uart: Uart) async throws(TaskError) {
  var point = 0
  var goesOn = true
  while goesOn {
    isWhole = false
    let task = createTask { () throws(TaskError) in
      try await uart.write(UnsafeRawBufferPointer(message))
      isWhole = true
    }
    try await pause(microseconds: point)
    goesOn = task.cancel()
    require(await task.result.isCancelled == goesOn, "cancelled if and only if it had not ended", point)
    try await uart.write(tail)
    let sent = try await sentBytes()
    var isBeginning = sent.count >= 2 && sent.suffix(2).allSatisfy { $0 == UInt8(ascii: "~") }
    for index in 0..<sent.count - 2 { isBeginning = isBeginning && sent[index] == message[index] }
    require(isBeginning, "a beginning of it, and what was written next", point)
    require(isWhole ? sent.count == length + 2 : sent.count < length + 2, "all of it if the write has ended", point)
    point += 7
  }
  require(point > 300, "there are many points", point)
}

private func backPressure(_ uart: Uart) async throws(TaskError) {
  begin("who writes waits for the line, and never holds more than its ring")
  line_pace(0)
  let task = createTask { () throws(TaskError) in try await uart.write(UnsafeRawBufferPointer(message)) }
  try await pause(microseconds: 500)
  require(!task.isDone, "it waits")
  let second = createTask { () throws(TaskError) in try await uart.write(1) }
  require(await second.result.failure == .busy, "a second writer is told that the line is busy")
  line_pace(1)
  // Woken once for each half of the ring: it sleeps while the first 63 are sent.
  try await pause(microseconds: 20 * 60)
  line_pace(0)
  require(!task.isDone, "it still waits")
  line_pace(30)
  try await task.value
  let sent = try await sentBytes()
  var isSame = sent.count == length
  for index in 0..<sent.count { isSame = isSame && sent[index] == message[index] }
  require(isSame, "all of it, in order")
}

private func twoWriters(_ uart: Uart) async throws(TaskError) {
  begin("messages of several writers stay whole")
  line_pace(9)
  let writers = (0..<2).map { number in
    createTask { () throws(TaskError) in
      var left = 2
      while left > 0 {
        do throws(TaskError) {
          try await uart.write(UnsafeRawBufferPointer(rebasing: message[number * 200..<number * 200 + 200]))
          left -= 1
        } catch { require(error == .busy, "nothing else") }
        try await sleep(0)
      }
    }
  }
  for writer in writers { try await writer.value }
  let sent = try await sentBytes()
  require(sent.count == 800, "all of them")
  for start in stride(from: 0, to: 800, by: 200) {
    let number = sent[start] == message[0] ? 0 : 200
    var isSame = true
    for index in 0..<200 { isSame = isSame && sent[start + index] == message[number + index] }
    require(isSame, "whole")
  }
}

func writingTests(_ uart: Uart) async throws(TaskError) {
  for index in message.indices { message[index] = UInt8(index * 7 % 120) }
  line_begin(20)
  line_pace(7)
  _ = try await sentBytes()
  begin("a cancelled write has written a beginning, and what is written next follows it")
  try await sweep(uart)
  try await backPressure(uart)
  try await twoWriters(uart)
  require(line_overrun() == 0, "the test has room for all that is sent")
  line_end()
}
