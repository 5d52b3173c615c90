import Core
import Foundation
import TestSupport
import Testing

@Suite("SHA-256") struct SHA256Tests {
  /// FIPS 180-4's examples, as NIST publishes them.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func publishedVectors(text: String, hex: String) throws {
    #expect(SHA256.hash(text).hex == hex)
    #expect(SHA256.hash(Data(text.utf8)).hex == hex)
    var hasher = SHA256()
    for character in text { hasher.update(String(character)) }
    #expect(hasher.finalize().hex == hex)
  }

  /// A million times `a`, NIST's long example, crosses the pieces that files are read in.
  @Test func file() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "a")
    try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(to: url)
    #expect(
      try SHA256.hash(fileAt: url).hex
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    // hashlib.sha256(b"a" * (2**20 + 1)).hexdigest()
    try Data(repeating: UInt8(ascii: "a"), count: 1 << 20 + 1).write(to: url)
    #expect(
      try SHA256.hash(fileAt: url).hex
        == "4a3f0c0c213adea174f9a3d4c13177315b588bdb2e9c1012d3d0bf0453ca0f6a")
  }

  @Test func whatIsNoFile() throws {
    let folder = try TemporaryFolder()
    for url in [folder.url, folder.url.appending(path: "absent")] {
      let error = #expect(throws: EvalError.self) { try SHA256.hash(fileAt: url) }
      #expect(error?.kind == .notFound)
    }
  }
}
