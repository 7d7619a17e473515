// Many addresses, one connection (RFC 8305).
//
// The addresses are tried in an order in which the two families take turns, beginning with the one that the resolver has
// put first. An attempt that fails is followed by the next at once; one that says nothing, after 250 ms, while it goes on.
// The first that succeeds wins, and whatever the others come to is undone before the winner is handed out.

/// Tries addresses until one succeeds.
///
/// - Parameters:
///   - addresses: at least one.
///   - attempt: one attempt; it is cancelled when another has succeeded.
///   - discard: undoes an attempt that has succeeded too late.
/// - Throws: the error of the first attempt, where all fail; `CancellationError` if the caller is cancelled, after all
///   attempts have ended.
@LoopActor
package func race<Success>(
  _ addresses: [SocketAddress], _ attempt: @escaping @LoopActor (SocketAddress) async throws -> Success,
  discard: @LoopActor (Success) -> Void
) async throws -> Success {
  let race = Race<Success>()
  do {
    for address in takingTurns(addresses) {
      race.begin { try await attempt(address) }
      // A quarter of a second, or until one has failed.
      let news = race.news
      _ = try await moveOn(after: .milliseconds(250)) { _ in try await news.wait() }
      race.news.clear()
      if race.winner != nil { break }
    }
    while race.winner == nil, race.running > 0 {
      try await race.news.wait()
      race.news.clear()
    }
  } catch {
    await race.end(discard, keepsWinner: false)
    throw error
  }
  await race.end(discard, keepsWinner: true)
  guard let winner = race.winner else { throw race.errors[0] }
  return winner
}

@LoopActor
private final class Race<Success> {
  private var attempts: [LoopTask<Void>] = []
  private var late: [Success] = []
  private(set) var winner: Success?
  private(set) var errors: [any Error] = []
  private(set) var running = 0
  let news = Event()

  func begin(_ attempt: @escaping @LoopActor () async throws -> Success) {
    running += 1
    attempts.append(
      createTask { [self] in
        defer {
          running -= 1
          news.set()
        }
        do {
          let success = try await attempt()
          if winner == nil { winner = success } else { late.append(success) }
        } catch { errors.append(error) }
      })
  }

  /// Ends all attempts.
  func end(_ discard: @LoopActor (Success) -> Void, keepsWinner: Bool) async {
    for attempt in attempts { attempt.cancel() }
    for attempt in attempts { _ = await attempt.result }
    for success in late { discard(success) }
    if !keepsWinner, let winner { discard(winner) }
  }
}

/// IPv6 and IPv4 in turns, beginning with the family of the first address.
func takingTurns(_ addresses: [SocketAddress]) -> [SocketAddress] {
  guard let first = addresses.first else { return [] }
  let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
  let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
  var result: [SocketAddress] = []
  for index in 0..<max(preferred.count, others.count) {
    if index < preferred.count { result.append(preferred[index]) }
    if index < others.count { result.append(others[index]) }
  }
  return result
}
