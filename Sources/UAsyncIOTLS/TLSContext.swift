// What connections have in common: certificates, keys, whom one trusts. Making one reads files and takes milliseconds; so it
// is made once, and shared by all connections.

import COpenSSL
import Synchronization
import UAsyncIO

/// A version of TLS. Older ones are broken, and not there.
public enum TLSVersion: Int, Comparable, Sendable {
  case tls12 = 12
  case tls13 = 13

  public static func < (one: TLSVersion, other: TLSVersion) -> Bool { one.rawValue < other.rawValue }

  var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

/// What a client asks of a server's certificate.
public enum TLSVerification: Hashable, Sendable {
  /// That somebody who is trusted has signed it, that it is valid now, and that it is for the host.
  case full
  /// As `full`, for whichever host. Whoever has any certificate from somebody who is trusted can be the server then.
  /// Python: `check_hostname = False`.
  case anyHost
  /// Nothing. Anybody can be the server, and read and change everything. Python: `CERT_NONE`.
  case none
}

/// What a server asks of its clients.
public enum TLSClientCertificates: Hashable, Sendable {
  /// No certificate.
  case ignored
  /// A certificate that somebody who is trusted has signed, or none. Python: `CERT_OPTIONAL`.
  case optional([TLSTrust])
  /// A certificate that somebody who is trusted has signed. Python: `CERT_REQUIRED`.
  case required([TLSTrust])
}

/// How a client uses TLS: whom it trusts, who it is. Python: `ssl.create_default_context()`, `SSLContext`.
///
/// Making one reads files and takes milliseconds: it is made once, and shared by all connections.
public final class TLSClientContext: Sendable {
  let handle: ContextHandle
  let verification: TLSVerification
  let handshakeLimit: Duration

  /// - Parameters:
  ///   - trust: who must have signed a server's certificate; all of them together.
  ///   - verification: what else is asked of it. Whether it was revoked is not asked.
  ///   - identity: who the client is, for servers that ask.
  ///   - protocols: the protocols that the client speaks (ALPN), the preferred one first: `["h2", "http/1.1"]`.
  ///   - versions: the versions of TLS that may be used.
  ///   - handshakeLimit: how long a server may take for the handshake. Python: `ssl_handshake_timeout`.
  /// - Throws: ``TLSError`` of kind `settings`, or `IOError`, that names what cannot be used.
  public init(
    trust: [TLSTrust] = [.system], verification: TLSVerification = .full, identity: TLSIdentity? = nil,
    protocols: [String] = [], versions: ClosedRange<TLSVersion> = .tls12 ... .tls13,
    handshakeLimit: Duration = .seconds(60)
  ) throws {
    handle = try ContextHandle(isServer: false, versions, protocols: protocols)
    self.verification = verification
    self.handshakeLimit = handshakeLimit
    for trusted in trust { try trusted.add(to: handle.context) }
    if let identity { try identity.use(in: handle.context) }
    if !protocols.isEmpty {
      let list = handle.protocols
      // This one returns 0 where it succeeds.
      guard SSL_CTX_set_alpn_protos(handle.context, list, UInt32(list.count)) == 0 else {
        throw OpenSSLFailure.settings("offer protocols")
      }
    }
  }

  /// Trusts whom the system trusts, and verifies everything. It is made once.
  public static var standard: TLSClientContext {
    get throws {
      try made.withLock { made in
        if let made { return made }
        let context = try TLSClientContext()
        made = context
        return context
      }
    }
  }

  private static let made = Mutex<TLSClientContext?>(nil)
}

/// How a server uses TLS: who it is, whom it lets in. Python: `SSLContext(PROTOCOL_TLS_SERVER)`.
public final class TLSServerContext: Sendable {
  let handle: ContextHandle
  let handshakeLimit: Duration

