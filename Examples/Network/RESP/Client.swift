// A client of Redis.
//
// Commands are pipelined: whoever has one writes it, and waits for its reply, while others do the same on the same
// connection. One coroutine reads, and since replies come in the order of the commands, each belongs to the one who has
// waited longest. A caller that is cancelled leaves its place in that line, so that its reply, which comes all the same, is
// nobody else's.
//
// Messages of subscriptions come between the replies. Each subscription is a channel of its own; who is a thousand
// messages behind loses it, with an error, for the connection is everybody's and must not stand still for one.

import UAsyncIO

/// A message that was published.
public struct RedisMessage: Hashable, Sendable {
  public let channel: String
  public let payload: [UInt8]

  public var text: String { String(decoding: payload, as: UTF8.self) }
}

/// The server has refused a command.
public struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the server says: a code and a text, as "WRONGTYPE Operation against a key…".
  public let description: String
}

/// A subscriber has not read its messages for too long.
public struct TooFarBehind: Error, Hashable, Sendable {}

/// A connection to a Redis server.
@LoopActor
public final class RedisConnection {
  private let stream: ByteStream
  private var waiting: [Reply] = []
  private var firstWaiting = 0
  private var version = 2
  private var subscriptions: [String: Channel<RedisMessage>] = [:]
  /// How many the server knows of.
  private var subscribed = 0
  private var end: (any Error)?
  private var reader: LoopTask<Void>?

  /// A reply that is to come.
  @LoopActor
  private final class Reply {
    private let isThere = Event()
    private var result: Result<RESPValue, any Error>?

    func come(_ result: Result<RESPValue, any Error>) {
      self.result = result
      isThere.set()
    }

    var value: RESPValue {
      get async throws {
        try await isThere.wait()
        return try result!.get()
      }
    }
  }

  /// Begins to speak over a stream, which is this object's from now on.
  ///
  /// - Parameter version: 3; a server that knows only 2 is spoken to in 2.
  /// - Throws: ``RedisError``, ``RESPError``; what streams throw. The stream is closed then.
  public init(_ stream: ByteStream, version: Int = 3) async throws {
    self.stream = stream
    reader = createTask(name: "Redis replies") { [self] in await read() }
    do {
      if version == 3, case .map = try await sendAll([["HELLO", "3"]])[0] { self.version = 3 }
    } catch {
      close()
      throw error
    }
  }

  // MARK: - Commands

  /// Sends a command, and waits for its reply.
  ///
  /// - Throws: ``RedisError`` where the server refuses it; ``RESPError``; what streams throw; `CancellationError` if the
  ///   coroutine is cancelled meanwhile: the command may have been carried out, and the connection goes on.
  @discardableResult
  public func send(_ command: String...) async throws -> RESPValue { try await send(command.map { Array($0.utf8) }) }

  /// Sends a command whose parts are any bytes; see ``send(_:)-(String...)``.
  @discardableResult
  public func send(_ command: [[UInt8]]) async throws -> RESPValue {
    let reply = try await write([command])[0]
    let value = try await reply.value
    if case .error(let text) = value { throw RedisError(description: text) }
    return value
  }

  /// Sends many commands at once, and waits for their replies: one journey for all.
  ///
  /// - Returns: the replies in the order of the commands; one that was refused is ``RESPValue/error(_:)``.
  public func sendAll(_ commands: [[String]]) async throws -> [RESPValue] {
    var values: [RESPValue] = []
    for reply in try await write(commands.map { $0.map { Array($0.utf8) } }) { values.append(try await reply.value) }
    return values
  }

  private func write(_ commands: [[[UInt8]]]) async throws -> [Reply] {
    if let end { throw end }
    var bytes: [UInt8] = []
    for command in commands { RESPValue.array(command.map { .bytes($0) }).encode(into: &bytes) }
    // Nobody else runs between the last of the write and the line's growing.
    try await stream.write(bytes)
    let replies = commands.map { _ in Reply() }
    waiting += replies
    return replies
  }

  // MARK: - Subscriptions

  /// Subscribes to a channel.
  ///
  /// - Returns: its messages. They end with an error where the connection ends, and where more than a thousand wait.
  /// - Throws: ``RedisError``; what ``send(_:)-(String...)`` throws.
  public func subscribe(_ name: String) async throws -> Channel<RedisMessage> {
    if subscriptions[name] != nil { throw RedisError(description: "there is a subscription to \(name) already") }
    let messages = try Channel<RedisMessage>(capacity: 1000)
    subscriptions[name] = messages
    do {
      try await send("SUBSCRIBE", name)
    } catch {
      subscriptions[name] = nil
      throw error
    }
    return messages
  }

  /// Ends a subscription; the messages that have come can still be read.
  public func unsubscribe(_ name: String) async throws {
    guard let messages = subscriptions[name] else { return }
    try await send("UNSUBSCRIBE", name)
    subscriptions[name] = nil
    messages.finish()
  }

  // MARK: - Replies

  private func read() async {
    do {
      while let value = try await RESPReader(stream).next() { receive(value) }
      finish(end ?? RESPError("the server has closed the connection"))
    } catch {
      finish(end ?? error)
    }
  }

  private func receive(_ value: RESPValue) {
    guard let parts = value.elements, parts.count == 3, let kind = parts[0].string else {
      return answer(.success(value))
    }
    var isPush = version == 2
    if case .push = value { isPush = true }
    switch (kind, parts[1].string, parts[2]) {
    case ("subscribe", _, .integer(let count)) where isPush, ("unsubscribe", _, .integer(let count)) where isPush:
      subscribed = count
      answer(.success(value))
    // Version 2 says it with an array, as it says everything, but only to those who have subscribed.
    case ("message", let name?, .bytes(let payload)) where isPush && subscribed > 0:
      deliver(RedisMessage(channel: name, payload: payload))
    default:
      answer(.success(value))
    }
  }

  private func deliver(_ message: RedisMessage) {
    guard let messages = subscriptions[message.channel] else { return }
    // Those who have finished it themselves want no more.
    guard (try? messages.trySend(message)) == false else { return }
    messages.fail(with: TooFarBehind())
  }

  private func answer(_ result: Result<RESPValue, any Error>) {
    guard firstWaiting < waiting.count else { return }
    waiting[firstWaiting].come(result)
    firstWaiting += 1
    if firstWaiting == waiting.count || firstWaiting > 1000 {
      waiting.removeFirst(firstWaiting)
      firstWaiting = 0
    }
  }

  private func finish(_ error: any Error) {
    end = error
    while firstWaiting < waiting.count { answer(.failure(error)) }
    for messages in subscriptions.values { messages.fail(with: error) }
    subscriptions = [:]
    stream.close()
  }

  /// Closes the connection. Who waits for a reply or a message gets ``StreamError/closed(operation:)``.
  public func close() {
    if end == nil { end = StreamError.closed(operation: "a Redis command") }
    stream.close()
  }

  /// Waits until all that concerns the connection is over.
  public func waitClosed() async throws {
    if let reader { _ = await reader.result }
    try await stream.waitClosed()
  }
}
