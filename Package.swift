// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-uasyncio",
  products: [
    .library(name: "UAsyncIO", targets: ["UAsyncIO"]),
    .library(name: "UAsyncIOTLS", targets: ["UAsyncIOTLS"]),
    .library(name: "UAsyncIOTesting", targets: ["UAsyncIOTesting"]),
    .library(name: "Scheduler", targets: ["Scheduler"]),
  ],
  dependencies: [.package(url: "https://github.com/apple/swift-collections", from: "1.6.0")],
  targets: [
    .target(name: "Scheduler"),
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform", "Scheduler"]),
    .target(name: "CUAsyncIO"),
    .target(
      name: "UAsyncIO",
      dependencies: [
        "CPlatform", "CUAsyncIO", "Platform", "Scheduler",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    // Needs OpenSSL 3 with its headers; whoever does not use the product needs neither.
    .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(name: "UAsyncIOTLS", dependencies: ["COpenSSL", "UAsyncIO"]),
    .target(name: "UAsyncIOTesting", dependencies: ["Scheduler", "UAsyncIO"]),
    .testTarget(name: "SchedulerTests", dependencies: ["Scheduler"]),
    .testTarget(
      name: "UAsyncIOTests",
      dependencies: ["CPlatform", "HTTP1", "Interrupted", "RESP", "Scheduler", "UAsyncIO", "UAsyncIOTesting"]),
    .testTarget(name: "UAsyncIOTLSTests", dependencies: ["COpenSSL", "UAsyncIO", "UAsyncIOTLS", "UAsyncIOTesting"]),
    .executableTarget(name: "Interrupted", dependencies: ["UAsyncIO"], path: "Tests/Interrupted"),
    .executableTarget(
      name: "CreateTask", dependencies: ["UAsyncIO"], path: "Examples/CreateTask",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "RunCoroutine", dependencies: ["UAsyncIO"], path: "Examples/RunCoroutine",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "CancelTask", dependencies: ["UAsyncIO"], path: "Examples/CancelTask",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "WaitFor", dependencies: ["UAsyncIO"], path: "Examples/WaitFor",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "Gather", dependencies: ["UAsyncIO"], path: "Examples/Gather",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "EventWait", dependencies: ["UAsyncIO"], path: "Examples/EventWait",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "Supervisor", dependencies: ["UAsyncIO"], path: "Examples/Supervisor",
      exclude: ["expected.txt"]),
    .executableTarget(
      name: "Snippets", dependencies: ["UAsyncIO", "UAsyncIOTesting"], path: "Examples/Snippets",
      exclude: ["expected.txt"],
      swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
    .executableTarget(
      name: "DifferentialPrograms", dependencies: ["UAsyncIO"], path: "Tests/Differential",
      exclude: [
        "bodies.py", "deviations.py", "differential.py", "generator.py", "handedover.py", "language.py", "models.py",
        "operations.py", "reference.py", "shrink.py", "virtualtime.py", "waits.py",
      ],
      sources: ["Swift"]),
    .executableTarget(name: "EchoServer", dependencies: ["UAsyncIO"], path: "Examples/Network/EchoServer"),
    .executableTarget(name: "EchoClient", dependencies: ["UAsyncIO"], path: "Examples/Network/EchoClient"),
    .executableTarget(name: "ChatServer", dependencies: ["UAsyncIO"], path: "Examples/Network/ChatServer"),
    .executableTarget(name: "SerialConsole", dependencies: ["UAsyncIO"], path: "Examples/Network/SerialConsole"),
    .executableTarget(name: "Load", dependencies: ["UAsyncIO"], path: "Examples/Network/Load"),
    .target(name: "HTTP1", dependencies: ["UAsyncIO"], path: "Examples/Network/HTTP1"),
    .executableTarget(name: "HTTPServer", dependencies: ["HTTP1", "UAsyncIO"], path: "Examples/Network/HTTPServer"),
    .executableTarget(
      name: "HTTPSServer", dependencies: ["HTTP1", "UAsyncIO", "UAsyncIOTLS"], path: "Examples/Network/HTTPSServer"),
    .executableTarget(
      name: "HTTPSGet", dependencies: ["HTTP1", "UAsyncIO", "UAsyncIOTLS"], path: "Examples/Network/HTTPSGet"),
    .executableTarget(name: "HTTPGet", dependencies: ["HTTP1", "UAsyncIO"], path: "Examples/Network/HTTPGet"),
    .target(name: "RESP", dependencies: ["UAsyncIO"], path: "Examples/Network/RESP"),
    .executableTarget(name: "RedisClient", dependencies: ["RESP", "UAsyncIO"], path: "Examples/Network/RedisClient"),
    .executableTarget(name: "RedisServer", dependencies: ["RESP", "UAsyncIO"], path: "Examples/Network/RedisServer"),
  ],
  swiftLanguageModes: [.v6]
)
