// Bytes that come and go: the serial line of a board, a connection on Linux.
//
// What differs is in four functions: take what is there, give what there is room for, and wait for either. The rest is
// the same for all, and here.
//
// A line is handed over when it is complete. Until then its bytes stay in the stream's buffer, so whoever gives up
// waiting has lost nothing, and a line that is longer than the buffer is an error and not memory.

import CTiny

/// What has become of an attempt to move bytes.
enum Progress {
  case bytes(Int)
  /// Nothing can be moved now.
  case wait
  /// Nothing more will come.
  case end
}

/// A stream of bytes in both directions: a board's ``Uart``; on Linux, TCP connections.
public class ByteStream {
  private let buffer: UnsafeMutableRawBufferPointer
  private var first = 0
  private var end = 0
  /// The last line ended with a carriage return: a line feed that follows belongs to it.
  private var skipsLineFeed = false
  /// A task waits in `waitForInput`, or was woken there and has not had its step yet. It is in the middle of its bytes, and
  /// nobody may come between.
  final var isReading = false
  /// The same for `waitForRoom`.
  final var isWriting = false

  init(bufferSize: Int) { buffer = .allocate(byteCount: max(1, bufferSize), alignment: 1) }

  deinit { buffer.deallocate() }

  func take(_ room: UnsafeMutableRawBufferPointer) throws(TaskError) -> Progress { .end }
  func give(_ bytes: UnsafeRawBufferPointer) throws(TaskError) -> Progress { .end }
  func waitForInput() async throws(TaskError) {}
  func waitForRoom() async throws(TaskError) {}

