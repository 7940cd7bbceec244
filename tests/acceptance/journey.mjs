/**
 * What a newcomer does, in a real browser on a real stack: sign in, decide, undo, swipe, follow a run, look around.
 *
 * UI_URL, SINK_URL, SIGN_IN_URL and API_TOKEN say where; PICTURES is the folder for pictures of failures, QUEUE_PICTURE
 * a file for the one in the README. The steps build on each other, so the first failure ends the journey.
 */
import assert from "node:assert/strict";

import { DESK, PHONE, startBrowser, swipe } from "./browser.mjs";
import { Server, until } from "./server.mjs";

const { UI_URL, SINK_URL, SIGN_IN_URL, API_TOKEN, PICTURES, QUEUE_PICTURE } = process.env;
const LEARNED = "My parcel to Graz has not arrived. It was promised for Tuesday.";
const SIMILAR = "My parcel to Linz has not arrived. It was promised for Friday.";
const UNSURE = "Where is my parcel? It was promised for Tuesday.";

const server = new Server({ uiUrl: UI_URL, sinkUrl: SINK_URL, token: API_TOKEN });
const browser = await startBrowser(UI_URL);
const page = await browser.open(DESK);
const rows = page.getByRole("list", { name: "Pending tasks" });
const toast = (words) => page.locator("[aria-live=polite]").getByText(words);
/** What was decided on the way, by how: its task, and what must come of it. */
const decided = {};

const row = (task) => rows.getByRole("button").filter({ has: page.getByText(task.proposal.body, { exact: true }) });

async function choose(task) {
  await row(task).click();
  await page.getByRole("article").getByText(task.proposal.body, { exact: true }).first().waitFor();
}

async function nextTask() {
  const taken = new Set(Object.values(decided).map(({ id }) => id));
  const task = (await server.pending()).find(({ id }) => !taken.has(id));
  await choose(task);
  return task;
}

async function signIn() {
  await page.goto(SIGN_IN_URL);
  await page.getByRole("button", { name: "Sign in on this device" }).click();
  await page.waitForURL("**/queue");
  assert.ok((await server.pending(6)).length >= 6);
  await rows.getByRole("button").nth(5).waitFor();
}

async function approveByKey() {
  const task = await nextTask();
  assert.deepEqual(task.proposal.preview.connector, "http.request");
  await page.keyboard.press("a");
  await toast("Approved").first().waitFor();
  await row(task).waitFor({ state: "detached" });
  decided.approved = task;
}

async function rejectWithReason() {
  const task = await nextTask();
  await page.keyboard.press("r");
  await page.getByRole("textbox", { name: /^Reason/ }).fill("not for us");
  await page.keyboard.press("Enter");
  await toast("Rejected").first().waitFor();
  decided.rejected = task;
}

async function editLabel() {
  const task = await nextTask();
  const label = task.proposal.payload.label === "parcel_late" ? "damaged_item" : "parcel_late";
  await page.keyboard.press("e");
  const field = page.getByRole("dialog").getByRole("combobox");
  await field.fill(label.replace("_", " "));
  await page.getByRole("option").first().click();
  await page.getByRole("button", { name: "Approve with changes" }).click();
  await toast("Approved with changes").first().waitFor();
  decided.edited = { ...task, label };
}

async function undoInTime() {
  const task = await nextTask();
  await page.keyboard.press("a");
  await row(task).waitFor({ state: "detached" });
  await until("the decision", async () => (await server.get(`/tasks/${task.id}`)).status === "decided");
  await page.keyboard.press("u");
  await row(task).waitFor();
  await until("the undo", async () => (await server.get(`/tasks/${task.id}`)).status === "pending");
}

async function approveWhatTeaches() {
  const task = await server.taskOf(await server.start(LEARNED));
  await choose(task);
  await page.getByRole("button", { name: /^Approve/ }).click();
  decided.taught = task;
}

