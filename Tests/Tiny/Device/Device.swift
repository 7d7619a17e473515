// The board's own serial line, with all that the emulator knows of it: see device.py, which is the other side.
//
//     send N      so many bytes, all at once
//     echo N      so many bytes come and are sent back
//     lost        how many bytes have found no room
//     stop        the end

import UAsyncIO

nonisolated(unsafe) private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4000, alignment: 1)

private func number(_ line: UnsafeRawBufferPointer) -> Int {
  var number = 0
  for byte in line where byte >= 48 && byte <= 57 { number = number * 10 + Int(byte) - 48 }
  return number
}

private func send(_ count: Int, _ uart: Uart) async throws(TaskError) {
  var sent = 0
  while sent < count {
    let part = min(room.count, count - sent)
    for index in 0..<part { room[index] = UInt8(33 + (sent + index) % 89) }
    try await uart.write(UnsafeRawBufferPointer(rebasing: room[..<part]))
    sent += part
  }
}

private func echo(_ count: Int, _ uart: Uart) async throws(TaskError) {
  var echoed = 0
  while echoed < count {
    let part = try await uart.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<64]))
    try await uart.write(UnsafeRawBufferPointer(rebasing: room[..<part]))
    echoed += part
  }
}

private func serve() async throws(TaskError) {
  let uart = Uart(bufferSize: 40)
  try await uart.write("ready\n")
  while let count = try await uart.readLine(into: room) {
    let line = UnsafeRawBufferPointer(rebasing: room[..<count])
    switch line.first {
    case UInt8(ascii: "s") where line.elementsEqual("stop".utf8): return
    case UInt8(ascii: "s"): try await send(number(line), uart)
    case UInt8(ascii: "e"): try await echo(number(line), uart)
    default: try await uart.write(uart.lostBytes)
    }
    try await uart.write("\n")
  }
}

@main struct Device {
  static func main() throws(TaskError) { try run(size: 1024, serve) }
}
