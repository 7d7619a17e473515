// A small HTTPS server, to try clients against.
//
//     swift run HTTPSServer chain.pem key.pem 8443
//     swift run HTTPSServer chain.pem key.pem 8443 clients.pem    only for clients with a certificate of these authorities
//
//     GET /hello      a greeting
//     GET /session    what the two ends have agreed on, and who the client is
//     GET /bytes?n    n bytes
//     POST /back      sends back what is sent to it
//
//     curl --cacert authority.pem https://localhost:8443/session

import HTTP1
import UAsyncIO
import UAsyncIOTLS

@LoopActor
func answer(_ request: Request, _ session: TLSSession) async throws -> Response {
  switch (request.head.method, request.head.rawPath) {
  case ("GET", "/hello"), ("HEAD", "/hello"):
    return Response(200, type: "text/plain", "Hello, world!\n")
  case ("GET", "/session"):
    return Response(
      200, type: "text/plain",
      """
      version \(session.version)
      cipher \(session.cipher)
      protocol \(session.applicationProtocol ?? "none")
      asked for \(session.serverName ?? "nobody")
      client \(session.peerSubject ?? "unknown")
      resumed \(session.isResumed)

      """)
  case ("GET", "/bytes"):
    return bytes(request.head.query.flatMap { Int($0) } ?? 0)
  case ("POST", "/back"), ("PUT", "/back"):
    var all: [UInt8] = []
    while let piece = try await request.nextPiece() {
      all += piece
      guard all.count <= 500_000_000 else { throw HTTPError(413, "more than 500 MB") }
    }
    return Response(200, [("Content-Type", "application/octet-stream")], body: .bytes(all))
  default:
    return Response(404, type: "text/plain", "nothing is here\n")
  }
}

@LoopActor
func bytes(_ count: Int) -> Response {
  let count = max(0, count)
  var left = count
  let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) }
  return Response(
    200, [("Content-Type", "application/octet-stream")],
    body: .pieces(length: count) {
      guard left > 0 else { return nil }
      let piece = left < block.count ? Array(block[..<left]) : block
      left -= piece.count
      return piece
    })
}

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard arguments.count >= 2 else {
    return try await openStandardOutput().write("usage: HTTPSServer CHAIN KEY [PORT [CLIENTS]]\n")
  }
  let port = arguments.count > 2 ? Int(arguments[2]) ?? 8443 : 8443
  let clients: TLSClientCertificates =
    arguments.count > 3 ? .required([.authorities(.file(arguments[3]))]) : .ignored
  let context = try TLSServerContext(
    identity: TLSIdentity(chainFile: arguments[0], keyFile: arguments[1]), clients: clients, protocols: ["http/1.1"])
  let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: port)], tls: context) { stream in
    guard let session = stream.tlsSession else { return }
    do {
      try await serveHTTP(stream) { try await answer($0, session) }
    } catch is IOError {
      // Clients go away when they like.
    } catch let error as TLSError where error.kind == .cutOff {
    }
  }
  try await openStandardOutput().write("HTTPS at \(server.addresses[0])\n")
  try await server.serveForever()
}

try run(main)
