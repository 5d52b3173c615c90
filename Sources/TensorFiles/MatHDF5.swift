import Core
import Foundation

/// MATLAB files of version 7.3: HDF5 after a header of 512 bytes. Arrays are transposed, so that their values lie in MATLAB's order;
/// texts are UTF-16; cells, and the fields of struct arrays, are references to other arrays.
///
/// libmatio reads them too, but does not survive damaged ones.
struct MatHDF5 {
  private let file: HDF5File
  /// More than any dataset here has images.
  private let limit: Int

  init(_ url: URL, limit: Int) throws {
    file = try HDF5File(url)
    self.limit = limit
  }

  func numbers(_ variable: String) throws -> [Double] {
    let dataset = try file.dataset(variable)
    guard case .numbers(let numbers)? = try value(dataset) else {
      throw failure("expected `\(variable)` to be an array of numbers")
    }
    return numbers
  }

  func texts(_ variable: String) throws -> [String] {
    let cells = try file.dataset(variable)
    guard cells.kind == .reference, cells.textAttribute("MATLAB_class") == "cell" else {
      throw failure("expected `\(variable)` to be a cell array of texts")
    }
    return try cells.references(limit: limit).enumerated().map { index, reference in
      guard let text = try value(file.dataset(reference))?.text else {
        throw failure("expected cell \(index + 1) of `\(variable)` to be a text")
      }
      return text
    }
  }

  /// Fields that are not there are absent from every row.
  func rows(_ variable: String, fields: [String]) throws -> [[String: MatValue]] {
    var columns: [String: [MatValue?]] = [:]
    var failures: [any Error] = []
    for field in fields {
      do {
        let column = try file.dataset("\(variable)/\(field)")
        // A struct that is no array holds its values itself.
        columns[field] =
          column.kind == .reference
          ? try column.references(limit: limit).map { try value(file.dataset($0)) }
          : [try value(column)]
      } catch {
        failures.append(error)
      }
    }
    let counts = Set(columns.values.map(\.count))
    guard let count = counts.first else {
      throw failures.first
        ?? failure(
          "expected a struct array `\(variable)` with one of \(fields.joined(separator: ", "))")
    }
    guard counts.count == 1 else {
      throw failure("the fields of `\(variable)` have different numbers of values")
    }
    return (0..<count).map { index in columns.compactMapValues { $0[index] } }
  }

  private func value(_ dataset: HDF5Dataset) throws -> MatValue? {
    switch dataset.kind {
    case .reference, .other: return nil
    case .integer, .float: break
    }
    let numbers = try dataset.numbers(limit: limit)
    guard dataset.textAttribute("MATLAB_class") == "char" else { return .numbers(numbers) }
    let units = numbers.compactMap { UInt16(exactly: $0) }
    return units.count == numbers.count ? .text(String(decoding: units, as: UTF16.self)) : nil
  }

  private func failure(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: file.url.path)
  }
}
