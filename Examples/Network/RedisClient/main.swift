// Talks to a Redis server.
//
//     swift run RedisClient 127.0.0.1 6379 set name Ada       one command, and its reply
//     swift run RedisClient 127.0.0.1 6379 subscribe news     the messages of a channel, until Ctrl-C
//     swift run RedisClient 127.0.0.1 6379 < commands.txt     a command in each line: sent without waiting for the replies
//                                                             of those before, which are printed in the same order

import RESP
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A reply as people read it.
func describe(_ value: RESPValue, indent: String = "") -> String {
  func list(_ elements: [RESPValue]) -> String {
    if elements.isEmpty { return "(empty)" }
    return elements.enumerated().map { number, element in
      (number == 0 ? "" : indent) + "\(number + 1)) " + describe(element, indent: indent + "   ")
    }.joined(separator: "\n")
  }
  switch value {
  case .text(let text), .bigNumber(let text): return text
  case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
  case .error(let text): return "(error) \(text)"
  case .integer(let number): return "\(number)"
  case .double(let number): return "\(number)"
  case .boolean(let isTrue): return isTrue ? "true" : "false"
  case .null: return "(nothing)"
  case .array(let elements), .set(let elements), .push(let elements): return list(elements)
  case .map(let pairs): return list(pairs.map { .array([$0.key, $0.value]) })
  }
}

@LoopActor
func pipeline(_ input: ByteStream, to redis: RedisConnection, _ output: ByteStream) async throws {
  // A thousand commands may be under way.
  let replies = try Channel<LoopTask<RESPValue>>(capacity: 1000)
  try await withLoopTaskGroup { group in
    try group.createTask {
      for try await reply in replies {
        do {
          try await output.write(describe(try await reply.value) + "\n")
        } catch let error as RedisError {
          try await output.write("(error) \(error)\n")
        }
      }
    }
    for try await line in input.lines {
      let command = line.split(separator: " ").map { Array($0.utf8) }
      if !command.isEmpty { try await replies.send(createTask { try await redis.send(command) }) }
    }
    replies.finish()
  }
}

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard arguments.count >= 2, let port = Int(arguments[1]) else { return print("RedisClient HOST PORT [COMMAND …]") }
  let stream = try await waitFor(10) { try await openConnection(host: arguments[0], port: port) }
  let redis = try await RedisConnection(stream)
  let output = try openStandardOutput()
  let command = Array(arguments.dropFirst(2))
  if command.isEmpty {
    try await pipeline(openStandardInput(), to: redis, output)
  } else if command.count == 2, command[0].lowercased() == "subscribe" {
    let messages = try await redis.subscribe(command[1])
    try await output.write("subscribed to \(command[1])\n")
    for try await message in messages { try await output.write(message.text + "\n") }
  } else {
    do {
      try await output.write(describe(try await redis.send(command.map { Array($0.utf8) })) + "\n")
    } catch let error as RedisError {
      try await output.write("(error) \(error)\n")
    }
  }
  try await output.drain()
  redis.close()
  try await redis.waitClosed()
}

do {
  try run(main)
} catch {
  let message = Array("\(error)\n".utf8)
  _ = write(2, message, message.count)
  exit(1)
}
