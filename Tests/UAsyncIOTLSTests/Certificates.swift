import COpenSSL
import UAsyncIOTLS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Somebody who signs certificates, made anew in each run of the tests: nothing in the repository can expire.
final class Authority: @unchecked Sendable {
  static let ours = Authority("Our Authority")
  static let theirs = Authority("Their Authority")

  let certificate: [UInt8]
  private let key: OpaquePointer
  fileprivate let subject: OpaquePointer

  init(_ name: String) {
    key = makeKey()
    let request = Request(name: name, alternatives: nil, isAuthority: true)
    let made = makeCertificate(request, of: key, signedBy: key, issuer: nil)
    certificate = pem { PEM_write_bio_X509($0, made) }
    subject = made
  }

  var trust: [TLSTrust] { [.authorities(.pem(certificate))] }

  /// An identity for hosts (`DNS:example.test,IP:127.0.0.1`), valid for a time that begins and ends so many seconds from now.
  func identity(
    _ name: String = "someone", for alternatives: String? = "DNS:example.test,IP:127.0.0.1,IP:::1",
    from: Int = -60, to: Int = 3600, password: String? = nil
  ) -> TLSIdentity {
    let own = makeKey()
    defer { EVP_PKEY_free(own) }
    let request = Request(name: name, alternatives: alternatives, from: from, to: to)
    let made = makeCertificate(request, of: own, signedBy: key, issuer: subject)
    defer { X509_free(made) }
    let chain = pem { PEM_write_bio_X509($0, made) }
    let keyText = pem {
      PEM_write_bio_PKCS8PrivateKey(
        $0, own, password == nil ? nil : EVP_aes_128_cbc(), password, Int32(password?.utf8.count ?? 0), nil, nil)
    }
    return TLSIdentity(chain: .pem(chain), key: .pem(keyText), password: password)
  }
}

private struct Request {
  var name: String
  var alternatives: String?
  var isAuthority = false
  var from = -60
  var to = 3600
}

private func makeKey() -> OpaquePointer {
  // Its signatures all have the same length, so runs of the same seed meet the same faults.
  let maker = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
  defer { EVP_PKEY_CTX_free(maker) }
  var key: OpaquePointer?
  precondition(EVP_PKEY_keygen_init(maker) == 1 && EVP_PKEY_keygen(maker, &key) == 1)
  return key!
}

private func makeCertificate(
  _ request: Request, of key: OpaquePointer, signedBy signer: OpaquePointer, issuer: OpaquePointer?
) -> OpaquePointer {
  let certificate = X509_new()!
  X509_set_version(certificate, 2)
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<1_000_000))
  X509_gmtime_adj(X509_getm_notBefore(certificate), request.from)
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.to)
  X509_set_pubkey(certificate, key)
  let name = X509_get_subject_name(certificate)
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, request.name, -1, -1, 0)
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer ?? certificate))
  extend(
    certificate, issuer ?? certificate, NID_basic_constraints, request.isAuthority ? "critical,CA:TRUE" : "CA:FALSE")
  if let alternatives = request.alternatives { extend(certificate, issuer, NID_subject_alt_name, alternatives) }
  precondition(X509_sign(certificate, signer, nil) > 0)
  return certificate
}

private func extend(_ certificate: OpaquePointer, _ issuer: OpaquePointer?, _ kind: Int32, _ value: String) {
  var context = X509V3_CTX()
  X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
  let addition = X509V3_EXT_conf_nid(nil, &context, kind, value)
  precondition(X509_add_ext(certificate, addition, -1) == 1)
  X509_EXTENSION_free(addition)
}

private func pem(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
  let text = BIO_new(BIO_s_mem())!
  defer { BIO_free(text) }
  precondition(write(text) == 1)
  var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(text)))
  BIO_read(text, &bytes, Int32(bytes.count))
  return bytes
}

extension Authority {
  /// Under which name, but for its end, OpenSSL looks for the certificate in a folder.
  var fileName: String {
    let digits = String(X509_NAME_hash_ex(X509_get_subject_name(subject), nil, nil, nil), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
