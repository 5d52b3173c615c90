import Core

/// Finds the tensors in what a PyTorch pickle describes, and checks that each lies in its storage.
///
/// The objects form a graph that may share and nest at will; the walk is iterative, and its steps, depth and names are
/// bounded, so that a small file cannot ask for much.
struct TorchPickle {
  struct Contents {
    var tensors: [String: TorchTensor] = [:]
    var integers: [String: Int] = [:]
    var isScript = false

    /// Of all tensors, shared bytes counted every time.
    var byteCount: Int {
      tensors.values.reduce(0) { sum, tensor in
        let (total, overflow) = sum.addingReportingOverflow(tensor.description.byteCount)
        return overflow ? .max : total
      }
    }
  }

  let document: PickleDocument
  /// The file, for messages.
  let subject: String
  /// Where the bytes of a storage lie in the file.
  let storage: (_ key: String) throws -> Range<Int>?

  private static let stepLimit = 200_000
  private static let depthLimit = 64
  private static let longestName = 512
  private static let mostDimensions = 16

  private struct Step {
    let node: Int
    let name: String
    let depth: Int
  }

  func read() throws -> Contents {
    var contents = Contents()
    var root = document.rootNode
    if isModule(root) {
      contents.isScript = true
    } else if let weights = item("state_dict", of: root), case .dictionary = document.nodes[weights]
    {
      // A training checkpoint: the rest is the optimizer's.
      root = weights
    }
    var pending = [Step(node: root, name: "", depth: 0)]
    var steps = 0
    while let step = pending.popLast() {
      steps += 1
      guard steps <= Self.stepLimit else {
        throw malformed("more than \(Self.stepLimit) objects, counted by the ways to reach them")
      }
      switch document.nodes[step.node] {
      case .dictionary(let pairs):
        try push(pairs, of: step, to: &pending)
      case .call(_, _, let state):
        if isModule(step.node) {
          guard let state, case .dictionary(let pairs) = document.nodes[state] else {
            throw malformed("the module \(step.name) has no dictionary of attributes")
          }
          try push(pairs, of: step, to: &pending)
        } else {
          guard contents.tensors[step.name] == nil else {
            throw malformed("two tensors are called \(step.name)")
          }
          contents.tensors[step.name] = try tensor(step.node, name: step.name)
        }
      case .list(let items), .tuple(let items):
        try requireRoom(for: items.count, in: pending)
        let pairs = items.enumerated().map { ("\($0.offset)", $0.element) }
        try push(pairs, of: step, to: &pending)
      case .int(let value): contents.integers[step.name] = value
      case .none, .bool, .float, .text, .bytes, .ownedBytes, .global, .persistent: break
      }
    }
    guard !contents.tensors.isEmpty else {
      throw malformed("holds no tensors: expected a state dict or a TorchScript module")
    }
    return contents
  }

  private func push(
    _ pairs: [(key: Int, value: Int)], of step: Step, to pending: inout [Step]
  ) throws {
    try requireRoom(for: pairs.count, in: pending)
    try push(
      pairs.map { pair in
        switch document.nodes[pair.key] {
        case .text(let key): (key, pair.value)
        case .int(let key): ("\(key)", pair.value)
        default:
          throw malformed("a key below \(step.name.isEmpty ? "the root" : step.name) is no string")
        }
      }, of: step, to: &pending)
  }

  private func push(
    _ children: [(name: String, node: Int)], of step: Step, to pending: inout [Step]
  ) throws {
    guard step.depth < Self.depthLimit else {
      throw malformed("objects nest deeper than \(Self.depthLimit) at \(step.name)")
    }
    for child in children {
      let name = step.name.isEmpty ? child.name : "\(step.name).\(child.name)"
      guard name.utf8.count <= Self.longestName else {
        throw malformed("a name longer than \(Self.longestName) bytes: \(name.prefix(60))…")
      }
      pending.append(Step(node: child.node, name: name, depth: step.depth + 1))
    }
  }

  private func requireRoom(for count: Int, in pending: [Step]) throws {
    guard pending.count + count <= Self.stepLimit else {
      throw malformed("more than \(Self.stepLimit) objects, counted by the ways to reach them")
    }
  }

  private func isModule(_ node: Int) -> Bool {
    guard case .call(let function, _, _) = document.nodes[node],
      case .global(let module, _) = document.nodes[function]
    else { return false }
    return PickleDialect.isScriptClass(module: module)
  }

