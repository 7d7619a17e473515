// expect: nothing
// Every name of ours can be written plainly beside Foundation and the C library, as most programs on Linux import them.

import Foundation
import Glibc
import UAsyncIO

@LoopActor
func names(
  actor: LoopActor, loop: Loop, task: LoopTask<Int>, any: AnyLoopTask, group: LoopTaskGroup,
  collecting: CollectingTaskGroup<Int>, scope: TimeoutScope, event: Event, lock: Lock, semaphore: LoopSemaphore,
  condition: Condition, barrier: Barrier, queue: Queue<Int>, order: QueueOrder<Int>, channel: Channel<Int>,
  ticker: Ticker, tick: Tick, handle: TimerHandle, report: TaskReport, context: ExceptionContext,
  statistics: LoopStatistics, stream: ByteStream, direction: StreamDirection, limits: StreamLimits,
  streamStatistics: StreamStatistics, server: Server, serverSettings: ServerSettings,
  serverStatistics: ServerStatistics, datagrams: DatagramSocket, address: SocketAddress, options: SocketOptions,
  keepAlive: KeepAlive, resolver: NameResolver, serial: SerialSettings, ioError: IOError, streamError: StreamError
) {}

@LoopActor
func values() async throws {
  try await sleep(1)
  try await sleep(0.5)
  let tasks = [createTask { 1 }]
  _ = try await wait(for: tasks)
  let semaphore = try LoopSemaphore(1)
  try await semaphore.acquire()
  let event = Event()
  event.set()
  let lock = Lock()
  try await lock.acquire()
  for try await _ in try ticker(every: .seconds(1)) { break }
}