  /// - Parameters:
  ///   - identity: who the server is.
  ///   - identities: who it is to clients that ask for one of these names (SNI): `"example.org"`, or `"*.example.org"`.
  ///     The others get `identity`. Python: `sni_callback`.
  ///   - clients: what is asked of clients.
  ///   - protocols: the protocols that the server speaks (ALPN), the preferred one first. A client that names protocols and
  ///     none of these is refused; one that names none is served.
  ///   - versions: the versions of TLS that may be used.
  ///   - handshakeLimit: how long a client may take for the handshake.
  /// - Throws: ``TLSError`` of kind `settings`, or `IOError`, that names what cannot be used.
  public init(
    identity: TLSIdentity, identities: [String: TLSIdentity] = [:], clients: TLSClientCertificates = .ignored,
    protocols: [String] = [], versions: ClosedRange<TLSVersion> = .tls12 ... .tls13,
    handshakeLimit: Duration = .seconds(60)
  ) throws {
    handle = try ContextHandle(isServer: true, versions, protocols: protocols)
    self.handshakeLimit = handshakeLimit
    try identity.use(in: handle.context)
    for (name, identity) in identities {
      let other = try ContextHandle(isServer: true, versions, protocols: [])
      try identity.use(in: other.context)
      handle.others[name.lowercased()] = other
    }
    switch clients {
    case .ignored: break
    case .optional(let trust): try handle.askClients(for: trust, SSL_VERIFY_PEER)
    case .required(let trust): try handle.askClients(for: trust, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
    }
    handle.answerClients()
  }
}

/// OpenSSL's object. It is changed by those who make it only; from then on OpenSSL itself sees to it that threads may share it.
final class ContextHandle: @unchecked Sendable {
  let context: OpaquePointer
  /// As they are sent: before each a byte with its length.
  let protocols: [UInt8]
  /// For clients that ask for another name.
  var others: [String: ContextHandle] = [:]
  private(set) var clientMode = SSL_VERIFY_NONE

  init(isServer: Bool, _ versions: ClosedRange<TLSVersion>, protocols: [String]) throws {
    guard protocols.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
      throw TLSError(.settings, operation: "offer protocols", reason: "a protocol's name has 1 to 255 bytes")
    }
    self.protocols = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    guard self.protocols.count <= 65_535 else {
      throw TLSError(
        .settings, operation: "offer protocols", reason: "their names have more than 65,535 bytes together")
    }
    guard let context = openssl_context_create(isServer) else { throw OpenSSLFailure.settings("make a context") }
    self.context = context
    guard openssl_set_versions(context, versions.lowerBound.number, versions.upperBound.number) == 1 else {
      throw OpenSSLFailure.settings("set the versions")
    }
  }

  deinit { SSL_CTX_free(context) }

  // MARK: - Servers

  func askClients(for trust: [TLSTrust], _ mode: Int32) throws {
    for trusted in trust { try trusted.add(to: context) }
    openssl_name_authorities(context)
    clientMode = mode
  }

  /// Has OpenSSL ask this object which protocol and which identity a client is to have.
  func answerClients() {
    let owner = Unmanaged.passUnretained(self).toOpaque()
    if !protocols.isEmpty {
      SSL_CTX_set_alpn_select_cb(
        context,
        { _, chosen, length, list, count, owner in
          let handle = Unmanaged<ContextHandle>.fromOpaque(owner!).takeUnretainedValue()
          let offered = UnsafeBufferPointer(start: list, count: Int(count))
          guard let place = handle.choose(from: offered) else { return SSL_TLSEXT_ERR_ALERT_FATAL }
          length!.pointee = offered[place]
          chosen!.pointee = list! + place + 1
          return SSL_TLSEXT_ERR_OK
        }, owner)
    }
    if !others.isEmpty {
      openssl_set_name_callback(
        context,
        { connection, _, owner in
          let handle = Unmanaged<ContextHandle>.fromOpaque(owner!).takeUnretainedValue()
          if let name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name),
            let other = handle.other(for: String(cString: name))
          {
            SSL_set_SSL_CTX(connection, other.context)
          }
          return SSL_TLSEXT_ERR_OK
        }, owner)
    }
  }

  /// Where in a client's list the length of the first of our protocols is that is there.
  private func choose(from offered: UnsafeBufferPointer<UInt8>) -> Int? {
    for own in entries(of: protocols) {
      for other in entries(of: offered) where protocols[own].elementsEqual(offered[other]) {
        return other.lowerBound - 1
      }
    }
    return nil
  }

  private func entries<List: RandomAccessCollection<UInt8>>(of list: List) -> [Range<Int>] where List.Index == Int {
    var result: [Range<Int>] = []
    var start = 0
    while start < list.count, start + 1 + Int(list[start]) <= list.count {
      result.append(start + 1..<start + 1 + Int(list[start]))
      start += 1 + Int(list[start])
    }
    return result
  }

  private func other(for name: String) -> ContextHandle? {
    let name = name.lowercased()
    if let exact = others[name] { return exact }
    guard let dot = name.firstIndex(of: ".") else { return nil }
    return others["*" + name[dot...]]
  }
}
