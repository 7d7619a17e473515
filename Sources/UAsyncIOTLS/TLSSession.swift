import COpenSSL
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the two ends have agreed on. Python: `SSLObject`, `get_extra_info('cipher')`, `get_extra_info('peercert')`.
public struct TLSSession: Hashable, Sendable {
  /// The version of TLS.
  public let version: TLSVersion
  /// The cipher, by OpenSSL's name: `TLS_AES_256_GCM_SHA384`.
  public let cipher: String
  /// The protocol that was chosen (ALPN); nil where none was. Python: `selected_alpn_protocol()`.
  public let applicationProtocol: String?
  /// The name that the client has asked for (SNI); nil where it asked for none.
  public let serverName: String?
  /// The subject of the peer's certificate, as RFC 2253 writes it: `CN=example.org`; nil where the peer has none.
  public let peerSubject: String?
  /// Who has signed it.
  public let peerIssuer: String?
  /// The certificate itself (DER).
  public let peerCertificate: [UInt8]?
  /// Whether the session goes on with the keys of an earlier one.
  public let isResumed: Bool
}

extension TLSSession {
  init(of connection: OpaquePointer) {
    version = SSL_version(connection) == TLS1_3_VERSION ? .tls13 : .tls12
    cipher = SSL_get_current_cipher(connection).map { String(cString: SSL_CIPHER_get_name($0)) } ?? "none"
    var chosen: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(connection, &chosen, &length)
    applicationProtocol =
      length == 0 ? nil : String(decoding: UnsafeBufferPointer(start: chosen, count: Int(length)), as: UTF8.self)
    serverName = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    let certificate = SSL_get0_peer_certificate(connection)
    peerSubject = certificate.flatMap { nameText(X509_get_subject_name($0)) }
    peerIssuer = certificate.flatMap { nameText(X509_get_issuer_name($0)) }
    peerCertificate = certificate.map(bytes)
    isResumed = SSL_session_reused(connection) == 1
  }
}

func nameText(_ name: OpaquePointer?) -> String? {
  guard let text = openssl_name_text(name) else { return nil }
  defer { free(text) }
  return String(cString: text)
}

private func bytes(of certificate: OpaquePointer) -> [UInt8] {
  let count = Int(i2d_X509(certificate, nil))
  return [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
    guard count > 0 else { return }
    var end: UnsafeMutablePointer<UInt8>? = buffer.baseAddress
    initialized = max(0, Int(i2d_X509(certificate, &end)))
  }
}
