// The sensor logger as firmware: a shell on the serial line, for people and for scripts.
//
//     ps              the tasks, what each does, and the bytes of frames that it has needed and has
//     set period N    measure every N milliseconds
//     stop            measure no more, and end

import UAsyncIO

typealias Failure = TaskError

/// A sensor that there is none of: a slow wave.
struct Wave {
  private var phase = 0

  mutating func next() -> Int {
    phase = (phase + 1) % 100
    return 200 + (phase < 50 ? phase : 100 - phase)
  }
}

@LoopActor
final class Shell {
  private let uart = Uart(bufferSize: 40)
  private let logger: Logger
  private let means: Queue<Int>
  private let line = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 1)
  private let writing = Lock()

  init(logger: Logger, means: Queue<Int>) {
    self.logger = logger
    self.means = means
  }

  /// Reads commands, and answers them, until one says stop.
  func run() async throws(Failure) {
    try await uart.write("logger ready\n")
    while !logger.isStopped {
      do throws(Failure) {
        guard let count = try await uart.readLine(into: line) else { return }
        try await writing.acquire()
        defer { try? writing.release() }
        try await answer(UnsafeRawBufferPointer(rebasing: line[..<count]))
      } catch {
        guard error == .tooLong else { throw error }
        try await uart.write("line too long\n")
      }
    }
  }

  private func answer(_ command: UnsafeRawBufferPointer) async throws(Failure) {
    if command.elementsEqual("ps".utf8) { return try await listTasks() }
    switch logger.obey(command) {
    case .done: try await uart.write("ok\n")
    case .stopped: try await uart.write("stopping\n")
    case .badNumber: try await uart.write("expected a number of milliseconds from 1 to 86400000\n")
    case .unknown: try await uart.write("unknown command; there are ps, set period N, stop\n")
    }
  }

  private func listTasks() async throws(Failure) {
    // One line at a time: while one is being written, tasks may come and go.
    var last = 0
    while let task = nextTask(after: last) {
      last = task.number
      try await uart.write(task.number)
      try await uart.write(" ")
      if let name = task.givenName { try await uart.write(zeroTerminated: name) } else { try await uart.write("-") }
      try await uart.write(" ")
      try await uart.write(task.state)
      try await uart.write(" ")
      try await uart.write(task.frameBytes)
      try await uart.write("/")
      try await uart.write(task.frameCapacity)
      try await uart.write("\n")
    }
    try await uart.write("heap ")
    try await uart.write(heapBytes())
    try await uart.write(" bytes\n")
  }

  private func nextTask(after number: Int) -> AnyLoopTask? {
    var found: AnyLoopTask?
    forEachTask { if found == nil, $0.number > number { found = $0 } }
    return found
  }

  /// Writes the means as they come.
  func report() async throws(Failure) {
    while true {
      let mean = try await means.get()
      try await writing.acquire()
      defer { try? writing.release() }
      try await uart.write("mean ")
      try await uart.write(mean)
      try await uart.write("\n")
    }
  }
}

@LoopActor
func start() async throws(Failure) {
  var wave = Wave()
  let means = Queue<Int>(capacity: 8)
  let logger = Logger(periodMs: 100, samplesPerMean: 10, measure: { wave.next() }, store: { _ = means.tryPut($0) })
  let shell = Shell(logger: logger, means: means)
  let measuring = createTask(name: "logger") { () throws(Failure) in try await logger.run() }
  let reporting = createTask(name: "report") { () throws(Failure) in try await shell.report() }
  try await shell.run()
  try await measuring.value
  reporting.cancel()
  _ = await reporting.result
}

@main struct Firmware {
  static func main() throws(Failure) {
    // What they need is told by `ps`.
    useTaskSize(384)
    try run(createTask(name: "shell", size: 768, start))
  }
}
