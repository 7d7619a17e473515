import HTTP1
import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct ResponseHeadTests {
  private func parse(_ text: String) throws -> ResponseHead { try ResponseHead(parsing: Array(text.utf8)) }

  @Test func `a head is taken apart as it was written, and the reason may be missing`() throws {
    let head = try parse("HTTP/1.1 404 Not Found\r\nX-One:  1 \r\nContent-Length: 5\r\n\r\n")
    #expect(head.status == 404 && head.reason == "Not Found" && head.minorVersion == 1)
    #expect(head.value("x-one") == "1")
    #expect(try head.bodyFraming(method: "GET") == .length(5))
    #expect(try head.bodyFraming(method: "HEAD") == .none)
    #expect(try parse("HTTP/1.1 200 \r\n\r\n").reason.isEmpty)
    #expect(try parse("HTTP/1.0 200\r\n\r\n").keepsAlive == false)
  }

  @Test func `the body is framed as the standard says`() throws {
    func framing(_ text: String) throws -> BodyFraming { try parse(text).bodyFraming(method: "GET") }
    #expect(try framing("HTTP/1.1 200 OK\r\n\r\n") == .untilClose)
    #expect(try framing("HTTP/1.1 204 No Content\r\n\r\n") == .none)
    #expect(try framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n") == .none)
    #expect(try framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == .chunked)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 O\u{1}K\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
  ])
  func `what makes no sense is an error of the server's`(text: String) {
    #expect {
      _ = try parse(text).bodyFraming(method: "GET")
    } throws: {
      ($0 as? HTTPError)?.status == 502
    }
  }
}

@Suite struct HTTPClientTests {
  @Test func `requests and responses of every framing follow each other, whatever goes wrong under way`() async throws {
    for seed in 0..<40 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        let server = createTask { try await serveHTTP(other, answerAnything) }
        let client = ClientConnection(one, host: "here")
        for turn in 0..<3 {
          let target = "/\(turn * 50)"
          let fixed = try await client.request("GET", target)
          try require(try await fixed.readAll() == pattern(turn * 50), "a length")
          let chunked = try await client.request("POST", target, body: .bytes(pattern(turn * 70)))
          try require(try await chunked.readAll() == pattern(turn * 70), "chunks")
          var left = 3
          let sent = try await client.request(
            "POST", target,
            body: .chunks {
              left -= 1
              return left >= 0 ? pattern(20) : nil
            })
          // Nobody reads its body: what follows is read all the same.
          try require(sent.head.status == 200, "\(sent.head)")
          let head = try await client.request("HEAD", target)
          try require(try await head.readAll().isEmpty, "no body")
          try require(client.isOpen, "another one can follow")
        }
        client.close()
        try await server.value
        other.close()
      }
    }
  }

  @Test func `a body without a length ends with the connection, and nothing can follow it`() async throws {
    try await simulate {
      let (client, server) = try await connected(
        sending: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end")
      let answer = try await client.request("GET", "/")
      try require(try await answer.readAll() == Array("until the end".utf8), "the body")
      try require(!client.isOpen, "it is over")
      try require(await errorOf { _ = try await client.request("GET", "/") } == "StreamError", "closed")
      server.close()
    }
  }

  @Test(arguments: [
    "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "HTTP/1.1 101 Other\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
  ])
  func `a response that is cut off or badly framed is an error of the server's, and never taken for whole`(
    text: String
  ) async throws {
    try await simulate {
      let (client, server) = try await connected(sending: text)
      do {
        let body = try await client.request("GET", "/").readAll()
        throw Broken(description: "nothing was thrown: \(body)")
      } catch let error as HTTPError {
        try require(error.status == 502, "\(error)")
      }
      try require(!client.isOpen, "nothing can follow")
      client.close()
      server.close()
    }
  }

  @Test func `what would end a line of the head early is refused, and the connection is as it was`() async throws {
    try await simulate {
      let (client, server) = try await connected(sending: "HTTP/1.1 204 \r\n\r\n")
      for target in ["", "relative", "/a b", "/a\r\nX: y", "/ü"] {
        try require(await errorOf { _ = try await client.request("GET", target) } == "HTTPError", target)
      }
      try require(await errorOf { _ = try await client.request("G T", "/") } == "HTTPError", "method")
      try require(
        await errorOf { _ = try await client.request("GET", "/", [("A", "b\r\nC: d")]) } == "HTTPError", "value")
      try require(await errorOf { _ = try await client.request("GET", "/", [("A:", "b")]) } == "HTTPError", "name")
      try require(try await client.request("GET", "/").head.status == 204, "nothing of it was sent")
      client.close()
      server.close()
    }
  }

  @Test func `after a request that was given up nothing can follow, and two at once are refused`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      let client = ClientConnection(one, host: "here")
      let request = createTask { try await client.request("GET", "/") }
      try await sleep(0)
      try require(await errorOf { _ = try await client.request("GET", "/") } == "StreamError", "one at a time")
      request.cancel()
      try require(await request.result.isCancelled, "given up")
      // The answer that comes late would be taken for the next one's.
      try await other.write("HTTP/1.1 204 \r\n\r\n")
      try require(!client.isOpen, "nothing can follow")
      try require(await errorOf { _ = try await client.request("GET", "/") } == "StreamError", "closed")
      other.close()
    }
  }

  @Test func `wherever reading a body is cancelled, the next read goes on where it was`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "reader") {
        let (one, other) = simulatedStreams(seed: 5, faults: .many)
        let server = createTask { try await serveHTTP(other, answerAnything) }
        let client = ClientConnection(one, host: "here")
        let answer = try await client.request("POST", "/", body: .bytes(pattern(300)))
        var received: [UInt8] = []
        let reader = createTask(name: "reader") {
          while let piece = try await answer.nextPiece() { received += piece }
        }
        _ = await reader.result
        received += try await answer.readAll()
        client.close()
        try await server.value
        other.close()
        return received
      } check: { outcome in
        try require(try outcome.result.get() == pattern(300), "all of it")
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points > 20)
  }
}

/// Answers a GET with a body of a known length, a POST with its own body in chunks.
@LoopActor
private func answerAnything(_ request: Request) async throws -> Response {
  if request.head.method == "POST" {
    var body: [UInt8] = []
    while let piece = try await request.nextPiece() { body += piece }
    var rest = body[...]
    return Response(
      200,
      body: .chunks {
        defer { rest = rest.dropFirst(33) }
        return rest.isEmpty ? nil : Array(rest.prefix(33))
      })
  }
  return Response(200, body: .bytes(pattern(Int(request.head.rawPath.dropFirst()) ?? 0)))
}

/// A client whose server sends a text, whatever is asked, and ends.
@LoopActor
private func connected(sending text: String) async throws -> (ClientConnection, ByteStream) {
  let (one, other) = simulatedStreams()
  try await other.write(text)
  try other.closeWrite()
  return (ClientConnection(one, host: "here"), other)
}
