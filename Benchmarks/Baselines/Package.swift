// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "baselines",
  dependencies: [
    .package(name: "benchmarks", path: ".."),
    // Its traits count mallocs and references by taking the place of the runtime's functions; Budgets/ has the mallocs.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    // The tool finds only what is in a folder of this name.
    .executableTarget(
      name: "SwiftFace",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"), .product(name: "Scenarios", package: "benchmarks"),
      ],
      path: "Benchmarks/SwiftFace",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
