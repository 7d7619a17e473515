import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

/// What must hold did not.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless the condition holds: for checks inside a simulation.
func require(_ condition: Bool, _ what: String, line: Int = #line) throws {
  if !condition { throw Broken(description: "line \(line): \(what)") }
}

/// What a coroutine leaves for the one that comes after it.
@LoopActor
final class Kept {
  var bytes: [UInt8] = []
}

/// A server's context for `example.test` and this machine's addresses.
func serverContext(
  clients: TLSClientCertificates = .ignored, protocols: [String] = [],
  versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
) throws -> TLSServerContext {
  try TLSServerContext(
    identity: Authority.ours.identity("the server"), clients: clients, protocols: protocols, versions: versions)
}

/// A client's context that trusts our authority.
func clientContext(
  identity: TLSIdentity? = nil, protocols: [String] = [], versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
) throws -> TLSClientContext {
  try TLSClientContext(trust: Authority.ours.trust, identity: identity, protocols: protocols, versions: versions)
}

/// Two ends of a connection in memory that have shaken hands.
@LoopActor
func safePair(
  _ client: TLSClientContext, _ server: TLSServerContext, seed: UInt64 = 0, faults: StreamFaults = .none,
  limits: StreamLimits = StreamLimits(), serverName: String = "example.test"
) async throws -> (client: ByteStream, server: ByteStream) {
  let (one, other) = simulatedStreams(seed: seed, faults: faults, limits: limits)
  let answer = createTask { try await other.startTLS(server) }
  do {
    let client = try await one.startTLS(client, serverName: serverName)
    return (client, try await answer.value)
  } catch {
    if case .success(let stream) = await answer.result { stream.abort() }
    throw error
  }
}

/// What comes of a handshake at both ends, and of what each then sends to the other.
@LoopActor
func meet(
  _ client: TLSClientContext, _ server: TLSServerContext, serverName: String = "example.test"
) async -> (client: Result<TLSSession, any Error>, server: Result<TLSSession, any Error>) {
  let (one, other) = simulatedStreams()
  let answer = createTask { try await talk(try await other.startTLS(server)) }
  let asked = createTask { try await talk(try await one.startTLS(client, serverName: serverName)) }
  return (await asked.result, await answer.result)
}

/// Sends something, ends, and reads what the other side has to say.
@LoopActor
private func talk(_ stream: ByteStream) async throws -> TLSSession {
  defer { stream.close() }
  try await stream.write("hello")
  try stream.closeWrite()
  guard try await stream.readAll() == Array("hello".utf8) else { throw Broken(description: "something else came") }
  guard let session = stream.tlsSession else { throw Broken(description: "no session") }
  return session
}

extension Result {
  var error: TLSError? {
    if case .failure(let error) = self { error as? TLSError } else { nil }
  }
}
