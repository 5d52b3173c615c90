#!/usr/bin/python3
"""Renders what a run's report is made of, and checks it: check-report-formats.py RUN [--sqlite FILE] [--pages FOLDER].

report.tex is compiled by pdflatex: no error, no undefined reference, nothing that runs out of its column; each table also alone, in a
document with nothing but the packages it asks for. report.md is rendered by cmark-gfm, GitHub's own program: every table became one, links
and figures lead somewhere, no markup is left in the text. results.csv is read by pandas as Documentation/Reports.md says; the database by sqlite3.
With --pages, pages of the PDF are left there as pictures, to be looked at.

    check-report-formats.py --odd-names RUN COPY

copies a run's rows with names that hold whatever means something to one of these formats: `clip-eval report COPY`, then check it.

Run with Debian's python3, and texlive-latex-recommended, texlive-fonts-recommended, lmodern, poppler-utils, cmark-gfm, python3-html5lib,
python3-pandas and sqlite3 installed.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import html5lib
import pandas

# In points: less is not seen.
MOST_OVERFULL = 2.0
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print("FAILED:", message)


# LaTeX

BLOCK = re.compile(r"^% table (tab:\S+)\n(.*?)^% end of \1\n", re.MULTILINE | re.DOTALL)
ALONE = r"""\documentclass{article}
\usepackage[a4paper,margin=1.5cm]{geometry}
\usepackage[T1]{fontenc}
\usepackage{lmodern,array,booktabs,longtable}
\begin{document}
%s
\clearpage
See %s.
\end{document}
"""


def compiled(text, folder, name):
    """The log of the last of the runs that a document needs."""
    (folder / f"{name}.tex").write_text(text)
    log = ""
    # A long table finds its widths in up to four runs.
    for _ in range(4):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        log = (folder / f"{name}.log").read_text(errors="replace")
        if done.returncode != 0 or not re.search(r"Rerun|Table widths have changed", log):
            break
    check(done.returncode == 0, f"{name}.tex: " + "; ".join(re.findall(r"^!.*", log, re.MULTILINE)))
    return log


def check_log(log, name):
    for warning in re.findall(r"(?:LaTeX|Package \S+) Warning: .*", log):
        check("Font" in warning, f"{name}.tex: {warning}")
    for points, rest in re.findall(r"^Overfull \\hbox \(([\d.]+)pt too wide\)(.*)", log, re.MULTILINE):
        check(float(points) <= MOST_OVERFULL, f"{name}.tex: {points} pt too wide{rest}")
    for lost in re.findall(r"^Missing character: .*", log, re.MULTILINE):
        check(False, f"{name}.tex: {lost}")


def check_tex(run, pages):
    text = (run / "report.tex").read_text()
    check(text.isascii(), "report.tex is not ASCII alone")
    blocks = BLOCK.findall(text)
    check(len(blocks) == text.count(r"\begin{tabular}{@{}") + text.count(r"\begin{longtable}"),
          "report.tex: a table is in no block")
    check(len({label for label, _ in blocks}) == len(blocks), "report.tex: a label is there twice")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_log(compiled(text, folder, "report"), "report")
        alone = ALONE % ("".join(block for _, block in blocks), ", ".join(rf"\ref{{{label}}}" for label, _ in blocks))
        # Tables one after the other do not float well; that is the paper's author's to arrange.
        log = compiled(alone.replace(r"\end{table}", "\\end{table}\\clearpage"), folder, "alone")
        check_log(log, "alone")
        if pages:
            pages.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "report.pdf", pages)
            subprocess.run(["pdftoppm", "-r", "80", "-png", "report.pdf", "page"], cwd=pages, check=True)
        print(f"report.tex: {len(blocks)} tables")


# Markdown

DELIMITER = re.compile(r"^\|(?: (?:---|--:) \|)+$")
LEFT = re.compile(r"\*\*|^\s*\||\]\(|^#+ |^!\[|&(?:lt|gt|amp);|\\[|*_#]")


def text_of(element):
    """Without what stands in code."""
    if element.tag == "code":
        return element.tail or ""
    return (element.text or "") + "".join(text_of(child) for child in element) + (element.tail or "")


def check_markdown(run, odd):
    text = (run / "report.md").read_text()
    done = subprocess.run(
        ["cmark-gfm", "--extension", "table", "--extension", "strikethrough", "--extension", "autolink",
         "--extension", "tagfilter", "--unsafe"],
        input=text, capture_output=True, text=True, check=True)
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(f"<!DOCTYPE html><title>x</title>{done.stdout}")
    check(not parser.errors, f"report.md: markup {parser.errors[:3]}")
    lines = text.split("\n")
    written = []
    for index, line in enumerate(lines):
        if DELIMITER.match(line):
            rows = 0
            while lines[index + rows + 1].startswith("|"):
                rows += 1
            written.append((line.count("|") - 1, rows))
    found = []
    for table in tree.iter("table"):
        widths = {len([cell for cell in row if cell.tag in ("td", "th")]) for row in table.iter("tr")}
        check(len(widths) == 1, f"report.md: a table has rows of {widths} cells")
        found.append((max(widths), len(list(table.iter("tr"))) - 1))
    check(found == written, f"report.md: {len(written)} tables of which {len(found)} became tables, or others")
    for element in tree.iter():
        if element.tag in ("script", "style", "iframe", "b", "br", "img", "a", "del", "em"):
            source = element.get("src") or element.get("href") or ""
            check(element.tag in ("img", "a"), f"report.md: <{element.tag}> came of a name")
            if source.startswith(("http://", "https://", "mailto:")):
                continue
            check((run / source).is_file(), f"report.md: {source} leads nowhere")
            check(element.tag == "a" or element.get("alt"), f"report.md: {source} has no description")
        if element.tag in ("p", "li", "td", "th", "h1", "h2", "h3") and not odd:
            left = LEFT.search(text_of(element))
            check(left is None, f"report.md: markup left in “{text_of(element)[:80]}”")
    headings = [line for line in lines if line.startswith("#")]
    check(len(headings) == sum(1 for element in tree.iter() if re.fullmatch("h[1-6]", str(element.tag))),
          "report.md: a heading is none")
    quotes = [element.tag for element in tree.iter() if element.tag in ("blockquote", "ol", "hr", "pre")]
    check(not quotes, f"report.md: {quotes[:3]} came of a text")
    print(f"report.md: {len(found)} tables")


# CSV

NUMBERS = {"value", "interval95.lower", "interval95.upper", "chance", "reference.value", "delta"}


def rows_of(run):
    return [json.loads(line) for line in (run / "results.jsonl").read_text().split("\n") if line]


def flattened(row, prefix=""):
    cells = {}
    for key, value in row.items():
        if prefix == "probe." and key == "curve" or prefix == "protocol." and isinstance(value, dict):
            # The one has files of its own, the other is text.
            continue
        if "nterval" in key and isinstance(value, list):
            cells[f"{prefix}{key}.lower"], cells[f"{prefix}{key}.upper"] = value
        elif isinstance(value, dict):
            cells.update(flattened(value, f"{prefix}{key}."))
        else:
            cells[prefix + key] = value
    return cells


def check_csv(run):
    data = (run / "results.csv").read_bytes()
    check(not data.startswith(b"\xef\xbb\xbf"), "results.csv has a byte-order mark")
    check(b"\r" not in data, "results.csv has carriage returns")
    table = pandas.read_csv(run / "results.csv")
    rows = rows_of(run)
    check(len(table) == len(rows), f"results.csv has {len(table)} rows, results.jsonl {len(rows)}")
    if len(table) != len(rows):
        return
    check(table.columns.is_unique, "results.csv: a column is there twice")
    for name in table.columns:
        kinds = {type(value) for value in table[name].dropna()}
        check(len(kinds) <= 1, f"results.csv: {name} has {kinds}")
        if name in NUMBERS:
            check(pandas.api.types.is_numeric_dtype(table[name]), f"results.csv: {name} is {table[name].dtype}")
    check(table["partial"].dtype == bool, "results.csv: partial is no truth value")
    for number, row in enumerate(rows):
        cells = flattened(row)
        missing = {name for name, value in cells.items() if value is not None} - set(table.columns)
        check(not missing, f"results.csv: row {number + 1} has {missing}, for which there is no column")
        for name in table.columns:
            # What is published is attached anew to each report.
            if name not in cells or name.startswith("reference.") or name in ("delta", "verdict"):
                continue
            own, theirs = table[name][number], cells[name]
            if theirs is None:
                same = pandas.isna(own)
            elif isinstance(theirs, bool):
                same = bool(own) == theirs
            elif isinstance(theirs, (int, float)):
                same = abs(float(own) - theirs) <= 1e-12 * abs(theirs)
            else:
                same = str(own) == theirs
            check(same, f"results.csv: row {number + 1}, {name}: {own!r} for {theirs!r}")
    print(f"results.csv: {len(table)} rows, {len(table.columns)} columns")


# SQLite


def query(file, sql):
    done = subprocess.run(["sqlite3", "-readonly", "-json", file, sql], capture_output=True, text=True)
    check(done.returncode == 0, f"{sql}: {done.stderr.strip()}")
    return json.loads(done.stdout or "[]")


def check_sqlite(run, file):
    check(query(file, "PRAGMA integrity_check") == [{"integrity_check": "ok"}], "the database is damaged")
    check(query(file, "PRAGMA foreign_key_check") == [], "a row of the database points nowhere")
    rows = {(row["experiment"], row["dataset"], row["model"], row["metric"], row["protocol"]["hash"]): row for row in rows_of(run)}
    found = query(file, "SELECT * FROM tidy WHERE run = '%s'" % run.resolve().as_posix().replace("'", "''"))
    check(len(found) == len(rows_of(run)), f"the database has {len(found)} rows of the run, results.jsonl {len(rows_of(run))}")
    for cells in found:
        row = rows.get((cells["experiment"], cells["dataset"], cells["model"], cells["metric"], cells["protocol_hash"]))
        check(row is not None, f"the database has a row that results.jsonl has not: {cells}")
        if row:
            check(cells["value"] is None and row["value"] is None or abs(cells["value"] - row["value"]) < 1e-12,
                  f"the database: {cells['value']} for {row['value']}")
    print(f"{file}: {len(found)} rows")


# Odd names

ODD = "A&B 100% $x$ #1_{y}~^\\z <b>q</b> \"r\" 's' `t` **u** [v](w) |x| é×–≥ĺ 中文 \u202eb\u0301 –- --y 🙂 " + "long" * 20


def odd_copy(run, copy):
    copy.mkdir(parents=True)
    rows = rows_of(run)
    datasets = {name: name for name in sorted({row["dataset"] for row in rows})}
    models = {name: name for name in sorted({row["model"] for row in rows})}
    for number, name in enumerate(sorted(datasets)):
        if number % 3 == 0:
            datasets[name] = f"{name} {ODD}"
    for number, name in enumerate(sorted(models)):
        if number % 2 == 0:
            models[name] = f"{name}/{ODD[:40]}"
    with open(copy / "results.jsonl", "w") as file:
        for row in rows:
            row["dataset"] = row["protocol"]["dataset"] = datasets[row["dataset"]]
            row["model"] = row["protocol"]["model"] = models[row["model"]]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    record = json.loads((run / "run.json").read_text())
    for task in record["tasks"]:
        task["dataset"] = datasets.get(task["dataset"], task["dataset"])
        task["model"] = models.get(task["model"], task["model"])
    model = sorted(models.values())[0]
    starts = ["- a", "1. a", "# a", "> a", "+ a", "    a", "---", "=", "```", "| a |"]
    record["tasks"] += [
        {"experiment": "zero-shot", "dataset": start, "model": model, "status": "failed", "message": f"{start}\n{ODD}",
         "failedSamples": [{"id": f"{start} {ODD}", "reason": f"{start} {ODD}"}]} for start in starts]
    (copy / "run.json").write_text(json.dumps(record, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("copy", type=pathlib.Path, nargs="?")
    parser.add_argument("--sqlite", type=pathlib.Path)
    parser.add_argument("--pages", type=pathlib.Path)
    parser.add_argument("--odd-names", action="store_true")
    arguments = parser.parse_args()
    if arguments.odd_names:
        if arguments.copy is None:
            parser.error("--odd-names needs the folder for the copy: --odd-names RUN COPY")
        odd_copy(arguments.run, arguments.copy)
        return
    odd = ODD[:20] in (arguments.run / "results.jsonl").read_text().replace("\\\\", "\\").replace('\\"', '"')
    check_tex(arguments.run, arguments.pages)
    check_markdown(arguments.run, odd)
    check_csv(arguments.run)
    if arguments.sqlite:
        check_sqlite(arguments.run, arguments.sqlite)
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
