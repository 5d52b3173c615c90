#!/usr/bin/env bash
# Installs the system packages clip-eval is built with, those that are missing only. The one place that
# names them for machines; README.md names them for people.
set -euo pipefail

packages=(
  libopenblas-dev       # matrix products
  libdnnl-dev           # oneDNN: the towers' matrix products and convolutions
  libpng-dev            # PNG
  libjpeg-dev           # JPEG
  libwebp-dev           # WebP
  libgif-dev            # GIF
  libtiff-dev           # TIFF, 4.5 or later
  libssl-dev            # SHA-256
  libmatio-dev          # MATLAB files
  libhdf5-dev           # HDF5
  zlib1g-dev            # deflate
  libarchive-dev        # tar, zip, gzip, zstd
  libsnappy-dev         # Parquet's usual compression
  libboost-math-dev     # special functions
  libcurl4-openssl-dev  # downloads
  libsqlite3-dev        # databases of results
  ffmpeg                # frames of videos, as a program
  pkg-config
)

if ! command -v dpkg-query >/dev/null; then
  echo "clip-eval needs these Debian packages, or what corresponds to them here: ${packages[*]}" >&2
  echo "This system has no dpkg, so nothing was checked or installed." >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  # pkgconf stands in for pkg-config on newer systems and provides it.
  if [[ $package == pkg-config ]] && command -v pkg-config >/dev/null; then continue; fi
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

echo "missing packages: ${missing[*]}" >&2
by_hand="Install them by hand: apt-get install ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "apt-get is not available here. $by_hand" >&2
  exit 1
fi
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "Installing needs root, and sudo is not available. $by_hand" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q -y "$@"
}
if ! apt install --no-install-recommends "${missing[@]}"; then
  # The package lists of a fresh machine may be empty or old.
  if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
    echo "apt-get could not install them; is the network reachable? $by_hand" >&2
    exit 1
  fi
fi
