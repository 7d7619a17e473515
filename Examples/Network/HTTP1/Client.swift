import UAsyncIO

/// The head of an answer; as strict as that of a request.
public struct ResponseHead: Equatable, Sendable {
  public var status: Int
  public var reason: String
  public var minorVersion: Int
  /// Names in lower case, in the order in which they came.
  public var fields: [RequestHead.Field]

  /// Parses a head, the empty line at its end included.
  public init(parsing bytes: [UInt8]) throws(HTTPError) {
    var lines = try RequestHead.split(bytes)
    guard !lines.isEmpty else { throw HTTPError(400, "no status line") }
    let parts = lines.removeFirst().split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[1].count == 3, let status = decimal(parts[1]), status >= 100 else {
      throw HTTPError(400, "bad status line")
    }
    self.status = status
    reason = parts.count > 2 ? String(decoding: parts[2], as: UTF8.self) : ""
    minorVersion = try RequestHead.version(parts[0])
    guard lines.count <= RequestHead.mostFields else { throw HTTPError(400, "too many fields") }
    fields = []
    for line in lines { fields.append(try RequestHead.field(line)) }
  }

  public func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// How the body of the answer to a request is framed.
  public func bodyFraming(after method: String) throws(HTTPError) -> BodyFraming {
    if method == "HEAD" || status == 204 || status == 304 { return .none }
    let lengths = fields.filter { $0.name == "content-length" }
    if let encoding = value("transfer-encoding") {
      guard lengths.isEmpty, encoding.lowercased() == "chunked" else {
        throw HTTPError(400, "unknown transfer encoding")
      }
      return .chunked
    }
    guard let length = lengths.first?.value else { return .untilEnd }
    guard lengths.count == 1, let number = decimal(length.utf8) else { throw HTTPError(400, "bad Content-Length") }
    return .length(number)
  }
}

/// What a server has answered; its body has not been read yet.
@LoopActor
public final class Answer {
  public let head: ResponseHead
  private let body: BodyReader

  init(_ head: ResponseHead, _ method: String, _ stream: ByteStream) throws {
    self.head = head
    body = BodyReader(try head.bodyFraming(after: method), stream)
  }

  /// The next piece of the body; nil at its end.
  public func nextPiece() async throws -> [UInt8]? { try await body.next() }
}

/// Sends a request without a body, and reads the head of the answer.
@LoopActor
public func requestHTTP(
  _ method: String = "GET", _ target: String, host: String, fields: [(name: String, value: String)] = [],
  on stream: ByteStream
) async throws -> Answer {
  var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
  for field in fields { head += "\(field.name): \(field.value)\r\n" }
  try await stream.write(head + "\r\n")
  while true {
    let head: ResponseHead
    do {
      head = try ResponseHead(parsing: try await stream.readUntil([13, 10, 13, 10], limit: 65_536))
    } catch StreamError.incomplete(let partial, _) {
      throw HTTPError(400, partial.isEmpty ? "the server has closed the connection" : "the answer has no end")
    }
    // Those that begin with 1 only announce the answer.
    if head.status >= 200 || head.status == 101 { return try Answer(head, method, stream) }
  }
}
