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
    .executableTarget(name: "CreateTask", dependencies: ["UAsyncIO"], path: "Examples/CreateTask"),
    .executableTarget(name: "RunCoroutine", dependencies: ["UAsyncIO"], path: "Examples/RunCoroutine"),
    .executableTarget(name: "CancelTask", dependencies: ["UAsyncIO"], path: "Examples/CancelTask"),
    .executableTarget(name: "WaitFor", dependencies: ["UAsyncIO"], path: "Examples/WaitFor"),
    .executableTarget(name: "Gather", dependencies: ["UAsyncIO"], path: "Examples/Gather"),
    .executableTarget(name: "EventWait", dependencies: ["UAsyncIO"], path: "Examples/EventWait"),
  ],
  swiftLanguageModes: [.v6]
)
