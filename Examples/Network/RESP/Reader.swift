import UAsyncIO

/// Reads values from a stream.
///
/// A value has many parts, and a read that is cancelled between them leaves half of one behind. So it is one coroutine that
/// reads, and nobody cancels it but to end the connection.
@LoopActor
public struct RESPReader {
  private let stream: ByteStream
  private static var deepest: Int { 32 }
  private static var mostBytes: Int { 512 << 20 }
  private static var mostElements: Int { 1 << 20 }

  public init(_ stream: ByteStream) { self.stream = stream }

  /// The next value; nil where the stream ends before one.
  ///
  /// - Throws: ``RESPError``; what streams throw.
  public func next() async throws -> RESPValue? {
    guard let line = try await firstLine() else { return nil }
    return try await value(line, depth: 0)
  }

  /// The next command of a client: an array of texts, or a line that somebody has typed; nil where the stream ends.
  ///
  /// - Throws: as ``next()``.
  public func nextCommand() async throws -> [[UInt8]]? {
    while let line = try await firstLine() {
      let words = line.first == UInt8(ascii: "*") ? try await texts(line) : line.split(separator: 32).map(Array.init)
      if !words.isEmpty { return words }
    }
    return nil
  }

  private func texts(_ line: ArraySlice<UInt8>) async throws -> [[UInt8]] {
    try (try await value(line, depth: 0).elements ?? []).map { part throws(RESPError) in
      guard case .bytes(let bytes) = part else { throw RESPError("a command is made of texts") }
      return bytes
    }
  }

  private func firstLine() async throws -> ArraySlice<UInt8>? {
    do {
      return try await line()
    } catch StreamError.incomplete(let partial, _) where partial.isEmpty {
      return nil
    }
  }

  private func line() async throws -> ArraySlice<UInt8> { try await stream.readUntil([13, 10]).dropLast(2) }

  private func value(_ line: ArraySlice<UInt8>, depth: Int) async throws -> RESPValue {
    guard let kind = line.first else { throw RESPError("an empty line") }
    guard depth < Self.deepest else { throw RESPError("too many values within each other") }
    let rest = line.dropFirst()
    switch UnicodeScalar(kind) {
    case "+": return .text(text(rest))
    case "-": return .error(text(rest))
    case ":": return .integer(try number(rest))
    case "_": return .null
    case "#": return try boolean(rest)
    case ",": return try double(rest)
    case "(": return .bigNumber(text(rest))
    case "$": return try await bytes(rest).map { .bytes($0) } ?? .null
    case "!": return try await bytes(rest).map { .error(text($0[...])) } ?? .null
    // A text that says before what it is: "txt:".
    case "=": return try await bytes(rest).map { .bytes(Array($0.dropFirst(4))) } ?? .null
    case "*": return try await elements(rest, depth).map { .array($0) } ?? .null
    case "~": return try await elements(rest, depth).map { .set($0) } ?? .null
    case ">": return try await elements(rest, depth).map { .push($0) } ?? .null
    case "%": return .map(try await pairs(rest, depth))
    case "|":
      // What is said about a value, before it.
      _ = try await pairs(rest, depth)
      return try await value(try await self.line(), depth: depth + 1)
    case let other: throw RESPError("a value of the unknown kind \(other.escaped(asASCII: true))")
    }
  }

  private func bytes(_ line: ArraySlice<UInt8>) async throws -> [UInt8]? {
    guard let count = try count(line, most: Self.mostBytes) else { return nil }
    var bytes = try await stream.readExactly(count + 2)
    guard bytes.suffix(2) == [13, 10] else { throw RESPError("bytes without an end") }
    bytes.removeLast(2)
    return bytes
  }

  private func elements(_ line: ArraySlice<UInt8>, _ depth: Int) async throws -> [RESPValue]? {
    guard let count = try count(line, most: Self.mostElements) else { return nil }
    var elements: [RESPValue] = []
    for _ in 0..<count { elements.append(try await value(try await self.line(), depth: depth + 1)) }
    return elements
  }

  private func pairs(_ line: ArraySlice<UInt8>, _ depth: Int) async throws -> [RESPPair] {
    var pairs: [RESPPair] = []
    for _ in 0..<(try count(line, most: Self.mostElements) ?? 0) {
      let key = try await value(try await self.line(), depth: depth + 1)
      pairs.append(RESPPair(key, try await value(try await self.line(), depth: depth + 1)))
    }
    return pairs
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private func number(_ bytes: ArraySlice<UInt8>) throws(RESPError) -> Int {
    guard let number = Int(text(bytes)) else { throw RESPError("not a number: \(text(bytes))") }
    return number
  }

  /// How many there are; nil for -1, version 2's way to say that there is nothing.
  private func count(_ bytes: ArraySlice<UInt8>, most: Int) throws(RESPError) -> Int? {
    let count = try number(bytes)
    if count == -1 { return nil }
    guard (0...most).contains(count) else { throw RESPError("\(count) is too many") }
    return count
  }

  private func boolean(_ bytes: ArraySlice<UInt8>) throws(RESPError) -> RESPValue {
    guard text(bytes) == "t" || text(bytes) == "f" else { throw RESPError("neither true nor false") }
    return .boolean(text(bytes) == "t")
  }

  private func double(_ bytes: ArraySlice<UInt8>) throws(RESPError) -> RESPValue {
    guard let number = Double(text(bytes)) else { throw RESPError("not a number: \(text(bytes))") }
    return .double(number)
  }
}
