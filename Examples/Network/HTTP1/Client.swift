import UAsyncIO

/// The client's side of a connection: one request after the other, as long as both sides keep it open.
///
/// `HTTPGet` shows it at work. It goes over any ``ByteStream``: over TLS, too.
@LoopActor
public final class ClientConnection {
  private let stream: ByteStream
  private let host: String
  private var last: Answer?
  private var isRequesting = false
  /// Whether a request has been sent, perhaps in part, whose answer has not been seen: nothing can follow it.
  private var owesAnswer = false

  /// - Parameters:
  ///   - stream: the connection; it is this object's from now on.
  ///   - host: what the requests' `Host` says: the name, and the port where it is not the usual one.
  public init(_ stream: ByteStream, host: String) {
    self.stream = stream
    self.host = host
  }

  /// Sends a request, and waits for the head of the response.
  ///
  /// What has not been read of the response before is read and dropped. For a time limit there is `waitFor`; a request that
  /// was given up leaves the connection unusable.
  ///
  /// - Parameters:
  ///   - method: `GET`, `POST` and so on.
  ///   - target: the path and the query, as `/search?q=1`: escaped.
  ///   - fields: what is to stand in the head beside `Host` and the body's length.
  ///   - body: what is sent with it.
  /// - Throws: ``HTTPError`` with 400 for a request that cannot be sent, with 502 for a response that makes no sense;
  ///   ``StreamError/closed(operation:)`` where the connection can take no further request; what streams throw.
  public func request(
    _ method: String, _ target: String, _ fields: [(name: String, value: String)] = [], body: MessageBody? = nil
  ) async throws -> Answer {
    let head = try head(method, target, fields, body)
    if isRequesting { throw StreamError.inUse(operation: "request") }
    isRequesting = true
    defer { isRequesting = false }
    guard isOpen, try await last?.discardRest() != false else {
      close()
      throw StreamError.closed(operation: "request")
    }
    owesAnswer = true
    do {
      if let body { try await body.send(after: head, to: stream) } else { try await stream.write(head) }
    } catch let error as IOError {
      // A server may answer, and close, before it has read all: its answer says more than that.
      guard let early = try? await readHead() else { throw error }
      return try answer(early, to: method)
    }
    return try answer(try await readHead(), to: method)
  }

  /// Closes the connection.
  public func close() { stream.close() }

  /// Whether another request can follow, as far as this side knows.
  public var isOpen: Bool { !owesAnswer && !stream.isClosingOrClosed && last?.canBeFollowed != false }

  private func head(
    _ method: String, _ target: String, _ fields: [(name: String, value: String)], _ body: MessageBody?
  ) throws(HTTPError) -> [UInt8] {
    guard !method.isEmpty, method.utf8.allSatisfy(isTokenByte), method != "CONNECT" else {
      throw HTTPError(400, "bad method")
    }
    guard isTarget(target.utf8) else { throw HTTPError(400, "bad target") }
    var head = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in [("Host", host)] + fields {
      // What goes into a head must not end a line of it.
      guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte),
        value.utf8.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) })
      else { throw HTTPError(400, "bad field \(name)") }
      head += "\(name): \(value)\r\n"
    }
    var bytes = Array(head.utf8)
    body?.appendFramingField(to: &bytes)
    bytes.append("\r\n")
    return bytes
  }

  private func readHead() async throws -> ResponseHead {
    while true {
      let bytes: [UInt8]
      do {
        bytes = try await stream.readUntil([13, 10, 13, 10], limit: 65_536)
      } catch StreamError.incomplete(let partial, _) {
        throw HTTPError(502, partial.isEmpty ? "the connection was closed without an answer" : "the head has no end")
      } catch StreamError.limitExceeded {
        throw HTTPError(502, "the head is too long")
      }
      let head = try ResponseHead(parsing: bytes)
      guard head.status != 101 else { throw HTTPError(502, "nobody asked for another protocol") }
      if !head.isInformational { return head }
    }
  }

  private func answer(_ head: ResponseHead, to method: String) throws -> Answer {
    let framing = try head.bodyFraming(method: method)
    let answer = Answer(
      head: head, keepsAlive: head.keepsAlive && framing != .untilClose,
      body: BodyReader(framing, of: stream, status: 502))
    last = answer
    owesAnswer = false
    return answer
  }
}

/// A response whose body has not been read yet.
@LoopActor
public final class Answer {
  public let head: ResponseHead
  private let keepsAlive: Bool
  private let body: BodyReader
  private var hasFailed = false

  init(head: ResponseHead, keepsAlive: Bool, body: BodyReader) {
    self.head = head
    self.keepsAlive = keepsAlive
    self.body = body
  }

  /// The next piece of the body; nil at its end.
  ///
  /// - Throws: ``HTTPError`` with 502 where the body ends too early or is badly framed; what streams throw. Cancelled, it
  ///   loses nothing.
  public func nextPiece() async throws -> [UInt8]? {
    do {
      return try await body.next()
    } catch let error as HTTPError {
      hasFailed = true
      throw error
    }
  }

  /// What is left of the body.
  ///
  /// - Parameter limit: the most that it may have; more is an ``HTTPError``.
  public func readAll(limit: Int = 10_000_000) async throws -> [UInt8] {
    var all: [UInt8] = []
    while let piece = try await nextPiece() {
      all += piece
      guard all.count <= limit else { throw HTTPError(502, "the body is too long") }
    }
    return all
  }

  /// Whether the connection may carry another request when this has been read.
  var canBeFollowed: Bool { keepsAlive && !hasFailed }

  func discardRest() async throws -> Bool { try await body.discardRest() }
}
