import UAsyncIO

/// Runs `work` again whenever it fails, a little later each time; gives up when it has failed too often.
///
/// - Parameters:
///   - name: who does it, for the log.
///   - attempts: how often it may fail.
///   - work: what is to be done. Its return is the end, and so are a cancellation and the end of its queue.
@LoopActor
func supervise(_ name: String, attempts: Int = 3, _ work: @escaping @LoopActor () async throws -> Void) async throws {
  var delay = Duration.seconds(1)
  for attempt in 1... {
    do {
      return try await work()
    } catch is CancellationError {
      say("\(name) is sent home")
      throw CancellationError()
    } catch is QueueShutDown {
      return say("\(name) goes home")
    } catch  where attempt < attempts {
      say("\(name) failed (\(error)), and is back in \(delay)")
      try await sleep(delay)
      delay *= 2
    }
  }
}
