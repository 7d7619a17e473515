import COpenSSL
import CPlatform
import UAsyncIO

extension TLSLayer {
  /// A client's end, over a transport that is connected. Nothing is sent yet.
  static func client(
    over inner: Transport, _ context: TLSClientContext, host: String, port: Int?, early: [UInt8]
  ) throws -> TLSLayer {
    let connection = try newConnection(context.handle)
    let layer: TLSLayer
    do {
      layer = try TLSLayer(
        over: inner, connection, context.handle, isServer: false, target: (host, port), early: early)
    } catch {
      SSL_free(connection)
      throw error
    }
    let (name, isAddress) = try named(host, port)
    let verifies = context.verification != .none
    guard openssl_expect_host(connection, name, isAddress, context.verification == .full) == 1 else {
      throw TLSError(
        .settings, operation: "TLS handshake with", host: host, port: port, reason: "this is no name of a host")
    }
    SSL_set_verify(connection, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verifies ? noteRejected : nil)
    return layer
  }

  /// A server's end.
  static func server(over inner: Transport, _ context: TLSServerContext, early: [UInt8]) throws -> TLSLayer {
    let connection = try newConnection(context.handle)
    let peer = inner.peerAddress
    do {
      let layer = try TLSLayer(
        over: inner, connection, context.handle, isServer: true, target: (peer?.host ?? peer?.path, peer?.port),
        early: early)
      let mode = context.handle.clientMode
      SSL_set_verify(connection, mode, mode == SSL_VERIFY_NONE ? nil : noteRejected)
      return layer
    } catch {
      SSL_free(connection)
      throw error
    }
  }

  /// Shakes hands.
  ///
  /// - Throws: ``TLSError``; `IOError`; `CancellationError`. The transport is of no use then.
  @LoopActor
  func handshake(within limit: Duration) async throws {
    let deadline = Transport.deadline(after: limit)
    while case .wait(let interest) = try shakeHands() {
      guard try await inner.carrier.wait(for: interest, until: deadline) else {
        throw TLSError(
          .timedOut, operation: handshake, host: target.host, port: target.port,
          reason: "it has not been finished within \(limit)")
      }
    }
    session = TLSSession(of: connection.unsafelyUnwrapped)
  }

  // MARK: - Errors

  /// What a handshake's errors say was to be done.
  var handshake: String { target.host == nil ? "TLS handshake" : "TLS handshake with" }

  /// The error of the attempt that has just failed.
  func errorOfAttempt(_ operation: String) -> any Error {
    let said = OpenSSLFailure.take()
    if said.kind == OPENSSL_NO_FAILURE || said.kind == OPENSSL_OTHER_FAILURE, let error = takeCarrierError() {
      return IOError(
        operation: operation, host: target.host, port: target.port, path: inner.peerAddress?.path, errorNumber: error)
    }
    let isHandshake = session == nil
    let (kind, reason): (TLSError.Kind, String) =
      switch said.kind {
      case OPENSSL_CUT_OFF, OPENSSL_NO_FAILURE:
        (
          .cutOff,
          isHandshake ? "the connection was closed in the middle of it" : "the connection was cut: TLS had not ended"
        )
      case OPENSSL_UNTRUSTED: (.untrusted, reasonOfRejection)
      case OPENSSL_REFUSED: (.refused, "the other side has refused: \(said.text)")
      case OPENSSL_NO_TLS: (.violation, "\(said.text): the other side does not seem to speak TLS")
      default: (.violation, said.text)
      }
    return TLSError(kind, operation: operation, host: target.host, port: target.port, reason: reason)
  }

  func violation(_ operation: String, _ reason: String) -> TLSError {
    TLSError(.violation, operation: operation, host: target.host, port: target.port, reason: reason)
  }

  private var reasonOfRejection: String {
    let result = connection.map { SSL_get_verify_result($0) } ?? 0
    let text = result == X509_V_OK ? "there is no certificate" : String(cString: X509_verify_cert_error_string(result))
    return rejected.map { "\(text) (certificate of \($0))" } ?? text
  }
}

/// A name as certificates have it, and whether it is an address.
private func named(_ host: String, _ port: Int?) throws -> (name: String, isAddress: Bool) {
  if (try? SocketAddress(ip: host, port: 0)) != nil {
    // Where an address is valid says nothing about whose it is.
    return (String(host.prefix { $0 != "%" }), true)
  }
  let name = host.hasSuffix(".") ? String(host.dropLast()) : host
  guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
    throw TLSError(
      .settings, operation: "TLS handshake with", host: host, port: port,
      reason: "a host's name has letters, digits, dots and hyphens; others are written as xn--…")
  }
  return (name, false)
}

private func newConnection(_ handle: ContextHandle) throws -> OpaquePointer {
  ERR_clear_error()
  guard let connection = SSL_new(handle.context) else { throw OpenSSLFailure.settings("make a connection") }
  return connection
}

/// Called for each certificate of the peer's: notes whose it is that is not found good.
private let noteRejected: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, verification in
  if isGood == 0, let verification,
    let connection = X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()),
    let carrier = SSL_get_rbio(OpaquePointer(connection)),
    let certificate = X509_STORE_CTX_get_current_cert(verification)
  {
    let layer = Unmanaged<TLSLayer>.fromOpaque(BIO_get_data(carrier)).takeUnretainedValue()
    layer.rejected = nameText(X509_get_subject_name(certificate))
  }
  return isGood
}
