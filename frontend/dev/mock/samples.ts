/** Made-up content for the simulated backend: messages, labels and one workflow. */
export const LABELS: [string, string][] = [
  ["card_not_arrived", "The card was ordered and has not come."],
  ["lost_or_stolen_card", "A card is lost or was stolen and must be blocked."],
  ["wrong_amount_charged", "A payment shows another amount than expected."],
  ["refund_not_shown", "A refund was promised and does not show up."],
  ["change_address", "The person moved, or an address is wrong."],
  ["password_reset", "Someone cannot sign in any more."],
  ["exchange_rate", "Questions about rates for foreign currencies."],
  ["cancel_transfer", "A transfer should be stopped or taken back."],
  ["verify_identity", "Documents and checks of identity."],
  ["close_account", "The person wants to leave."],
];

export const MESSAGES: [text: string, label: string, confidence: number][] = [
  [
    "I ordered my new card more than two weeks ago and it still is not here. Could you check where it is? I am moving at the end of the month and would like to have it before that.",
    "card_not_arrived",
    0.64,
  ],
  ["My wallet was in the bag that was taken on the tram this morning.", "lost_or_stolen_card", 0.58],
  ["The shop said 42 but my statement says 47.10. Why?", "wrong_amount_charged", 0.67],
  ["They promised me the money back on the 3rd. Nothing so far.", "refund_not_shown", 0.61],
  ["hi, we moved to Linz, what do you need from me?", "change_address", 0.52],
  ["It keeps telling me the code is wrong although I copy it from the message.", "password_reset", 0.35],
  ["What would 500 dollars be today if I paid in euros?", "exchange_rate", 0.69],
  [
    "Please stop the transfer to my landlord. I typed one digit too many and sent it a minute ago. It is still marked as pending in the app, so I hope that you can catch it before it goes out; I cannot reach anyone by phone.",
    "cancel_transfer",
    0.66,
  ],
  [
    "Which of my documents do you accept? My passport has expired, the new one takes until May.",
    "verify_identity",
    0.48,
  ],
  ["I do not need this account any longer.", "close_account", 0.55],
  ["Somebody paid with my card in a town where I have never been!", "lost_or_stolen_card", 0.62],
  ["The rate in the app and the rate on the receipt are not the same", "exchange_rate", 0.44],
];

export const SOURCE = `name: support-inbox
description: Route customer messages; answer the easy ones.
input:
  type: object
  required: [message]
  properties:
    message: {type: string, maxLength: 10000}
steps:
  - id: intent
    agent: classifier
    with: {text: "\${ input.message }", collection: intents}
    gate: {auto: 0.90, notify: 0.70, expires_after: 72h}
    retry: {max_attempts: 5, initial_interval: 1s}
  - id: urgency
    transform: {urgent: "\${ input.message.contains('stolen') }"}
  - id: ticket
    connector: http.request
    with:
      method: POST
      url: \${ vars.helpdesk_url }
      json: {queue: "\${ intent.output.label }", urgent: "\${ urgency.output.urgent }"}
  - id: reply
    needs: [ticket]
    when: \${ intent.output.label != "close_account" }
    connector: http.request
    with: {method: POST, url: "\${ vars.mailer_url }"}
outputs: {label: "\${ intent.output.label }"}
`;

export const PLAN = [
  { id: "intent", kind: "agent", uses: "classifier", needs: [], level: 0 },
  { id: "urgency", kind: "transform", uses: "", needs: [], level: 0 },
  { id: "ticket", kind: "connector", uses: "http.request", needs: ["intent", "urgency"], level: 1 },
  { id: "reply", kind: "connector", uses: "http.request", needs: ["ticket"], level: 2 },
];

export const INPUT_SCHEMA = {
  type: "object",
  required: ["message"],
  properties: {
    message: { type: "string", title: "Message", description: "What the customer wrote.", maxLength: 10000 },
    channel: { type: "string", title: "Channel", enum: ["email", "chat", "phone"], default: "email" },
    priority: { type: "integer", title: "Priority", minimum: 1, maximum: 5, default: 3 },
    notify: { type: "boolean", title: "Send a receipt", description: "The customer gets a short note at once." },
    context: { type: "object", title: "Context" },
  },
};
