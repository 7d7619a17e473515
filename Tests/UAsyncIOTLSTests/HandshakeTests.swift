import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

@Suite struct HandshakeTests {
  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `both ends tell the same about what they have agreed on`(version: TLSVersion) async throws {
    try await simulate {
      let outcome = await meet(
        try clientContext(protocols: ["h2", "http/1.1"]),
        try serverContext(protocols: ["http/1.1", "h2"], versions: version...version))
      let (client, server) = (try outcome.client.get(), try outcome.server.get())
      try require(client.version == version && server.version == version, "\(client)")
      try require(client.cipher == server.cipher && client.cipher.contains("AES"), "\(client.cipher)")
      try require(client.applicationProtocol == "http/1.1", "the server's preference: \(client)")
      try require(server.applicationProtocol == "http/1.1", "\(server)")
      try require(server.serverName == "example.test", "\(server)")
      try require(client.peerSubject == "CN=the server" && client.peerIssuer == "CN=Our Authority", "\(client)")
      try require(client.peerCertificate?.first == 0x30, "a certificate in DER")
      try require(server.peerSubject == nil && server.peerCertificate == nil, "\(server)")
    }
  }

  @Test func `versions that do not meet are an error at both ends`() async throws {
    try await simulate {
      let outcome = await meet(
        try clientContext(versions: .tls13 ... .tls13), try serverContext(versions: .tls12 ... .tls12))
      try require(outcome.client.error?.kind == .refused, "\(outcome.client)")
      try require(outcome.server.error?.kind == .violation, "\(outcome.server)")
      try require("\(outcome.client)".contains("protocol version"), "\(outcome.client)")
    }
  }

  @Test func `protocols that do not meet are refused, and none at all are not`() async throws {
    try await simulate {
      let server = try serverContext(protocols: ["h2"])
      let refused = await meet(try clientContext(protocols: ["http/1.1"]), server)
      try require(refused.client.error?.kind == .refused, "\(refused.client)")
      try require("\(refused.client)".contains("no application protocol"), "\(refused.client)")
      let without = await meet(try clientContext(), server)
      try require(try without.client.get().applicationProtocol == nil, "\(without.client)")
      let ignored = await meet(try clientContext(protocols: ["h2"]), try serverContext())
      try require(try ignored.client.get().applicationProtocol == nil, "\(ignored.client)")
    }
  }

  @Test(arguments: [
    ("example.test", "CN=one"), ("EXAMPLE.test", "CN=one"), ("example.test.", "CN=one"), ("a.wild.test", "CN=wild"),
    ("two.test", "CN=two"),
  ])
  func `a client gets the certificate of the name that it asks for`(name: String, subject: String) async throws {
    let authority = Authority.ours
    try await simulate {
      let server = try TLSServerContext(
        identity: authority.identity("one", for: "DNS:example.test"),
        identities: [
          "Two.test": authority.identity("two", for: "DNS:two.test"),
          "*.wild.test": authority.identity("wild", for: "DNS:*.wild.test"),
        ])
      let outcome = await meet(try clientContext(), server, serverName: name)
      try require(try outcome.client.get().peerSubject == subject, "\(outcome.client)")
      try require(try outcome.server.get().peerSubject == nil, "\(outcome.server)")
    }
  }

  // MARK: - Whom a client trusts

  /// What is wrong, and OpenSSL's words for it.
  @Test(arguments: [
    ("other.test", "hostname mismatch"), ("a.example.test", "hostname mismatch"), ("127.0.0.2", "IP address mismatch"),
    ("::2", "IP address mismatch"), ("someone", "hostname mismatch"),
  ])
  func `a certificate for another host is refused`(name: String, reason: String) async throws {
    try await simulate {
      let outcome = await meet(try clientContext(), try serverContext(), serverName: name)
      let error = outcome.client.error
      try require(error?.kind == .untrusted && error?.reason.contains(reason) == true, "\(outcome.client)")
      try require(error?.host == name && "\(outcome.client)".contains(name), "it names the host")
      try require(error?.reason.contains("CN=the server") == true, "it names the certificate")
      try require(outcome.server.error?.kind == .refused, "the server is told: \(outcome.server)")
    }
  }

