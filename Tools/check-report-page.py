#!/usr/bin/python3
"""Opens a report.html from disk in a headless browser and checks that it works: check-report-page.py REPORT [SCREENSHOTS].

Markup is parsed strictly; nothing is requested and the console stays empty; tables sort by mouse and keyboard, filters filter, protocols
open in a dialog and, without scripts, where links lead; text stands out from its background; nothing is wider than the
page. With a second argument, screenshots at desktop and phone width, light and dark, and a PDF as printed, are left there.

Run with Debian's python3, and chromium, chromium-driver, python3-selenium and python3-html5lib installed.
"""
import base64
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import time

import html5lib
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)
        print("FAILED:", message)


def browser(scripts=True):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"]:
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def resize(driver, name, dark=False):
    width, height = SIZES[name]
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": name == "phone"})
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})


def requests(driver, url):
    """Whatever the page asked for besides itself and what it holds."""
    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            if address.split("#")[0] != url and not address.startswith("data:"):
                found.append(address)
    return found


def check_markup(text):
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(text)
    # html5lib knows neither the newest elements' errors nor SVG's data: what it reports is malformed.
    check(not parser.errors, f"markup: {parser.errors[:5]}")
    ids = collections.Counter(element.get("id") for element in tree.iter() if element.get("id"))
    check(not [name for name, count in ids.items() if count > 1], "an id is there twice")
    targets = {element.get("href")[1:] for element in tree.iter("a") if (element.get("href") or "").startswith("#")}
    check(not targets - set(ids), f"links lead nowhere: {sorted(targets - set(ids))[:5]}")
    for table in tree.iter("table"):
        check(table.find("caption") is not None, "a table has no caption")
        for cell in table.find("thead").iter("th"):
            check(cell.get("scope") == "col", "a column header has no scope")
    for image in tree.iter("img"):
        check(image.get("alt"), "an image has no alternative text")


def column(driver, name):
    """The texts of a column of the table of results, as shown, and its place."""
    return driver.execute_script(
        """const table = document.getElementById('result-table');
        const place = [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent === arguments[0]);
        return [place, [...table.tBodies[0].rows].filter(row => !row.hidden).map(row => row.cells[place].textContent.trim())];""",
        name)


def numbers(texts):
    return [float(text.replace("−", "-")) for text in texts if text != "–"]


def check_sorting(driver):
    for name in ["Value", "Dataset"]:
        place, before = column(driver, name)
        header = driver.find_elements(By.CSS_SELECTOR, "#result-table thead th")[place]
        button = header.find_element(By.TAG_NAME, "button")
        button.click()
        first = column(driver, name)[1]
        check(header.get_attribute("aria-sort") == ("descending" if name == "Value" else "ascending"), "aria-sort after a click")
        button.send_keys(Keys.ENTER)
        second = column(driver, name)[1]
        check(header.get_attribute("aria-sort") == ("ascending" if name == "Value" else "descending"), "aria-sort after a key")
        check(sorted(before) == sorted(first) == sorted(second), "sorting lost rows")
        if name == "Value":
            check(numbers(first) == sorted(numbers(first), reverse=True), "values sort downwards")
            check(numbers(second) == sorted(numbers(second)), "values sort upwards")
        others = driver.find_elements(By.CSS_SELECTOR, "#result-table thead th[aria-sort]")
        check(len(others) == 1, "two columns say they are sorted")


def check_filters(driver):
    _, datasets = column(driver, "Dataset")
    box = driver.find_element(By.ID, "search")
    word = datasets[0].split()[0]
    box.send_keys(word)
    rows = driver.execute_script("return [...document.querySelectorAll('#result-table tbody tr')].filter(row => !row.hidden).map(row => row.textContent)")
    check(rows and all(word.lower() in row.lower() for row in rows), "search shows what does not fit")
    shown = driver.find_element(By.ID, "shown").text
    check(shown.startswith(f"{len(rows)} of "), f"the count of results: {shown}")
    box.send_keys(Keys.CONTROL + "a", Keys.DELETE)
    check(len(column(driver, "Dataset")[1]) == len(datasets), "an empty search leaves results out")
    for element in driver.find_elements(By.CSS_SELECTOR, "#filters select"):
        choice = Select(element)
        value = choice.options[1].text
        choice.select_by_visible_text(value)
        key = element.get_attribute("data-key")
        found = driver.execute_script(
            f"return [...document.querySelectorAll('#result-table tbody tr')].filter(row => !row.hidden).map(row => row.dataset['{key}'])")
        check(found and set(found) == {value} or not found, f"{key} shows what does not fit")
        choice.select_by_index(0)
    for identifier in ["main-only", "partial-only"]:
        for element in driver.find_elements(By.ID, identifier):
            count = len(column(driver, "Dataset")[1])
            element.click()
            check(len(column(driver, "Dataset")[1]) != count, f"{identifier} changes nothing")
            element.click()
            check(len(column(driver, "Dataset")[1]) == count, f"{identifier} does not come back")


