// Gets a page over HTTPS: the status goes to the standard error, the body to the standard output.
//
//     swift run HTTPSGet https://example.org/
//     swift run HTTPSGet --ca own-authority.pem https://localhost:8443/hello
//     swift run HTTPSGet --ca ca.pem --identity me.pem https://localhost:8443/     a certificate and its key in one file
//     swift run HTTPSGet --head https://example.org/                               the head only
//
// The server's certificate must be good, and for that host; otherwise nothing is sent, and the error says why not.

import HTTP1
import UAsyncIO
import UAsyncIOTLS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct Usage: Error, CustomStringConvertible {
  let description: String
}

struct Settings {
  var address: WebAddress
  var trust: [TLSTrust] = [.system]
  var identity: TLSIdentity?
  var method = "GET"

  init(_ arguments: ArraySlice<String>) throws {
    var arguments = arguments
    var place: String?
    func value(of option: String) throws -> String {
      guard let value = arguments.popFirst() else { throw Usage(description: "\(option) wants a file") }
      return value
    }
    while let argument = arguments.popFirst() {
      switch argument {
      case "--ca": trust = [.authorities(.file(try value(of: argument)))]
      case "--identity": identity = TLSIdentity(chainFile: try value(of: argument))
      case "--head": method = "HEAD"
      case _ where argument.hasPrefix("-") || place != nil: throw Usage(description: "what is \(argument)?")
      default: place = argument
      }
    }
    guard let place else {
      throw Usage(description: "usage: HTTPSGet [--ca FILE] [--identity FILE] [--head] https://HOST[:PORT]/PATH")
    }
    address = try WebAddress(place)
    guard address.scheme == "https" else { throw Usage(description: "not an https:// address: \(place)") }
  }
}

@LoopActor
func get(_ settings: Settings, to output: ByteStream) async throws {
  let (address, errors) = (settings.address, try openStandardError())
  let context = try TLSClientContext(trust: settings.trust, identity: settings.identity, protocols: ["http/1.1"])
  let stream = try await waitFor(30) {
    try await openConnection(host: address.host, port: address.port, tls: context)
  }
  defer { stream.close() }
  if let session = stream.tlsSession {
    try await errors.write("\(session.version), \(session.cipher), \(session.peerSubject ?? "nobody")\n")
  }
  let client = ClientConnection(stream, host: address.authority)
  let answer = try await waitFor(60) {
    try await client.request(settings.method, address.target, [("Connection", "close"), ("Accept", "*/*")])
  }
  try await errors.write("\(answer.head.status) \(answer.head.reason)\n")
  if let place = answer.head.value("location") { try await errors.write("it has gone to \(place)\n") }
  if settings.method == "HEAD" {
    for field in answer.head.fields { try await output.write("\(field.name): \(field.value)\n") }
  }
  while let piece = try await answer.nextPiece() { try await output.write(piece) }
  try await output.drain()
}

@LoopActor
func main() async throws -> Int32 {
  do {
    try await get(try Settings(CommandLine.arguments.dropFirst()), to: try openStandardOutput())
    return 0
  } catch is CancellationError {
    throw CancellationError()
  } catch {
    let errors = try openStandardError()
    try await errors.write("\(error)\n")
    try await errors.drain()
    return 1
  }
}

exit(try run(main))
