// swift-tools-version: 6.2
import PackageDescription

/// Every target is a promise about imports; see docs/architecture.md for the arrows.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nio = [
    Target.Dependency.product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

/// What measures the gateway's parts from within; built only where somebody asks for it.
let benchmarks: [Target] =
    Context.environment["TORII_BENCHMARKS"] == nil
    ? []
    : [
        .executableTarget(
            name: "RoutingBenchmark",
            dependencies: ["Inference", "Dialects", "Providers", "Gateway"],
            path: "Benchmarks",
            sources: ["Stopwatch.swift", "Routing"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "LedgerBenchmark",
            dependencies: ["Inference", "Gateway", .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/Ledger",
            swiftSettings: settings
        ),
    ]

/// The system's libraries that undo a body's coding.
let codings: [Target.Dependency] = ["CZlib", "CZstd"]

let package = Package(
    name: "torii",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "torii", targets: ["torii"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "Inference", dependencies: ["JSON"], swiftSettings: settings),
        .target(name: "Dialects", dependencies: ["JSON", "Inference"], swiftSettings: settings),
        .target(
            name: "Providers",
            dependencies: [
                "JSON", "Inference", "Dialects",
                .product(name: "NIOExtras", package: "swift-nio-extras"),
            ] + nio,
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "JSON", "Inference", "Dialects", "Providers",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + codings + nio,
            swiftSettings: settings
        ),
        .executableTarget(
            name: "torii",
            dependencies: [
                "JSON", "Inference", "Dialects", "Providers", "Gateway", "Yams", "TOMLKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "ScriptedUpstream", dependencies: nio, path: "Tests/ScriptedUpstream", swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(name: "DialectsTests", dependencies: ["JSON", "Inference", "Dialects"], swiftSettings: settings),
        .testTarget(
            name: "ProvidersTests",
            dependencies: ["JSON", "Inference", "Dialects", "Providers", "ScriptedUpstream"] + nio,
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "JSON", "Inference", "Dialects", "Providers", "Gateway", "ScriptedUpstream",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + codings + nio,
            swiftSettings: settings
        ),
        .testTarget(
            name: "ToriiTests",
            dependencies: ["JSON", "Inference", "Dialects", "Providers", "Gateway", "torii", "ScriptedUpstream"] + nio,
            swiftSettings: settings
        ),
    ] + benchmarks
)
