import CPlatform
import DequeModule

/// Bytes that have been received and that nobody has taken yet.
///
/// What is taken from the front is not moved; the storage goes when all has been taken, so an idle stream has none.
struct InputQueue {
  private var bytes: [UInt8] = []
  private var head = 0

  var count: Int { bytes.count - head }
  var isEmpty: Bool { head == bytes.count }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    // Moving what is left costs at most as much as appending did, however often it is done.
    if head > 0, head >= bytes.count - head {
      bytes.removeSubrange(..<head)
      head = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Puts bytes back in front of all others.
  mutating func putBack(_ earlier: UnsafeRawBufferPointer) {
    bytes.replaceSubrange(..<head, with: earlier)
    head = 0
  }

  mutating func take(_ count: Int) -> [UInt8] {
    if head == 0, count == bytes.count {
      let all = bytes
      bytes = []
      return all
    }
    let taken = Array(bytes[head..<head + count])
    drop(count)
    return taken
  }

  /// Takes as much as there is room for, and says how much that was.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = min(count, buffer.count)
    guard taken > 0 else { return 0 }
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[head..<head + taken])) }
    drop(taken)
    return taken
  }

  mutating func drop(_ count: Int) {
    head += count
    guard head == bytes.count else { return }
    bytes = []
    head = 0
  }

  /// Calls `body` with all bytes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }

  /// Where a separator begins, at `start` or later.
  func firstIndex(of separator: [UInt8], from start: Int) -> Int? {
    withBytes { all in
      guard all.count - start >= separator.count, let base = all.baseAddress else { return nil }
      let found = platform_find(base + start, all.count - start, separator, separator.count)
      return found < 0 ? nil : start + found
    }
  }
}

/// Bytes that are to be sent.
///
/// A large array is kept as it is, not copied; small ones are put together, so that many small writes are few system calls.
struct OutputQueue {
  private var pieces: Deque<[UInt8]> = []
  /// How much of the first piece has been sent.
  private var sent = 0
  private(set) var count = 0

  private static var small: Int { 4096 }

  var isEmpty: Bool { count == 0 }

  /// Adds an array, but for the first bytes of it, which have been sent already.
  mutating func append(_ bytes: [UInt8], from start: Int) {
    guard start < bytes.count else { return }
    count += bytes.count - start
    if pieces.isEmpty {
      pieces.append(bytes)
      sent = start
    } else if bytes.count - start < Self.small, pieces[pieces.count - 1].count < Self.small {
      pieces[pieces.count - 1].append(contentsOf: bytes[start...])
    } else {
      pieces.append(start == 0 ? bytes : Array(bytes[start...]))
    }
  }

  /// Calls `body` with the bytes that are next, at least one.
  func withFirst<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    pieces[0].withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
  }

  mutating func drop(_ dropped: Int) {
    count -= dropped
    sent += dropped
    if sent == pieces[0].count {
      pieces.removeFirst()
      sent = 0
    }
    if pieces.isEmpty { pieces = [] }
  }

  mutating func removeAll() {
    pieces = []
    sent = 0
    count = 0
  }
}
