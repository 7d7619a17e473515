import HTTP1
import Testing

@Suite struct WebAddressTests {
  @Test(arguments: [
    ("http://a", "http a 80 / a"),
    ("https://a", "https a 443 / a"),
    ("http://a:8080/b?c#d", "http a 8080 /b?c a:8080"),
    ("https://a:443?c", "https a 443 /?c a"),
    ("http://[::1]/", "http ::1 80 / [::1]"),
    ("https://[::1]:8443/x", "https ::1 8443 /x [::1]:8443"),
  ])
  func `an address is taken apart`(text: String, parts: String) throws {
    let address = try WebAddress(text)
    #expect("\(address.scheme) \(address.host) \(address.port) \(address.target) \(address.authority)" == parts)
  }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http:///path", "http://:80/", "http://a:", "http://a:0", "http://a:65536",
    "http://a:b", "http://me@a/", "http://a/b c", "http://a/\u{e9}",
  ])
  func `what is none is refused, and the reason named`(text: String) {
    let error = #expect(throws: WebAddress.Malformed.self) { try WebAddress(text) }
    #expect(error?.description.contains(": \(text)") == true)
  }
}
