import COpenSSL
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// PEM text, or where it is.
public enum TLSText: Hashable, Sendable {
  /// A file with it, which is read when the context is made.
  case file(String)
  /// The text itself.
  case pem([UInt8])

  var name: String { if case .file(let path) = self { path } else { "the text that was given" } }

  func bytes() throws -> [UInt8] {
    switch self {
    case .file(let path): try readFile(path)
    case .pem(let bytes): bytes
    }
  }
}

/// Who one is: a certificate, the certificates between it and one that others trust, and its key.
/// Python: `load_cert_chain(certfile, keyfile, password)`.
public struct TLSIdentity: Hashable, Sendable {
  /// One's own certificate first, then those that have signed it, each followed by its signer.
  public var chain: TLSText
  /// The key of the first certificate.
  public var key: TLSText
  /// What the key is encrypted with. Nobody is asked for it.
  public var password: String?

  public init(chain: TLSText, key: TLSText, password: String? = nil) {
    self.chain = chain
    self.key = key
    self.password = password
  }

  /// An identity in two files (PEM); the key may stand in the certificate's.
  public init(chainFile: String, keyFile: String? = nil, password: String? = nil) {
    self.init(chain: .file(chainFile), key: .file(keyFile ?? chainFile), password: password)
  }

  func use(in context: OpaquePointer) throws {
    let chain = try chain.bytes()
    guard openssl_use_certificate(context, chain, chain.count) == 1 else {
      throw OpenSSLFailure.settings("use the certificate in \(self.chain.name)")
    }
    let key = try key.bytes()
    guard openssl_use_key(context, key, key.count, password) == 1 else {
      throw OpenSSLFailure.settings("use the key in \(self.key.name)")
    }
  }
}

/// Whose certificates are trusted. Python: `load_verify_locations`, `load_default_certs`.
public enum TLSTrust: Hashable, Sendable {
  /// Those that the system trusts (Debian's package `ca-certificates`), or `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
  case system
  /// Those in PEM text.
  case authorities(TLSText)
  /// Those in a folder, under the names that `openssl rehash` makes; they are read when they are needed.
  case directory(String)

  func add(to context: OpaquePointer) throws {
    switch self {
    case .system:
      guard SSL_CTX_set_default_verify_paths(context) == 1 else {
        throw OpenSSLFailure.settings("trust whom the system trusts")
      }
    case .authorities(let text):
      let bytes = try text.bytes()
      let count = openssl_trust(context, bytes, bytes.count)
      if count < 0 { throw OpenSSLFailure.settings("trust the certificates in \(text.name)") }
      if count == 0 {
        throw TLSError(
          .settings, operation: "trust the certificates in \(text.name)", reason: "there are none; PEM is expected")
      }
    case .directory(let path):
      guard let directory = opendir(path) else {
        throw IOError(operation: "trust the certificates in", path: path, errorNumber: errno)
      }
      closedir(directory)
      guard SSL_CTX_load_verify_dir(context, path) == 1 else {
        throw OpenSSLFailure.settings("trust the certificates in \(path)")
      }
    }
  }
}

private func readFile(_ path: String) throws -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw IOError(operation: "open", path: path, errorNumber: errno) }
  defer { close(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 16_384)
  while true {
    let count = read(file, &block, block.count)
    if count < 0, errno != EINTR { throw IOError(operation: "read", path: path, errorNumber: errno) }
    if count == 0 { return bytes }
    bytes += block[..<max(0, count)]
  }
}
