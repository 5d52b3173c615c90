import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct FileListTests {
  @Test(arguments: [
    "filepath,label,title\nb.jpg,10,\"ten, or \"\"x\"\"\"\na.jpg,2,two\n",
    "\u{feff}filepath\tlabel\ttitle\r\nb.jpg\t10\t\"ten, or \"\"x\"\"\"\r\na.jpg\t2\ttwo",
    "image;label;title\nb.jpg;10;ten, or \"x\"\n\na.jpg;2;two\n",
    "title,label,file\n\"ten, or \"\"x\"\"\",10,b.jpg\ntwo,2,a.jpg\n",
  ]) func delimited(text: String) throws {
    let scene = try Scene(images: ["a.jpg"], texts: ["list.csv": text])
    let index = try FileList().index(root: scene.root.appending(path: "list.csv"), split: "all")
    #expect(index.classes.map(\.id) == ["2", "10"])
    #expect(index.classes.map(\.name) == ["two", "ten, or \"x\""])
    #expect(index.samples.map(\.id) == ["a.jpg", "b.jpg"])
    #expect(index.samples.map(\.label) == [0, 1])
    #expect(index.samples.map { $0.byteCount != nil } == [true, false])
  }

  @Test func jsonLines() throws {
    let scene = try Scene(
      images: ["x/a.jpg"],
      texts: [
        "test.jsonl": #"{"image": "x/a.jpg", "label": 3}"# + "\n"
          + #"{"image": "x/b.jpg", "label": 1, "extra": [1]}"# + "\n"
      ])
    let index = try FileList().index(root: scene.root, split: "test")
    #expect(index.layout == "jsonl")
    #expect(index.samples.map { index.classes[$0.label].id } == ["3", "1"])
    try scene.write(
      Data("{\"image\": \"a\", \"label\": 1}\n{\"image\": \"b\"}\n".utf8), to: "test.jsonl")
    let error = #expect(throws: EvalError.self) {
      try FileList().index(root: scene.root, split: "test")
    }
    #expect(error?.subject?.hasSuffix("test.jsonl:2") == true)
  }

  /// `json.dumps(…, ensure_ascii=False)` writes U+2028 and U+0085 as they are.
  @Test func jsonLinesEndAtLineFeeds() throws {
    let scene = try Scene(texts: [
      "test.jsonl": "{\"image\": \"a\", \"label\": 1, \"text\": \"x\u{2028}y\u{85}z\"}\r\n"
        + "{\"image\": \"b\", \"label\": 2}\r\n"
    ])
    #expect(try FileList().index(root: scene.root, split: "test").samples.map(\.id) == ["a", "b"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n", "list.csv:1"), ("filepath,label\na.jpg\n", "list.csv:2"),
    ("filepath,label\na.jpg,1\n\"b.jpg,2\n", "list.csv:3"), ("filepath,label\n", "list.csv"),
    ("filepath,label\na.jpg,1\na.jpg,2\n", "list.csv:3"), ("", "list.csv:1"),
    ("filepath,label\na.jpg,\n", "list.csv:2"), ("filepath,label\n,1\n", "list.csv:2"),
    ("filepath,label,title\na.jpg,1,x\n\"b\n.jpg\",1,y\n", "list.csv:3"),
  ]) func errorsNameTheLine(text: String, place: String) throws {
    let scene = try Scene(texts: ["list.csv": text])
    let error = #expect(throws: EvalError.self) {
      try FileList().index(root: scene.root.appending(path: "list.csv"), split: "all")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.hasSuffix(place) == true, "\(error?.description ?? "")")
  }

  @Test func bytesThatAreNotUTF8AreAnError() throws {
    let scene = try Scene()
    try scene.write(Data("filepath,label\n".utf8) + Data([0xe9, 0x2c, 0x31, 0x0a]), to: "all.csv")
    let error = #expect(throws: EvalError.self) {
      try FileList().index(root: scene.root, split: "all")
    }
    #expect(error?.subject?.hasSuffix("all.csv:2") == true)
  }
}
