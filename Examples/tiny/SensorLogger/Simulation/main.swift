// A day of the sensor logger, on a PC and in no time: the same Logger.swift as in the firmware, against the Swift face.

import UAsyncIO

typealias Failure = any Error

try run(clock: .virtual) {
  var stored: [Int] = []
  var reading = 0
  let logger = Logger(
    periodMs: 1000, samplesPerMean: 60,
    measure: {
      reading += 1; return reading % 100
    }, store: { stored.append($0) })
  let measuring = createTask { try await logger.run() }

  try await sleep(12 * 3600)
  precondition(logger.samples >= 43_199 && logger.means == logger.samples / 60, "twelve hours at one a second")

  // The other half of the day at two a second.
  let before = logger.samples
  precondition(obey("set period 500") == .done && obey("set period 0") == .badNumber && obey("fly") == .unknown)
  try await sleep(12 * 3600)
  precondition(logger.samples - before >= 86_399, "twelve hours at two a second")
  precondition(stored.allSatisfy { 0 <= $0 && $0 < 100 } && stored.count == logger.means, "every mean was stored")

  precondition(obey("stop") == .stopped)
  try await measuring.value
  print("simulated \(loopTime()): \(logger.samples) samples, \(logger.means) means")

  @LoopActor func obey(_ line: String) -> Logger.Answer {
    Array(line.utf8).withUnsafeBytes { logger.obey($0) }
  }
}
