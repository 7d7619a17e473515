// Keeps keys and values in memory, as Redis does: enough of it for redis-cli and redis-benchmark.
//
//     swift run -c release RedisServer 6380
//     redis-benchmark -p 6380 -t ping,set,get,incr -P 16

import RESP
import UAsyncIO

/// All connections' keys: one thread, so no lock.
@LoopActor
final class Store {
  private var values: [[UInt8]: [UInt8]] = [:]

  func answer(_ command: [[UInt8]]) -> RESPValue {
    let (key, value) = (command.count > 1 ? command[1] : [], command.count > 2 ? command[2] : [])
    switch (String(decoding: command[0], as: UTF8.self).uppercased(), command.count) {
    case ("PING", 1): return .text("PONG")
    case ("PING", 2), ("ECHO", 2): return .bytes(key)
    case ("GET", 2): return values[key].map { .bytes($0) } ?? .null
    case ("SET", 3):
      values[key] = value
      return .text("OK")
    case ("INCR", 2):
      guard let number = Int(String(decoding: values[key] ?? [48], as: UTF8.self)), number < .max else {
        return .error("ERR value is not an integer or out of range")
      }
      values[key] = Array("\(number + 1)".utf8)
      return .integer(number + 1)
    case ("EXISTS", 2...): return .integer(command.dropFirst().count { values[$0] != nil })
    case ("DEL", 2...): return .integer(command.dropFirst().count { values.removeValue(forKey: $0) != nil })
    case ("DBSIZE", 1): return .integer(values.count)
    case ("PING", _), ("ECHO", _), ("GET", _), ("SET", _), ("INCR", _), ("EXISTS", _), ("DEL", _), ("DBSIZE", _):
      return .error("ERR wrong number of arguments")
    default: return .error("ERR unknown command")
    }
  }
}

@LoopActor
func serve(_ stream: ByteStream, _ store: Store) async throws {
  let reader = RESPReader(stream)
  do {
    while let command = try await reader.nextCommand() { try await stream.write(store.answer(command).encoded) }
  } catch let error as RESPError {
    try await stream.write(RESPValue.error("ERR \(error)").encoded)
  } catch is IOError {
    // Clients go away when they like.
  }
}

@LoopActor
func main() async throws {
  let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 6380
  let store = Store()
  let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: port)]) { try await serve($0, store) }
  try await openStandardOutput().write("keys and values at \(server.addresses[0])\n")
  try await server.serveForever()
}

try run(main)
