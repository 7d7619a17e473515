import UAsyncIO

/// A request whose body has not been read yet.
@LoopActor
public final class Request {
  public let head: RequestHead
  private let stream: ByteStream
  private let body: BodyReader
  private var hasBegun = false

  init(head: RequestHead, stream: ByteStream) throws {
    self.head = head
    self.stream = stream
    body = BodyReader(try head.bodyFraming(), of: stream, status: 400)
  }

  /// The next piece of the body; nil at its end.
  public func nextPiece() async throws -> [UInt8]? {
    try await askForBody()
    return try await body.next()
  }

  var isOver: Bool { body.isOver }

  /// Some clients wait to be told that their body is wanted.
  private func askForBody() async throws {
    if hasBegun { return }
    hasBegun = true
    guard !body.isOver, head.value("expect")?.lowercased() == "100-continue" else { return }
    try await stream.write("HTTP/1.1 100 Continue\r\n\r\n")
  }

  /// Reads what the handler has left, so that the next request can follow. Returns false if that is too much.
  func discardRest() async throws -> Bool {
    if body.isOver { return true }
    // Who was never asked for it does not send it, or sends it all the same: nobody knows.
    if !hasBegun, head.value("expect") != nil { return false }
    return try await body.discardRest()
  }
}

/// What a handler answers.
public struct Response: Sendable {
  public var status: Int
  public var fields: [(name: String, value: String)]
  public var body: MessageBody

  public init(_ status: Int, _ fields: [(name: String, value: String)] = [], body: MessageBody = .bytes([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  public init(_ status: Int, type: String, _ text: String) {
    self.init(status, [("Content-Type", type)], body: .bytes(Array(text.utf8)))
  }
}

/// Serves the requests of one connection, one after the other.
@LoopActor
public func serveHTTP(_ stream: ByteStream, _ handler: @LoopActor (Request) async throws -> Response) async throws {
  let patience = Patience(with: stream)
  defer { patience.end() }
  do {
    while true {
      patience.begin()
      guard let bytes = try await nextHead(stream) else { return }
      patience.pause()
      let request = try Request(head: RequestHead(parsing: bytes), stream: stream)
      let response = try await handler(request)
      let hasReadAll = request.isOver ? true : try await request.discardRest()
      let keepsAlive = hasReadAll && request.head.keepsAlive
      let head = head(of: response, keepsAlive: keepsAlive)
      if request.head.method == "HEAD" {
        try await stream.write(head)
      } else {
        try await response.body.send(after: head, to: stream)
      }
      if !keepsAlive { return try await lingeringClose(stream) }
    }
  } catch let error as HTTPError {
    let response = Response(error.status, type: "text/plain", "\(error)\n")
    try await response.body.send(after: head(of: response, keepsAlive: false), to: stream)
    try await lingeringClose(stream)
  }
}

/// Closes the stream of a client that has been silent for long, which ends the read: after one minute, or two.
///
/// One timer looks now and then whether something has moved: a time limit for each request would cost as much as parsing
/// it.
@LoopActor
private final class Patience {
  private let stream: ByteStream
  private var isWaiting = false
  private var hasMoved = true
  private var timer: TimerHandle?

  init(with stream: ByteStream) {
    self.stream = stream
    look()
  }

  func begin() {
    isWaiting = true
    hasMoved = true
  }

  func pause() { isWaiting = false }
  func end() { timer?.cancel() }

  private func look() {
    if isWaiting, !hasMoved { return stream.close() }
    hasMoved = false
    timer = getEventLoop().callLater(.seconds(60)) { [weak self] in self?.look() }
  }
}

/// The bytes of the next head; nil where the client has ended, or has been silent for long.
private nonisolated(nonsending) func nextHead(_ stream: ByteStream) async throws -> [UInt8]? {
  do {
    return try await stream.readUntil(endOfHead, limit: 16_384)
  } catch StreamError.closed {
    return nil
  } catch StreamError.incomplete(let partial, _) {
    if partial.isEmpty { return nil }
    throw HTTPError(400, "the head has no end")
  } catch StreamError.limitExceeded {
    throw HTTPError(431, "the head is too long")
  }
}

private let endOfHead: [UInt8] = [13, 10, 13, 10]

/// The head of a response.
private func head(of response: Response, keepsAlive: Bool) -> [UInt8] {
  var head: [UInt8] = []
  head.reserveCapacity(256)
  head.append("HTTP/1.1 ")
  head.append(decimal: response.status)
  head.append(" ")
  head.append(reason(response.status))
  head.append("\r\n")
  for field in response.fields {
    head += field.name.utf8
    head.append(": ")
    head += field.value.utf8
    head.append("\r\n")
  }
  response.body.appendFramingField(to: &head)
  head.append(keepsAlive ? "\r\n" : "Connection: close\r\n\r\n")
  return head
}

/// Ends a connection of which something may still be under way: closed with unread bytes, the system would answer with a
/// reset, and the client would never see the answer.
@LoopActor
private func lingeringClose(_ stream: ByteStream) async throws {
  try stream.closeWrite()
  _ = try? await waitFor(2) {
    while try await !stream.read(upTo: 65_536).isEmpty {}
  }
}

private func reason(_ status: Int) -> StaticString {
  switch status {
  case 200: "OK"
  case 400: "Bad Request"
  case 403: "Forbidden"
  case 404: "Not Found"
  case 405: "Method Not Allowed"
  case 413: "Content Too Large"
  case 431: "Request Header Fields Too Large"
  case 501: "Not Implemented"
  case 502: "Bad Gateway"
  case 505: "HTTP Version Not Supported"
  default: "Status"
  }
}