  @Test(arguments: ["127.0.0.1", "::1", "example.test"])
  func `a certificate is good for the names and addresses in it`(name: String) async throws {
    try await simulate {
      _ = try await meet(try clientContext(), try serverContext(), serverName: name).client.get()
    }
  }

  @Test func `the common name of a certificate is no host's name`() async throws {
    try await simulate {
      let server = try TLSServerContext(identity: Authority.ours.identity("example.test", for: nil))
      let outcome = await meet(try clientContext(), server)
      try require(outcome.client.error?.reason.contains("hostname mismatch") == true, "\(outcome.client)")
    }
  }

  @Test func `certificates whose time is over, or has not come, are refused`() async throws {
    try await simulate {
      let expired = try TLSServerContext(identity: Authority.ours.identity(from: -7200, to: -3600))
      var outcome = await meet(try clientContext(), expired)
      try require(outcome.client.error?.kind == .untrusted, "\(outcome.client)")
      try require(outcome.client.error?.reason.contains("certificate has expired") == true, "\(outcome.client)")
      let early = try TLSServerContext(identity: Authority.ours.identity(from: 3600, to: 7200))
      outcome = await meet(try clientContext(), early)
      try require(outcome.client.error?.reason.contains("not yet valid") == true, "\(outcome.client)")
    }
  }

  @Test func `a certificate of an authority that is not trusted is refused`() async throws {
    try await simulate {
      let client = try TLSClientContext(trust: Authority.theirs.trust)
      var outcome = await meet(client, try serverContext())
      try require(outcome.client.error?.kind == .untrusted, "\(outcome.client)")
      try require(outcome.client.error?.reason.contains("issuer certificate") == true, "\(outcome.client)")
      // Nor does the system know it.
      outcome = await meet(try .standard, try serverContext())
      try require(outcome.client.error?.kind == .untrusted, "\(outcome.client)")
      let both = try TLSClientContext(trust: Authority.theirs.trust + Authority.ours.trust)
      _ = try await meet(both, try serverContext()).client.get()
    }
  }

  @Test func `what is not asked of a certificate is not asked`() async throws {
    let trust = Authority.ours.trust
    try await simulate {
      let anyHost = try TLSClientContext(trust: trust, verification: .anyHost)
      _ = try await meet(anyHost, try serverContext(), serverName: "other.test").client.get()
      let theirs = try TLSServerContext(identity: Authority.theirs.identity())
      try require(await meet(anyHost, theirs).client.error?.kind == .untrusted, "the chain is")
      let none = try TLSClientContext(trust: [], verification: .none)
      _ = try await meet(none, theirs, serverName: "other.test").client.get()
    }
  }

  // MARK: - Whom a server lets in

  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `a server that requires certificates lets in whom it trusts`(version: TLSVersion) async throws {
    try await simulate {
      let server = try serverContext(clients: .required(Authority.theirs.trust), versions: version...version)
      let good = await meet(try clientContext(identity: Authority.theirs.identity("a client")), server)
      try require(try good.server.get().peerSubject == "CN=a client", "\(good.server)")
      let without = await meet(try clientContext(), server)
      try require(without.server.error?.kind == .violation, "\(without.server)")
      try require("\(without.server)".contains("did not return a certificate"), "\(without.server)")
      try require(without.client.error?.kind == .refused, "\(without.client)")
      let unknown = await meet(try clientContext(identity: Authority.ours.identity("a stranger")), server)
      try require(unknown.server.error?.kind == .untrusted, "\(unknown.server)")
      try require(unknown.server.error?.reason.contains("CN=a stranger") == true, "\(unknown.server)")
      try require(unknown.client.error?.kind == .refused, "\(unknown.client)")
    }
  }

  @Test func `a server that only asks for certificates lets in who has none, and refuses bad ones`() async throws {
    try await simulate {
      let server = try serverContext(clients: .optional(Authority.theirs.trust))
      try require(try await meet(try clientContext(), server).server.get().peerSubject == nil, "none")
      let good = await meet(try clientContext(identity: Authority.theirs.identity("a client")), server)
      try require(try good.server.get().peerSubject == "CN=a client", "\(good.server)")
      let bad = await meet(try clientContext(identity: Authority.ours.identity("a stranger")), server)
      try require(bad.server.error?.kind == .untrusted, "\(bad.server)")
    }
  }
}
