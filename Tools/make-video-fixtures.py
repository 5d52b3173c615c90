#!/usr/bin/env python3
"""Writes Tests/Fixtures/datasets/{ucf101,kinetics700,videos}: tiny videos whose frames say their numbers.

Frame i of a video is a flat grey of luma 20 + 8·i, so that the frame that a reader took can be told from its pixels,
whatever the codec did to them. Lists are in the publishers' forms. Needs ffmpeg with libx264 and libvpx; run from the
project's root. The same ffmpeg gives the same bytes.

    videos/*                      single videos with something to get wrong, and what is true of each in videos.json
    ucf101/UCF-101/<Class>/*.avi  with ucfTrainTestlist
    kinetics700/…                 folders of classes, and a list with flat files
"""
import json
import pathlib
import re
import shutil
import struct
import subprocess

OUT = pathlib.Path("Tests/Fixtures/datasets")
EXACT = ["-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1", "-map_metadata", "-1"]


def luma(frame):
    return 20 + 8 * frame


def encode(path, frames, codec, size=16, extra=()):
    """A video of `frames` frames, 10 a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = b"".join(bytes([luma(i)]) * (size * size) + bytes([128]) * (size * size // 2) for i in range(frames))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size}x{size}", "-r", "10",
         "-i", "pipe:0", *codec, *extra, *EXACT, str(path)], input=raw, check=True)


MPEG4 = ["-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-vtag", "XVID"]
H264 = ["-c:v", "libx264", "-crf", "10", "-bf", "2", "-g", "8", "-pix_fmt", "yuv420p"]
VP8 = ["-c:v", "libvpx", "-b:v", "200k"]


def single_videos():
    folder = OUT / "videos"
    shutil.rmtree(folder, ignore_errors=True)
    truth = {}

    def add(name, frames, codec, **more):
        encode(folder / name, frames, codec, **more)
        truth[name] = frames

    add("odd.avi", 7, MPEG4)
    add("even.mp4", 8, H264)
    add("web.webm", 5, VP8)
    add("one.mp4", 1, H264)

    # A container that says 99 frames where there are 9, in both places that say so.
    add("liar.avi", 9, MPEG4)
    data = bytearray((folder / "liar.avi").read_bytes())
    avih, strh = data.index(b"avih"), data.index(b"strh")
    struct.pack_into("<I", data, avih + 8 + 16, 99)
    struct.pack_into("<I", data, strh + 8 + 32, 99)
    (folder / "liar.avi").write_bytes(data)

    # A cover picture before the video's own stream.
    cover = folder / "cover.png"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1", *EXACT, str(cover)],
                   check=True)
    encode(folder / "plain.mp4", 6, H264)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(cover), "-i", str(folder / "plain.mp4"), "-map", "0", "-map", "1",
                    "-c", "copy", "-disposition:v:0", "attached_pic", *EXACT, str(folder / "cover.mp4")], check=True)
    truth["cover.mp4"] = 6
    cover.unlink()

    # Half of a file: the index of an MP4 stands at its end, that of the AVI is not needed.
    whole = (folder / "plain.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[:len(whole) // 2])
    (folder / "plain.mp4").unlink()
    (folder / "noise.avi").write_bytes(b"RIFF\xff\xff\x00\x00AVI " + bytes((i * 73 + 11) % 256 for i in range(600)))
    (folder / "playlist.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\neven.mp4\n#EXT-X-ENDLIST\n")
    (folder / "videos.json").write_text(json.dumps(truth, indent=1, sort_keys=True) + "\n")


# The program's own list, which is the publisher's: `classInd.txt`.
UCF = re.findall(r'"(\w+)"', pathlib.Path("Sources/Datasets/UCF101Classes.swift").read_text().split("ids = [")[1].split("]")[0])


def ucf101():
    root = OUT / "ucf101"
    shutil.rmtree(root, ignore_errors=True)
    clips = [  # class, name in the file, group, clip, frames
        ("ApplyEyeMakeup", "ApplyEyeMakeup", 1, 1, 7), ("ApplyEyeMakeup", "ApplyEyeMakeup", 1, 2, 8),
        ("ApplyEyeMakeup", "ApplyEyeMakeup", 8, 1, 9), ("ApplyEyeMakeup", "ApplyEyeMakeup", 15, 1, 10),
        ("ApplyEyeMakeup", "ApplyEyeMakeup", 22, 1, 11),
        # The folder and the lists say HandstandPushups, the files HandStandPushups.
        ("HandstandPushups", "HandStandPushups", 1, 1, 12), ("HandstandPushups", "HandStandPushups", 9, 1, 13),
        ("YoYo", "YoYo", 7, 4, 14), ("YoYo", "YoYo", 21, 2, 15),
    ]
    lists = {f"{kind}list0{k}": [] for kind in ("train", "test") for k in (1, 2, 3)}
    for folder, name, group, clip, frames in clips:
        path = f"{folder}/v_{name}_g{group:02}_c{clip:02}.avi"
        encode(root / "UCF-101" / path, frames, MPEG4)
        for k, groups in ((1, range(1, 8)), (2, range(8, 15)), (3, range(15, 22))):
            kind = "test" if group in groups else "train"
            number = f" {UCF.index(folder) + 1}" if kind == "train" else ""
            lists[f"{kind}list0{k}"].append(path + number)
    folder = root / "ucfTrainTestlist"
    folder.mkdir(parents=True)
    for name, lines in lists.items():
        # Their publisher's files have CR LF ends.
        (folder / f"{name}.txt").write_bytes("".join(line + "\r\n" for line in lines).encode())
    (folder / "classInd.txt").write_bytes("".join(f"{i + 1} {name}\r\n" for i, name in enumerate(UCF)).encode())


def kinetics():
    root = OUT / "kinetics700"
    shutil.rmtree(root, ignore_errors=True)
    rows = [("abseiling", "0347ZoDXyP0", 95, 105, 6), ("massaging person's head", "-0d3XaR8-Qo", 5, 15, 7),
            ("passing American football (in game)", "zzZZzzZZzz_", 0, 10, 8), ("zumba", "gone__VIDEO", 12, 22, None)]
    (root / "flat").mkdir(parents=True)
    with open(root / "flat/validate.csv", "w", newline="") as file:
        file.write("label,youtube_id,time_start,time_end,split\n")
        for label, video, start, end, frames in rows:
            quoted = f'"{label}"' if "'" in label else label
            file.write(f"{quoted},{video},{start},{end},validate\n")
            name = f"{video}_{start:06}_{end:06}"
            if frames is None:
                continue
            encode(root / "folders/val" / label / f"{name}.mp4", frames, H264)
            shutil.copy(root / "folders/val" / label / f"{name}.mp4", root / f"flat/{name}.mp4")


if __name__ == "__main__":
    single_videos()
    ucf101()
    kinetics()