def check_protocols(driver):
    link = next(link for link in driver.find_elements(By.CSS_SELECTOR, "#result-table a.protocol") if link.is_displayed())
    driver.execute_script("arguments[0].focus()", link)
    link.send_keys(Keys.ENTER)
    dialog = driver.find_element(By.ID, "dialog")
    check(dialog.get_attribute("open") is not None, "a protocol does not open")
    check(link.text in dialog.text and "split" in dialog.text, "the dialog shows another protocol")
    webdriver.ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    check(dialog.get_attribute("open") is None, "escape does not close the dialog")
    check(driver.switch_to.active_element == link, "the focus does not come back")


CONTRAST = """
const parse = colour => { const c = colour.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
const light = colour => { const f = colour.slice(0, 3).map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
const behind = element => { let stack = []; for (let e = element; e; e = e.parentElement) stack.push(parse(getComputedStyle(e).backgroundColor)); let c = parse(getComputedStyle(document.body).backgroundColor); for (const layer of stack.reverse()) c = over(layer, c); return c; };
const found = new Map();
for (const element of document.querySelectorAll('body *')) {
  if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
  if (['SCRIPT', 'STYLE', 'TITLE', 'OPTION', 'DESC'].includes(element.tagName.toUpperCase()) || element.closest('.unseen, .skip, dialog')) continue;
  if (!element.checkVisibility()) continue;
  const style = getComputedStyle(element), isSVG = element instanceof SVGElement;
  const back = behind(isSVG ? element.closest('svg').parentElement : element);
  const front = over(parse(isSVG ? style.fill : style.color), back);
  const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) found.set(element.tagName + '.' + (element.getAttribute('class') || ''), ratio.toFixed(2) + ' ' + element.textContent.trim().slice(0, 30));
}
return [...found.entries()];
"""


def check_layout(driver, name, dark):
    resize(driver, name, dark)
    time.sleep(0.3)
    width = driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    check(width[0] <= width[1], f"{name}: the page is {width[0]} wide in a window of {width[1]}")
    low = driver.execute_script(CONTRAST)
    check(not low, f"{name}, {'dark' if dark else 'light'}: contrast {low[:6]}")
    wide = driver.execute_script(
        "return [...document.querySelectorAll('details[open] .errors > li')]"
        ".filter(card => card.scrollWidth > card.clientWidth).map(card => card.innerText.slice(0, 60))")
    check(not wide, f"{name}: text beyond its card {wide[:3]}")


def check_print(pdf):
    """A long table has all its headers on every page."""
    if not shutil.which("pdftotext"):
        print("SKIPPED: headers in print (poppler-utils is not installed)")
        return
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    headers = [line for line in text.splitlines() if "0 to 100" in line]
    check(all(len(line.split()) > 3 for line in headers), f"headers in print: {headers[:3]}")


def main():
    report = pathlib.Path(sys.argv[1]).resolve()
    shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    url = report.as_uri()
    text = report.read_text(encoding="utf-8")
    check_markup(text)

    driver = browser()
    driver.execute_cdp_cmd("Network.enable", {})
    resize(driver, "desktop")
    start = time.monotonic()
    driver.get(url)
    seconds = time.monotonic() - start
    memory = driver.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"] / 1e6
    elements = driver.execute_script("return document.querySelectorAll('*').length")
    print(f"{len(text.encode()) / 1e6:.2f} MB, {elements} elements, opened in {seconds:.2f} s, scripts hold {memory:.0f} MB")
    check_sorting(driver)
    check_filters(driver)
    check_protocols(driver)
    driver.get(url)
    for name in SIZES:
        for dark in [False, True]:
            check_layout(driver, name, dark)
            if shots:
                shots.mkdir(parents=True, exist_ok=True)
                kind = f"{name}-{'dark' if dark else 'light'}"
                driver.get(url)
                height = driver.execute_script("return document.documentElement.scrollHeight")
                shot = driver.execute_cdp_cmd(
                    "Page.captureScreenshot",
                    {"captureBeyondViewport": True,
                     "clip": {"x": 0, "y": 0, "width": SIZES[name][0], "height": min(height, 6000), "scale": 1}})
                (shots / f"{kind}.png").write_bytes(base64.b64decode(shot["data"]))
                for part in ["datasets", "protocols"]:
                    if driver.find_elements(By.ID, part):
                        driver.execute_script(f"document.getElementById('{part}').scrollIntoView()")
                        time.sleep(0.5)
                        driver.save_screenshot(str(shots / f"{kind}-{part}.png"))
    if shots:
        resize(driver, "desktop")
        driver.get(url)
        pdf = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
        (shots / "print.pdf").write_bytes(base64.b64decode(pdf["data"]))
        check_print(shots / "print.pdf")
    asked = requests(driver, url)
    check(not asked, f"the page asks for {asked[:5]}")
    console = driver.get_log("browser")
    check(not console, f"console: {console[:5]}")
    driver.quit()

    driver = browser(scripts=False)
    resize(driver, "desktop")
    driver.get(url)
    check(not driver.find_element(By.ID, "filters").is_displayed(), "filters that do not work are shown without scripts")
    link = driver.find_element(By.CSS_SELECTOR, "#result-table a.protocol")
    target = link.get_attribute("href").split("#")[1]
    link.click()
    time.sleep(0.3)
    check(driver.find_element(By.ID, target).is_displayed(), "without scripts a protocol's link does not open it")
    driver.quit()
    print("failed" if failures else "all right")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
