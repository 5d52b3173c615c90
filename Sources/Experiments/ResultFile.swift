package import Core
package import Foundation

/// `results.jsonl`: one row a line in canonical JSON, the canonical record of a run.
package enum ResultFile {
  package static func encode(_ rows: [ResultRow]) throws -> Data {
    var data = Data()
    for row in rows {
      do {
        data += try CanonicalJSON.encode(row)
      } catch {
        throw EvalError(
          .bug, "the \(row.metric) of \(row.dataset) cannot be written as JSON: \(error)")
      }
      data.append(UInt8(ascii: "\n"))
    }
    return data
  }

  /// - Parameter subject: the file, for errors.
  /// - Throws: `EvalError.malformedData` that names the line.
  package static func decode(_ data: Data, subject: String) throws(EvalError) -> [ResultRow] {
    var rows: [ResultRow] = []
    let decoder = JSONDecoder()
    // `Data` hands out its bytes one by one.
    let lines = [UInt8](data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      do {
        rows.append(try decoder.decode(ResultRow.self, from: Data(line)))
      } catch {
        throw EvalError(
          .malformedData, "expected a result row, found \(reason(error))",
          subject: "\(subject):\(index + 1)",
          remedy: "A run folder written by a newer clip-eval needs that version to be read.")
      }
    }
    return rows
  }

  private static func reason(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context):
      "no key \((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))"
    case DecodingError.typeMismatch(let type, let context):
      "another type than \(type) at \(path(context))"
    case DecodingError.valueNotFound(let type, let context):
      "null where \(type) is needed at \(path(context))"
    case DecodingError.dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "text that is not JSON" : "at \(path(context)): \(context.debugDescription)"
    default: "\(error)"
    }
  }
}
