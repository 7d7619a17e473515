// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-uasyncio",
  products: [
    .library(name: "UAsyncIO", targets: ["UAsyncIO"]),
    .library(name: "UAsyncIOTesting", targets: ["UAsyncIOTesting"]),
    .library(name: "Scheduler", targets: ["Scheduler"]),
  ],
  targets: [
    .target(name: "Scheduler"),
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform", "Scheduler"]),
    .target(name: "CUAsyncIO"),
    .target(name: "UAsyncIO", dependencies: ["CUAsyncIO", "Platform", "Scheduler"]),
    .target(name: "UAsyncIOTesting", dependencies: ["Scheduler", "UAsyncIO"]),
    .testTarget(name: "SchedulerTests", dependencies: ["Scheduler"]),
    .testTarget(name: "UAsyncIOTests", dependencies: ["UAsyncIO", "UAsyncIOTesting"]),
    .executableTarget(name: "Gather", dependencies: ["UAsyncIO"], path: "Examples/Gather"),
  ],
  swiftLanguageModes: [.v6]
)
