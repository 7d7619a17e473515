// A console for a board on a serial port: keys go to the port, and what it sends is shown. Ctrl-] ends it.
//
//     swift run SerialConsole /dev/ttyUSB0 115200
//
// Without a board, socat makes two ports that are connected with each other:
//
//     socat pty,raw,echo=0,link=/tmp/board pty,raw,echo=0,link=/tmp/port

import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard let path = arguments.first, let speed = Int(arguments.count > 1 ? arguments[1] : "115200") else {
    return print("SerialConsole DEVICE [SPEED]")
  }
  let port = try openSerialPort(path: path, SerialSettings(speed: speed))
  let input = try openStandardInput()
  let output = try openStandardOutput()
  try await input.withRawTerminal {
    try await withLoopTaskGroup { group in
      try group.createBackgroundTask(name: "port to screen") {
        for try await bytes in port.chunks() { try await output.write(bytes) }
      }
      let controlBracket: UInt8 = 0x1d
      for try await keys in input.chunks() {
        let end = keys.firstIndex(of: controlBracket)
        try await port.write(keys[..<(end ?? keys.endIndex)])
        if end != nil { break }
      }
      // What was sent last may have an answer.
      try await port.drain()
      try await sleep(0.2)
    }
  }
  port.close()
  try await port.waitClosed()
  try await output.drain()
}

do {
  try run(main)
} catch {
  let message = Array("\(error)\n".utf8)
  _ = write(2, message, message.count)
  exit(1)
}
