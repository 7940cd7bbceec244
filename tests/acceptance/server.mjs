/** What the journey asks of the running stack without a browser: the REST API, and the receiver of tickets. */
const SECONDS = 20;

export class Server {
  constructor({ uiUrl, sinkUrl, token }) {
    this.sinkUrl = sinkUrl;
    this.api = `${uiUrl}/api/v1`;
    this.headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  }

  get(path) {
    return read(fetch(this.api + path, { headers: this.headers }));
  }

  start(message) {
    const body = JSON.stringify({ input: { message } });
    return read(fetch(`${this.api}/workflows/support-inbox/runs`, { method: "POST", headers: this.headers, body }));
  }

  /** The pending tasks, oldest first, once there are `count`. */
  pending(count = 1) {
    return until(`${count} pending tasks`, async () => {
      const { nodes } = await this.get("/tasks?first=50");
      return nodes.length >= count && nodes;
    });
  }

  taskOf(run) {
    return until(`a task of ${run.id}`, async () => {
      const { nodes } = await this.get("/tasks?first=200");
      return nodes.find((task) => task.run_id === run.id);
    });
  }

  /** The proposal of a run's classifier, whether it asked or acted. */
  proposalOf(run) {
    return until(`the proposal of ${run.id}`, async () => {
      const { steps } = await this.get(`/runs/${run.id}`);
      return steps.find((step) => step.step === "intent")?.proposal;
    });
  }

  ended(runId) {
    return until(`the end of ${runId}`, async () => {
      const detail = await this.get(`/runs/${runId}`);
      return detail.run.finished_at && detail;
    });
  }

  /** The bodies of all tickets that the classified step of a run has sent. */
  async ticketsOf(runId) {
    const tickets = await read(fetch(`${this.sinkUrl}/tickets`));
    return tickets.filter((ticket) => ticket.key === `${runId}/intent/0`).map((ticket) => ticket.body);
  }

  ticketCount() {
    return read(fetch(`${this.sinkUrl}/tickets/count`));
  }
}

async function read(answering) {
  const response = await answering;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** What `find` finds, asked until it finds something. */
export async function until(what, find) {
  const limit = Date.now() + SECONDS * 1000;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`${what}: not within ${SECONDS} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
