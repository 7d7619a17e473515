// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  // For Baselines, which is a package of its own: what it depends on would be downloaded with each check of the budgets.
  products: [.library(name: "Scenarios", targets: ["Scenarios"])],
  dependencies: [.package(name: "swift-uasyncio", path: "..")],
  targets: [
    .target(name: "CMallocCounter"),
    .target(name: "CBareHop"),
    .target(name: "BareHop", dependencies: ["CBareHop"]),
    .executableTarget(
      name: "Operations",
      dependencies: ["BareHop", "CMallocCounter", .product(name: "UAsyncIO", package: "swift-uasyncio")]),
    .target(
      name: "Scenarios",
      dependencies: ["BareHop", .product(name: "UAsyncIO", package: "swift-uasyncio")]),
    .executableTarget(name: "RunScenario", dependencies: ["Scenarios"]),
    .executableTarget(name: "Echo", dependencies: [.product(name: "UAsyncIO", package: "swift-uasyncio")]),
    .executableTarget(name: "Hello", dependencies: [.product(name: "UAsyncIO", package: "swift-uasyncio")]),
  ],
  swiftLanguageModes: [.v6]
)
