// expect: nothing
// Every name of the TLS product can be written plainly beside Foundation and the C library.

import Foundation
import Glibc
import UAsyncIO
import UAsyncIOTLS

func names(
  client: TLSClientContext, server: TLSServerContext, identity: TLSIdentity, text: TLSText, trust: TLSTrust,
  verification: TLSVerification, clients: TLSClientCertificates, version: TLSVersion, session: TLSSession,
  error: TLSError
) {}

@LoopActor
func values(host: String) async throws {
  let plain = try await openConnection(host: host, port: 80)
  plain.close()
  let stream = try await openConnection(host: host, port: 443, tls: .standard)
  stream.close()
  let context = try TLSServerContext(identity: TLSIdentity(chainFile: "chain.pem", keyFile: "key.pem"))
  let server = try await startServer(port: 8443, tls: context) { stream in try await stream.write("hello") }
  server.close()
}
