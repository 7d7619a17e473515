import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What TLS is set up with, and what is not fit for it.
@Suite struct SettingsTests {
  private func complaint(_ make: () throws -> Void) -> String {
    do {
      try make()
      return "none"
    } catch { return "\(error)" }
  }

  // On the loop's thread, as everything here that opens files: elsewhere another test may have taken all descriptors.
  @Test func `files are named by the errors that they cause`() async throws {
    try await onLoopThread {
      let missing = complaint { _ = try TLSServerContext(identity: TLSIdentity(chainFile: "/none/chain.pem")) }
      #expect(missing == "open /none/chain.pem: No such file or directory")
      let empty = complaint { _ = try TLSServerContext(identity: TLSIdentity(chainFile: "/dev/null")) }
      #expect(empty == "use the certificate in /dev/null: no start line")
      let nobody = complaint { _ = try TLSClientContext(trust: [.authorities(.file("/dev/null"))]) }
      #expect(nobody == "trust the certificates in /dev/null: there are none; PEM is expected")
      let noFolder = complaint { _ = try TLSClientContext(trust: [.directory("/none")]) }
      #expect(noFolder == "trust the certificates in /none: No such file or directory")
    }
  }

  @Test func `text that is no certificate, and keys that do not fit, are refused`() throws {
    let (one, other) = (Authority.ours.identity(), Authority.ours.identity())
    let garbage = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
    #expect(
      complaint {
        _ = try TLSServerContext(identity: TLSIdentity(chain: .pem(Array(garbage.utf8)), key: one.key))
      }.hasPrefix("use the certificate in the text that was given: "))
    #expect(
      complaint { _ = try TLSClientContext(trust: [.authorities(.pem(Array(garbage.utf8)))]) }
        .hasPrefix("trust the certificates in the text that was given: "))
    #expect(
      complaint { _ = try TLSServerContext(identity: TLSIdentity(chain: one.chain, key: other.key)) }
        == "use the key in the text that was given: key values mismatch")
    #expect(
      complaint { _ = try TLSServerContext(identity: TLSIdentity(chain: one.chain, key: one.chain)) }
        .hasPrefix("use the key in the text that was given: "))
  }

  @Test func `an encrypted key needs its password, and nobody is asked for it`() throws {
    let identity = Authority.ours.identity(password: "swordfish")
    _ = try TLSServerContext(identity: identity)
    for password in [nil, "", "sworddish"] as [String?] {
      let wrong = TLSIdentity(chain: identity.chain, key: identity.key, password: password)
      #expect(complaint { _ = try TLSServerContext(identity: wrong) }.hasPrefix("use the key in"))
    }
  }

  @Test func `names of protocols have a length`() throws {
    for names in [[""], [String(repeating: "x", count: 256)]] {
      #expect(complaint { _ = try clientContext(protocols: names) }.contains("1 to 255 bytes"))
      #expect(complaint { _ = try serverContext(protocols: names) }.contains("1 to 255 bytes"))
    }
    #expect(
      complaint { _ = try clientContext(protocols: [String](repeating: "twenty-two characters.", count: 4000)) }
        .contains("65,535"))
  }

  @Test(arguments: ["", ".", "example.test\0.evil.test", "with space.test", "b\u{fc}cher.test"])
  func `what is no name of a host is refused before anything is sent`(name: String) async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      do {
        _ = try await one.startTLS(try clientContext(), serverName: name)
        try require(false, "hands were shaken")
      } catch let error as TLSError { try require(error.kind == .settings, "\(error)") }
      try require(try await other.readAll().isEmpty, "nothing was sent")
      other.close()
    }
  }

  @Test func `certificates come from files and folders too`() async throws {
    var name = Array("/tmp/uasyncio-tls-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&name))
    defer { rmdir(folder) }
    let identity = Authority.ours.identity()
    guard case .pem(let chain) = identity.chain, case .pem(let key) = identity.key else { return }
    let files = [
      ("authority.pem", Authority.ours.certificate), ("chain.pem", chain), ("key.pem", key), ("both.pem", chain + key),
      ("\(Authority.ours.fileName).0", Authority.ours.certificate),
    ]
    try await onLoopThread {
      for (name, bytes) in files {
        let file = try #require(fopen("\(folder)/\(name)", "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
      }
    }
    defer { for (name, _) in files { unlink("\(folder)/\(name)") } }
    try await simulate {
      let servers = [
        try TLSServerContext(
          identity: TLSIdentity(chainFile: "\(folder)/chain.pem", keyFile: "\(folder)/key.pem")),
        try TLSServerContext(identity: TLSIdentity(chainFile: "\(folder)/both.pem")),
      ]
      let clients = [
        try TLSClientContext(trust: [.authorities(.file("\(folder)/authority.pem"))]),
        try TLSClientContext(trust: [.directory(folder)]),
      ]
      for (client, server) in zip(clients, servers) { _ = try await meet(client, server).client.get() }
    }
  }
}
