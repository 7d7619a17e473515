import CLine
import UAsyncIO

private let text: StaticString =
  "one\ntwo\r\n\nfour and more\rfive\n\r\nseven is the longest of all\neight\n9\n10\r\neleven\nthe last\n"

nonisolated(unsafe) private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 200, alignment: 1)
nonisolated(unsafe) private let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: 200, alignment: 1)
nonisolated(unsafe) private var keptCount = 0

private func keep(_ count: Int) {
  for index in 0..<count { kept[keptCount + index] = room[index] }
  keptCount += count
}

private func feed(burst: UInt32, _ count: Int = text.utf8CodeUnitCount) { line_feed(text.utf8Start, count, burst) }

/// Whether all that was kept is the text; if it was read in lines, with each end of a line as a line feed.
private func keptIsText(inLines: Bool) -> Bool {
  var index = 0
  var last: UInt8 = 0
  for position in 0..<text.utf8CodeUnitCount {
    let byte = text.utf8Start[position]
    let isRest = inLines && byte == 10 && last == 13
    last = byte
    if isRest { continue }
    guard index < keptCount, kept[index] == (inLines && byte == 13 ? 10 : byte) else { return false }
    index += 1
  }
  return index == keptCount
}

private func readAll(_ uart: Uart, size: Int) async throws(TaskError) {
  while keptCount < text.utf8CodeUnitCount {
    keep(try await uart.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<size])))
  }
}

private func readLines(_ uart: Uart) async throws(TaskError) {
  // Three ends of lines are of two bytes.
  while keptCount < text.utf8CodeUnitCount - 3 {
    guard let count = try await uart.readLine(into: room) else { return }
    keep(count)
    kept[keptCount] = 10
    keptCount += 1
  }
}

private func sweep(
  _ uart: Uart, inLines: Bool, _ victim: @escaping Coroutine<Void>
) async throws(TaskError) {
  let lost = uart.lostBytes
  var point = 0
  var goesOn = true
  while goesOn {
    keptCount = 0
    let task = createTask { () throws(TaskError) in try await victim() }
    feed(burst: UInt32(1 + point % 5))
    try await pause(microseconds: point)
    goesOn = task.cancel()
    require(await task.result.isCancelled == goesOn, "cancelled if and only if it had not ended", point)
    try await victim()
    require(keptIsText(inLines: inLines), "every byte once, in order", point)
    point += 7
  }
  require(point > 300, "there are many points", point)
  require(uart.lostBytes == lost, "none is lost")
}

private func secondReader(_ uart: Uart) async throws(TaskError) {
  begin("a second reader is told that the line is busy, and the first one is not disturbed")
  let first = createTask { () throws(TaskError) in try await uart.readLine(into: room) }
  try await pause(microseconds: 50)
  let second = createTask { () throws(TaskError) in try await uart.read(into: room) }
  require(await second.result.failure == .busy, "busy for who reads")
  let third = createTask { () throws(TaskError) in try await uart.readLine(into: room) }
  require(await third.result.failure == .busy, "busy for who reads lines")
  // Also when it has been woken, and has not had its step yet.
  feed(burst: 2, 4)
  while line_unfed() > 0 {}
  let fourth = createTask { () throws(TaskError) in
    do throws(TaskError) { _ = try await uart.read(into: room) } catch { return error == .busy || error == .cancelled }
    return false
  }
  try await pause(microseconds: 50)
  // Where the first one had its step before, nothing is left for this one.
  fourth.cancel()
  require(try await fourth.value, "nobody takes what another waits for")
  require(try await first.value == 3, "its line")
}

private func tooMuch(_ uart: Uart) async throws(TaskError) {
  begin("what finds no room is counted, and what was there before is kept")
  let before = uart.lostBytes
  for _ in 0..<2 {
    feed(burst: 5)
    while line_unfed() > 0 { try await pause(microseconds: 20) }
  }
  require(uart.lostBytes - before == 2 * text.utf8CodeUnitCount - 128, "so many")
  require(try await uart.read(into: room) == 128, "a ring of 128 bytes")
  var isSame = true
  for index in 0..<128 {
    isSame = isSame && room[index] == text.utf8Start[index % text.utf8CodeUnitCount]
  }
  require(isSame, "the first ones")
}

private let long: StaticString = "0123456789012345678901234567890123456789\nshort\n"

private func tooLong(_ uart: Uart) async throws(TaskError) {
  begin("a line that is too long is an error, and what follows can be read")
  feed(burst: 3, 4)
  require(try await uart.readLine(into: room) == 3, "one that is short enough")
  line_feed(long.utf8Start, long.utf8CodeUnitCount, 3)
  var error: TaskError?
  do throws(TaskError) { _ = try await uart.readLine(into: room) } catch let thrown { error = thrown }
  require(error == .tooLong, "too long for the buffer")
  require(try await uart.readLine(into: room) == 0, "its end")
  require(try await uart.readLine(into: UnsafeMutableRawBufferPointer(rebasing: room[..<5])) == 5, "the next")
}

func readingTests(_ uart: Uart) async throws(TaskError) {
  line_begin(20)
  begin("a cancelled read loses no byte")
  try await sweep(uart, inLines: false) { () throws(TaskError) in try await readAll(uart, size: 16) }
  begin("a cancelled read of single bytes loses none")
  try await sweep(uart, inLines: false) { () throws(TaskError) in try await readAll(uart, size: 1) }
  begin("a cancelled readLine loses no byte")
  try await sweep(uart, inLines: true) { () throws(TaskError) in try await readLines(uart) }
  try await secondReader(uart)
  try await tooLong(uart)
  try await tooMuch(uart)
  line_end()
}
