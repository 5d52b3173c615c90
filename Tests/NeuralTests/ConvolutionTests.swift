import Foundation
import LinearAlgebra
import Neural
import TensorFiles
import TestSupport
import Testing

@Suite("Convolutions against PyTorch") struct ConvolutionTests {
  /// A case of Tools/make-resnet-fixtures.py.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let stride: Int
    let padding: Int
    var testDescription: String { name }
  }
  static let cases = [
    Case(name: "stem", stride: 2, padding: 1), Case(name: "odd", stride: 1, padding: 1),
    Case(name: "tiles", stride: 1, padding: 1), Case(name: "wide", stride: 1, padding: 1),
    Case(name: "unpadded", stride: 1, padding: 0),
    Case(name: "pointwise", stride: 1, padding: 0),
    Case(name: "pointwise-large", stride: 1, padding: 0),
    Case(name: "strided", stride: 3, padding: 2),
  ]

  enum Ending: String, CaseIterable { case linear, relu, sum, pooled }

  @Test(arguments: cases, TowerPrecision.allCases)
  func match(_ test: Case, _ precision: TowerPrecision) throws {
    guard canCompute(precision) else { return }
    let file = try SafetensorsFile(
      TestPaths.fixtures.appending(path: "resnet/convolutions.safetensors"))
    func floats(_ key: String) throws -> [Float] { try file.tensor("\(test.name).\(key)").floats() }
    let shape = try file.tensor("\(test.name).x").shape
    let (channels, kernel) = try {
      let shape = try file.tensor("\(test.name).weight").shape
      return (shape[0], shape[2])
    }()
    let (x, weight, bias) = (try floats("x"), try floats("weight"), try floats("bias"))
    let (back, backBias) = (try floats("back"), try floats("back_bias"))
    for ending in Ending.allCases {
      let expected =
        ending == .relu
        ? try floats("linear").map { max(0, $0) } : try floats(ending.rawValue)
      let network = try ConvolutionNetwork(
        images: shape[0], channels: shape[1], height: shape[2], width: shape[3],
        precision: precision
      ) { builder in
        func convolution(_ activation: FusedActivation) throws -> ConvolutionNetwork.Value {
          try builder.convolution(
            builder.images, weight: weight, bias: bias, channels: channels, kernel: kernel,
            stride: test.stride, padding: test.padding, activation: activation)
        }
        switch ending {
        case .linear: return try convolution(.none)
        case .relu: return try convolution(.relu)
        case .pooled: return try builder.averagePool(try convolution(.none), size: 2)
        case .sum:
          let y = try convolution(.none)
          return try builder.convolution(
            try convolution(.relu), weight: back, bias: backBias, channels: channels, kernel: 1,
            activation: .relu, adding: y)
        }
      }
      let found = try features(
        ConvolutionWorker(network), x, count: expected.count, precision: precision)
      let worst = zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
      #expect(worst <= (precision == .fp32 ? 5e-6 : 0.04), "\(ending)")
    }
  }

  private func features(
    _ worker: ConvolutionWorker, _ images: [Float], count: Int, precision: TowerPrecision
  ) throws -> [Float] {
    try worker.run(images) { output in
      switch precision {
      case .fp32:
        Array(
          UnsafeBufferPointer(start: output.assumingMemoryBound(to: Float.self), count: count))
      case .bf16: widened(output.assumingMemoryBound(to: UInt16.self), count)
      }
    }
  }

  @Test func workersShareANetwork() throws {
    let count = 2 * 3 * 10 * 10
    let network = try ConvolutionNetwork(
      images: 2, channels: 3, height: 10, width: 10, precision: .fp32
    ) { builder in
      try builder.convolution(
        builder.images, weight: quarters(7 * 27, seed: 1), bias: quarters(7, seed: 2), channels: 7,
        kernel: 3, padding: 1)
    }
    func output(_ worker: ConvolutionWorker, seed: UInt64) throws -> [Float] {
      try features(worker, quarters(count, seed: seed), count: 2 * 7 * 10 * 10, precision: .fp32)
    }
    let (a, b) = (try ConvolutionWorker(network), try ConvolutionWorker(network))
    let first = try output(a, seed: 3)
    #expect(try output(b, seed: 4) != first)
    #expect(try output(b, seed: 3) == first)
    #expect(try output(a, seed: 3) == first)
  }

  @Test func anAddedValueCannotBeUsedAgain() {
    let weight = [Float](repeating: 1, count: 64)
    #expect(throws: (any Error).self) {
      _ = try ConvolutionNetwork(
        images: 1, channels: 8, height: 4, width: 4, precision: .fp32
      ) { builder in
        func pointwise(
          _ x: ConvolutionNetwork.Value, adding y: ConvolutionNetwork.Value? = nil
        ) throws -> ConvolutionNetwork.Value {
          try builder.convolution(
            x, weight: weight, bias: weight, channels: 8, kernel: 1, adding: y)
        }
        let first = try pointwise(builder.images)
        _ = try pointwise(try pointwise(builder.images), adding: first)
        return try pointwise(first)
      }
    }
  }

  @Test func aKernelLargerThanTheImageIsAnError() {
    let weight = [Float](repeating: 1, count: 25)
    #expect(throws: (any Error).self) {
      _ = try ConvolutionNetwork(
        images: 1, channels: 1, height: 4, width: 4, precision: .fp32
      ) { try $0.convolution($0.images, weight: weight, bias: weight, channels: 1, kernel: 5) }
    }
  }
}
