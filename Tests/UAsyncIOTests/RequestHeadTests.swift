import HTTP1
import Testing

@Suite struct RequestHeadTests {
  private func parse(_ text: String) throws -> RequestHead { try RequestHead(parsing: Array(text.utf8)) }

  private func status(_ text: String) -> Int {
    do {
      let head = try parse(text)
      _ = try head.bodyFraming()
      _ = try head.safePath()
      return 200
    } catch { return (error as? HTTPError)?.status ?? 0 }
  }

  @Test func `a head is taken apart as it was written`() throws {
    let head = try parse(
      "POST /a%20b/./c?x=1?y HTTP/1.1\r\nHost: here\r\nX-Two:\t one \r\nx-two: two\r\nContent-Length: 12\r\n\r\n")
    #expect(head.method == "POST")
    #expect(head.rawPath == "/a%20b/./c")
    #expect(try head.safePath() == "a b/c")
    #expect(head.query == "x=1?y")
    #expect(head.value("x-two") == "one, two")
    #expect(try head.bodyFraming() == .length(12))
    #expect(head.keepsAlive)
  }

  @Test func `connections stay open as their version and options say`() throws {
    #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keepsAlive == false)
    #expect(try parse("GET / HTTP/1.0\r\n\r\n").keepsAlive == false)
    #expect(try parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsAlive)
    #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").bodyFraming() == .chunked)
  }

  @Test(arguments: [
    ("", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("G T / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("GET /%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n", 403), ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\nmore", 400),
  ])
  func `what others could read in another way is refused`(head: String, expected: Int) {
    #expect(status(head) == expected, "\(head.debugDescription)")
  }

  @Test func `chunk sizes are hexadecimal, and no larger than can be`() throws {
    #expect(try sizeOfChunk("1aF;name=value".utf8) == 0x1af)
    #expect(try sizeOfChunk("0".utf8) == 0)
    for bad in ["", "-1", "0x1", "g", "1\n", String(repeating: "f", count: 16)] {
      #expect(throws: HTTPError.self) { try sizeOfChunk(bad.utf8) }
    }
  }
}
