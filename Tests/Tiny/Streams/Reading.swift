// Who reads is cancelled at every point: see Sweeping.swift.

import UAsyncIO

private let text: StaticString =
  "one\ntwo\r\n\nfour and more\rfive\n\r\nseven is the longest of all\neight\n9\n10\r\neleven\nthe last"

/// What was read so far.
final class Kept {
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
  var count = 0

  deinit { bytes.deallocate() }

  func append(_ room: UnsafeMutableRawBufferPointer, _ length: Int) {
    for index in 0..<length { bytes[count + index] = room[index] }
    count += length
  }

  func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  /// Whether it is the text, with each end of a line as a line feed if the text was read in lines.
  func isText(inLines: Bool) -> Bool {
    let whole = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    var index = 0
    var last: UInt8 = 0
    for byte in whole {
      let isRest = inLines && byte == 10 && last == 13
      last = byte
      if isRest { continue }
      guard index < count, bytes[index] == (inLines && byte == 13 ? 10 : byte) else { return false }
      index += 1
    }
    return index == count
  }
}

/// The other side sends the text in pieces, one in a turn; who reads is cancelled, and another one reads on.
class Reading: Scenario {
  let size: Int
  var pair: Pair?
  var sending: LoopTask<Void>?
  let kept = Kept()
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 1)

  init(_ listener: TcpListener, size: Int) {
    self.size = size
    super.init(listener)
  }

  deinit { room.deallocate() }

  override func prepare() async throws(TaskError) {
    let pair = try await connected(listener, bufferSize: 32)
    self.pair = pair
    sending = createTask { () throws(TaskError) in
      var start = 0
      while start < text.utf8CodeUnitCount {
        let count = min(5, text.utf8CodeUnitCount - start)
        try await pair.client.write(UnsafeRawBufferPointer(start: text.utf8Start + start, count: count))
        start += count
        try await sleep(0)
      }
      pair.client.closeOutput()
    }
  }

  /// Reads once; returns false at the end.
  func read() async throws(TaskError) -> Bool {
    guard let stream = pair?.server else { return false }
    let count = try await stream.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<size]))
    kept.append(room, count)
    return count > 0
  }

  func readLine() async throws(TaskError) -> Bool {
    guard let stream = pair?.server, let count = try await stream.readLine(into: room) else { return false }
    kept.append(room, count)
    return true
  }

  override func victim() async throws(TaskError) { while try await read() {} }

  var inLines: Bool { false }

  override func check() async throws(TaskError) {
    while try await read() {}
    require(kept.isText(inLines: inLines), "every byte once, in order")
    try await sending?.value
    pair = nil
  }
}

final class ReadingLines: Reading {
  private var lines = 0

  override func read() async throws(TaskError) -> Bool {
    guard try await readLine() else { return false }
    lines += 1
    // The text has eleven ends of lines; the last one has none.
    if lines < 12 { kept.append(10) }
    return true
  }

  override var inLines: Bool { true }
}
