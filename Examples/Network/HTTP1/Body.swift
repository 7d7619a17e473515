import UAsyncIO

/// What is sent after a head.
public enum MessageBody: Sendable {
  case bytes([UInt8])
  /// Pieces whose lengths together are known before.
  case pieces(length: Int, next: @LoopActor @Sendable () async throws -> [UInt8]?)
  /// Pieces until there are no more.
  case chunks(next: @LoopActor @Sendable () async throws -> [UInt8]?)

  /// Appends the field that tells the other side how the body is framed.
  func appendFramingField(to head: inout [UInt8]) {
    switch self {
    case .bytes(let bytes): append(length: bytes.count, to: &head)
    case .pieces(let length, _): append(length: length, to: &head)
    case .chunks: head.append("Transfer-Encoding: chunked\r\n")
    }
  }

  private func append(length: Int, to head: inout [UInt8]) {
    head.append("Content-Length: ")
    head.append(decimal: length)
    head.append("\r\n")
  }

  /// Sends a head and this.
  @LoopActor
  func send(after head: [UInt8], to stream: ByteStream) async throws {
    switch self {
    case .bytes(let bytes):
      try await stream.write(head + bytes)
    case .pieces(let length, let next):
      try await stream.write(head)
      var sent = 0
      while let piece = try await next() {
        sent += piece.count
        guard sent <= length else { break }
        try await stream.write(piece)
      }
      // The length has been promised: nobody must take what comes next for the rest.
      if sent != length { stream.abort() }
    case .chunks(let next):
      try await stream.write(head)
      while let piece = try await next(), !piece.isEmpty {
        try await stream.write(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
      }
      try await stream.write("0\r\n\r\n")
    }
  }
}

extension [UInt8] {
  /// Appends a text that the program has in itself.
  mutating func append(_ text: StaticString) {
    self += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  mutating func append(decimal number: Int) {
    if number >= 10 { append(decimal: number / 10) }
    append(UInt8(48 + number % 10))
  }
}

/// Reads a body, piece by piece. A read that is cancelled loses nothing: the next one goes on where it was.
@LoopActor
final class BodyReader {
  private enum State {
    /// So many bytes are to come: of the body, or of the present chunk.
    case bytes(Int)
    /// Whatever comes until the connection ends.
    case everything
    case chunkSize
    case endOfChunk
    case trailers
    case over
  }

  private let stream: ByteStream
  private let isChunked: Bool
  /// The status of an error: 400 where a client is at fault, 502 where a server is.
  private let status: Int
  private var state: State

  init(_ framing: BodyFraming, of stream: ByteStream, status: Int) {
    self.stream = stream
    self.status = status
    isChunked = framing == .chunked
    state =
      switch framing {
      case .none, .length(0): .over
      case .length(let length): .bytes(length)
      case .untilClose: .everything
      case .chunked: .chunkSize
      }
  }

  var isOver: Bool { if case .over = state { true } else { false } }

  /// The next piece; nil at the end.
  func next() async throws -> [UInt8]? {
    while true {
      switch state {
      case .over: return nil
      case .bytes(let left):
        let piece = try await stream.read(upTo: min(left, 65_536))
        guard !piece.isEmpty else { throw HTTPError(status, "the body has no end") }
        let rest = left - piece.count
        state = rest > 0 ? .bytes(rest) : isChunked ? .endOfChunk : .over
        return piece
      case .everything:
        let piece = try await stream.read(upTo: 65_536)
        if piece.isEmpty { state = .over }
        return piece.isEmpty ? nil : piece
      case .chunkSize:
        let size = try chunkSize(of: try await line(limit: 1000))
        state = size > 0 ? .bytes(size) : .trailers
      case .endOfChunk:
        guard try await line(limit: 2).isEmpty else { throw HTTPError(status, "a chunk ends with CR LF") }
        state = .chunkSize
      case .trailers:
        if try await line(limit: 8192).isEmpty { state = .over }
      }
    }
  }

  private func chunkSize(of line: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    do throws(HTTPError) { return try sizeOfChunk(line) } catch { throw HTTPError(status, error.description) }
  }

  private func line(limit: Int) async throws -> ArraySlice<UInt8> {
    do {
      return try await stream.readUntil([13, 10], limit: limit).dropLast(2)
    } catch StreamError.incomplete {
      throw HTTPError(status, "the body has no end")
    } catch StreamError.limitExceeded {
      throw HTTPError(status, "a line of the body is too long")
    }
  }

  /// Reads what nobody has wanted, so that what follows can be read. Returns false if that is too much.
  func discardRest() async throws -> Bool {
    var most = 1_000_000
    while most > 0 {
      guard let piece = try await next() else { return true }
      most -= piece.count
    }
    return false
  }
}
