/// The system has refused something that was to be done with a connection, a name, a file or a device.
/// Python: `OSError`.
public struct IOError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was to be done, in words: "connect", "read".
  public let operation: String
  /// The host that it was to be done with, as the program has named it.
  public let host: String?
  /// The host's port.
  public let port: Int?
  /// The path of the Unix socket or device.
  public let path: String?
  /// The system's error number (`ECONNREFUSED` and so on); 0 where the error is not the system's.
  public let errorNumber: Int32
  /// The system's text for it.
  public let reason: String

  /// An error; without a reason the system's text for the number is taken.
  public init(
    operation: String, host: String? = nil, port: Int? = nil, path: String? = nil, errorNumber: Int32,
    reason: String? = nil
  ) {
    self.operation = operation
    self.host = host
    self.port = port
    self.path = path
    self.errorNumber = errorNumber
    self.reason = reason ?? systemText(errorNumber)
  }

  package init(_ operation: String, _ address: SocketAddress?, _ errorNumber: Int32) {
    self.init(
      operation: operation, host: address?.host, port: address?.port, path: address?.path, errorNumber: errorNumber)
  }

  public var description: String {
    var target = ""
    if let host { target = host.contains(":") ? " [\(host)]" : " \(host)" }
    if let port { target += host == nil ? " port \(port)" : ":\(port)" }
    if let path { target += " \(path)" }
    return "\(operation)\(target): \(reason)"
  }
}

/// What a stream cannot do, not because the system refuses it.
public enum StreamError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Another coroutine is reading. Two would have to share the bytes by chance.
  case inUse(operation: String)
  /// The stream was closed, here, before or meanwhile.
  case closed(operation: String)
  /// Something was to be written after ``ByteStream/closeWrite()``.
  case writingIsOver
  /// The stream is for the other direction only.
  case wrongDirection(operation: String)
  /// The stream ended too early. What there was of it is in the error. Python: `IncompleteReadError`.
  case incomplete(partial: [UInt8], expected: Int?)
  /// Something did not end within the limit. The bytes are still in the stream. Python: `LimitOverrunError`.
  case limitExceeded(limit: Int)

  public var description: String {
    switch self {
    case .inUse(let operation): "\(operation): another coroutine is reading this stream"
    case .closed(let operation): "\(operation): the stream is closed"
    case .writingIsOver: "write: closeWrite() was called before"
    case .wrongDirection(let operation): "\(operation): the stream is for the other direction only"
    case .incomplete(let partial, let expected?):
      "the stream ended after \(partial.count) of \(expected) bytes"
    case .incomplete(let partial, nil): "the stream ended after \(partial.count) bytes, without the separator"
    case .limitExceeded(let limit): "no end was found within \(limit) bytes, the limit"
    }
  }
}
