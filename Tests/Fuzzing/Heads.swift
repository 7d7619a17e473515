// What the HTTP example's parsers are fuzzed with: see Scripts/fuzz. A crash is a finding, and so is a head that is taken for
// good and does not mean what it says.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestHead(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  _ = try? sizeOfChunk(bytes)
  if let head = try? ResponseHead(parsing: bytes) { check(head, bytes) }
  guard let head = try? RequestHead(parsing: bytes) else { return 0 }
  check(head, bytes)
  if let path = try? head.safePath() {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    precondition(!parts.contains("..") && !path.hasPrefix("/") && !path.utf8.contains(0), "a path that leads out")
  }
  if case .length(let length)? = try? head.bodyFraming() { precondition(length >= 0, "a negative length") }
  _ = head.keepsAlive
  return 0
}

/// What was understood, written down again, is understood in the same way, and there is nothing in it that others would
/// take for the end of a line.
private func check(_ head: RequestHead, _ bytes: [UInt8]) {
  var text = "\(head.method) \(head.rawPath)"
  if let query = head.query { text += "?\(query)" }
  text += " HTTP/1.\(head.minorVersion)\r\n"
  for field in head.fields { text += "\(field.name): \(field.value)\r\n" }
  text += "\r\n"
  precondition(bytes.count(where: { $0 == 10 }) == head.fields.count + 2, "lines that were not seen")
  precondition((try? RequestHead(parsing: Array(text.utf8))) == head, "not the same when read again")
}

private func check(_ head: ResponseHead, _ bytes: [UInt8]) {
  var text = "HTTP/1.\(head.minorVersion) \(head.status) \(head.reason)\r\n"
  for field in head.fields { text += "\(field.name): \(field.value)\r\n" }
  text += "\r\n"
  precondition(bytes.count(where: { $0 == 10 }) == head.fields.count + 2, "lines that were not seen")
  precondition((100...599).contains(head.status), "a status that is none")
  precondition((try? ResponseHead(parsing: Array(text.utf8))) == head, "not the same when read again")
  for method in ["GET", "HEAD"] {
    if case .length(let length)? = try? head.bodyFraming(method: method) {
      precondition(length >= 0 && method == "GET", "a length that is none")
    }
  }
}
