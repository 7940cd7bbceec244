/** Debian's Chromium, watched: whatever a page complains about, and whatever it asks of other hosts, is collected. */
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../frontend/package.json", import.meta.url))("playwright-core");

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
export const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce" };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" };

/** Starts Chromium; `open(options)` gives a watched page, `complaints` what all pages have complained about. */
export async function startBrowser(origin) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  const complaints = [];
  const pages = [];
  async function open(options) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    await context.exposeBinding("complain", (_, text) => complaints.push(text));
    await context.addInitScript(() =>
      document.addEventListener("securitypolicyviolation", (event) =>
        window.complain(`CSP: ${event.violatedDirective} ${event.blockedURI} at ${event.sourceFile}`),
      ),
    );
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !["blob:", "data:"].includes(url.protocol)) complaints.push(`request to ${url}`);
    });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.stack}`));
    pages.push(page);
    return page;
  }
  return { open, complaints, pages, close: () => browser.close() };
}

/** Draws a finger from one point to another, as a touch screen reports it. */
export async function swipe(page, from, to, steps = 12) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await touch("touchStart", [from]);
  for (let step = 1; step <= steps; step++) {
    const share = step / steps;
    await touch("touchMove", [{ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }]);
  }
  await touch("touchEnd", []);
  await session.detach();
}