  /// Waits for bytes, and reads as many as are there and have room.
  ///
  /// On Linux large reads want memory at a multiple of 16, where every allocation begins: into other memory one of 16 KB
  /// has taken twice the time (AMD EPYC, Linux 6.18).
  ///
  /// - Returns: their number; 0 at the stream's end, and at once where there is no room.
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile, and then no byte is lost;
  ///   ``TaskError/busy`` if another task is reading; ``TaskError/system(_:)``.
  ///
  /// Python: `readinto(buf)`.
  public func read(into room: UnsafeMutableRawBufferPointer) async throws(TaskError) -> Int {
    if room.count == 0 { return 0 }
    if isReading { throw .busy }
    skipLineFeed()
    if first < end {
      let count = min(room.count, end - first)
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[first..<first + count]))
      first += count
      return count
    }
    while true {
      switch try take(room) {
      case .bytes(let count):
        let rest = withoutLineFeed(room, count)
        if rest > 0 { return rest }
      case .end: return 0
      case .wait: try await waitForInput()
      }
    }
  }

  /// Waits for a whole line, and reads it without its end, a line feed or a carriage return or both.
  ///
  /// - Returns: the number of bytes; nil at the stream's end. What follows the last line feed is a line too.
  /// - Throws: ``TaskError/tooLong`` if the line is longer than the room for it or than the stream's buffer; that part of
  ///   it is gone then. Otherwise as ``read(into:)``.
  ///
  /// Python: `readline()`.
  public func readLine(into room: UnsafeMutableRawBufferPointer) async throws(TaskError) -> Int? {
    if isReading { throw .busy }
    var scanned = 0
    var isAtEnd = false
    while true {
      if let line = try nextLine(into: room, &scanned, isAtEnd) { return line < 0 ? nil : line }
      switch try fill() {
      case .bytes: break
      case .end: isAtEnd = true
      case .wait: try await waitForInput()
      }
    }
  }

  /// Writes all bytes; waits for room as often as it takes.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile: then a first part has been written;
  ///   ``TaskError/busy`` if another task is writing, and then nothing has; ``TaskError/system(_:)`` if the other side has gone.
  ///
  /// Python: `write(buf)` and `drain()`.
  public func write(_ bytes: UnsafeRawBufferPointer) async throws(TaskError) {
    if isWriting { throw .busy }
    var done = 0
    while done < bytes.count {
      switch try give(UnsafeRawBufferPointer(rebasing: bytes[done...])) {
      case .bytes(let count): done += count
      case .end: throw .closed
      case .wait: try await waitForRoom()
      }
    }
  }

  /// Writes as many bytes as there is room for now; never waits.
  ///
  /// What is read and written without an await between can be in memory that all tasks share:
  ///
  ///     let count = try await stream.read(into: shared)
  ///     let written = try stream.tryWrite(UnsafeRawBufferPointer(rebasing: shared[..<count]))
  ///     if written < count { … }    // the rest needs memory of its own until `write` has written it
  ///
  /// - Returns: how many have been written: the first ones.
  /// - Throws: ``TaskError/busy`` if a task is writing; ``TaskError/system(_:)`` if the other side has gone. Nothing has been
  ///   written then.
  ///
  /// Python: `Stream.s.send(buf)`, of a socket that does not block.
  public final func tryWrite(_ bytes: UnsafeRawBufferPointer) throws(TaskError) -> Int {
    if isWriting { throw .busy }
    if bytes.count == 0 { return 0 }
    switch try give(bytes) {
    case .bytes(let count): return count
    case .end: throw .closed
    case .wait: return 0
    }
  }

  /// Writes a literal; see ``write(_:)-(UnsafeRawBufferPointer)``.
  public func write(_ text: StaticString) async throws(TaskError) {
    try await write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Writes a number in decimal; see ``write(_:)-(UnsafeRawBufferPointer)``.
  public func write(_ number: Int) async throws(TaskError) {
    if isWriting { throw .busy }
    var done = 0
    while true {
      switch try giveDigits(of: number, from: &done) {
      case .bytes(0): return
      case .bytes: break
      case .end: throw .closed
      case .wait: try await waitForRoom()
      }
    }
  }

  /// Writes a text that ends with a zero, which is not written.
  public func write(zeroTerminated text: UnsafePointer<UInt8>) async throws(TaskError) {
    var count = 0
    while text[count] != 0 { count += 1 }
    try await write(UnsafeRawBufferPointer(start: text, count: count))
  }

  /// Gives what is left of a number's digits. They are spelled anew each time: memory on the machine's stack does not
  /// last while a coroutine waits.
  private func giveDigits(of number: Int, from done: inout Int) throws(TaskError) -> Progress {
    var room: (UInt64, UInt64, UInt64) = (0, 0, 0)
    let size = MemoryLayout.size(ofValue: room)
    let start = withUnsafeMutableBytes(of: &room) { spell(number, into: $0) }
    if start + done == size { return .bytes(0) }
    let progress: Result<Progress, TaskError> = withUnsafeBytes(of: &room) { bytes in
      do throws(TaskError) {
        return .success(try give(UnsafeRawBufferPointer(rebasing: bytes[(start + done)...])))
      } catch {
        return .failure(error)
      }
    }
    if case .success(.bytes(let count)) = progress { done += count }
    return try progress.get()
  }

  // MARK: - The buffer

  private func skipLineFeed() {
    guard skipsLineFeed, first < end else { return }
    skipsLineFeed = false
    if buffer[first] == 10 { first += 1 }
  }

  /// The same for bytes that have not come through the buffer. Returns how many there are then.
  private func withoutLineFeed(_ bytes: UnsafeMutableRawBufferPointer, _ count: Int) -> Int {
    guard skipsLineFeed else { return count }
    skipsLineFeed = false
    guard bytes[0] == 10 else { return count }
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[1..<count]))
    return count - 1
  }

  private func fill() throws(TaskError) -> Progress {
    if first > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[first..<end]))
      end -= first
      first = 0
    }
    if end == buffer.count {
      end = 0
      throw .tooLong
    }
    let progress = try take(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    if case .bytes(let count) = progress { end += count }
    return progress
  }

  /// Takes a line out of the buffer if there is one: its length, or -1 for the stream's end.
  private func nextLine(
    into room: UnsafeMutableRawBufferPointer, _ scanned: inout Int, _ isAtEnd: Bool
  ) throws(TaskError) -> Int? {
    skipLineFeed()
    while first + scanned < end {
      let byte = buffer[first + scanned]
      if byte == 10 || byte == 13 { return try handOver(scanned, delimiters: 1, into: room) }
      scanned += 1
    }
    guard isAtEnd else { return nil }
    return scanned == 0 ? -1 : try handOver(scanned, delimiters: 0, into: room)
  }

  private func handOver(
    _ count: Int, delimiters: Int, into room: UnsafeMutableRawBufferPointer
  ) throws(TaskError) -> Int {
    let line = UnsafeRawBufferPointer(rebasing: buffer[first..<first + count])
    skipsLineFeed = delimiters > 0 && buffer[first + count] == 13
    first += count + delimiters
    if count > room.count { throw .tooLong }
    room.copyMemory(from: line)
    return count
  }
}

/// Spells a number in decimal at the end of `room`, and returns where it begins.
private func spell(_ number: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
  var position = room.count
  var rest = number.magnitude
  repeat {
    position -= 1
    room[position] = UInt8(truncatingIfNeeded: 48 + rest % 10)
    rest /= 10
  } while rest > 0
  if number < 0 {
    position -= 1
    room[position] = 45
  }
  return position
}
