/// What a pickle may hold beside plain data: the only names it may mention.
package enum PickleDialect: Sendable, Equatable {
  /// NumPy arrays, as data sets store them.
  case arrays
  /// Objects of a class of this name, in whatever module; of each only the attributes are read, as a dictionary.
  case objects(named: String)
  /// PyTorch's tensors, and the module objects of TorchScript archives.
  case torch

  /// `_codecs.encode` is how protocol 2 writes bytes from Python 3.
  private static let containers: Set = [
    "collections OrderedDict", "__builtin__ dict", "builtins dict", "_codecs encode",
  ]
  private static let numPy: Set = [
    "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct", "numpy ndarray",
    "numpy dtype",
  ]
  private static let torchCalls: Set = [
    "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch Size",
    "torch.jit._pickle build_intlist", "torch.jit._pickle build_doublelist",
    "torch.jit._pickle build_boollist", "torch.jit._pickle build_tensorlist",
    "torch.jit._pickle restore_type_tag",
  ]
  /// `torch.float16` and the like, which are values and hold nothing.
  private static let torchTypes: Set = [
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool",
  ]

  func allows(module: String, name: String) -> Bool {
    let global = "\(module) \(name)"
    if Self.containers.contains(global) { return true }
    switch self {
    case .arrays: return Self.numPy.contains(global)
    case .objects: return isObjectClass(module: module, name: name)
    case .torch:
      return Self.torchCalls.contains(global) || Self.isScriptClass(module: module)
        || module == "torch" && (Self.storageTypes[name] != nil || Self.torchTypes.contains(name))
    }
  }

  /// Whether objects of this class are read by their attributes.
  func isObjectClass(module: String, name: String) -> Bool {
    switch self {
    case .arrays: false
    case .objects(let wanted): name == wanted
    case .torch: Self.isScriptClass(module: module)
    }
  }

  /// The newest version of the format that is read. Version 5 added opcodes for NumPy's buffers alone.
  var newestProtocol: Int {
    if case .objects = self { 5 } else { 4 }
  }

  /// Classes that exist only inside a TorchScript archive.
  static func isScriptClass(module: String) -> Bool {
    module == "__torch__" || module.hasPrefix("__torch__.")
  }

  static let storageTypes: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]

  /// What is read, for messages.
  var arrayKind: String {
    switch self {
    case .arrays: "NumPy arrays"
    case .objects(let name): "the attributes of \(name) objects"
    case .torch: "PyTorch tensors"
    }
  }

  /// What BUILD is read for.
  var stateful: String {
    switch self {
    case .arrays: "a NumPy array or dtype"
    case .objects(let name): "an object of class \(name)"
    case .torch: "a dictionary or a TorchScript module"
    }
  }

  /// What NEWOBJ is read for.
  var objects: String {
    switch self {
    case .arrays: "plain data"
    case .objects(let name): "class \(name)"
    case .torch: "a TorchScript class"
    }
  }
}
