/** Takes pictures of every page and state from `npm run preview:mock`, and reports what the console and axe complain about.
 *  usage: node dev/screenshots.mjs FOLDER [name-filter] */
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

const [folder = "screenshots", filter = ""] = process.argv.slice(2);
const base = process.env.BASE ?? "http://127.0.0.1:4173";
const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } };

const settled = (page) => page.waitForTimeout(700);
const SHOTS = [
  { name: "queue", path: "/queue" },
  {
    name: "queue-edit",
    path: "/queue",
    act: async (page) => {
      await page.keyboard.press("e");
      await page.getByRole("combobox").click();
      await page.getByRole("combobox").fill("card");
    },
  },
  { name: "queue-reject", path: "/queue", act: (page) => page.keyboard.press("r") },
  { name: "queue-help", path: "/queue", only: "desk", act: (page) => page.keyboard.press("?") },
  {
    name: "queue-details",
    path: "/queue",
    only: "phone",
    act: (page) => page.getByRole("button", { name: "Details" }).click(),
  },
  {
    name: "queue-swipe",
    path: "/queue",
    only: "phone",
    act: async (page) => {
      await settled(page);
      await page.mouse.move(195, 350);
      await page.mouse.down();
      await page.mouse.move(250, 352, { steps: 6 });
      await page.mouse.move(325, 356, { steps: 6 });
    },
  },
  { name: "queue-toast", path: "/queue", act: (page) => page.keyboard.press("a") },
  { name: "queue-empty", path: "/queue", simulate: "empty" },
  { name: "queue-failing", path: "/queue", simulate: "failing", wait: 4500 },
  { name: "signed-out", path: "/queue", simulate: "signed-out" },
  { name: "sign-in", path: "/sign-in#code=abc" },
  { name: "runs", path: "/runs" },
  { name: "runs-empty", path: "/runs", simulate: "empty" },
  {
    name: "run-waiting",
    path: "/runs",
    act: async (page) => {
      await page.getByRole("link", { name: "support-inbox" }).first().click();
      await settled(page);
    },
  },
  {
    name: "run-failed",
    path: "/runs?status=failed",
    act: async (page) => {
      await page.getByRole("link", { name: "support-inbox" }).first().click();
      await settled(page);
    },
  },
  { name: "workflows", path: "/workflows" },
  { name: "workflow", path: "/workflows/support-inbox" },
  { name: "not-found", path: "/nowhere" },
];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});
let complaints = 0;
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const shot of SHOTS) {
      if ((shot.only && shot.only !== size) || !shot.name.includes(filter)) continue;
      const context = await browser.newContext({
        viewport,
        colorScheme,
        hasTouch: size === "phone",
        isMobile: size === "phone",
      });
      if (shot.simulate) await context.addCookies([{ name: "simulate", value: shot.simulate, url: base }]);
      const page = await context.newPage();
      const where = `${shot.name}.${size}.${colorScheme}`;
      const complain = (text) => {
        complaints++;
        console.log(`${where}: ${text}`);
      };
      page.on(
        "console",
        (message) =>
          message.type() === "error" && !/status of (401|503)/.test(message.text()) && complain(message.text()),
      );
      page.on("pageerror", (error) => complain(error.message));
      await page.goto(base + shot.path);
      await settled(page);
      await shot.act?.(page);
      await page.waitForTimeout(shot.wait ?? 500);
      await page.screenshot({ path: `${folder}/${where}.png` });
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
        .analyze();
      for (const { id, nodes } of violations)
        complain(
          `axe ${id}: ${nodes
            .map((node) => node.html.slice(0, 120))
            .slice(0, 3)
            .join(" | ")}`,
        );
      await context.close();
    }
  }
}
await browser.close();
console.log(`${complaints} complaints`);
process.exit(complaints > 0 ? 1 : 0);
