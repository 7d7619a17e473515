import UAsyncIO

/// Reads the body of a request or of an answer, whatever way it is framed.
@LoopActor
final class BodyReader {
  private let stream: ByteStream
  private let framing: BodyFraming
  /// What is left of the body, or of the present chunk.
  private var left = 0
  private(set) var isOver = false

  init(_ framing: BodyFraming, _ stream: ByteStream) {
    self.framing = framing
    self.stream = stream
    if case .length(let length) = framing { left = length }
    isOver = framing == .none || framing == .length(0)
  }

  /// The next piece; nil at the end.
  func next() async throws -> [UInt8]? {
    if isOver { return nil }
    if framing == .chunked, left == 0 {
      left = try chunkSize(try await line(limit: 1000))
      if left == 0 {
        while try await !line(limit: 8192).isEmpty {}
        isOver = true
        return nil
      }
    }
    let piece = try await stream.read(upTo: framing == .untilEnd ? 65_536 : min(left, 65_536))
    if piece.isEmpty {
      guard framing == .untilEnd else { throw HTTPError(400, "the body has no end") }
      isOver = true
      return nil
    }
    if framing != .untilEnd { try await count(piece) }
    return piece
  }

  private func count(_ piece: [UInt8]) async throws {
    left -= piece.count
    guard left == 0 else { return }
    if framing == .chunked {
      guard try await line(limit: 2).isEmpty else { throw HTTPError(400, "a chunk ends with CR LF") }
    } else {
      isOver = true
    }
  }

  private func line(limit: Int) async throws -> ArraySlice<UInt8> {
    let line = try await stream.readUntil([13, 10], limit: limit)
    return line.dropLast(2)
  }
}
