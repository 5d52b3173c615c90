package import Foundation

/// Where a sample's pixels come from.
package enum ImageSource: Sendable {
  /// An encoded image in a file of its own.
  case file(URL)
  /// An encoded image inside a larger file (a tar shard): `count` bytes from `offset`.
  case range(URL, offset: Int, count: Int)
  /// Pixels that a dataset stores raw (CIFAR, MNIST), with the bytes that identify them.
  case raster(RasterImage)
}