  private func item(_ key: String, of node: Int) -> Int? {
    guard case .dictionary(let pairs) = document.nodes[node] else { return nil }
    return pairs.last {
      if case .text(let text) = document.nodes[$0.key] { text == key } else { false }
    }?.value
  }

  // MARK: Tensors

  /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])`, perhaps inside
  /// `_rebuild_parameter(tensor, requires_grad, hooks)`.
  private func tensor(_ node: Int, name: String) throws -> TorchTensor {
    func fail(_ what: String) -> EvalError { malformed("tensor \(name): \(what)") }
    var node = node
    if isCall(node, to: "_rebuild_parameter") {
      guard let arguments = arguments(node, 2...4) else {
        throw fail("a parameter without its tensor")
      }
      node = arguments[0]
    }
    guard isCall(node, to: "_rebuild_tensor_v2"), let arguments = arguments(node, 6...7) else {
      throw fail("expected _rebuild_tensor_v2 with six arguments")
    }
    guard case .persistent(let id) = document.nodes[arguments[0]],
      let storageID = tuple(id, 5...6), case .text("storage") = document.nodes[storageID[0]],
      case .global("torch", let typeName) = document.nodes[storageID[1]],
      let type = PickleDialect.storageTypes[typeName],
      case .text(let key) = document.nodes[storageID[2]],
      let declared = integer(storageID[4]), declared >= 0
    else { throw fail("expected a storage id ('storage', type, key, device, count)") }
    guard let bytes = try storage(key) else {
      throw fail("the archive has no entry data/\(key.prefix(60)) for its storage")
    }
    guard declared <= bytes.count / type.byteCount else {
      throw fail(
        "its storage claims \(declared) elements of \(type.rawValue), the entry data/\(key) has \(bytes.count) bytes"
      )
    }
    guard let offset = integer(arguments[1]), offset >= 0,
      let shape = integers(arguments[2]), let strides = integers(arguments[3]),
      shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { throw fail("offset, shape and strides do not describe a tensor") }

    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw fail("the impossible shape \(shape)") }
      count = product
    }
    let description = TensorDescription(type: type, shape: shape)
    guard count > 0 else {
      return TorchTensor(
        description: description, range: bytes.lowerBound..<bytes.lowerBound, strides: strides)
    }
    // Elements from the first to the last; by ascending stride, each dimension has to step over all smaller ones.
    var span = 1
    for (stride, size) in zip(strides, shape).sorted(by: { $0.0 < $1.0 }) where size > 1 {
      guard stride >= span else {
        throw fail("shape \(shape) with strides \(strides): its elements share memory")
      }
      let (reach, overflow) = stride.multipliedReportingOverflow(by: size - 1)
      let (sum, overflowed) = span.addingReportingOverflow(reach)
      guard !overflow, !overflowed else { throw fail("the impossible strides \(strides)") }
      span = sum
    }
    guard offset <= declared, span <= declared - offset else {
      throw fail(
        "shape \(shape) from element \(offset) needs \(span) elements, its storage has \(declared)")
    }
    let start = bytes.lowerBound + offset * type.byteCount
    return TorchTensor(
      description: description, range: start..<start + span * type.byteCount, strides: strides)
  }

  private func isCall(_ node: Int, to name: String) -> Bool {
    guard case .call(let function, _, _) = document.nodes[node],
      case .global("torch._utils", name) = document.nodes[function]
    else { return false }
    return true
  }

  private func arguments(_ node: Int, _ counts: ClosedRange<Int>) -> [Int]? {
    guard case .call(_, let arguments, _) = document.nodes[node] else { return nil }
    return tuple(arguments, counts)
  }

  private func tuple(_ node: Int, _ counts: ClosedRange<Int>) -> [Int]? {
    guard case .tuple(let items) = document.nodes[node], counts.contains(items.count) else {
      return nil
    }
    return items
  }

  private func integer(_ node: Int) -> Int? {
    if case .int(let value) = document.nodes[node] { value } else { nil }
  }

  private func integers(_ node: Int) -> [Int]? {
    tuple(node, 0...Self.mostDimensions).flatMap { items in
      let values = items.compactMap(integer)
      return values.count == items.count ? values : nil
    }
  }

  private func malformed(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: subject)
  }
}
