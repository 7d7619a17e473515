import COpenSSL
import UAsyncIO

/// A connection could not be made safe, or is no longer; or what TLS was to be set up with is not fit for it.
/// Python: `ssl.SSLError`, `ssl.SSLCertVerificationError`.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What has gone wrong, for programs.
  public enum Kind: Hashable, Sendable {
    /// A certificate, a key, a name or a setting of our own is not fit.
    case settings
    /// The other side's certificate was not found good. Nothing has been sent to it.
    case untrusted
    /// The other side has said that it will not go on, for the reason that is given.
    case refused
    /// The bytes have ended, and TLS had not: somebody may have cut the connection. Python: `ssl.SSLEOFError`.
    case cutOff
    /// The other side has not finished the handshake in time.
    case timedOut
    /// The other side does not follow TLS, perhaps because it does not know it.
    case violation
  }

  public let kind: Kind
  /// What was to be done, in words: "TLS handshake with", "read".
  public let operation: String
  /// The host that it was to be done with, as the program has named it.
  public let host: String?
  /// The host's port.
  public let port: Int?
  /// OpenSSL's text for it, or ours.
  public let reason: String

  public init(_ kind: Kind, operation: String, host: String? = nil, port: Int? = nil, reason: String) {
    self.kind = kind
    self.operation = operation
    self.host = host
    self.port = port
    self.reason = reason
  }

  public var description: String {
    var target = ""
    if let host { target = host.contains(":") ? " [\(host)]" : " \(host)" }
    if let port { target += host == nil ? " port \(port)" : ":\(port)" }
    return "\(operation)\(target): \(reason)"
  }
}

/// What OpenSSL has to say, which it then forgets.
struct OpenSSLFailure {
  let kind: openssl_failure
  let text: String

  static func take() -> OpenSSLFailure {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
      text[0] = 0
      let kind = openssl_take_error(text.baseAddress, text.count)
      return OpenSSLFailure(kind: kind, text: String(cString: text.baseAddress!))
    }
  }

  /// The error of settings that are not fit.
  static func settings(_ what: String) -> TLSError {
    let failure = take()
    return TLSError(.settings, operation: what, reason: failure.text.isEmpty ? "OpenSSL has no memory" : failure.text)
  }
}