async function swipeOnThePhone() {
  const phone = await browser.open({ ...PHONE, storageState: await page.context().storageState() });
  await phone.goto(`${UI_URL}/queue`);
  const card = phone.locator("article").first();
  await card.waitFor();
  const shown = await card.innerText();
  const task = (await server.pending()).find(({ proposal }) => shown.includes(proposal.body));
  const { x, y, width, height } = await card.boundingBox();
  const start = { x: x + width * 0.3, y: y + height * 0.4 };
  await swipe(phone, start, { x: start.x + 180, y: start.y + 4 });
  await phone.getByText("Approved", { exact: true }).waitFor();
  await until("the decision", async () => (await server.get(`/tasks/${task.id}`)).decision?.verdict === "approve");
  decided.swiped = task;
  await phone.close();
}

async function effectsHappenOnce() {
  for (const task of [decided.approved, decided.swiped, decided.taught]) {
    assert.equal((await server.ended(task.run_id)).run.status, "completed");
    assert.deepEqual(await server.ticketsOf(task.run_id), [task.proposal.preview.inputs.json]);
  }
  const { edited, rejected } = decided;
  await server.ended(edited.run_id);
  const changed = { ...edited.proposal.preview.inputs.json, queue: edited.label };
  assert.deepEqual(await server.ticketsOf(edited.run_id), [changed]);
  const { steps } = await server.ended(rejected.run_id);
  assert.equal(steps.find(({ step }) => step === "intent").status, "rejected");
  assert.equal((await server.get(`/tasks/${rejected.id}`)).decision.reason, "not for us");
  assert.deepEqual(await server.ticketsOf(rejected.run_id), []);
  const { requests, distinct } = await server.ticketCount();
  assert.equal(requests, distinct);
}

async function similarMessageIsSurer() {
  const proposal = await server.proposalOf(await server.start(SIMILAR));
  assert.equal(proposal.payload.label, decided.taught.proposal.payload.label);
  assert.ok(proposal.confidence > decided.taught.confidence, `${proposal.confidence} <= ${decided.taught.confidence}`);
  assert.equal(proposal.evidence[0].text, LEARNED);
  if (QUEUE_PICTURE) await takePicture();
}

/** A proposal that rests on decisions, and is still not sure enough: what the queue is about. */
async function takePicture() {
  await choose(await server.taskOf(await server.start(UNSURE)));
  await page.locator("[aria-live=polite] button").first().waitFor({ state: "detached" });
  await page.screenshot({ path: QUEUE_PICTURE });
}

async function seeTheRun() {
  await page.goto(`${UI_URL}/runs/${decided.approved.run_id}`);
  const nodes = page.locator(".react-flow__node");
  await nodes.nth(3).waitFor();
  assert.equal(await nodes.count(), 4);
  assert.ok((await page.locator(".react-flow__edge").count()) >= 3);
  await nodes.filter({ hasText: "intent" }).click();
  await page.getByRole("heading", { name: "intent" }).waitFor();
  await page.getByText(decided.approved.proposal.body, { exact: true }).first().waitFor();
}

async function changeTheTheme() {
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByRole("button", { name: "Theme: system" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await until("the dark theme", async () => (await theme()) === "dark");
  await page.reload();
  assert.equal(await theme(), "dark");
}

async function readTheApiDocs() {
  await page.goto(`${UI_URL}/api/v1/docs`);
  await page.getByText("/api/v1/tasks/{task_id}/decision").first().waitFor();
  await page.getByText("List workflows").click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.locator(".live-responses-table").getByText('"support-inbox"').first().waitFor();
}

const STEPS = [
  signIn,
  approveByKey,
  rejectWithReason,
  editLabel,
  undoInTime,
  approveWhatTeaches,
  swipeOnThePhone,
  effectsHappenOnce,
  similarMessageIsSurer,
  seeTheRun,
  changeTheTheme,
  readTheApiDocs,
];

try {
  for (const step of STEPS) {
    const began = Date.now();
    await step();
    assert.deepEqual(browser.complaints, [], `the browser complained during ${step.name}`);
    console.log(`${step.name} ${Date.now() - began} ms`);
  }
} catch (error) {
  console.error(error);
  for (const [index, open] of browser.pages.entries()) {
    if (!open.isClosed()) await open.screenshot({ path: `${PICTURES}/page-${index + 1}.png` });
  }
  console.error(`pictures of the pages: ${PICTURES}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
