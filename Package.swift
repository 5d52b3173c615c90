// swift-tools-version: 6.2
import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift module of the program. Modules are listed from the bottom up: a module may depend only on
/// modules above it in this file (`Tests/ArchitectureTests` checks it).
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

let package = Package(
  name: "clip-eval",
  products: [.executable(name: "clip-eval", targets: ["clip-eval"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries and C targets.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMatio", pkgConfig: "matio", providers: [.apt(["libmatio-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CHDF5Reading", dependencies: ["CHDF5"]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CGIF", pkgConfig: "libgif", providers: [.apt(["libgif-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .target(
      name: "CImageCodecs", dependencies: ["CJPEG", "CPNG", "CWebP", "CGIF", "CTIFF"],
      linkerSettings: ["jpeg", "png16", "webp", "webpdemux", "gif", "tiff"].map {
        .linkedLibrary($0)
      }),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(
      name: "CHTTP", dependencies: ["CCurl"], linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CKernels"),
    .target(
      name: "COneDNN",
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CSpecialFunctions"),
    .target(name: "CReferences"),
    .target(name: "CVocabulary", exclude: ["bpe_simple_vocab_16e6.txt.gz"]),

    // Modules, bottom up.
    module("Core", ["CCrypto"]),
    module("YAMLFiles", ["Core", .product(name: "Yams", package: "Yams")]),
    module("Archives", ["Core", "CArchive"]),
    module("Downloads", ["Core", "CHTTP"]),
    module("LinearAlgebra", ["Core", "COpenBLAS", "COneDNN", "CKernels"]),
    module("Neural", ["Core", "LinearAlgebra", "COneDNN"]),
    module(
      "TensorFiles",
      ["Core", "CArchive", "CSnappy", "CMatio", "CHDF5Reading", "CZlib", "CKernels"]),
    module("Statistics", ["Core", "CSpecialFunctions"]),
    module("ReferenceFiles", ["Core", "CReferences"]),
    module("Robustness", ["Core", "ReferenceFiles", "Statistics"]),
    module("Imaging", ["Core", "TensorFiles", "CImageCodecs", "CKernels"]),
    module("EmbeddingStore", ["Core", "LinearAlgebra", "TensorFiles"]),
    module(
      "CLIPModels",
      [
        "Core", "LinearAlgebra", "Neural", "TensorFiles", "Imaging", "CKernels", "CVocabulary",
      ]),
    module("Prompts", ["Core", "YAMLFiles", .product(name: "Yams", package: "Yams")]),
    module(
      "Datasets",
      [
        "Core", "YAMLFiles", "TensorFiles", "Imaging", "Prompts",
        .product(name: "Yams", package: "Yams"),
      ]),
    module("DatasetDownloads", ["Core", "Archives", "Downloads", "Datasets"]),
    module(
      "EmbeddingPipeline",
      [
        "Core", "YAMLFiles", "LinearAlgebra", "Neural", "TensorFiles", "Imaging", "EmbeddingStore",
        "CLIPModels", "Prompts", "Datasets", .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    module("Metrics", ["Core", "LinearAlgebra", "Statistics"]),
    module("Overlap", ["Core", "LinearAlgebra", "Imaging", "Statistics", "CKernels"]),
    module(
      "Probes", ["Core", "LinearAlgebra", "TensorFiles", "Statistics", "Metrics", "CKernels"]),
    module("Experiments", ["Core", "LinearAlgebra", "Statistics", "Metrics", "Probes"]),
    module("References", ["Core", "ReferenceFiles", "Experiments"]),
    module(
      "Reporting",
      [
        "Core", "Statistics", "ReferenceFiles", "Robustness", "Metrics", "Overlap", "Probes",
        "Experiments", "References",
      ]),
    module(
      "ResultDatabase",
      [
        "Core", "Experiments", "References", "Reporting",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    module(
      "Suites",
      [
        "Core", "YAMLFiles", "LinearAlgebra", "Neural", "TensorFiles", "Statistics", "Robustness",
        "Imaging", "EmbeddingStore", "CLIPModels", "Prompts", "Datasets", "EmbeddingPipeline",
        "Metrics",
        "Probes", "Experiments", "ReferenceFiles", "References",
        "Reporting", .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "clip-eval",
      dependencies: [
        "Core", "LinearAlgebra", "Neural", "TensorFiles", "Imaging", "CLIPModels", "Prompts",
        "Datasets",
        "EmbeddingStore", "EmbeddingPipeline", "Statistics", "Metrics", "Overlap", "Probes",
        "Experiments", "References", "Reporting", "ResultDatabase", "Suites", "Downloads",
        "DatasetDownloads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    // The demo world, beside the program: nothing above imports it.
    module("DemoWorld", ["Core", "CArchive", "Imaging"]),
    .executableTarget(
      name: "demo-world",
      dependencies: [
        "Core", "DemoWorld", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "clip-eval-bench",
      dependencies: [
        "Core", "LinearAlgebra", "Neural", "TensorFiles", "Imaging", "CLIPModels", "Datasets",
        "EmbeddingStore", "EmbeddingPipeline", "Prompts", "CKernels", "Metrics", "Overlap",
        "Probes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Benchmarks/clip-eval-bench", swiftSettings: settings),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["Core"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("Architecture", []),
    tests("Core", ["Core"]),
    tests("DemoWorld", ["DemoWorld", "Core", "Imaging", "Datasets"]),
    tests("Archives", ["Archives"]),
    tests("Downloads", ["Downloads"]),
    tests(
      "DatasetDownloads", ["DatasetDownloads", "Archives", "Downloads", "Datasets"]),
    tests("Imaging", ["Imaging", "TensorFiles"]),
    tests("TensorFiles", ["TensorFiles"]),
    tests("Statistics", ["Statistics"]),
    tests("Robustness", ["Robustness", "Core", "Statistics"]),
    tests("LinearAlgebra", ["LinearAlgebra", "CKernels"]),
    tests("Neural", ["Neural", "TensorFiles", "LinearAlgebra", "CKernels"]),
    tests("CLIPModels", ["CLIPModels", "Imaging", "TensorFiles", "LinearAlgebra", "Neural"]),
    tests("Prompts", ["Prompts"]),
    tests("Datasets", ["Datasets", "Imaging", "Prompts", "TensorFiles"]),
    tests("EmbeddingStore", ["EmbeddingStore", "TensorFiles", "LinearAlgebra"]),
    tests(
      "EmbeddingPipeline",
      [
        "EmbeddingPipeline", "EmbeddingStore", "CLIPModels", "Datasets", "Imaging", "TensorFiles",
        "Experiments", "Prompts", "LinearAlgebra",
      ]),
    tests(
      "Probes", ["Probes", "Core", "LinearAlgebra", "TensorFiles", "Statistics", "Metrics"]),
    tests("Metrics", ["Metrics", "LinearAlgebra"]),
    tests("Overlap", ["Overlap", "Core", "LinearAlgebra", "Imaging", "Statistics", "CKernels"]),
    tests("Experiments", ["Experiments", "Metrics", "LinearAlgebra", "Probes", "Statistics"]),
    tests("References", ["References", "ReferenceFiles", "Experiments", "Core", "Statistics"]),
    tests(
      "Reporting",
      ["Reporting", "ReferenceFiles", "Experiments", "References", "Robustness", "Overlap"]),
    tests(
      "ResultDatabase",
      [
        "ResultDatabase", "Core", "Experiments", "References", "Reporting",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests(
      "Suites",
      [
        "Suites", "Datasets", "Metrics", "CLIPModels", "Prompts", "TensorFiles", "Statistics",
        "EmbeddingStore", "ReferenceFiles", "References", "Experiments", "Reporting",
      ]),
    tests(
      "CommandLine",
      ["clip-eval", "demo-world", "Core", "TensorFiles", "Experiments", "Overlap"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .gnucxx17
)

// Fuzzers need the compiler's instrumentation, so they are no part of an ordinary build (`make fuzz`).
if ProcessInfo.processInfo.environment["CLIP_EVAL_FUZZ"] != nil {
  let fuzzers = "clip-eval-fuzz"
  package.targets += [
    .target(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
    .executableTarget(
      name: fuzzers,
      dependencies: ["Core", "TensorFiles", "CLIPModels", "Neural", "CLibFuzzer", "TestSupport"],
      path: "Fuzz/clip-eval-fuzz", swiftSettings: settings),
  ]
}
